/* SPDX-License-Identifier: Apache-2.0
 *
 * The C++ SDK for vendors: header-only over abi/, C++17. Derive one class, end with one macro:
 *
 *   class MyVendor final : public vsapi::Vendor, public vsapi::WithSelfTest {
 *    public:
 *     static constexpr vsapi_vendor_info kInfo = {sizeof(vsapi_vendor_info), 0, "MyVendor", "...", 1};
 *     explicit MyVendor(const vsapi::Create& how);
 *     int32_t Scan(vsapi::Session&, const vsapi::Request& request, vsapi::Result& result) override;
 *     vsapi::Bytes PositiveSample() override;
 *   };
 *   VSAPI_VENDOR(MyVendor)
 *
 * Exceptions stop at the border: vsapi::Failure becomes its status (and its text the administrator's
 * line), std::bad_alloc VSAPI_E_NO_MEMORY, anything else VSAPI_E_INTERNAL. A control call in the wrong
 * state of the life cycle is answered with VSAPI_E_STATE and never reaches the class. Thread roles and
 * life cycle are those of abi/vendor.h: construction, Start, Stop, OpenSession and the With... functions
 * are called on the control thread, Scan on scanning threads, many at once, each with its own session. */
#ifndef VSAPI_VENDOR_H_
#define VSAPI_VENDOR_H_

#include <chrono>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "abi/vsapi_vendor.h"

namespace vsapi {

/* Constant bytes that somebody else owns. */
struct Bytes {
  const void* data = nullptr;
  size_t size = 0;

  std::string_view text() const { return {static_cast<const char*>(data), size}; }
};

/* Why a call can't do what it was asked; `status` is a VSAPI_E_... */
class Failure : public std::exception {
 public:
  explicit Failure(int32_t status, std::string text = "") : status_(status), text_(std::move(text)) {}
  int32_t status() const { return status_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  int32_t status_;
  std::string text_;
};

/* What the engine offers; may be copied, valid as long as the vendor lives. */
class Services {
 public:
  explicit Services(const vsapi_services* services) : services_(services) {}

  /* The engine's table for an extension, or null. */
  template <class Table>
  const Table* Extension(const char* id) const {
    return static_cast<const Table*>(services_->get_extension(services_, id));
  }

  /* One line to the engine's log, if it has one: VSAPI_LOG_... */
  void Log(int32_t severity, const std::string& text) const {
    if (const auto* log = Extension<vsapi_ext_log>(VSAPI_EXT_LOG))
      log->write(services_, severity, text.c_str());
  }

 private:
  const vsapi_services* services_;
};

/* What an instance is made of. */
struct Create {
  Services services;
  std::string_view parameters; /* valid during construction */
  uint32_t sessions;
};

/* One content to be judged; valid during Scan, on its thread. */
class Request {
 public:
  explicit Request(const vsapi_scan_request& request) : request_(request) {}

  uint64_t size() const { return request_.size; }
  int32_t access() const { return request_.access; }
  int32_t lane() const { return request_.lane; }
  uint64_t number() const { return request_.number; }
  bool is_cancelled() const { return request_.calls->is_cancelled(&request_) != 0; }
  std::chrono::nanoseconds remaining() const {
    return std::chrono::nanoseconds(request_.calls->remaining_ns(&request_));
  }

  /* Throws Failure if the scan should stop: its budget has run out, or nobody wants the answer. */
  void ThrowIfCancelled() const {
    if (!is_cancelled()) return;
    if (remaining().count() == 0) throw Failure(VSAPI_E_TIMEOUT, "the time for this scan ran out");
    throw Failure(VSAPI_E_CANCELLED);
  }

  /* Reads at most `size` bytes at `offset`; 0 only at the end. Throws Failure. */
  size_t Read(uint64_t offset, void* buffer, size_t size) const {
    size_t got = 0;
    const int32_t status = request_.calls->read(&request_, offset, buffer, size, &got);
    if (status != VSAPI_OK) throw Failure(status);
    return got;
  }

  /* The whole content: where it lies in memory, or else read into `buffer`, which may be kept from
   * scan to scan. Throws Failure: cancelled, out of time, or it ended too early. */
  Bytes ReadAll(std::vector<char>& buffer) const {
    if (request_.data != nullptr || request_.size == 0) return {request_.data, Size()};
    buffer.resize(Size());
    for (size_t done = 0; done < buffer.size();) {
      ThrowIfCancelled();
      const size_t got = Read(done, buffer.data() + done, buffer.size() - done);
      if (got == 0) throw Failure(VSAPI_E_READ_FAILED, "the content ends before its size");
      done += got;
    }
    return {buffer.data(), buffer.size()};
  }

