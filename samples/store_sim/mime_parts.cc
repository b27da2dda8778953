// SPDX-License-Identifier: Apache-2.0
#include "mime_parts.h"

#include <strings.h>
#include <algorithm>
#include <array>

#include "boundary_checks.h"
#include "doubts.h"
#include "embedded.h"
#include "gmime.h"
#include "lines.h"
#include "mime_checks.h"
#include "parser_warnings.h"

namespace store_sim {
namespace {

struct OptionsFree {
  void operator()(GMimeParserOptions* options) const { g_mime_parser_options_free(options); }
};

// A parsed message whose contents are bounded views into the stream of the raw bytes.
GObjectPtr<GMimeMessage> Parse(const ViewStream& stream, Doubts& doubts) {
  const std::unique_ptr<GMimeParserOptions, OptionsFree> options(g_mime_parser_options_new());
  g_mime_parser_options_set_warning_callback(options.get(), OnParserWarning, &doubts);
  const GObjectPtr<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  g_mime_parser_set_persist_stream(parser.get(), TRUE);
  return GObjectPtr<GMimeMessage>(g_mime_parser_construct_message(parser.get(), options.get()));
}

// As it stands in the message, or empty.
std::string_view RawHeader(GMimeObject* object, const char* name) {
  GMimeHeader* header = g_mime_header_list_get_header(g_mime_object_get_header_list(object), name);
  const char* value = header ? g_mime_header_get_raw_value(header) : nullptr;
  return value ? value : "";
}

bool Contains(std::string_view text, const char* word) {
  return strcasestr(std::string(text).c_str(), word) != nullptr;
}

// Mail programs write a hint for those that know no MIME.
bool IsHarmlessPrologue(std::string_view prologue) {
  constexpr std::array<const char*, 6> kHints{"this is a multi-part message",
                                              "this is a multipart message",
                                              "this is a mime",
                                              "this is a cryptographically signed message",
                                              "this is an openpgp/mime",
                                              "this is a message in mime"};
  const std::string_view text = Trimmed(prologue);
  return text.size() <= 256 && std::any_of(kHints.begin(), kHints.end(), [&](const char* hint) {
           return g_ascii_strncasecmp(text.data(), hint, std::min(text.size(), strlen(hint))) == 0;
         });
}

// Parts of these types hold texts, never a message or a file.
bool IsReport(std::string_view type) {
  constexpr std::array<std::string_view, 4> kReports{
      "message/delivery-status", "message/disposition-notification", "message/feedback-report",
      "message/global-delivery-status"};
  return std::find(kReports.begin(), kReports.end(), type) != kReports.end();
}

bool IsNameOfMessage(const std::string& name) {
  constexpr std::array<std::string_view, 4> kEnds{".eml", ".mht", ".mhtml", ".nws"};
  const GText lower(g_ascii_strdown(name.c_str(), -1));
  const std::string_view text = Trimmed(lower.get());
  return std::any_of(kEnds.begin(), kEnds.end(), [&](auto end) { return text.ends_with(end); });
}

// Walks the tree that GMime made, writes down the leaves and what is doubtful about them.
class Walk {
 public:
  Walk(std::string_view raw, Doubts& doubts) : raw_(raw), doubts_(doubts) {}

  // As in IMAP, the only part of a message is number 1 of it; a multipart has no number of its own.
  void Message(GMimeMessage* message, const std::string& path) {
    GMimeObject* top = message ? g_mime_message_get_mime_part(message) : nullptr;
    if (!top) return doubts_.Add("a message without a body");
    if (GMIME_IS_MULTIPART(top)) return Object(top, path);
    Object(top, path.empty() ? "1" : path + ".1");
  }

  void CheckStructure() {
    StructureCheck check;
    uint64_t end = 0;
    for (const Part& part : parts_) {
      if (part.offset < end) continue;
      Gap(check, raw_.substr(end, part.offset - end));
      end = part.offset + part.size;
    }
    Gap(check, raw_.substr(end));
    check.Report(doubts_);
  }

  // After everything else: what a part holds matters more where its borders are in doubt.
  void CheckInsideOfParts() {
    for (const Part& part : parts_) {
      const std::string_view span = raw_.substr(part.offset, part.size);
      if (boundaries_.AnyIn(span))
        doubts_.AddNotCovered("a line of a part that begins like a boundary");
      if (!doubts_.empty() && HasMimeFields(span)) {
        doubts_.AddNotCovered("MIME header fields in a part, and its borders are in doubt");
      }
    }
  }

