// SPDX-License-Identifier: Apache-2.0
#include "simulate_profile.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <numeric>
#include <optional>

#include "error.h"
#include "lines.h"

namespace store_sim {
namespace {

constexpr double kMostOfAnAction = 1'000'000;
constexpr std::string_view kEachDay = "each day";

template <class Number>
std::optional<Number> Parse(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

template <class Number>
Number NumberWithin(std::string_view text, double low, double high) {
  const auto number = Parse<Number>(text);
  if (number && static_cast<double>(*number) >= low && static_cast<double>(*number) <= high)
    return *number;
  const auto shown = [](double bound) { return std::to_string(static_cast<int64_t>(bound)); };
  throw Error("'" + std::string(text) + "' is no " +
              (std::is_integral_v<Number> ? "whole number" : "number") + " from " + shown(low) +
              " to " + shown(high));
}

int64_t TimeOfDay(std::string_view text) {
  const bool is_shaped = text.size() == 5 && text[2] == ':';
  const auto hour = is_shaped ? Parse<unsigned>(text.substr(0, 2)) : std::nullopt;
  const auto minute = is_shaped ? Parse<unsigned>(text.substr(3)) : std::nullopt;
  if (!hour || !minute || *hour > 23 || *minute > 59)
    throw Error("'" + std::string(text) + "' is no time of day; write 08:30");
  return *hour * 3600 + *minute * 60;
}

template <auto Field, int64_t Low, int64_t High>
void SetNumber(Profile& profile, std::string_view value) {
  using Number = std::remove_reference_t<decltype(profile.*Field)>;
  profile.*Field = NumberWithin<Number>(value, Low, High);
}

void SetLoop(Profile& profile, std::string_view value) {
  if (value != "open" && value != "closed")
    throw Error("'" + std::string(value) + "' is no loop; write open or closed");
  profile.closed = value == "closed";
}

void SetBegins(Profile& profile, std::string_view value) { profile.begins = TimeOfDay(value); }

void SetHours(Profile& profile, std::string_view value) {
  size_t hour = 0;
  for (value = Trimmed(value); !value.empty(); value = Trimmed(value)) {
    const size_t end = std::min(value.find_first_of(" \t"), value.size());
    const auto weight = NumberWithin<double>(value.substr(0, end), 0, kMostOfAnAction);
    if (hour < profile.hours.size()) profile.hours[hour] = weight;
    ++hour;
    value.remove_prefix(end);
  }
  if (hour != profile.hours.size())
    throw Error("there are " + std::to_string(hour) + " hours, and a day has 24");
  if (std::accumulate(profile.hours.begin(), profile.hours.end(), 0.0) == 0)
    throw Error("one of the hours must be above 0");
}

struct Key {
  ProfileKey key;
  void (*set)(Profile&, std::string_view value);
};

constexpr std::array kKeys{
    Key{{"store", "mailboxes"}, SetNumber<&Profile::mailboxes, 1, 100'000>},
    Key{{"store", "messages"}, SetNumber<&Profile::messages, 0, 10'000'000>},
    Key{{"clients", "loop"}, SetLoop},
    Key{{"clients", "clients"}, SetNumber<&Profile::clients, 1, 1'000>},
    Key{{"clients", "think_seconds"}, SetNumber<&Profile::think_seconds, 0, 3'600>},
    Key{{"clients", "preview_messages"}, SetNumber<&Profile::preview_messages, 1, 10'000>},
    Key{{"clock", "seconds"}, SetNumber<&Profile::seconds, 1, 1'000'000>},
    Key{{"clock", "settle_seconds"}, SetNumber<&Profile::settle_seconds, 0, 1'000'000>},
    Key{{"clock", "begins"}, SetBegins},
    Key{{"clock", "speed"}, SetNumber<&Profile::speed, 1, 86'400>},
    Key{{"clock", "hours"}, SetHours},
    Key{{"mail", "infected_percent"}, SetNumber<&Profile::infected_percent, 0, 100>},
    Key{{"mail", "sleeping_percent"}, SetNumber<&Profile::sleeping_percent, 0, 100>},
};

std::optional<size_t> ActionOf(std::string_view name) {
  const auto found = std::find(kActionNames.begin(), kActionNames.end(), name);
  if (found == kActionNames.end()) return {};
  return static_cast<size_t>(found - kActionNames.begin());
}

// Reads line by line; Error without its place.
class Reader {
 public:
  void Take(std::string_view line) {
    line = Trimmed(line.substr(0, line.find('#')));
    if (line.empty()) return;
    if (line.front() == '[') return Begin(line);
    const size_t equals = line.find('=');
    if (equals == line.npos)
      throw Error("'" + std::string(line) + "' is neither [section] nor key = value");
    Set(Trimmed(line.substr(0, equals)), Trimmed(line.substr(equals + 1)));
  }

  Profile End() {
    const auto& daily = profile_.each_day;
    const bool acts = std::any_of(daily.begin(), daily.end(), [](double rate) { return rate > 0; });
    if (!acts && profile_.moments.empty())
      throw Error("nothing is to be done; give an action in [each day] or [at HH:MM]");
    return std::move(profile_);
  }

 private:
  void Begin(std::string_view line) {
    if (line.back() != ']') throw Error("a ']' is missing");
    section_ = Trimmed(line.substr(1, line.size() - 2));
    if (section_.starts_with("at ")) {
      profile_.moments.push_back({TimeOfDay(Trimmed(std::string_view(section_).substr(3)))});
      return;
    }
    const bool known =
        section_ == kEachDay ||
        std::any_of(kKeys.begin(), kKeys.end(), [&](auto& k) { return section_ == k.key.section; });
    if (!known)
      throw Error("there is no section [" + section_ +
                  "]; there are [store], [clients], [clock], [mail], [each day] and [at HH:MM]");
  }

  void Set(std::string_view name, std::string_view value) {
    if (section_.starts_with("at ")) {
      profile_.moments.back().counts[ActionNamed(name)] =
          NumberWithin<uint64_t>(value, 0, kMostOfAnAction);
    } else if (section_ == kEachDay) {
      const size_t action = ActionNamed(name);
      if (static_cast<Action>(action) == Action::kDefinitions)
        throw Error("definitions are nobody's mail; give them in [at HH:MM]");
      profile_.each_day[action] = NumberWithin<double>(value, 0, kMostOfAnAction);
    } else {
      KeyNamed(name).set(profile_, value);
    }
  }

  static size_t ActionNamed(std::string_view name) {
    if (const auto action = ActionOf(name)) return *action;
    std::string names;
    for (const char* each : kActionNames) names += (names.empty() ? "" : ", ") + std::string(each);
    throw Error("there is no action '" + std::string(name) + "'; there are " + names);
  }

  const Key& KeyNamed(std::string_view name) const {
    const auto found = std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& each) {
      return section_ == each.key.section && name == each.key.name;
    });
    if (found != kKeys.end()) return *found;
    throw Error("there is no key '" + std::string(name) + "' in [" + section_ +
                "]; the README of store_sim lists them");
  }

  static Profile Default() {
    Profile profile;
    profile.hours.fill(1);
    return profile;
  }

  Profile profile_ = Default();
  std::string section_;
};

}  // namespace

Profile ReadProfile(std::istream& text, const std::string& name) {
  Reader reader;
  size_t number = 0;
  try {
    for (std::string line; std::getline(text, line);) {
      ++number;
      reader.Take(line);
    }
    return reader.End();
  } catch (const Error& error) {
    throw Error(name + ":" + std::to_string(std::max<size_t>(number, 1)) + ": " + error.what());
  }
}

Profile ReadProfileFile(const std::string& file) {
  std::ifstream text(file);
  if (!text) throw Error(file + ": can't be read; give a file that exists, and check its rights");
  return ReadProfile(text, file);
}

std::vector<ProfileKey> ProfileKeys() {
  std::vector<ProfileKey> keys;
  for (const Key& each : kKeys) keys.push_back(each.key);
  return keys;
}

}  // namespace store_sim
