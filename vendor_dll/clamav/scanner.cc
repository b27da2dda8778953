// SPDX-License-Identifier: GPL-2.0-only
#include "scanner.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>

#include "containers.h"
#include "descriptors.h"
#include "detector.h"
#include "findings.h"
#include "inner_messages.h"
#include "may_go_on.h"
#include "messages.h"
#include "unopenable.h"

namespace vsapi::clamav {
namespace {

// libclamav looks into nothing that is as short.
constexpr uint64_t kTooShortToHold = 5;
// libclamav's own names for them.
constexpr std::string_view kFileTooLarge = "Heuristics.Limits.Exceeded.MaxFileSize";
constexpr std::string_view kScanTooLarge = "Heuristics.Limits.Exceeded.MaxScanSize";

// What the callbacks of one scan share. The sink comes first: libclamav's message callback finds it
// through the same pointer.
struct ScanContext : MessageSink {
  ScanContext(const vsapi_scan_request& scan_request, const Parameters& parameters)
      : request(scan_request),
        max_file_size(parameters.max_file_size),
        messages(parameters.max_scan_size) {}

  const vsapi_scan_request& request;
  const uint64_t max_file_size;
  Findings findings;
  Containers containers;
  unsigned layers = 0;
  InnerMessages messages;
  bool overlooked = false;           // a run of libclamav had no layer at all
  bool lost_folder = false;          // the temp folder was taken away meanwhile
  const char* unopenable = nullptr;  // what was met that libclamav can't open
  int32_t stopped = VSAPI_OK;        // why the layer callback ended the scan
};

ScanContext& ContextOf(void* context) {
  return static_cast<ScanContext&>(*static_cast<MessageSink*>(context));
}

// A member that is unpacked to a file is cut off at the limit, in a zip without any alert.
bool IsCutOff(int fd, uint64_t max_file_size) {
  struct stat status {};
  return fd >= 0 && ::fstat(fd, &status) == 0 &&
         static_cast<uint64_t>(status.st_size) >= max_file_size;
}

// For a callback whose CL_VIRUS ends the scan.
cl_error_t Ask(ScanContext& scan) {
  if (scan.stopped == VSAPI_OK) scan.stopped = MayGoOn(scan.request);
  return scan.stopped == VSAPI_OK ? CL_CLEAN : CL_VIRUS;
}

std::string_view OrEmpty(const char* text) { return text ? text : std::string_view(); }

class RunningScan {
 public:
  explicit RunningScan(std::atomic<unsigned>& count) : count_(count), number_(++count) {}
  ~RunningScan() { --count_; }
  unsigned number() const { return number_; }

 private:
  std::atomic<unsigned>& count_;
  unsigned number_;
};

int32_t Fail(vsapi_scan_result& result, int32_t status, const std::string& why) {
  result.calls->set_text(&result, why.c_str());
  return status;
}

int32_t Judge(vsapi_scan_result& result, int32_t verdict) {
  result.verdict = verdict;
  return VSAPI_OK;
}

int32_t OverLimit(const vsapi_scan_request& request, vsapi_scan_result& result, uint64_t limit) {
  Findings findings;
  findings.Add(kFileTooLarge);
  findings.Report(&result);
  const std::string text = "content of " + std::to_string(request.size) +
                           " bytes is larger than max_file_size, " + std::to_string(limit);
  result.calls->set_text(&result, text.c_str());
  return Judge(result, VSAPI_VERDICT_OVER_LIMIT);
}

int32_t StatusOf(cl_error_t error) {
  switch (error) {
    case CL_EMEM:
      return VSAPI_E_NO_MEMORY;
    case CL_ETIMEOUT:
      return VSAPI_E_TIMEOUT;
    case CL_EOPEN:
    case CL_ECREAT:
    case CL_EUNLINK:
    case CL_ESTAT:
    case CL_EREAD:
    case CL_ESEEK:
    case CL_EWRITE:
    case CL_EDUP:
    case CL_EACCES:
    case CL_ETMPFILE:
    case CL_ETMPDIR:
    case CL_EMAP:
      return VSAPI_E_BUSY;
    default:
      return VSAPI_E_INTERNAL;
  }
}

std::string Explained(const std::string& what, const MessageSink& messages) {
  return *messages.text() ? what + ": " + messages.text() : what;
}

// libclamav logs a damaged xz stream as an error, as if the machine were at fault.
bool IsAboutDamage(const MessageSink& messages) {
  constexpr std::string_view kSeparator = "; ";
  uint32_t about_damage = 0;
  std::string_view rest = messages.text();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find(kSeparator));
    if (line.starts_with("cli_scanxz: premature end") ||
        line.starts_with("cli_scanxz: decompress error"))
      ++about_damage;
    rest.remove_prefix(std::min(rest.size(), line.size() + kSeparator.size()));
  }
  return about_damage >= messages.errors();
}