  /* Message details: VSAPI_PROPERTY_...; nothing where it is absent or of the other type. */
  std::optional<std::string_view> Text(uint32_t property, uint32_t index = 0) const {
    const auto value = Property(property, index, VSAPI_TYPE_TEXT);
    if (!value) return std::nullopt;
    return std::string_view(value->text, value->text_size);
  }
  std::optional<int64_t> Integer(uint32_t property, uint32_t index = 0) const {
    const auto value = Property(property, index, VSAPI_TYPE_INTEGER);
    if (!value) return std::nullopt;
    return value->integer;
  }

  const vsapi_scan_request& abi() const { return request_; }

 private:
  size_t Size() const {
    if (request_.size > SIZE_MAX) throw Failure(VSAPI_E_NO_MEMORY, "larger than memory");
    return static_cast<size_t>(request_.size);
  }
  std::optional<vsapi_value> Property(uint32_t id, uint32_t index, int32_t type) const {
    vsapi_value value = {};
    value.struct_size = sizeof value;
    const int32_t status = request_.calls->property(&request_, id, index, &value);
    if (status != VSAPI_OK || value.type != type) return std::nullopt;
    return value;
  }

  const vsapi_scan_request& request_;
};

/* What to tell about a content; valid during Scan, on its thread. */
class Result {
 public:
  explicit Result(vsapi_scan_result& result) : result_(result) {}

  void AddFinding(int32_t kind, const std::string& name, const std::string& part_path = "") {
    vsapi_finding finding = {};
    finding.struct_size = sizeof finding;
    finding.kind = kind;
    finding.name = name.c_str();
    finding.part_path = part_path.empty() ? nullptr : part_path.c_str();
    Check(result_.calls->add_finding(&result_, &finding));
  }
  void SetText(const std::string& text) { Check(result_.calls->set_text(&result_, text.c_str())); }
  /* The verdict holds for this item alone, since a name or type decided. */
  void LimitToItem() { result_.scope = VSAPI_SCOPE_ITEM; }

  vsapi_scan_result& abi() { return result_; }

 private:
  friend class Replacement;
  static void Check(int32_t status) {
    if (status != VSAPI_OK) throw Failure(status);
  }
  vsapi_scan_result& result_;
};

/* The content that is to stand in place of the scanned one: make one, write to it, and return
 * VSAPI_VERDICT_CLEANED. Never written to, it is empty. */
class Replacement {
 public:
  explicit Replacement(Result& result) : result_(result) { Write({nullptr, 0}); }
  void Write(Bytes bytes) {
    Result::Check(result_.result_.calls->write_replacement(&result_.result_, bytes.data, bytes.size));
  }

 private:
  Result& result_;
};

/* A vendor's state of one scan at a time; derive it if you have some. */
class Session {
 public:
  virtual ~Session() = default;
};

/* An instance. The destructor is `destroy`. */
class Vendor {
 public:
  virtual ~Vendor() = default;

  virtual void Start() {}
  virtual void Stop() {}
  /* Called once for each session, before the first scan. */
  virtual std::unique_ptr<Session> OpenSession() { return std::make_unique<Session>(); }
  /* Judges one content: the verdict VSAPI_VERDICT_..., never none. Throws Failure. */
  virtual int32_t Scan(Session& session, const Request& request, Result& result) = 0;
};

/* Derive from these too for the extensions of abi/ext/. */
class WithSignatures {
 public:
  virtual ~WithSignatures() = default;
  virtual vsapi_signatures_identity Signatures() = 0;
  virtual bool HasNewerSignatures() = 0;
};
class WithSelfTest {
 public:
  virtual ~WithSelfTest() = default;
  virtual Bytes PositiveSample() = 0;
};
class WithFork {
 public:
  virtual ~WithFork() = default;
  virtual void AfterFork(const std::string& temp_folder) = 0;
};

namespace detail {

template <class Call>
int32_t VendorCall(const Services* log, Call call) noexcept {
  try {
    call();
    return VSAPI_OK;
  } catch (const Failure& failure) {
    if (log != nullptr && *failure.what() != '\0') log->Log(VSAPI_LOG_ERROR, failure.what());
    return failure.status();
  } catch (const std::bad_alloc&) {
    if (log != nullptr) log->Log(VSAPI_LOG_ERROR, "out of memory");
    return VSAPI_E_NO_MEMORY;
  } catch (const std::exception& error) {
    if (log != nullptr) log->Log(VSAPI_LOG_ERROR, error.what());
    return VSAPI_E_INTERNAL;
  } catch (...) {
    return VSAPI_E_INTERNAL;
  }
}

/* The C side of a vendor class. */
template <class T>
class Binding final : public vsapi_vendor {
 public:
  static int32_t VSAPI_CALL CreateInstance(const vsapi_create* how, vsapi_vendor** vendor) {
    const Services services(how->services);
    return VendorCall(&services, [&] { *vendor = new Binding(*how); });
  }

 private:
  explicit Binding(const vsapi_create& how)
      : services_(how.services), vendor_(Create{services_, how.parameters, how.sessions}) {
    table = &kTable;
  }

