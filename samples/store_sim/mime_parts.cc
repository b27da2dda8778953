// SPDX-License-Identifier: Apache-2.0
#include "mime_parts.h"

#include <algorithm>

#include "gmime.h"
#include "mime_checks.h"

namespace store_sim {
namespace {

// Ordinary multiparts say "This is a multi-part message in MIME format." before the first boundary.
constexpr size_t kLongestPrologue = 256;

// Why a message is unclean: the first few reasons.
class Doubts {
 public:
  void Add(const std::string& reason) {
    constexpr size_t kMost = 3;
    if (std::find(reasons_.begin(), reasons_.end(), reason) != reasons_.end()) return;
    if (reasons_.size() < kMost) reasons_.push_back(reason);
  }
  std::string Text() const {
    std::string text;
    for (const std::string& reason : reasons_) text += (text.empty() ? "" : "; ") + reason;
    return text;
  }

 private:
  std::vector<std::string> reasons_;
};

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
      return "a multipart without parts";
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

void OnWarning(gint64, GMimeParserWarning warning, const gchar*, gpointer doubts) {
  if (const char* text = TextOf(warning)) static_cast<Doubts*>(doubts)->Add(text);
}

struct OptionsFree {
  void operator()(GMimeParserOptions* options) const { g_mime_parser_options_free(options); }
};

// A parsed message whose contents are bounded views into the stream of the raw bytes.
GObjectPtr<GMimeMessage> Parse(const ViewStream& stream, Doubts& doubts) {
  const std::unique_ptr<GMimeParserOptions, OptionsFree> options(g_mime_parser_options_new());
  g_mime_parser_options_set_warning_callback(options.get(), OnWarning, &doubts);
  const GObjectPtr<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  g_mime_parser_set_persist_stream(parser.get(), TRUE);
  return GObjectPtr<GMimeMessage>(g_mime_parser_construct_message(parser.get(), options.get()));
}

const char* Header(GMimeObject* object, const char* name) {
  const char* value = g_mime_object_get_header(object, name);
  return value ? value : "";
}

// Walks the tree that GMime made, writes down the leaves and what is doubtful about them.
class Walk {
 public:
  Walk(std::string_view raw, Doubts& doubts) : raw_(raw), doubts_(doubts) {}

  // As in IMAP, the only part of a message is number 1 of it; a multipart has no number of its own.
  void Message(GMimeMessage* message, const std::string& path) {
    GMimeObject* top = message ? g_mime_message_get_mime_part(message) : nullptr;
    if (!top) return doubts_.Add("a message without a body");
    if (GMIME_IS_MULTIPART(top)) return Multipart(GMIME_MULTIPART(top), path);
    Object(top, path.empty() ? "1" : path + ".1");
  }

  void CheckStructure() {
    StructureCheck check;
    uint64_t end = 0;
    for (const Part& part : parts_) {
      if (part.offset < end) continue;
      check.Add(raw_.substr(end, part.offset - end));
      end = part.offset + part.size;
    }
    check.Add(raw_.substr(end));
    if (const char* flaw = check.flaw()) doubts_.Add(flaw);
  }

  std::vector<Part>& parts() { return parts_; }

 private:
  void Object(GMimeObject* object, const std::string& path) {
    if (GMIME_IS_MULTIPART(object)) {
      Multipart(GMIME_MULTIPART(object), path);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
      Message(g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)), path);
    } else if (GMIME_IS_PART(object)) {
      Leaf(GMIME_PART(object), path);
    }
  }

  void Multipart(GMimeMultipart* multipart, const std::string& path) {
    CheckFaces(multipart);
    if (!EncodingOf(GMIME_OBJECT(multipart)).known) doubts_.Add("an unknown transfer encoding");
    const int count = g_mime_multipart_get_count(multipart);
    for (int i = 0; i < count; ++i) {
      const std::string number = std::to_string(i + 1);
      Object(g_mime_multipart_get_part(multipart, i), path.empty() ? number : path + "." + number);
    }
  }

