// SPDX-License-Identifier: GPL-2.0-only
//
// Lines into the engine's event log, by its extension vsapi.log/1; silent where the engine has
// none. Any thread at any time.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_LOG_H_
#define VSAPI_VENDOR_DLL_CLAMAV_LOG_H_

#include <vsapi/abi/ext/log.h>

#include <string>

namespace vsapi::clamav {

class Log {
 public:
  explicit Log(const vsapi_services* services) : services_(services), table_(Find(services)) {}

  void Info(const std::string& text) const { Write(VSAPI_LOG_INFO, text); }
  void Warning(const std::string& text) const { Write(VSAPI_LOG_WARNING, text); }
  void Error(const std::string& text) const { Write(VSAPI_LOG_ERROR, text); }

 private:
  static const vsapi_ext_log* Find(const vsapi_services* services) {
    if (!services || !services->get_extension) return nullptr;
    return static_cast<const vsapi_ext_log*>(services->get_extension(services, VSAPI_EXT_LOG));
  }
  void Write(int32_t severity, const std::string& text) const {
    if (table_) table_->write(services_, severity, text.c_str());
  }

  const vsapi_services* services_;
  const vsapi_ext_log* table_;
};

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_LOG_H_
