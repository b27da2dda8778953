// SPDX-License-Identifier: Apache-2.0
//
// store_sim settings: shows and changes a store's virusscan.reg by the engine's own table. A
// running host takes a change when the file has changed.
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "display.h"
#include "error.h"
#include "registry.h"
#include "registry_edit.h"
#include "registry_file.h"
#include "settings_text.h"
#include "store.h"

namespace store_sim {
namespace {

using Json = nlohmann::ordered_json;
using vsapi::engine::SettingRow;

struct SettingsOptions {
  std::string folder;
  std::string mdb;  // "": of all
  bool json = false;
  std::string name;
  std::string value;
};

struct SettingsFile {
  std::string path;
  std::vector<vsapi::engine::SettingValue> values;
  vsapi::engine::Settings settings;
};

SettingsFile ReadSettingsFile(const SettingsOptions& options) {
  SettingsFile file;
  file.path = (std::filesystem::path(options.folder) / kRegistryFileName).string();
  if (!options.mdb.empty()) Store(options.folder, Access::kRead).mdb(options.mdb);
  std::string problem;
  if (!vsapi::engine::ReadRegistry(file.path, file.values, problem)) throw Error(problem);
  std::vector<std::string> problems;
  file.settings = vsapi::engine::MakeSettings(file.values, problems);
  if (vsapi::engine::HasWrongEnabled(file.values, problem))
    problems.push_back("a running host keeps the value of Enabled that it has");
  for (const std::string& each : problems) std::cerr << "store_sim: " << ForDisplay(each) << '\n';
  return file;
}

// For all, or for one MDB where that has a value of its own; else what it has from all.
std::string SettingText(const SettingRow& row, const SettingsFile& file, const std::string& mdb) {
  if (row.of_mdb == nullptr) return ValueOf(row, file.settings);
  for (const auto& each : file.settings.mdbs)
    if (vsapi::engine::SameName(each.mdb, vsapi::engine::BareMdbName(mdb)) && each.*row.of_mdb)
      return std::to_string(*(each.*row.of_mdb));
  const std::string of_all = row.name + std::string_view("VirusScan").size();
  return ValueOf(*vsapi::engine::FindSetting(of_all, false), file.settings);
}

// "virusscan.reg:12", or "" if it is absent.
std::string PlaceOf(const SettingRow& row, const SettingsFile& file, const std::string& mdb) {
  std::string place;
  for (const auto& value : file.values) {
    const auto of = vsapi::engine::MdbOfKey(value.key);
    const bool fits = row.of_mdb == nullptr ||
                      (of && vsapi::engine::SameName(*of, vsapi::engine::BareMdbName(mdb)));
    if (fits && vsapi::engine::RowOf(value.key, value.name) == &row) place = value.place;
  }
  return place.substr(place.rfind('/') + 1);
}

Json JsonOf(const SettingRow& row, const SettingsFile& file, const std::string& mdb) {
  const auto typed = [&](const std::string& text) -> Json {
    return row.text != nullptr ? Json(text) : text.empty() ? Json() : Json(std::stoull(text));
  };
  Json json = {{"name", NameOf(row)}, {"value", typed(SettingText(row, file, mdb))}};
  if (row.of_mdb != nullptr) json["mdb"] = mdb;
  json["default"] = typed(DefaultOf(row, file.settings.profile));
  json["type"] = TypeOf(row);
  json["range"] = RangeOf(row);
  json["vsapi"] = row.since;
  json["effect"] = row.effect;
  json["key"] = std::string("HKEY_LOCAL_MACHINE\\") + row.key;
  json["place"] = PlaceOf(row, file, mdb);
  return json;
}

const SettingRow& FindSettingRow(const SettingsOptions& options) {
  if (const auto* row = vsapi::engine::FindSetting(options.name, !options.mdb.empty())) return *row;
  std::string problem;
  vsapi::engine::ParseSetting(options.name, "", options.mdb, problem);
  throw Error(problem);
}

void ListSettings(const SettingsOptions& options) {
  const SettingsFile file = ReadSettingsFile(options);
  Json all = Json::array();
  Table table({{"NAME"}, {"VALUE"}, {"DEFAULT"}, {"TYPE"}, {"SET AT"}});
  for (const SettingRow& row : vsapi::engine::SettingRows()) {
    if ((row.of_mdb != nullptr) == options.mdb.empty()) continue;
    all.push_back(JsonOf(row, file, options.mdb));
    table.Add({NameOf(row), ForDisplay(SettingText(row, file, options.mdb), 40),
               DefaultOf(row, file.settings.profile), TypeOf(row),
               ForDisplay(PlaceOf(row, file, options.mdb), 40)});
  }
  if (options.json)
    std::cout << all.dump(2) << '\n';
  else
    table.Print(std::cout);
}

void GetSetting(const SettingsOptions& options) {
  const SettingRow& row = FindSettingRow(options);
  const SettingsFile file = ReadSettingsFile(options);
  if (options.json)
    std::cout << JsonOf(row, file, options.mdb).dump(2) << '\n';
  else
    std::cout << SettingText(row, file, options.mdb) << '\n';
}

// As event 1005 has it.
std::string Shown(const SettingRow& row, const std::string& value) {
  return row.text != nullptr ? '"' + ForDisplay(value) + '"' : value;
}

void SetSetting(const SettingsOptions& options) {
  const SettingRow& row = FindSettingRow(options);
  std::string problem;
  const auto value = vsapi::engine::ParseSetting(options.name, options.value, options.mdb, problem);
  if (!value) throw Error(problem);
  const SettingsFile before = ReadSettingsFile(options);
  if (!vsapi::engine::WriteSetting(before.path, *value, problem)) throw Error(problem);
  const std::string was = SettingText(row, before, options.mdb);
  const std::string is = row.text != nullptr ? value->text : std::to_string(value->number);
  if (options.json)
    std::cout << Json({{"name", NameOf(row)}, {"was", was}, {"is", is}}).dump(2) << '\n';
  else
    std::cout << NameOf(row) << " was " << Shown(row, was) << ", is " << Shown(row, is) << '\n';
}

void AddNameOption(CLI::App& command, SettingsOptions& options) {
  command.add_option("NAME", options.name, "VSAPI's name; TransportAVAPI\\Enabled for transport")
      ->required();
  command.fallthrough();
}

}  // namespace

void AddSettingsCommand(CLI::App& app, int&) {
  const auto options = std::make_shared<SettingsOptions>();
  CLI::App* command = app.add_subcommand("settings", "Show or change the settings of a store");
  command->add_option("DIR", options->folder, "Folder of the store")->required();
  command->add_option("--mdb", options->mdb, "What differs for this messaging database");
  command->add_flag("--json", options->json, "For machines");
  command->require_subcommand(0, 1);
  CLI::App* list = command->add_subcommand("list", "Show all of them (also without a word)");
  list->fallthrough();
  CLI::App* get = command->add_subcommand("get", "Show the value of one");
  AddNameOption(*get, *options);
  get->callback([options] { GetSetting(*options); });
  CLI::App* set = command->add_subcommand("set", "Change one in the file, and nothing else there");
  AddNameOption(*set, *options);
  set->add_option("VALUE", options->value, "A number in decimal or 0x..., or a text")->required();
  set->callback([options] { SetSetting(*options); });
  command->footer("engine/settings.md says what each setting does.");
  command->callback([options, get, set] {
    if (!get->parsed() && !set->parsed()) ListSettings(*options);
  });
}

}  // namespace store_sim
