// SPDX-License-Identifier: Apache-2.0
//
// The program vsapi_worker: an engine starts it, with a channel as descriptor 3 and the engine's
// process number as the argument, to run a vendor outside its own process. Of no use by hand.
#include <cstdio>
#include <cstdlib>

#include "zygote.h"

#ifdef __SANITIZE_ADDRESS__
// LeakSanitizer looks at a process from another one, which a worker must not start.
extern "C" [[gnu::visibility("default")]] int __lsan_is_turned_off() { return 1; }
#endif

int main(int count, char** arguments) {
  using namespace vsapi::engine;
  constexpr int kChannel = 3;
  const int engine = count == 2 ? std::atoi(arguments[1]) : 0;
  if (engine <= 0 || !platform::DieWithParent(engine)) {
    std::fputs("vsapi_worker is started by libvsapi, not by hand\n", stderr);
    return 2;
  }
  platform::SetThreadName("vsapi-zygote");
  platform::KeepFreedMemory();
  Zygote(platform::Channel(platform::Handle(kChannel))).Run();
  return 0;
}