  // What stands before the first boundary and after the last one is shown by no mail program, but
  // may be found by one that reads the boundaries differently.
  void CheckFaces(GMimeMultipart* multipart) {
    const char* prologue = g_mime_multipart_get_prologue(multipart);
    const char* epilogue = g_mime_multipart_get_epilogue(multipart);
    if (prologue && std::string_view(prologue).size() > kLongestPrologue) {
      doubts_.Add("text before the first boundary");
    }
    if (epilogue && std::string_view(epilogue).find_first_not_of(" \t\r\n") != std::string::npos) {
      doubts_.Add("text after the last boundary");
    }
  }

  void Leaf(GMimePart* leaf, const std::string& path) {
    if (parts_.size() >= kMostParts) return doubts_.Add("more than 10,000 parts");
    Part part;
    part.path = path;
    GMimeObject* object = GMIME_OBJECT(leaf);
    const GText type(g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object)));
    part.content_type = ValidUtf8(type.get());
    part.name = ValidUtf8(g_mime_part_get_filename(leaf));
    part.kind = KindOf(leaf, part.name);
    const DeclaredEncoding encoding = EncodingOf(object);
    part.encoding = encoding.encoding;
    if (!encoding.known) doubts_.Add("an unknown transfer encoding");
    SetSpan(g_mime_part_get_content(leaf), part);
    const char* flaw = FlawOf(raw_.substr(part.offset, part.size), part.encoding);
    if (flaw) doubts_.Add(flaw);
    parts_.push_back(std::move(part));
  }

  static DeclaredEncoding EncodingOf(GMimeObject* object) {
    return ParseTransferEncoding(Header(object, "Content-Transfer-Encoding"));
  }

  static PartKind KindOf(GMimePart* leaf, const std::string& name) {
    GMimeContentType* type = g_mime_object_get_content_type(GMIME_OBJECT(leaf));
    const bool text = g_mime_content_type_is_type(type, "text", "*");
    const bool attached = g_mime_part_is_attachment(leaf) || !name.empty();
    return text && !attached ? PartKind::kBody : PartKind::kAttachment;
  }

  void SetSpan(GMimeDataWrapper* content, Part& part) {
    GMimeStream* stream = content ? g_mime_data_wrapper_get_stream(content) : nullptr;
    if (!stream) return;
    const auto raw_size = static_cast<gint64>(raw_.size());
    const gint64 start = std::clamp<gint64>(stream->bound_start, 0, raw_size);
    const gint64 end = stream->bound_end < 0 ? raw_size : stream->bound_end;
    part.offset = static_cast<uint64_t>(start);
    part.size = static_cast<uint64_t>(std::clamp(end, start, raw_size) - start);
  }

  const std::string_view raw_;
  Doubts& doubts_;
  std::vector<Part> parts_;
};

Part Whole(std::string_view raw) {
  Part part;
  part.path = "0";
  part.kind = PartKind::kWhole;
  part.content_type = "message/rfc822";
  part.size = raw.size();
  return part;
}

}  // namespace

TakenApart TakeApart(std::string_view raw) {
  const char* refusal = WhyNotTakeApart(raw);
  const std::string_view header = HeaderOf(raw);
  const ViewStream stream(!refusal ? raw : WhyNotTakeApart(header) ? std::string_view() : header);
  Doubts doubts;
  if (refusal) doubts.Add(refusal);
  if (header.find(':') == std::string_view::npos) doubts.Add("no proper header");
  const GObjectPtr<GMimeMessage> message = Parse(stream, doubts);

  TakenApart result;
  Walk walk(raw, doubts);
  if (message) result.details = ReadDetails(message.get());
  if (!refusal) {
    walk.Message(message.get(), "");
    walk.CheckStructure();
  }
  result.parts = std::move(walk.parts());
  result.unclean_reason = doubts.Text();
  if (!result.unclean_reason.empty()) result.parts.insert(result.parts.begin(), Whole(raw));
  return result;
}

std::string Decode(std::string_view raw, const Part& part) {
  return Decode(raw.substr(part.offset, part.size), part.encoding);
}

}  // namespace store_sim
