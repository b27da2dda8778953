// SPDX-License-Identifier: Apache-2.0
//
// What a fuzz target is: one function that takes bytes of a stranger's. libFuzzer calls it in the
// preset `fuzz`, replay_main.cc with the files of a corpus in all others.
#ifndef VSAPI_TESTS_FUZZ_FUZZ_H_
#define VSAPI_TESTS_FUZZ_FUZZ_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace vsapi::fuzz {

inline std::string_view Bytes(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// What does not hold is a crash: that is what fuzzing looks for.
inline void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace vsapi::fuzz

#endif  // VSAPI_TESTS_FUZZ_FUZZ_H_
