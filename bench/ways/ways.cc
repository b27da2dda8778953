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

template <Transport transport>
std::unique_ptr<Way> MakeVsapi25(const Places& places) {
  return std::make_unique<EngineWay>(places, "2.5", transport);
}

}  // namespace

const std::vector<NamedWay>& Ways() {
  static const std::vector<NamedWay> ways{
      {"none", [](const Places&) { return std::make_unique<Way>(); }},
      {"file_level", Make<FileWay>},
      {"avapi_1_0", Make<AvapiWay>},
      {"vsapi_2_0",
       [](const Places& places) -> std::unique_ptr<Way> {
         return std::make_unique<EngineWay>(places, "2.0", Transport::kNone);
       }},
      {"vsapi_2_5", MakeVsapi25<Transport::kNone>},
      {"vsapi_2_5_transport", MakeVsapi25<Transport::kHandsOver>},
      {"vsapi_2_5_double", MakeVsapi25<Transport::kIgnored>},
      {"mapi", Make<MapiWay>},
      {"ese_shim", Make<ShimWay>},
  };
  return ways;
}

}  // namespace store_sim::ways
