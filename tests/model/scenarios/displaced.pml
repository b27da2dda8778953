/* SPDX-License-Identifier: Apache-2.0
 *
 * Two contents, room for one new item: the second new one displaces the first, for which a client may
 * come meanwhile.
 */
#define DIGESTS 2
#define REQUESTS 4
#include "../engine.pml"

init {
  atomic {
    published = 1;
    current = 1;
    actors = 3;
    scanners = 1;
    run Worker(0, RoleLone, OTHERS, false);
    run Client(0, 0, false);
    run Submitter(1, 0, 1, true);
    run Submitter(2, 1, 1, true);
    run Shutdown(false)
  }
}
