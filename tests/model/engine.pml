/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine's threads over its queue and its table of scans in flight, in small numbers: who calls
 * what in which order, and what must hold. README.md says what stands for what. A scenario, one of
 * scenarios/, gives the numbers and starts the threads.
 */
#define SLEEPERS 4
#include "scan_queue.pml"
#include "in_flight.pml"

#ifndef MAY_TIME_OUT
#define MAY_TIME_OUT false
#endif

byte stamp[4];        /* generation of an item's stamp; 0: none */
byte stamp_scoped;    /* a bit for each item whose stamp holds for it alone */
byte actors;          /* clients, submitters, background threads, reloads that are not done yet */
byte scanners;        /* threads that have not ended yet */
bool stopped;         /* BackgroundSweep::stopping_ */
byte sweeps = NONE;   /* BackgroundSweep::scans_, and its life */
byte sweeps_life;

#define QUEUE_LOCALS                                               \
  byte bed, taken = NONE, taken_life, displaced = NONE, displaced_life; \
  bool taken_second, sleeps, leaves, done, promoted;               \
  mtype pushed
#define TABLE_LOCALS                                                                        \
  byte r = NONE, work, run_life, run_generation, run_item, mine, refused, settled,           \
      now_answered, says, offered_life, g;                                                        \
  bool joined, outdated, begun, hurries, withdraws, ends, judged, scoped, run_second, moved_waits, \
      is_known

/* ---- Scanner::Work ---- */

/* No two threads scan one content under one generation, but the two runs of one request. */
inline AloneBut(other) {
  assert(other == me || scans_under[other] != run_generation ||
         scans_what[other] != DIGEST_OF(work) || cancelled[other] || cancelled[me] ||
         RUN0(work) == other || RUN1(work) == other)
}

/* JudgedAlready, or the vendor is called. */
inline Call() {
  atomic {
    is_known = (stamp[run_item] >= run_generation);
    judged = is_known;
    scoped = is_known && HAS(stamp_scoped, run_item);
    if
    :: is_known
    :: else ->
      AloneBut(0);
      AloneBut(1);
      AloneBut(2);
      AloneBut(3);
      scans_under[me] = run_generation;
      scans_what[me] = DIGEST_OF(work)
    fi
  }
}

inline StampOne(item) {
  if
  :: HAS(mine, item) && judged && stamp[item] < run_generation ->
    stamp[item] = run_generation;
    stamp_scoped = (scoped -> stamp_scoped | BIT(item) : stamp_scoped & ~BIT(item))
  :: HAS(mine, item) && !judged -> excused = excused | BIT(item)
  :: else
  fi
}

inline Write() {
  atomic {
    StampOne(0);
    StampOne(1);
    StampOne(2);
    StampOne(3)
  }
}

/* What is left in the variables of a thread between two pieces of work would only make more states. */
inline ForgetLocals() {
  work = 0;
  run_life = 0;
  run_generation = 0;
  run_item = 0;
  run_second = false;
  says = 0;
  offered_life = 0;
  g = 0;
  r = NONE;
  joined = false;
  outdated = false;
  promoted = false;
  begun = false;
  hurries = false;
  withdraws = false;
  ends = false;
  judged = false;
  scoped = false;
  is_known = false;
  leaves = false;
  done = false;
  pushed = 0
}

inline Forget(me) {
  atomic {
    run_is_slow[me] = false;
    cancelled[me] = false;
    ForgetLocals()
  }
}

inline Work() {
  Begin();
  if
#ifdef GONE
  :: begun ->
    excused = excused | BIT(run_item);
    DropItem()
#endif
  :: true
  fi;
  if
  :: begun ->
    Call();
    Claim();
    do
    :: mine != 0 ->
      Write();
      Finish()
    :: else -> break
    od
  :: else
  fi;
  Forget(me)
}

inline Takes() {
  work = taken;
  run_life = taken_life;
  run_second = taken_second;
  taken = NONE;
  taken_life = 0;
  taken_second = false
}

/* ---- Threads that scan ---- */

/* WorkerPool::Run. */
proctype Worker(byte me; mtype role; byte crew; bool is_slow) {
  QUEUE_LOCALS;
  TABLE_LOCALS;
  do
  :: Take(role, crew);
    if
    :: taken == NONE -> break
    :: else -> Takes(); Work()
    fi
  od;
  scanners--
}

/* BackgroundSweep::ScanItem. */
inline ScanItem(item, digest) {
  g = published;
  Admit(item, digest, g, false, false, true, 0, false);
  if
  :: pushed == Queued && !joined ->
    TakeOffered(r, offered_life);
    if
    :: taken == NONE -> TakeBack(r, offered_life)
    :: else ->
      Takes();
      atomic { sweeps = work; sweeps_life = run_life }
      Work();
      atomic { sweeps = NONE; sweeps_life = 0 }
    fi
  :: else
  fi
}

