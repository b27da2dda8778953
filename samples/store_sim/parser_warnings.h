// SPDX-License-Identifier: Apache-2.0
//
// What GMime's parser warns of, as doubts about a message.
#pragma once

#include <set>

#include "doubts.h"
#include "gmime.h"

namespace store_sim {

struct ParserNotes {
  Doubts doubts;
  // Multiparts that end with the one around them, by the offset of their Content-Type.
  std::set<gint64> without_end;
};

// A callback for g_mime_parser_options_set_warning_callback; `notes` points to ParserNotes.
void OnParserWarning(gint64 offset, GMimeParserWarning warning, const gchar* item, gpointer notes);

}  // namespace store_sim
