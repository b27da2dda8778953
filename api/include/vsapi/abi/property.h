/* SPDX-License-Identifier: Apache-2.0
 *
 * Message details (VSAPI 2.0): what a vendor may want to know about an item beside its bytes, so
 * that an administrator can see what came from whom to whom. Typed, by numeric id, fetched only
 * when asked for. Absent is legal for every one of them. */
#ifndef VSAPI_ABI_PROPERTY_H_
#define VSAPI_ABI_PROPERTY_H_

#include "base.h"

VSAPI_BEGIN_C

/* Property ids; the comment gives the type of the value. Text comes as the message had it, decoded
 * to UTF-8, and may hold anything a sender could write. */
enum {
  VSAPI_PROPERTY_SENDER = 1,            /* text: address of the author */
  VSAPI_PROPERTY_RECIPIENT = 2,         /* text, by index: addresses of To, Cc and Bcc in turn */
  VSAPI_PROPERTY_SUBJECT = 3,           /* text */
  VSAPI_PROPERTY_MESSAGE_ID = 4,        /* text: Internet Message-ID without angle brackets */
  VSAPI_PROPERTY_MAILBOX = 5,           /* text, by index: of each place that holds the message */
  VSAPI_PROPERTY_FOLDER_PATH = 6,       /* text, by the same index, parts separated by '/' */
  VSAPI_PROPERTY_MDB = 7,               /* text: name of the messaging database */
  VSAPI_PROPERTY_SERVER = 8,            /* text */
  VSAPI_PROPERTY_CLIENT_PROTOCOL = 9,   /* text: "imap", "pop3", "owa", "mapi", "smtp" ... */
  VSAPI_PROPERTY_SUBMIT_TIME = 10,      /* integer: nanoseconds since 1970 UTC */
  VSAPI_PROPERTY_DELIVERY_TIME = 11,    /* integer: nanoseconds since 1970 UTC */
  VSAPI_PROPERTY_ATTACHMENT_NAME = 12,  /* text: file name as the message gives it, never a path */
  VSAPI_PROPERTY_CONTENT_TYPE = 13,     /* text: declared type, "application/zip" */
  VSAPI_PROPERTY_PART_PATH = 14,        /* text: place within the message, "2.1"; "0" is the whole message */
  VSAPI_PROPERTY_SIZE = 15,             /* integer: bytes of the decoded content */
  VSAPI_PROPERTY_ORIGIN = 16            /* text: how the message came in, as the host says it */
};

enum { VSAPI_TYPE_TEXT = 1, VSAPI_TYPE_INTEGER = 2 };

/* One value. `text` is valid until the scan returns (vendor side) or until the engine closes the
 * content (host side); it is NUL-terminated and `text_size` bytes long. */
typedef struct vsapi_value {
  uint32_t struct_size;
  int32_t type; /* VSAPI_TYPE_... */
  const char* text;
  size_t text_size;
  int64_t integer;
} vsapi_value;

VSAPI_END_C

#endif /* VSAPI_ABI_PROPERTY_H_ */
