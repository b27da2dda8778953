// SPDX-License-Identifier: Apache-2.0
#include "gmime.h"

#include <mutex>

namespace store_sim {

void StartGMime() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

// GMimeStreamMem only reads `data` and `len` of an array that it doesn't own, so a view will do and
// a message of 256 MiB isn't copied.
ViewStream::ViewStream(std::string_view bytes)
    : array_{reinterpret_cast<guint8*>(const_cast<char*>(bytes.data())),
             static_cast<guint>(bytes.size())} {
  StartGMime();
  stream_.reset(g_mime_stream_mem_new_with_byte_array(&array_));
  g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream_.get()), FALSE);
}

}  // namespace store_sim
