// SPDX-License-Identifier: Apache-2.0
//
// The setting Parameters as our vendors write it: "key=value;key=value". Spaces around keys and
// values are ignored; each key is given at most once; a path can't contain ';'.
#ifndef VSAPI_VENDOR_DLL_COMMON_KEY_VALUES_H_
#define VSAPI_VENDOR_DLL_COMMON_KEY_VALUES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace vsapi {

struct Key {
  std::string_view name;
  std::string_view allowed;                         // for the administrator: "1 to 100"
  std::function<bool(std::string_view value)> set;  // false: the value is not allowed
};

// Sets what `text` gives. Throws Failure, with VSAPI_E_ARGUMENT and a line naming the key and what
// is allowed.
void ParseKeyValues(std::string_view text, const std::vector<Key>& keys);

// The Failure of ParseKeyValues, for what a vendor finds contradictory itself.
[[noreturn]] void RefuseParameters(const std::string& why);

// What values there are; false leaves the target alone.
bool ToNumber(std::string_view text, uint64_t least, uint64_t most, uint64_t* number);
bool ToSwitch(std::string_view text, bool* on);
bool ToAbsolutePath(std::string_view text, std::string* path);

// Bytes, or KiB, MiB, GiB with a K, M, G behind the number: of one content 64K to 1G, of a whole
// instance 1M to 1024G.
bool ToSize(std::string_view text, uint64_t* size);
inline constexpr std::string_view kSizesAllowed =
    "64K to 1G (a number of bytes, or one with K, M or G behind it)";
bool ToMemory(std::string_view text, uint64_t* size);
inline constexpr std::string_view kMemoryAllowed =
    "1M to 1024G (a number of bytes, or one with K, M or G behind it)";

// Refuses what will need more memory than it may: throws Failure, with VSAPI_E_NO_MEMORY and a line
// with both figures. A budget of 0 allows everything.
void CheckBudget(uint64_t budget, uint64_t definitions, uint32_t sessions, uint64_t per_session);

}  // namespace vsapi

#endif  // VSAPI_VENDOR_DLL_COMMON_KEY_VALUES_H_
