// SPDX-License-Identifier: Apache-2.0
//
// The vendor of minimal_vendor.c once more, on the C++ SDK: one class, one macro. What the C file
// spells out (the table, the border, the memory) the SDK does; what is left is what a vendor is.
#include <vsapi/vendor.h>

#include <algorithm>
#include <functional>

namespace {

// In two halves: in one piece, this file and the DLL would be found by the scanner of whoever builds
// them.
const std::string kEicar = std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR") +
                           "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

// One scan's state: what is kept from scan to scan so that nothing is allocated anew.
struct Window : vsapi::Session {
  std::vector<char> bytes = std::vector<char>(64 * 1024);
};

class MinimalVendor final : public vsapi::Vendor, public vsapi::WithSelfTest {
 public:
  static constexpr vsapi_vendor_info kInfo = {
      sizeof(vsapi_vendor_info),
      0,  // flags: scans may run in parallel, and the code may be unmapped
      "MinimalVendorCpp",
      "Minimal sample vendor in C++ 1.0: finds the EICAR test file and nothing else",
      1,  // version: raise it whenever a scan may find more than before
  };

  explicit MinimalVendor(const vsapi::Create&) {}

  std::unique_ptr<vsapi::Session> OpenSession() override { return std::make_unique<Window>(); }

  // Slides a window over the content. Its end is kept as the beginning of the next one, so that a
  // pattern across the border is found. Request::Read throws what could not be read: not clean.
  int32_t Scan(vsapi::Session& session, const vsapi::Request& request,
               vsapi::Result& result) override {
    std::vector<char>& window = static_cast<Window&>(session).bytes;
    uint64_t offset = 0;
    size_t kept = 0;
    while (const size_t got = request.Read(offset, window.data() + kept, window.size() - kept)) {
      request.ThrowIfCancelled();
      const auto end = window.begin() + static_cast<ptrdiff_t>(kept + got);
      if (std::search(window.begin(), end, finder_) != end) return Found(result);
      offset += got;
      kept = std::min(kept + got, kEicar.size() - 1);
      std::copy(end - static_cast<ptrdiff_t>(kept), end, window.begin());
    }
    if (offset < request.size()) throw vsapi::Failure(VSAPI_E_READ_FAILED);  // it ended too early
    return VSAPI_VERDICT_CLEAN;
  }

  vsapi::Bytes PositiveSample() override { return {kEicar.data(), kEicar.size()}; }

 private:
  // Named before the verdict is given: without a name an administrator learns nothing.
  static int32_t Found(vsapi::Result& result) {
    result.AddFinding(VSAPI_FINDING_THREAT, "EICAR-Test-File");
    return VSAPI_VERDICT_INFECTED;
  }

  const std::boyer_moore_horspool_searcher<std::string::const_iterator> finder_{kEicar.begin(),
                                                                                kEicar.end()};
};

}  // namespace

VSAPI_VENDOR(MinimalVendor)
