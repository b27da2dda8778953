/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scan found, how far the finding reaches, and why the scan was asked for.
 *
 * Two axes, never mixed: a verdict is meaningful only together with the status VSAPI_OK. An error
 * is never an infection, and what was not wholly read is never clean. */
#ifndef VSAPI_ABI_VERDICT_H_
#define VSAPI_ABI_VERDICT_H_

#include "base.h"

VSAPI_BEGIN_C

/* What was found. An unknown verdict counts as "not clean" (VSAPI_VERDICT_SUSPICIOUS). */
enum {
  VSAPI_VERDICT_NONE = 0,            /* not judged yet; returning it with VSAPI_OK is a broken contract */
  VSAPI_VERDICT_CLEAN = 1,           /* nothing found by these definitions */
  VSAPI_VERDICT_CLEAN_PERMANENT = 2, /* no definitions will ever change it */
  VSAPI_VERDICT_CLEANED = 3,         /* was infected; a replacement without the threat was written */
  VSAPI_VERDICT_INFECTED = 4,        /* a threat was identified */
  VSAPI_VERDICT_SUSPICIOUS = 5,      /* a heuristic says so, no threat was identified */
  VSAPI_VERDICT_BLOCKED = 6,         /* forbidden by the vendor's own policy (name, type, sender) */
  VSAPI_VERDICT_DELETE_MESSAGE = 7,  /* infected, and the vendor orders the whole message deleted */
  VSAPI_VERDICT_ENCRYPTED = 8,       /* could not be looked into for lack of a key */
  VSAPI_VERDICT_OVER_LIMIT = 9,      /* a size, depth or count limit stopped the scan; never a time limit */
  VSAPI_VERDICT_MALFORMED = 10,      /* too damaged to be taken apart */
  VSAPI_VERDICT_UNSUPPORTED = 11     /* a format that the vendor can't open */
};

/* How far the verdict reaches. */
enum {
  VSAPI_SCOPE_CONTENT = 0, /* holds for these bytes wherever they are */
  VSAPI_SCOPE_ITEM = 1     /* name, type or another property decided: holds for this item alone. A
                              vendor with such rules says so of clean results too: the same bytes
                              under another name may not be */
};

/* Why the scan is asked for. */
enum {
  VSAPI_ACCESS_ON_DEMAND = 1,  /* a client opens the item and waits */
  VSAPI_ACCESS_TRANSPORT = 2,  /* the message is about to be sent or delivered */
  VSAPI_ACCESS_PROACTIVE = 3,  /* the item is new in the store; nobody waits */
  VSAPI_ACCESS_BACKGROUND = 4, /* the sweep over a messaging database */
  /* Exempt: released unscanned, and counted. A vendor never sees them. */
  VSAPI_ACCESS_MOVE = 5,        /* administrative move of a mailbox */
  VSAPI_ACCESS_REPLICATION = 6, /* public folder replication */
  VSAPI_ACCESS_BACKUP = 7,
  VSAPI_ACCESS_SYSTEM = 8
};

/* The two lanes of the scan queue. High goes first, always. */
enum { VSAPI_LANE_LOW = 0, VSAPI_LANE_HIGH = 1 };

VSAPI_END_C

#endif /* VSAPI_ABI_VERDICT_H_ */
