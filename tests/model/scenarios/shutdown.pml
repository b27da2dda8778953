/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine is shut down while background offers an item, a client comes for its content, and a new
 * item comes.
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
    run Worker(0, RoleLone, OTHERS, false);
    run Background(1, 0, 0, NONE, 0);
    run Client(1, 0, false);
    run Submitter(2, 0, 30, false);
    run Shutdown(true)
  }
}
