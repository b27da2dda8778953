/* SPDX-License-Identifier: Apache-2.0
 *
 * Background offers two items of two contents while a client comes for one and another one keeps the
 * high lane busy.
 */
#define DIGESTS 2
#define REQUESTS 4
#define MAY_TIME_OUT true
#include "../engine.pml"

init {
  atomic {
    published = 1;
    current = 1;
    actors = 3;
    scanners = 2;
    run Worker(0, RoleLone, OTHERS, false);
    run Background(1, 0, 0, 1, 1);
    run Client(1, 1, false);
    run Client(2, 0, false);
    run Shutdown(false)
  }
}
