// SPDX-License-Identifier: GPL-2.0-only
#include "messages.h"

#include <clamav.h>
#include <vsapi/vendor.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

namespace vsapi::clamav {
namespace {

constexpr uint64_t kTag = 0x31304d4c43495356;  // "VSICLM01"

thread_local MessageSink* current_sink = nullptr;

std::string_view WithoutLineEnd(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

// What doesn't mean that anything is amiss: old definitions, an old library, a database that lies
// there twice, of which the newer is used.
bool IsNotice(std::string_view message) {
  return message.starts_with("***") || message.starts_with("Detected duplicate databases");
}

extern "C" void OnMessage(cl_msg severity, const char*, const char* message, void* context) {
  MessageSink* sink = current_sink ? current_sink : MessageSink::FromContext(context);
  if (sink) sink->Add(severity, message);
}

}  // namespace

MessageSink::MessageSink() : tag_(kTag), outer_(std::exchange(current_sink, this)) {}

MessageSink::~MessageSink() {
  tag_ = 0;
  current_sink = outer_;
}

// A foreign user of libclamav in this process may have a context of its own, of which nothing is
// known: alignment keeps small integers and most strangers out before the tag is read.
MessageSink* MessageSink::FromContext(void* context) noexcept {
  const auto address = reinterpret_cast<uintptr_t>(context);
  if (address == 0 || address % alignof(MessageSink) != 0) return nullptr;
  auto* sink = static_cast<MessageSink*>(context);
  return sink->tag_ == kTag ? sink : nullptr;
}

void MessageSink::Add(int severity, const char* message) noexcept {
  if (severity < CL_MSG_WARN) return;
  if (severity < CL_MSG_ERROR && IsNotice(message)) return AddNotice(message);
  ++(severity >= CL_MSG_ERROR ? errors_ : warnings_);
  AddText(message);
}

void MessageSink::AddNotice(const char* message) noexcept {
  if (*notice_ || !std::strpbrk(message, "abcdefghijklmnopqrstuvwxyz")) return;
  const std::string_view text = WithoutLineEnd(message);
  std::snprintf(notice_, sizeof notice_, "%.*s", static_cast<int>(text.size()), text.data());
}

void MessageSink::AddText(const char* message) noexcept {
  const std::string_view text = WithoutLineEnd(message);
  const size_t used = std::strlen(text_);
  std::snprintf(text_ + used, sizeof text_ - used, "%s%.*s", used ? "; " : "",
                static_cast<int>(text.size()), text.data());
  // A sender's file names may be in it, in any encoding.
  std::replace_if(
      text_ + used, text_ + std::strlen(text_), [](char c) { return c < ' ' || c > '~'; }, '?');
}

void ListenToMessages() {
  cl_set_clcb_msg(OnMessage);
  MessageSink probe;
  int error = 0;
  cl_engine* const engine = nullptr;
  cl_engine_get_num(engine, CL_ENGINE_MAX_FILES, &error);
  if (probe.errors() != 1)
    throw Failure(VSAPI_E_INTERNAL,
                  "libclamav's error messages can't be heard, without which a "
                  "failed scan looks clean");
}

}  // namespace vsapi::clamav