constexpr uint32_t kEncryptionAlerts =
    CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE | CL_SCAN_HEURISTIC_ENCRYPTED_DOC;

cl_scan_options OptionsOf(const Parameters& parameters, uint32_t alerts) {
  cl_scan_options options{};
  options.general = parameters.heuristics ? CL_SCAN_GENERAL_HEURISTICS : 0;
  // Fuzzy hashes of images: seconds of work and gigabytes of memory that no limit bounds.
  options.parse = ~static_cast<uint32_t>(CL_SCAN_PARSE_IMAGE_FUZZY_HASH);
  options.heuristic = CL_SCAN_HEURISTIC_EXCEEDS_MAX | alerts;
  return options;
}

cl_error_t RunOnce(const Detector& detector, std::string_view content, uint32_t alerts,
                   ScanContext* context) {
  const std::unique_ptr<cl_fmap_t, decltype(&cl_fmap_close)> map(
      cl_fmap_open_memory(content.data(), content.size()), cl_fmap_close);
  if (!map) return CL_EMEM;
  cl_scan_options options = OptionsOf(detector.parameters(), alerts);
  const char* name = nullptr;
  unsigned long scanned = 0;
  context->layers = 0;
  const cl_error_t error =
      cl_scanmap_callback(map.get(), nullptr, &name, &scanned, detector.engine().get(), &options,
                          static_cast<MessageSink*>(context));
  if (error == CL_VIRUS && name && context->stopped == VSAPI_OK) context->findings.Add(name);
  if (context->layers == 0) context->overlooked = true;
  context->containers.Finish();
  return error;
}

// libclamav names only one of several alerts, at random: an encrypted member could hide that a
// limit cut the scan short. So what seems to be merely encrypted is scanned again without those
// alerts.
cl_error_t RunForAllAlerts(const Detector& detector, std::string_view content,
                           ScanContext* context) {
  const size_t known = context->messages.count();
  const cl_error_t error = RunOnce(detector, content, kEncryptionAlerts, context);
  if (error != CL_VIRUS || context->stopped != VSAPI_OK) return error;
  if (context->findings.strongest() != Strength::kEncrypted) return error;
  context->messages.Forget(known);
  return RunOnce(detector, content, 0, context);
}

bool IsSettled(cl_error_t error, const ScanContext& context) {
  return (error != CL_CLEAN && error != CL_VIRUS) || context.stopped != VSAPI_OK ||
         context.findings.strongest() == Strength::kInfected;
}

// Messages that were met but not taken apart are scanned on their own, and so are those in them.
cl_error_t RunLibrary(const Detector& detector, std::string_view content, ScanContext* context) {
  cl_error_t error = RunForAllAlerts(detector, content, context);
  while (!IsSettled(error, *context) && !context->messages.empty()) {
    const std::string message = context->messages.TakeNext();
    const cl_error_t as_message = RunForAllAlerts(detector, message, context);
    if (as_message != CL_CLEAN) error = as_message;
  }
  if (context->messages.overflowed()) context->findings.Add(kScanTooLarge);
  return error;
}

int32_t Report(const ScanContext& context, vsapi_scan_result& result) {
  context.findings.Report(&result);
  return Judge(result, context.findings.verdict());
}

int32_t Unsupported(const std::string& what, vsapi_scan_result& result) {
  result.calls->set_text(&result, (what + ", which this libclamav can't open").c_str());
  return Judge(result, VSAPI_VERDICT_UNSUPPORTED);
}