/* Two items, one after the other. */
proctype Background(byte me; byte one; byte its_digest; byte two; byte digest_of_two) {
  bool is_slow = true;
  QUEUE_LOCALS;
  TABLE_LOCALS;
  if
  :: !stopped -> ScanItem(one, its_digest)
  :: stopped
  fi;
  if
  :: !stopped && two != NONE -> ScanItem(two, digest_of_two)
  :: stopped || two == NONE
  fi;
  atomic { scanners--; actors-- }
}

/* ---- Threads that ask ---- */

/* OnDemand::Open: asks, waits, may give up at its deadline; for bulk mail in the low lane. */
proctype Client(byte item; byte digest; bool is_bulk) {
  QUEUE_LOCALS;
  TABLE_LOCALS;
  asked_under[item] = published;
  if
  :: given_up -> Settle(BIT(item), 0)
  :: !given_up ->
    run_generation = stamp[item];
    g = published;
    if
    :: run_generation >= g -> Settle(BIT(item), run_generation)
    :: else ->
      Admit(item, digest, g, !is_bulk, true, false, NONE, false);
      if
      :: pushed == Closed -> Settle(BIT(item), 0)
      :: else ->
        atomic { ForgetLocals() }
        if
        :: answered[item]
        :: MAY_TIME_OUT -> Expire(item, digest)
        fi;
        answered[item]
      fi
    fi
  fi;
  atomic { ForgetLocals(); actors-- }
}

/* Proactive::Submitted. */
proctype Submitter(byte item; byte digest; byte limit; bool displaces) {
  QUEUE_LOCALS;
  TABLE_LOCALS;
  g = published;
  if
  :: stamp[item] >= g
  :: else ->
    Admit(item, digest, g, false, false, false, limit, displaces);
    LeaveAll()
  fi;
  atomic { ForgetLocals(); actors-- }
}

/* ---- Who steers ---- */

/* Generations::Publish. */
proctype Reload() {
#ifdef MUTANT_EARLY_IDENTITY  /* clients know of it before scans can pin it */
  published++;
  current++;
#else
  current++;
  published++;
#endif
  actors--
}

/* Background::Detach. */
proctype Detach(byte item) {
  QUEUE_LOCALS;
  TABLE_LOCALS;
  stopped = true;
  atomic { r = sweeps; run_life = sweeps_life }
  if
  :: r != NONE -> CancelFor(item, r, run_life)
  :: else
  fi;
  atomic { Rouse() }
  actors--
}

/* WorkerPool::Let. */
proctype Resize(byte threads) {
  atomic { Dismiss(threads) }
  actors--
}

inline AnswerLeftOvers() {
  given_up = true;
  GiveUp(0);
  if
  :: DIGESTS > 1 -> GiveUp(DIGESTS - 1)
  :: else
  fi;
  do
  :: atomic { TakeLeft() }
    if
    :: taken == NONE -> break
    :: else -> HandBack(taken)
    fi
  od
}

inline IsStamped(item) {
  assert(!HAS(owed, item) || HAS(excused, item) || stamp[item] >= owed_under[item])
}

inline NothingIsLeft() {
  assert(len(high) == 0 && len(low) == 0);
  assert(phase[0] == Free && phase[1] == Free && phase[REQUESTS - 2] == Free &&
         phase[REQUESTS - 1] == Free)
}

#define ALL_ENDED                                                          \
  (actors == 0 && phase[0] == Free && phase[1] == Free && phase[REQUESTS - 2] == Free && \
   phase[REQUESTS - 1] == Free)

/* Engine::StopBy: at any time in a scenario of that, else when all is done. If that never comes, a
 * wake-up or a request was lost, and the checker calls it an invalid end state. */
proctype Shutdown(bool at_any_time) {
  QUEUE_LOCALS;
  TABLE_LOCALS;
  if
  :: at_any_time
  :: !at_any_time ->
    ALL_ENDED;
    IsStamped(0);
    IsStamped(1);
    IsStamped(2);
    IsStamped(3)
  fi;
  atomic { Close() }
  AnswerLeftOvers();
  stopped = true;
  atomic { r = sweeps; run_life = sweeps_life }
  if
  :: r != NONE -> CancelFor(0, r, run_life)
  :: else
  fi;
  scanners == 0;
#ifndef MUTANT_ONE_LEFTOVER  /* what was promoted while background ended is not answered */
  AnswerLeftOvers();
#endif
  actors == 0;
  NothingIsLeft()
}