  std::vector<Part>& parts() { return parts_; }

 private:
  void Gap(StructureCheck& check, std::string_view gap) {
    check.Add(gap);
    if (boundaries_.AnyInexactIn(gap)) doubts_.AddNotCovered("a line that is almost a boundary");
  }

  void Object(GMimeObject* object, const std::string& path) {
    CheckTwice(object);
    if (GMIME_IS_MULTIPART(object)) {
      Multipart(GMIME_MULTIPART(object), path);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
      CheckPlain(object);
      Message(g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)), path);
    } else if (GMIME_IS_PART(object)) {
      Leaf(GMIME_PART(object), path);
    }
  }

  void Multipart(GMimeMultipart* multipart, const std::string& path) {
    GMimeObject* object = GMIME_OBJECT(multipart);
    CheckPlain(object);
    const char* boundary = g_mime_multipart_get_boundary(multipart);
    const std::string_view declared = boundary ? boundary : "";
    boundaries_.Add(declared);
    if (const char* flaw = FlawOfMultipartType(RawHeader(object, "Content-Type"), declared)) {
      doubts_.AddNotCovered(flaw);
    }
    const int count = g_mime_multipart_get_count(multipart);
    for (int i = 0; i < count; ++i) {
      const std::string number = std::to_string(i + 1);
      Object(g_mime_multipart_get_part(multipart, i), path.empty() ? number : path + "." + number);
    }
    CheckFaces(multipart);
  }

  // Other mail programs decode it first and take it apart then.
  void CheckPlain(GMimeObject* object) {
    const DeclaredEncoding encoding = EncodingOf(object);
    if (!encoding.known || encoding.encoding != TransferEncoding::kIdentity) {
      doubts_.AddNotCovered("an encoded multipart or message");
    }
  }

  // The first one counts here, the last one elsewhere.
  void CheckTwice(GMimeObject* object) {
    GMimeHeaderList* headers = g_mime_object_get_header_list(object);
    for (const char* name : {"Content-Type", "Content-Transfer-Encoding"}) {
      const std::string_view first = RawHeader(object, name);
      for (int i = 0; i < g_mime_header_list_get_count(headers); ++i) {
        GMimeHeader* header = g_mime_header_list_get_header_at(headers, i);
        if (g_ascii_strcasecmp(g_mime_header_get_name(header), name) != 0) continue;
        const char* value = g_mime_header_get_raw_value(header);
        if (value && Trimmed(value) != Trimmed(first)) {
          doubts_.AddNotCovered("header fields that contradict each other");
        }
      }
    }
  }

  // What stands before the first boundary and after the last one is shown by no mail program, but
  // may be found by one that reads the boundaries differently.
  void CheckFaces(GMimeMultipart* multipart) {
    const char* prologue = g_mime_multipart_get_prologue(multipart);
    const char* epilogue = g_mime_multipart_get_epilogue(multipart);
    if (prologue && !Trimmed(prologue).empty() && !IsHarmlessPrologue(prologue)) {
      OutsideText(prologue, "text before the first boundary");
    }
    if (epilogue && !Trimmed(epilogue).empty()) {
      OutsideText(epilogue, "text after the last boundary");
    }
  }

  void OutsideText(std::string_view text, const std::string& what) {
    const Embedded found = FindEmbedded(text);
    const bool covered =
        found.files.empty() && !found.flaw && !HasMimeFields(text) && !boundaries_.AnyIn(text);
    covered ? doubts_.Add(what) : doubts_.AddNotCovered(what + " that may be a part");
  }

