/* SPDX-License-Identifier: Apache-2.0
 *
 * The ground that every other header of the vendor contract stands on: version, export and
 * calling-convention macros, the status of a call, and the rule for growing data.
 *
 * Conventions of the whole contract
 * ---------------------------------
 * Growth     Data structs begin with `struct_size`, set by whoever fills the struct, and only ever
 *            gain fields at the end; read a younger field only if VSAPI_HAS_FIELD says that it is
 *            there. The elements of an array lie `array[0].struct_size` bytes apart: VSAPI_AT finds
 *            them. Function tables are frozen for a major version. A new ability is an extension,
 *            asked for by id and revision ("vsapi.signatures/1").
 * Memory     Freed by the side that allocated it. What goes into a call is valid until the call
 *            returns, unless the function says otherwise.
 * Text       UTF-8, NUL-terminated, unless a size stands beside it.
 * Errors     Functions return a vsapi_status as int32_t. Nothing is thrown or long-jumped across.
 * Threads    Each function pointer carries a role and, after `&`, the state it may be called in:
 *              [control]  the engine's control thread; never two such calls at once for one vendor
 *              [scan]     a thread that carries one scan; many at once, each with its own session
 *              [any]      any thread at any time
 *            Roles are guarantees about concurrency, not names of operating-system threads.
 * Enums      Cross the border as int32_t; the anonymous enums below only name the values.
 */
#ifndef VSAPI_ABI_BASE_H_
#define VSAPI_ABI_BASE_H_

#include <stddef.h>
#include <stdint.h>

/* 0.9 until transport scanning and isolation have used the contract; then frozen as 1.0. While the
 * major version is 0 an engine accepts only its own minor version. */
#define VSAPI_ABI_MAJOR 0
#define VSAPI_ABI_MINOR 9

#if defined(_WIN32)
#define VSAPI_CALL __cdecl
#define VSAPI_EXPORT_SYMBOL __declspec(dllexport)
#else
#define VSAPI_CALL
#define VSAPI_EXPORT_SYMBOL __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#define VSAPI_BEGIN_C extern "C" {
#define VSAPI_END_C }
#else
#define VSAPI_BEGIN_C
#define VSAPI_END_C
#endif

/* Does the struct that `object` points to reach far enough to hold `field`? */
#define VSAPI_HAS_FIELD(object, type, field) \
  ((object)->struct_size >= offsetof(type, field) + sizeof((object)->field))

/* The element `index` of `array`, as `type*`: the other side's struct may be longer than ours. */
#define VSAPI_AT(type, array, index) \
  ((type*)(void*)((char*)(array) + (size_t)(index) * (array)->struct_size))

VSAPI_BEGIN_C

/* How a call went. Says nothing about what was found: that is the verdict (verdict.h). The high
 * byte is the group; an unknown status counts as VSAPI_E_INTERNAL. */
enum {
  VSAPI_OK = 0,

  /* Again: nothing is broken, the same call may succeed later. */
  VSAPI_E_BUSY = 0x101,        /* the vendor or the store is out of some passing resource */
  VSAPI_E_READ_FAILED = 0x102, /* content could not be read to its end */
  VSAPI_E_TIMEOUT = 0x103,     /* the budget ran out before the content was judged */
  VSAPI_E_CANCELLED = 0x104,   /* the caller asked to stop */
  VSAPI_E_NO_ROOM = 0x105,     /* of a store: its disk has no room left */
  VSAPI_E_READ_ONLY = 0x106,   /* of a store: it can't be written, only read */

  /* Broken: the called side is at fault. */
  VSAPI_E_INTERNAL = 0x201,  /* it failed in a way it can't put better */
  VSAPI_E_CONTRACT = 0x202,  /* a rule of this contract was not kept */
  VSAPI_E_NO_MEMORY = 0x203, /* an allocation failed */
  VSAPI_E_DAMAGED = 0x204,   /* of a store: what it holds is not what it was given */

  /* No: an answer, not a failure. */
  VSAPI_E_ABSENT = 0x301,   /* there is no such property, row or extension */
  VSAPI_E_ARGUMENT = 0x302, /* an argument is out of its documented range */
  VSAPI_E_CHANGED = 0x303,  /* the content is no longer the one that was asked about */
  VSAPI_E_GONE = 0x304,     /* the place it was asked of is no longer attached */
  VSAPI_E_STATE = 0x305     /* the call is not allowed in this state of the life cycle */
};

VSAPI_END_C

#endif /* VSAPI_ABI_BASE_H_ */
