/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/in_flight.cc, in_flight_end.cc, in_flight_shard.cc: one request per content and generation.
 * A section of the code is under the lock of a shard; what it does in the queue is a section of the
 * queue's own. So here each piece between is an `atomic`, `locked` holds the shard over several, and
 * other threads take from the queue in between.
 *
 * A content is a shard of its own, with a few requests that are used again and again. Items, waiters
 * and targets are bits: an item has one waiter, of the same number.
 */
#define REQUEST_OF(digest, n) ((digest) * (REQUESTS / DIGESTS) + (n))
#define DIGEST_OF(r) ((r) / (REQUESTS / DIGESTS))

bool locked[DIGESTS];
byte shown[DIGESTS] = NONE;
byte targets[REQUESTS];
byte first[REQUESTS] = NONE;
byte applied[REQUESTS];      /* Target::applied */
byte waiters[REQUESTS];
byte generation[REQUESTS];   /* 0: none */
bool urgent[REQUESTS];       /* ScanRequest::is_urgent */
byte runs[2 * REQUESTS] = NONE;
bool run_is_slow[SLEEPERS];  /* ScanRun: in the low lane, on a thread of low priority */
bool cancelled[SLEEPERS];    /* ScanRun */
bool given_up;
byte asked_under[4];         /* what was published when the client came */
bool answered[4];            /* Ticket: its slot is settled */

/* Items that were let in, the generation they were let in under, and those that need no stamp: gone,
 * failed, left in the store. */
byte owed;
byte owed_under[4];
byte excused;

byte published;              /* Generations::identity() */
byte current;                /* Generations::current() */

#define LOCK(digest) !locked[digest] -> locked[digest] = true
#define UNLOCK(digest) locked[digest] = false
#define RUN0(r) runs[2 * (r)]
#define RUN1(r) runs[2 * (r) + 1]
#define WAITS(p) ((p) == Offered || (p) == Low || (p) == High || (p) == Taken)
#define AT_WORK(r) (life[r] == run_life && (RUN0(r) == me || RUN1(r) == me))

/* ---- The shard ---- */

inline SetFirst(r) {
  if
  :: HAS(targets[r], 0) -> first[r] = 0
  :: !HAS(targets[r], 0) && HAS(targets[r], 1) -> first[r] = 1
  :: !(targets[r] & 3) && HAS(targets[r], 2) -> first[r] = 2
  :: !(targets[r] & 7) && HAS(targets[r], 3) -> first[r] = 3
  :: targets[r] == 0 -> first[r] = NONE
  fi
}

inline ForgetFirst(r) {
  targets[r] = targets[r] & ~BIT(first[r]);
  applied[r] = applied[r] & ~BIT(first[r]);
  SetFirst(r)
}

inline AddTarget(r, item) {
  targets[r] = targets[r] | BIT(item);
  if
  :: first[r] == NONE -> first[r] = item
  :: else
  fi
}

inline Owe(item, under) {
  owed = owed | BIT(item);
  if
  :: owed_under[item] < under -> owed_under[item] = under
  :: else
  fi
}

inline Hide(r) {
  if
  :: shown[DIGEST_OF(r)] == r -> shown[DIGEST_OF(r)] = NONE
  :: else
  fi
}

inline TakeFree(digest) {
  if
  :: phase[REQUEST_OF(digest, 0)] == Free -> r = REQUEST_OF(digest, 0)
  :: else -> r = REQUEST_OF(digest, 1)
  fi;
  assert(phase[r] == Free && DIGEST_OF(r) == digest)
}

/* What has become of the targets is known to all who wait for them. */
inline End(r) {
  assert(waiters[r] == 0);  /* nobody is forgotten */
  assert(RUN0(r) == NONE && RUN1(r) == NONE);
  assert(!(high??[eval(r)]) && !(low??[eval(r)]));
  Hide(r);
  targets[r] = 0;
  applied[r] = 0;
  first[r] = NONE;
  generation[r] = 0;
  urgent[r] = false;
  is_low[r] = false;
  life[r]++;
  phase[r] = Free
}

/* ---- Answers ---- */

/* Each slot is answered once, and never by a generation before the one that was there when it asked.
 * `by` is 0 for what no vendor has said. */
