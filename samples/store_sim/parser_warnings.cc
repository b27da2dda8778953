// SPDX-License-Identifier: Apache-2.0
#include "parser_warnings.h"

#include <cstring>

namespace store_sim {
namespace {

// nullptr for what changes neither the parts nor their bytes.
const char* TextOf(GMimeParserWarning warning) {
  switch (warning) {
    case GMIME_WARN_UNENCODED_8BIT_HEADER:
    case GMIME_WARN_INVALID_RFC2047_HEADER_VALUE:
    case GMIME_WARN_INVALID_ADDRESS_LIST:
      return nullptr;
    case GMIME_WARN_DUPLICATED_HEADER:
      return "a header field twice";
    case GMIME_WARN_DUPLICATED_PARAMETER:
      return "a header parameter twice";
    case GMIME_WARN_INVALID_CONTENT_TYPE:
      return "an invalid Content-Type";
    case GMIME_WARN_INVALID_PARAMETER:
      return "an invalid header parameter";
    case GMIME_WARN_MALFORMED_MULTIPART:
      return "a multipart without end";
    case GMIME_WARN_TRUNCATED_MESSAGE:
      return "its end is missing";
    case GMIME_WARN_MALFORMED_MESSAGE:
      return "no proper header";
    case GMIME_CRIT_INVALID_HEADER_NAME:
      return "an invalid header field";
    case GMIME_CRIT_CONFLICTING_HEADER:
      return "header fields that contradict each other";
    case GMIME_CRIT_CONFLICTING_PARAMETER:
      return "header parameters that contradict each other";
    case GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY:
      return "a multipart without boundary";
    case GMIME_CRIT_NESTING_OVERFLOW:
      return "too many levels of parts within parts";
    case GMIME_WARN_PART_WITHOUT_CONTENT:
      return "a part without content";
    case GMIME_CRIT_PART_WITHOUT_HEADERS_OR_CONTENT:
      return "an empty part";
  }
  return "a flaw that GMime doesn't name";
}

// `item` is the header field or the like; does it say what the parts are?
bool IsCovered(GMimeParserWarning warning, const gchar* item) {
  switch (warning) {
    case GMIME_CRIT_CONFLICTING_HEADER:
    case GMIME_CRIT_INVALID_HEADER_NAME:
      return item && !strcasestr(item, "content");
    case GMIME_CRIT_CONFLICTING_PARAMETER:
    case GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY:
    case GMIME_CRIT_NESTING_OVERFLOW:
      return false;
    default:
      return true;
  }
}

}  // namespace

void OnParserWarning(gint64 offset, GMimeParserWarning warning, const gchar* item, gpointer to) {
  const char* text = TextOf(warning);
  if (!text) return;
  ParserNotes& notes = *static_cast<ParserNotes*>(to);
  IsCovered(warning, item) ? notes.doubts.Add(text) : notes.doubts.AddNotCovered(text);
  if (warning == GMIME_WARN_MALFORMED_MULTIPART) notes.without_end.insert(offset);
}

}  // namespace store_sim
