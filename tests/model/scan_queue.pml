/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/scan_queue.cc: two lanes, who may take what, and the sleep of those who find nothing. Each
 * inline is what the function of the same name does under the queue's lock, and is used inside of an
 * `atomic` that stands for that lock.
 *
 * A sleeper that is called is woken in the same section, where the code wakes it a little later: it
 * runs when it likes either way. Of several that sleep in one crew any may be called, where the code
 * calls the latest.
 */
#define NONE 255

mtype = { Free, Offered, Low, High, Taken, Scanning, Second, Twice, Applying };
mtype = { Queued, Full, Closed };          /* ScanQueue::Pushed */
mtype = { RoleHigh, RoleAny, RoleLone };   /* Role */

#define KEPT 0
#define OTHERS 1
#define PAUSING 2
#define CREWS 3

mtype phase[REQUESTS] = Free;  /* with `life`: RequestState */
byte life[REQUESTS];
bool is_low[REQUESTS];         /* ScanRequest::lane */

chan high = [REQUESTS] of { byte };
chan low = [REQUESTS] of { byte };
bool closed;
byte dismissed;                /* of RoleAny */
byte asleep[CREWS];            /* a bit for each sleeper */
bool waking[CREWS];
bool woken[SLEEPERS];          /* Bed */

#define BIT(n) (1 << (n))
#define HAS(mask, n) (((mask) >> (n)) & 1)
#define COUNT(mask) (HAS(mask, 0) + HAS(mask, 1) + HAS(mask, 2) + HAS(mask, 3))
#define IDLE(crew) (COUNT(asleep[crew]) + waking[crew])

inline CallFrom(crew) {
  if
  :: !waking[crew] && asleep[crew] != 0 ->
    waking[crew] = true;
    if
    :: HAS(asleep[crew], 0) -> bed = 0
    :: HAS(asleep[crew], 1) -> bed = 1
    :: HAS(asleep[crew], 2) -> bed = 2
    :: HAS(asleep[crew], 3) -> bed = 3
    fi;
    asleep[crew] = asleep[crew] & ~BIT(bed);
    woken[bed] = true;
    bed = 0
  :: else
  fi
}

inline CallLocked() {
  if
  :: len(high) == 0 ->
    if
    :: len(low) != 0 -> CallFrom(OTHERS)
    :: else
    fi;
    CallFrom(PAUSING)
  :: len(high) != 0 && IDLE(KEPT) > 0 -> CallFrom(KEPT)
  :: else -> CallFrom(OTHERS)
  fi
}

inline PushLocked(lane, r, queued) {
  assert(phase[r] == Free || phase[r] == Offered);
  phase[r] = queued;
  is_low[r] = (queued == Low);
  lane!r;
  CallLocked()
}

inline PushHigh(r) {
  if
  :: closed -> pushed = Closed
  :: else ->
    PushLocked(high, r, High);
    pushed = Queued
  fi
}

/* `displaced` and its life are set if it is to displace the oldest. */
inline PushLow(r, limit, displaces) {
  if
  :: closed -> pushed = Closed
  :: !closed && len(low) >= limit && !(displaces) -> pushed = Full
  :: else ->
    if
    :: len(low) >= limit ->
      low?displaced;
      phase[displaced] = Taken;
      displaced_life = life[displaced]
    :: else
    fi;
    PushLocked(low, r, Low);
    pushed = Queued
  fi
}

inline Offer(r) {
  if
  :: closed -> pushed = Closed
  :: else ->
    phase[r] = Offered;
    is_low[r] = true;
    pushed = Queued
  fi
}

inline Promote(r) {
  promoted = false;
  if
  :: phase[r] == Low || phase[r] == Offered ->
    if
    :: phase[r] == Low -> low??eval(r)
    :: else
    fi;
    phase[r] = High;
    is_low[r] = false;
    high!r;
    CallLocked();
    promoted = true
  :: else
  fi
}

inline PushSecond(r) {
  if
  :: !closed && phase[r] == Scanning ->
    phase[r] = Second;
    high!r;
    CallLocked()
  :: else
  fi
}

inline Withdraw(r) {
#ifndef MUTANT_NO_WITHDRAW
  if
  :: high??[eval(r)] ->
    high??eval(r);
    CallLocked()
  :: else
  fi
#else
  skip
#endif
}

inline TakeFrontLocked(lane) {
  lane?taken;
  taken_second = false;
  if
  :: phase[taken] == Low || phase[taken] == High -> phase[taken] = Taken
  :: else ->
    taken_second = true;
    if
    :: phase[taken] == Second -> phase[taken] = Twice
    :: else  /* its result has just come */
    fi
  fi;
  taken_life = life[taken]
}