inline SettleOne(waiter, by) {
  if
  :: HAS(settled, waiter) ->
    assert(!answered[waiter]);
    assert(by == 0 || by >= asked_under[waiter]);
    answered[waiter] = true
  :: else
  fi
}

inline Settle(who, by) {
  settled = who;
  SettleOne(0, by);
  SettleOne(1, by);
  SettleOne(2, by);
  SettleOne(3, by);
  settled = 0
}

/* ---- Beginning and joining ---- */

#ifdef MUTANT_JOINS_OLD  /* a newcomer joins a scan of the generation before */
#define IS_OUTDATED(r, g) false
#else
#define IS_OUTDATED(r, g) (generation[r] < g)
#endif

/* HurryLocked and the end of the section; lifting a thread changes nothing here. */
inline Hurry(r) {
  atomic {
#ifndef LIFTS
    if
    :: RUN0(r) != NONE && run_is_slow[RUN0(r)] -> PushSecond(r)
    :: else
    fi;
#endif
    UNLOCK(DIGEST_OF(r))
  }
}

/* By whom: a client (`waits`, `ask_high` unless its mail is bulk), a submitter, or a background thread
 * (`offers`). */
inline Admit(item, digest, g, ask_high, waits, offers, limit, displaces) {
  pushed = Queued;
  joined = false;
  displaced = NONE;
  atomic {
    LOCK(digest);
    r = shown[digest];
    outdated = (r != NONE && !WAITS(phase[r]) && IS_OUTDATED(r, g))
  }
  atomic {
    if
    :: r == NONE || outdated ->
      if
      :: outdated -> Hide(r)
      :: else
      fi;
      TakeFree(digest);
      shown[digest] = r;
      AddTarget(r, item);
      urgent[r] = ask_high;
      if
      :: ask_high -> PushHigh(r)
      :: offers ->
        offered_life = life[r];
        Offer(r)
      :: else -> PushLow(r, limit, displaces)
      fi;
      if
      :: pushed != Queued -> End(r)
      :: pushed == Queued && (waits) -> waiters[r] = waiters[r] | BIT(item)
      :: else
      fi;
      UNLOCK(digest)
    :: else ->
      joined = true;
      AddTarget(r, item);
      promoted = false;
      if
      :: waits -> waiters[r] = waiters[r] | BIT(item)
      :: else
      fi;
      if
      :: ask_high ->
        urgent[r] = true;
        Promote(r)
      :: else
      fi;
      if
      :: !ask_high || promoted -> UNLOCK(digest)
      :: else  /* HurryLocked is yet to come */
      fi
    fi;
    if
    :: pushed == Queued -> Owe(item, g)
    :: else
    fi
  }
  if
  :: joined && ask_high && !promoted -> Hurry(r)
  :: else
  fi
}

inline TakeBack(r, itslife) {
  atomic {
    LOCK(DIGEST_OF(r));
    outdated = !IS_OFFERED(r, itslife)
  }
  atomic {
    if
    :: !outdated && IS_OFFERED(r, itslife) ->
      PushLow(r, NONE, false);
      if
      :: pushed != Queued -> End(r)
      :: else
      fi
    :: else
    fi;
    UNLOCK(DIGEST_OF(r))
  }
}

inline PushAgain(r) {
  life[r]++;
  phase[r] = Free;
  if
  :: waiters[r] == 0 || !urgent[r] -> PushLow(r, NONE, false)
  :: else -> PushHigh(r)
  fi;
  if
  :: pushed != Queued ->
    refused = waiters[r];
    waiters[r] = 0;
    End(r)
  :: else
  fi
}

/* Until nothing is left of it, or a client has come: one target at a time. */
inline LeaveAll() {
  do
  :: displaced != NONE ->
    atomic {
      LOCK(DIGEST_OF(displaced));
      refused = 0;
      if
      :: life[displaced] != displaced_life -> UNLOCK(DIGEST_OF(displaced)); displaced = NONE
      :: life[displaced] == displaced_life && waiters[displaced] == 0 ->
        excused = excused | BIT(first[displaced]);
        ForgetFirst(displaced);
        if
        :: targets[displaced] == 0 -> End(displaced)
        :: else
        fi;
        UNLOCK(DIGEST_OF(displaced))
      :: else -> PushAgain(displaced); UNLOCK(DIGEST_OF(displaced)); displaced = NONE
      fi;
      Settle(refused, 0);
      refused = 0
    }
  :: else -> break
  od
}

