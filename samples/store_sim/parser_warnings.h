// SPDX-License-Identifier: Apache-2.0
//
// What GMime's parser warns of, as doubts about a message.
#pragma once

#include "doubts.h"
#include "gmime.h"

namespace store_sim {

// A callback for g_mime_parser_options_set_warning_callback; `doubts` points to a Doubts.
void OnParserWarning(gint64 offset, GMimeParserWarning warning, const gchar* item, gpointer doubts);

}  // namespace store_sim
