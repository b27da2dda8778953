/* SPDX-License-Identifier: Apache-2.0
 *
 * One content: a generation is published while clients come. What a client is told was judged by a
 * generation that it could know of, or a later one.
 */
#define DIGESTS 1
#define REQUESTS 2
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
    run Reload();
    run Shutdown(false)
  }
}