inline CancelFor(item, r, itslife) {
  atomic {
    LOCK(DIGEST_OF(r));
    if
    :: life[r] == itslife && RUN0(r) != NONE && waiters[r] == 0 && !(targets[r] & ~BIT(item)) ->
      Hide(r);
      cancelled[RUN0(r)] = true;
      if
      :: RUN1(r) != NONE -> cancelled[RUN1(r)] = true
      :: else
      fi
    :: else
    fi;
    UNLOCK(DIGEST_OF(r))
  }
}

/* ---- Waiters ---- */

inline ExpireIn(r, waiter) {
  if
#ifdef MUTANT_EXPIRES_ALL  /* who times out does not look whether it is linked still */
  :: true ->
#else
  :: HAS(waiters[r], waiter) ->
#endif
    waiters[r] = waiters[r] & ~BIT(waiter);
    refused = BIT(waiter)
  :: else
  fi
}

inline Expire(waiter, digest) {
  atomic {
    LOCK(digest);
    refused = 0;
    ExpireIn(REQUEST_OF(digest, 0), waiter);
    ExpireIn(REQUEST_OF(digest, 1), waiter);
    UNLOCK(digest)
  }
  atomic {
    Settle(refused, 0);
    refused = 0
  }
}

/* ---- Running ---- */

/* What a thread has at the vendor: under which generation (0: nothing), of which content. */
byte scans_under[SLEEPERS];
byte scans_what[SLEEPERS];

/* At a moment of the vendor's choice. */
inline Return() {
  if
  :: is_known
  :: !is_known ->
    scans_under[me] = 0;
    scans_what[me] = 0;
    if
    :: judged = true
#ifdef ITEM_SCOPED
    :: judged = true; scoped = true
#endif
#ifdef FAILS
    :: judged = false
#endif
    :: cancelled[me] -> judged = false
    fi
  fi
}


#ifdef MUTANT_NO_LIFE  /* who comes too late from the queue is not turned away */
#define COMES_TOO_LATE false
#else
#define COMES_TOO_LATE (life[work] != run_life || (run_second && phase[work] != Twice))
#endif

inline Fill() {
  run_generation = generation[work];
  run_item = first[work];
  run_is_slow[me] = (!run_second && is_low[work] && is_slow)
}

inline Begin() {
  atomic {
    LOCK(DIGEST_OF(work));
    begun = !COMES_TOO_LATE;
    if
    :: begun && !run_second ->
      assert(phase[work] == Taken && RUN0(work) == NONE);
      phase[work] = Scanning;
      generation[work] = current
    :: else
    fi;
    if
    :: begun ->
      if
      :: RUN0(work) == NONE -> RUN0(work) = me
      :: else -> assert(RUN1(work) == NONE); RUN1(work) = me
      fi;
      Fill();
      cancelled[me] = given_up || (RUN0(work) != me && cancelled[RUN0(work)])
    :: else
    fi;
    hurries = (begun && !run_second && urgent[work]);
    if
    :: hurries
    :: else -> UNLOCK(DIGEST_OF(work))
    fi
  }
  if
  :: hurries -> Hurry(work)
  :: else
  fi
}

inline Leave() {
  if
  :: RUN0(work) == me -> RUN0(work) = RUN1(work)
  :: else
  fi;
  RUN1(work) = NONE;
  if
  :: phase[work] == Twice -> phase[work] = Scanning
  :: else
  fi
}

/* StopLocked, in which others may take a second one from the queue before it is withdrawn. */
inline Stop() {
  if
  :: RUN0(work) != NONE -> cancelled[RUN0(work)] = true
  :: else
  fi;
  if
  :: RUN1(work) != NONE -> cancelled[RUN1(work)] = true
  :: else
  fi;
  RUN0(work) = NONE;
  RUN1(work) = NONE;
  withdraws = (phase[work] == Second);
  phase[work] = Applying
}

