/* SPDX-License-Identifier: Apache-2.0
 * One thread kept for high, two others; two new items, one of a content that a client
 * comes for. */
#define DIGESTS 2
#define REQUESTS 4
#include "../engine.pml"

init {
  atomic {
    published = 1;
    current = 1;
    actors = 3;
    scanners = 3;
    run Worker(0, RoleHigh, KEPT, false);
    run Worker(1, RoleAny, OTHERS, true);
    run Worker(2, RoleAny, OTHERS, true);
    run Client(0, 0);
    run Submitter(1, 1, 30, false);
    run Submitter(2, 0, 30, false);
    run Shutdown(false)
  }
}