  void Leaf(GMimePart* leaf, const std::string& path) {
    if (parts_.size() >= kMostParts) return doubts_.AddNotCovered("more than 10,000 parts");
    Part part;
    part.path = path;
    GMimeObject* object = GMIME_OBJECT(leaf);
    const GText type(g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object)));
    part.content_type = ValidUtf8(type.get());
    part.name = ValidUtf8(g_mime_part_get_filename(leaf));
    part.kind = KindOf(leaf, part.name);
    const DeclaredEncoding encoding = EncodingOf(object);
    part.encoding = encoding.encoding;
    if (!encoding.known) doubts_.AddNotCovered("an unknown transfer encoding");
    SetSpan(g_mime_part_get_content(leaf), part);
    CheckEncoding(part);
    CheckType(object, part);
    parts_.push_back(part);
    if (g_mime_content_type_is_type(g_mime_object_get_content_type(object), "text", "*")) {
      AddEmbedded(part);
    }
  }

  // A body is shown as a text, whose other reading the whole message covers.
  void CheckEncoding(const Part& part) {
    const EncodingFlaw flaw = FlawOf(raw_.substr(part.offset, part.size), part.encoding);
    if (!flaw.text) return;
    const bool is_text =
        part.kind == PartKind::kBody && part.encoding == TransferEncoding::kQuotedPrintable;
    flaw.covered || (is_text && flaw.covered_in_text) ? doubts_.Add(flaw.text)
                                                      : doubts_.AddNotCovered(flaw.text);
  }

  // Is the leaf a message or a multipart for others?
  void CheckType(GMimeObject* object, const Part& part) {
    const GText type(g_ascii_strdown(part.content_type.c_str(), -1));
    if (IsReport(type.get())) {
      if (HasMimeFields(Beginning(part))) doubts_.AddNotCovered("MIME header fields in a report");
      return;
    }
    const std::string_view declared = RawHeader(object, "Content-Type");
    const bool by_type = Contains(declared, "multipart") || Contains(declared, "message/") ||
                         Contains(declared, "rfc822;") || Contains(declared, "application/mime");
    const bool by_bytes = part.kind == PartKind::kAttachment && LooksLikeMessage(Beginning(part));
    if (by_type || by_bytes || IsNameOfMessage(part.name)) {
      doubts_.AddNotCovered("a message in a part that is not taken apart");
    }
  }

  std::string Beginning(const Part& part) const {
    constexpr uint64_t kEnough = 1 << 16;
    return Decode(raw_.substr(part.offset, std::min(part.size, kEnough)), part.encoding);
  }

  // Files that a mail program offers as attachments although they stand in the text.
  void AddEmbedded(const Part& text) {
    const bool plain = text.encoding == TransferEncoding::kIdentity;
    const std::string decoded = plain ? std::string() : Decode(raw_, text);
    const Embedded found =
        FindEmbedded(plain ? raw_.substr(text.offset, text.size) : std::string_view(decoded));
    if (found.flaw) doubts_.AddNotCovered(found.flaw);
    if (found.files.empty() || text.encoding == TransferEncoding::kUuencode) return;
    if (!plain) return doubts_.AddNotCovered("a uuencoded file in an encoded text");
    doubts_.Add("a uuencoded file in a text");
    for (size_t i = 0; i < found.files.size(); ++i) {
      AddFile(text, found.files[i], text.path + "." + std::to_string(i + 1));
    }
  }

  void AddFile(const Part& text, const UuBlock& file, const std::string& path) {
    if (parts_.size() >= kMostParts) return doubts_.AddNotCovered("more than 10,000 parts");
    Part part;
    part.path = path;
    part.kind = PartKind::kAttachment;
    part.content_type = "application/octet-stream";
    part.name = ValidUtf8(file.name.c_str());
    part.encoding = TransferEncoding::kUuencode;
    part.offset = text.offset + file.offset;
    part.size = file.size;
    if (Decode(raw_, part).size() != file.decoded_size) {
      doubts_.AddNotCovered("a uuencoded file in a text that does not keep the rules");
    }
    parts_.push_back(std::move(part));
  }

  static DeclaredEncoding EncodingOf(GMimeObject* object) {
    return ParseTransferEncoding(RawHeader(object, "Content-Transfer-Encoding"));
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
  BoundaryLines boundaries_;
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
  if (refusal) doubts.AddNotCovered(refusal);
  if (header.find(':') == std::string_view::npos) doubts.Add("no proper header");
  const GObjectPtr<GMimeMessage> message = Parse(stream, doubts);

  TakenApart result;
  Walk walk(raw, doubts);
  if (message) result.details = ReadDetails(message.get());
  if (!refusal) {
    walk.Message(message.get(), "");
    walk.CheckStructure();
    walk.CheckInsideOfParts();
  }
  result.parts = std::move(walk.parts());
  result.unclean_reason = doubts.Text();
  result.covered = doubts.covered();
  if (!result.unclean_reason.empty()) result.parts.insert(result.parts.begin(), Whole(raw));
  return result;
}

std::string Decode(std::string_view raw, const Part& part) {
  return Decode(raw.substr(part.offset, part.size), part.encoding);
}

}  // namespace store_sim