/* `mine`: the targets that the result is applied to. */
inline Claim() {
  withdraws = false;
  mine = 0;
  atomic {
    Return();
    LOCK(DIGEST_OF(work));
    if
    :: !AT_WORK(work)
    :: AT_WORK(work) && RUN1(work) != NONE && !judged -> Leave()
    :: else ->
      Stop();
      mine = (scoped -> BIT(first[work]) : targets[work])
    fi;
    if
    :: withdraws
    :: else -> UNLOCK(DIGEST_OF(work))
    fi
  }
  if
  :: withdraws -> atomic { Withdraw(work); UNLOCK(DIGEST_OF(work)) }
  :: else
  fi
}

/* The item is gone from the store. `begun`: there is another one to be read. */
inline DropItem() {
  withdraws = false;
  ends = false;
  refused = 0;
  atomic {
    LOCK(DIGEST_OF(work));
    begun = false;
    if
    :: !AT_WORK(work)
    :: AT_WORK(work) && RUN1(work) != NONE -> Leave()
    :: else ->
      refused = waiters[work] & BIT(first[work]);
      waiters[work] = waiters[work] & ~BIT(first[work]);
      ForgetFirst(work);
      if
      :: targets[work] != 0 ->
        Fill();
        begun = true
      :: else ->
        Stop();
        ends = true
      fi
    fi;
    if
    :: ends
    :: else -> UNLOCK(DIGEST_OF(work))
    fi
  }
  if
  :: ends ->
    atomic {
      if
      :: withdraws -> Withdraw(work)
      :: else
      fi;
      End(work);
      UNLOCK(DIGEST_OF(work))
    }
  :: else
  fi;
  atomic {
    Settle(refused, 0);
    refused = 0
  }
}

inline MoveInto(other) {
  moved_waits = (waiters[work] != 0 && urgent[work]);
  urgent[other] = urgent[other] || urgent[work];
  waiters[other] = waiters[other] | waiters[work];
  waiters[work] = 0;
  targets[other] = targets[other] | targets[work];
  targets[work] = 0;
  if
  :: moved_waits -> Promote(other)
  :: else
  fi;
  moved_waits = false;
  End(work)
}

inline QueueAgain() {
  r = shown[DIGEST_OF(work)];
  if
  :: r != NONE && r != work -> MoveInto(r)
  :: else ->
    shown[DIGEST_OF(work)] = work;
    generation[work] = 0;
    PushAgain(work)
  fi
}

#ifdef MUTANT_FORGETS_JOINED  /* who joined while the result was applied is not looked at */
#define JOINED 0
#else
#define JOINED (targets[work] & ~applied[work])
#endif

/* Of `mine`; what joined meanwhile is `mine` next. */
inline Finish() {
  atomic {
    LOCK(DIGEST_OF(work));
    refused = 0;
    applied[work] = applied[work] | mine;
    now_answered = waiters[work] & applied[work];
    says = (judged -> run_generation : 0);
    waiters[work] = waiters[work] & ~applied[work];
    mine = 0;
    if
    :: scoped ->
      ForgetFirst(work);
      if
      :: targets[work] != 0 -> QueueAgain()
      :: else -> End(work)
      fi
    :: !scoped && JOINED != 0 -> mine = JOINED
    :: else -> End(work)
    fi;
    UNLOCK(DIGEST_OF(work))
  }
  atomic {
    Settle(refused, 0);
    refused = 0;
    Settle(now_answered, says);
    now_answered = 0
  }
}

inline HandBack(r) {
  atomic {
    LOCK(DIGEST_OF(r));
    refused = waiters[r];
    waiters[r] = 0;
    End(r);
    UNLOCK(DIGEST_OF(r))
  }
  atomic {
    Settle(refused, 0);
    refused = 0
  }
}

inline GiveUpIn(r) {
  refused = refused | waiters[r];
  waiters[r] = 0;
  if
  :: RUN0(r) != NONE -> cancelled[RUN0(r)] = true
  :: else
  fi;
  if
  :: RUN1(r) != NONE -> cancelled[RUN1(r)] = true
  :: else
  fi
}

inline GiveUp(digest) {
  atomic {
    LOCK(digest);
    refused = 0;
    GiveUpIn(REQUEST_OF(digest, 0));
    GiveUpIn(REQUEST_OF(digest, 1));
    UNLOCK(digest)
  }
  atomic {
    Settle(refused, 0);
    refused = 0
  }
}
