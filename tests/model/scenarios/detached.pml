/* SPDX-License-Identifier: Apache-2.0
 *
 * The MDB goes while its background thread offers or scans an item that a client comes for.
 */
#define DIGESTS 1
#define REQUESTS 2
#include "../engine.pml"

init {
  atomic {
    published = 1;
    current = 1;
    actors = 4;
    scanners = 2;
    run Worker(0, RoleLone, OTHERS, false);
    run Background(1, 0, 0, NONE, 0);
    run Client(1, 0, false);
    run Submitter(2, 0, 30, false);
    run Detach(0);
    run Shutdown(false)
  }
}
