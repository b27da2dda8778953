/* SPDX-License-Identifier: Apache-2.0
 *
 * The queue alone: who is woken for what. One thread kept for high, two others, one of which may be
 * dismissed, and a background thread that waits for the high lane; requests come in both lanes, and
 * one is promoted.
 */
#define SLEEPERS 4
#define REQUESTS 4
#include "../scan_queue.pml"

byte scanners = 4;
byte actors = 3;
bool stopped;

#define LOCALS                                                 \
  byte bed, taken, taken_life, displaced, displaced_life;      \
  bool taken_second, sleeps, leaves, done, promoted;           \
  mtype pushed

#define ALL_FREE \
  (phase[0] == Free && phase[1] == Free && phase[2] == Free && phase[3] == Free)

/* What was taken is done at once. */
inline Finish(r) {
  atomic {
    assert(phase[r] == Taken && !taken_second);
    phase[r] = Free;
    life[r]++;
    leaves = false;
    done = false;
    taken = NONE;
    taken_life = 0
  }
}

proctype Worker(byte me; mtype role; byte crew) {
  LOCALS;
  do
  :: Take(role, crew);
    if
    :: taken == NONE -> break
    :: else -> Finish(taken)
    fi
  od;
  scanners--
}

proctype Background(byte me; byte r) {
  LOCALS;
  atomic { Offer(r) }
  TakeOffered(r, 0);
  if
  :: taken == r -> Finish(taken)
  :: else
  fi;
  scanners--
}

proctype HighThenPromote(byte r; byte other) {
  LOCALS;
  atomic { PushHigh(r) }
  atomic { Promote(other) }
  actors--
}

proctype TwoLow(byte r; byte other) {
  LOCALS;
  atomic { PushLow(r, 30, false) }
  atomic { PushLow(other, 30, false) }
  actors--
}

proctype Resize() {
  atomic { Dismiss(1) }
  actors--
}

proctype Shutdown() {
  LOCALS;
  actors == 0 && ALL_FREE;
  atomic { Close() }
  scanners == 0;
  assert(len(high) == 0 && len(low) == 0)
}

init {
  atomic {
    run Worker(0, RoleHigh, KEPT);
    run Worker(1, RoleAny, OTHERS);
    run Worker(2, RoleAny, OTHERS);
    run Background(3, 0);
    run HighThenPromote(1, 2);
    run TwoLow(2, 3);
    run Resize();
    run Shutdown()
  }
}