// The guards, in order: an identified threat stands whatever else happened; a scan that did not go
// through is no verdict; then what libclamav alerted on; then what it can't know.
int32_t Conclude(cl_error_t error, const ScanContext& context, vsapi_scan_result& result) {
  if (context.findings.strongest() == Strength::kInfected) return Report(context, result);
  if (context.stopped != VSAPI_OK) return context.stopped;
  if (context.findings.time_ran_out())
    return Fail(result, VSAPI_E_TIMEOUT,
                "the scan took longer than its budget or max_scan_seconds");
  if (context.lost_folder)
    return Fail(result, VSAPI_E_BUSY, "the temp folder was taken away during the scan");
  if (error != CL_CLEAN && error != CL_VIRUS)
    return Fail(result, StatusOf(error), Explained(cl_strerror(error), context));
  if (context.overlooked)
    return Fail(
        result, VSAPI_E_INTERNAL,
        Explained("libclamav did not look at the content, is the temp folder gone?", context));
  if (context.errors() > 0 && !IsAboutDamage(context))
    return Fail(result, VSAPI_E_BUSY, Explained("the scan is not complete", context));
  if (context.findings.strongest() != Strength::kNothing) return Report(context, result);
  if (error == CL_VIRUS)
    return Fail(result, VSAPI_E_INTERNAL, "libclamav reports a finding without a name");
  if (context.errors() > 0) return Unsupported("a damaged xz stream", result);
  if (context.unopenable) return Unsupported(context.unopenable, result);
  if (context.containers.unopened()) return Unsupported(context.containers.unopened(), result);
  return Judge(result, VSAPI_VERDICT_CLEAN);
}

}  // namespace

// Called for each layer before it is looked at. CL_VIRUS ends the scan; CL_BREAK would mean that
// the layer is trusted, and is never returned.
cl_error_t OnLayer(int fd, const char*, void* context) {
  ScanContext& scan = ContextOf(context);
  ++scan.layers;
  if (IsCutOff(fd, scan.max_file_size)) scan.findings.Add(kFileTooLarge);
  return Ask(scan);
}

// Called for each layer too, with its bytes.
cl_error_t OnLayerContent(int, const char* type, const char**, size_t, const char* name,
                          size_t size, const char* bytes, uint32_t depth, uint32_t attributes,
                          void* context) {
  ScanContext& scan = ContextOf(context);
  const std::string_view content(bytes, bytes ? size : 0);
  if (!scan.unopenable) scan.unopenable = FindUnopenable(content);
  scan.containers.Enter(OrEmpty(type), OrEmpty(name), content, depth);
  const bool is_new = !(attributes & LAYER_ATTRIBUTES_NORMALIZED);
  if (is_new && !scan.messages.Meet(OrEmpty(type), content)) scan.stopped = VSAPI_E_NO_MEMORY;
  return CL_CLEAN;
}

// Called by a container for each of its members, before it is unpacked. CL_VIRUS ends the scan.
cl_error_t OnMember(const char* type, unsigned long, const char* name, unsigned long size, int,
                    unsigned int, void* context) {
  ScanContext& scan = ContextOf(context);
  scan.containers.Announce(OrEmpty(type), OrEmpty(name), size);
  return Ask(scan);
}

void OnFound(int, const char* name, void* context) {
  ScanContext& scan = ContextOf(context);
  if (name && scan.stopped == VSAPI_OK) scan.findings.Add(name);
}

int32_t Scanner::Scan(const vsapi_scan_request& request, vsapi_scan_result& result) {
  const uint64_t limit = detector_.parameters().max_file_size;
  if (request.size > limit) return OverLimit(request, result, limit);
  if (request.size <= kTooShortToHold) return Judge(result, VSAPI_VERDICT_CLEAN);
  const int32_t status = ScanContent(request, result);
  buffer_.Trim();
  return status;
}

int32_t Scanner::ScanContent(const vsapi_scan_request& request, vsapi_scan_result& result) {
  const RunningScan running(detector_.running_scans());
  const TempFolder& temp = detector_.temp_folder();
  if (!HasFreeDescriptors(temp.fd(), kDescriptorsPerScan * running.number()))
    return Fail(result, VSAPI_E_BUSY,
                "too few free file descriptors for a scan; raise the limit (RLIMIT_NOFILE)");
  if (!temp.EnsureThere())
    return Fail(result, VSAPI_E_BUSY,
                "the temp folder " + temp.path() + " is gone, and can't be made again");
  const TempFolder::Presence presence(temp);
  if (!temp.HasRoom(request.size))
    return Fail(result, VSAPI_E_BUSY, "too little room in the temp folder " + temp.path());

  std::string_view content;
  if (const int32_t status = buffer_.Fetch(request, &content); status != VSAPI_OK) return status;
  ScanContext context(request, detector_.parameters());
  detector_.engine().KeepToBudget(request.budget_ns);
  const cl_error_t error = RunLibrary(detector_, content, &context);
  context.lost_folder = !presence.unbroken();
  return Conclude(error, context, result);
}

}  // namespace vsapi::clamav