inline TakeLocked(role) {
  if
  :: len(high) != 0 ->
    if
    :: role == RoleAny && len(high) <= IDLE(KEPT)
    :: else -> TakeFrontLocked(high)
    fi
  :: len(high) == 0 && role != RoleHigh && len(low) != 0 -> TakeFrontLocked(low)
  :: else
  fi
}

/* SleepInLocked: the section ends with LieDown, and the next one begins with GetUp. */
inline LieDown(crew) {
  woken[me] = false;
  asleep[crew] = asleep[crew] | BIT(me);
  sleeps = true
}

inline GetUp(crew) {
  if
  :: sleeps ->
    woken[me];
    waking[crew] = false;
    sleeps = false
  :: else
  fi
}

inline Leaves(role) {
  leaves = closed;
  if
  :: !closed && role == RoleAny && dismissed > 0 ->
    dismissed--;
    leaves = true
  :: else
  fi
}

#ifdef MUTANT_LATE_BED  /* the bed is made in a section of its own, after the look at the lanes */
#define OWN_SECTION } atomic {
#else
#define OWN_SECTION
#endif
#ifdef MUTANT_NO_CHAIN  /* who comes for work does not call the next */
#define CALL_NEXT
#else
#define CALL_NEXT CallLocked()
#endif

/* Whenever work is queued that an idle thread may take, a wake-up is on its way to one. */
inline SomebodyIsCalled() {
  assert(len(high) == 0 || asleep[KEPT] == 0 || waking[KEPT]);
  assert(len(high) == 0 || IDLE(KEPT) > 0 || asleep[OTHERS] == 0 || waking[OTHERS]);
  assert(len(high) != 0 || len(low) == 0 || asleep[OTHERS] == 0 || waking[OTHERS]);
  assert(len(high) != 0 || asleep[PAUSING] == 0 || waking[PAUSING])
}

inline Take(role, crew) {
  do
  :: atomic {
    GetUp(crew);
    taken = NONE;
    Leaves(role);
    if
    :: leaves
    :: else -> TakeLocked(role)
    fi;
    done = (leaves || taken != NONE);
    if
    :: done -> CALL_NEXT
    :: else -> CallLocked()
    fi;
    SomebodyIsCalled();
    OWN_SECTION
    if
    :: done -> break
    :: else -> LieDown(crew)
    fi
  }
  od
}

#define IS_OFFERED(r, itslife) (life[r] == itslife && phase[r] == Offered)

#ifdef MUTANT_LOW_FIRST  /* background does not look at the high lane */
#define HIGH_FIRST false
#else
#define HIGH_FIRST (len(high) != 0)
#endif

inline TakeOffered(r, itslife) {
  do
  :: atomic {
    GetUp(PAUSING);
    done = !(HIGH_FIRST && !closed && !stopped && IS_OFFERED(r, itslife));
    taken = NONE;
    if
    :: done && !closed && !stopped && IS_OFFERED(r, itslife) ->
      assert(len(high) == 0);  /* high before low */
      phase[r] = Taken;
      taken = r;
      taken_life = itslife;
      taken_second = false
    :: else
    fi;
    CallLocked();
    SomebodyIsCalled();
    if
    :: done -> break
    :: else -> LieDown(PAUSING)
    fi
  }
  od
}

inline WakeAll(crew) {
  if :: HAS(asleep[crew], 0) -> woken[0] = true :: else fi;
  if :: HAS(asleep[crew], 1) -> woken[1] = true :: else fi;
  if :: HAS(asleep[crew], 2) -> woken[2] = true :: else fi;
  if :: HAS(asleep[crew], 3) -> woken[3] = true :: else fi;
  asleep[crew] = 0
}

inline Rouse() { WakeAll(PAUSING) }

inline Dismiss(threads) {
  dismissed = dismissed + threads;
  WakeAll(OTHERS)
}

inline Close() {
  closed = true;
  WakeAll(KEPT);
  WakeAll(OTHERS);
  WakeAll(PAUSING)
}

inline TakeLeft() {
  taken = NONE;
  do
  :: len(high) != 0 || len(low) != 0 ->
    if
    :: len(high) != 0 -> TakeFrontLocked(high)
    :: else -> TakeFrontLocked(low)
    fi;
    if
    :: !taken_second -> break
    :: else ->
      if
      :: phase[taken] == Twice -> phase[taken] = Scanning
      :: else
      fi;
      taken = NONE
    fi
  :: else -> break
  od
}
