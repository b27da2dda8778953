// SPDX-License-Identifier: Apache-2.0
//
// The list of ways, and what each of them is made of.
#include "avapi_way.h"
#include "file_way.h"
#include "mapi_way.h"
#include "shim_way.h"

namespace store_sim::ways {
namespace {

template <class T>
std::unique_ptr<Way> Make(const Places& places) {
  return std::make_unique<T>(places);
}

auto ByProfile(const char* profile, Transport transport) {
  return
      [=](const Places& places) { return std::make_unique<EngineWay>(places, profile, transport); };
}

}  // namespace

const std::vector<NamedWay>& Ways() {
  static const std::vector<NamedWay> ways{
      {"none", [](const Places&) { return std::make_unique<Way>(); }},
      {"file_level", Make<FileWay>},
      {"avapi_1_0", Make<AvapiWay>},
      {"vsapi_2_0", ByProfile("2.0", Transport::kNone)},
      {"vsapi_2_5", ByProfile("2.5", Transport::kNone)},
      {"vsapi_2_5_transport", ByProfile("2.5", Transport::kHandsOver)},
      {"vsapi_2_5_double", ByProfile("2.5", Transport::kIgnored)},
      {"mapi", Make<MapiWay>},
      {"ese_shim", Make<ShimWay>},
  };
  return ways;
}

}  // namespace store_sim::ways
