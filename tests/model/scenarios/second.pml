/* SPDX-License-Identifier: Apache-2.0
 *
 * One content: a client joins the slow scan of a new item, and a second one begins beside it. Either
 * may fail, and the item may be gone.
 */
#define DIGESTS 1
#define REQUESTS 2
#define MAY_TIME_OUT true
#define FAILS
#define GONE
#include "../engine.pml"

init {
  atomic {
    published = 1;
    current = 1;
    actors = 2;
    scanners = 2;
    run Worker(0, RoleHigh, KEPT, false);
    run Worker(1, RoleAny, OTHERS, true);
    run Client(0, 0, false);
    run Submitter(1, 0, 30, false);
    run Shutdown(false)
  }
}
