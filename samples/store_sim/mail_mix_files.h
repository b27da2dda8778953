// SPDX-License-Identifier: Apache-2.0
//
// Makes small files of real formats, as they hang on everyday mail: valid for the programs that
// open them, about as large as asked for.
#pragma once

#include <string>
#include <string_view>

#include "mail_mix_random.h"

namespace store_sim {

std::string MakeCsv(MixRandom& random, size_t size);
// One page of text, and a stream that nothing shows for the rest of the size.
std::string MakePdf(MixRandom& random, size_t size);
// A square of noise, 8-bit RGB.
std::string MakePng(MixRandom& random, size_t size);
// A zip with one entry, by libarchive; the same bytes for the same input.
std::string MakeZip(std::string_view entry_name, std::string_view bytes);

}  // namespace store_sim
