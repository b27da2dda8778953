// SPDX-License-Identifier: Apache-2.0
//
// The one door to GMime: its header, its start, and owning pointers for its objects.
#pragma once

#include <gmime/gmime.h>

#include <memory>
#include <string_view>

namespace store_sim {

// Starts GMime at the first call. Any thread.
void StartGMime();

struct ObjectUnref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
template <typename T>
using GObjectPtr = std::unique_ptr<T, ObjectUnref>;

struct GFree {
  void operator()(gpointer memory) const { g_free(memory); }
};
using GText = std::unique_ptr<char, GFree>;

// A GMime stream that reads `bytes` where they are; both must outlive what is made from it.
class ViewStream {
 public:
  explicit ViewStream(std::string_view bytes);
  GMimeStream* get() const { return stream_.get(); }

 private:
  GByteArray array_;
  GObjectPtr<GMimeStream> stream_;
};

}  // namespace store_sim
