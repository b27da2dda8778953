/* SPDX-License-Identifier: Apache-2.0
 *
 * One content: a new item and two clients. A result may hold for one item alone, and the others are
 * queued again.
 */
#define DIGESTS 1
#define REQUESTS 2
#define ITEM_SCOPED
#include "../engine.pml"

init {
  atomic {
    published = 1;
    current = 1;
    actors = 3;
    scanners = 2;
    run Worker(0, RoleHigh, KEPT, false);
    run Worker(1, RoleAny, OTHERS, true);
    run Client(0, 0, false);
    run Client(1, 0, false);
    run Submitter(2, 0, 30, false);
    run Shutdown(false)
  }
}