  static Binding& Of(vsapi_vendor* vendor) { return *static_cast<Binding*>(vendor); }
  static Session* Of(vsapi_session* session) { return reinterpret_cast<Session*>(session); }

  /* A control call that is allowed only while the instance is started, or only while it is not. */
  template <class Call>
  static int32_t InState(bool started, vsapi_vendor* vendor, Call call) noexcept {
    Binding& binding = Of(vendor);
    if (binding.started_ != started) return VSAPI_E_STATE;
    return VendorCall(&binding.services_, [&] { call(binding.vendor_); });
  }

  static int32_t VSAPI_CALL Start(vsapi_vendor* vendor) {
    const int32_t status = InState(false, vendor, [](T& its) { its.Start(); });
    if (status == VSAPI_OK) Of(vendor).started_ = true;
    return status;
  }
  static void VSAPI_CALL Stop(vsapi_vendor* vendor) {
    InState(true, vendor, [](T& its) { its.Stop(); });
    Of(vendor).started_ = false;
  }
  static void VSAPI_CALL Destroy(vsapi_vendor* vendor) { delete &Of(vendor); }

  static int32_t VSAPI_CALL OpenSession(vsapi_vendor* vendor, vsapi_session** session) {
    return InState(true, vendor, [&](T& its) {
      auto opened = its.OpenSession();
      *session = reinterpret_cast<vsapi_session*>(opened.release());
    });
  }
  static void VSAPI_CALL CloseSession(vsapi_vendor*, vsapi_session* session) { delete Of(session); }

  static int32_t VSAPI_CALL Scan(vsapi_vendor* vendor, vsapi_session* session,
                                 const vsapi_scan_request* request, vsapi_scan_result* result) {
    try {
      Result told(*result);
      result->verdict = Of(vendor).vendor_.Scan(*Of(session), Request(*request), told);
      return VSAPI_OK;
    } catch (const Failure& failure) {
      if (*failure.what() != '\0') result->calls->set_text(result, failure.what());
      return failure.status();
    } catch (const std::bad_alloc&) {
      return VSAPI_E_NO_MEMORY;
    } catch (const std::exception& error) {
      result->calls->set_text(result, error.what());
      return VSAPI_E_INTERNAL;
    } catch (...) {
      return VSAPI_E_INTERNAL;
    }
  }

  static int32_t VSAPI_CALL Identity(vsapi_vendor* vendor, vsapi_signatures_identity* identity) {
    return InState(true, vendor, [&](T& its) {
      vsapi_signatures_identity known = its.Signatures();
      known.struct_size = identity->struct_size;
      const size_t size = identity->struct_size < sizeof known ? identity->struct_size : sizeof known;
      std::memcpy(identity, &known, size);
    });
  }
  static int32_t VSAPI_CALL Poll(vsapi_vendor* vendor, int32_t* newer) {
    return InState(true, vendor, [&](T& its) { *newer = its.HasNewerSignatures() ? 1 : 0; });
  }
  static int32_t VSAPI_CALL Sample(vsapi_vendor* vendor, const void** data, size_t* size) {
    return InState(true, vendor, [&](T& its) {
      const Bytes sample = its.PositiveSample();
      *data = sample.data;
      *size = sample.size;
    });
  }
  static int32_t VSAPI_CALL AfterFork(vsapi_vendor* vendor, const char* temp_folder) {
    return InState(true, vendor, [&](T& its) { its.AfterFork(temp_folder); });
  }

  static const void* VSAPI_CALL GetExtension(vsapi_vendor*, const char* id) {
    const std::string_view wanted = id;
    if constexpr (std::is_base_of_v<WithSignatures, T>) {
      static constexpr vsapi_ext_signatures kSignatures = {Identity, Poll};
      if (wanted == VSAPI_EXT_SIGNATURES) return &kSignatures;
    }
    if constexpr (std::is_base_of_v<WithSelfTest, T>) {
      static constexpr vsapi_ext_self_test kSelfTest = {Sample};
      if (wanted == VSAPI_EXT_SELF_TEST) return &kSelfTest;
    }
    if constexpr (std::is_base_of_v<WithFork, T>) {
      static constexpr vsapi_ext_fork kFork = {AfterFork};
      if (wanted == VSAPI_EXT_FORK) return &kFork;
    }
    return nullptr;
  }

  static constexpr vsapi_vendor_table kTable = {Start,        Stop, Destroy,     OpenSession,
                                                CloseSession, Scan, GetExtension};

  const Services services_;
  bool started_ = false; /* control thread only */
  T vendor_;
};

}  // namespace detail
}  // namespace vsapi

/* Ends a vendor's source: exports `Class`, whose constructor takes a vsapi::Create and whose
 * `kInfo` says who it is. */
#define VSAPI_VENDOR(Class)                                                        \
  VSAPI_EXPORT_ENTRY = {sizeof(vsapi_entry), VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR, &Class::kInfo, \
                        vsapi::detail::Binding<Class>::CreateInstance};

#endif /* VSAPI_VENDOR_H_ */
