// SPDX-License-Identifier: Apache-2.0
#include "mime_parts.h"

#include <algorithm>

#include "attached_message.h"
#include "boundary_checks.h"
#include "doubts.h"
#include "embedded.h"
#include "gmime.h"
#include "lines.h"
#include "mime_checks.h"
#include "parser_warnings.h"

namespace store_sim {
namespace {

constexpr size_t kMostAttachedLevels = 10;
constexpr char kInAttached[] = "in an attached message: ";

struct OptionsFree {
  void operator()(GMimeParserOptions* options) const { g_mime_parser_options_free(options); }
};

// A parsed message whose contents are bounded views into the stream of the raw bytes.
GObjectPtr<GMimeMessage> Parse(const ViewStream& stream, ParserNotes& notes) {
  const std::unique_ptr<GMimeParserOptions, OptionsFree> options(g_mime_parser_options_new());
  g_mime_parser_options_set_warning_callback(options.get(), OnParserWarning, &notes);
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

// `raw` within `depth` other messages; without a part "0", which its file is in them.
TakenApart TakeApartWithin(std::string_view raw, size_t depth);

// Walks the tree that GMime made, writes down the leaves and what is doubtful about them.
class Walk {
 public:
  Walk(std::string_view raw, size_t depth, ParserNotes& notes)
      : raw_(raw), depth_(depth), doubts_(notes.doubts), without_end_(notes.without_end) {}

  // As in IMAP, the only part of a message is number 1 of it; a multipart has no number of its own.
  void Message(GMimeMessage* message, const std::string& path) {
    GMimeObject* top = message ? g_mime_message_get_mime_part(message) : nullptr;
    if (!top) return doubts_.Add("a message without a body");
    if (GMIME_IS_MULTIPART(top)) return Object(top, path);
    Object(top, path.empty() ? "1" : path + ".1");
  }

  void CheckStructure() {
    if (!without_end_.empty()) doubts_.AddNotCovered("a multipart without end");
    StructureCheck check;
    uint64_t end = 0;
    for (const Part& part : parts_) {
      if (part.container || part.offset < end) continue;
      Gap(check, raw_.substr(end, part.offset - end));
      end = part.offset + part.size;
    }
    Gap(check, raw_.substr(end));
    check.Report(doubts_);
  }

  // After everything else: what a part holds matters more where its borders are in doubt.
  void CheckInsideOfParts() {
    for (const Part& part : parts_) {
      if (part.container) continue;
      const std::string_view span = raw_.substr(part.offset, part.size);
      if (boundaries_.AnyIn(span))
        doubts_.AddNotCovered("a line of a part that begins like a boundary");
      if (!doubts_.empty() && HasMimeFieldsBeforeText(span)) {
        doubts_.AddNotCovered("MIME header fields in a part, and its borders are in doubt");
      }
    }
  }

  // Doubts about an attached message put no border of this one in doubt, so they come last.
  void AddDoubtsWithin() {
    for (const auto& [reason, covered] : within_) {
      covered ? doubts_.Add(reason) : doubts_.AddNotCovered(reason);
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
    // g_mime_multipart_get_boundary would invent a missing one and write the header anew, which
    // never ends where a parameter has a long name.
    const char* boundary = g_mime_object_get_content_type_parameter(object, "boundary");
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
    CheckEnd(object);
  }

  // A bounce may hold the beginning of a message. Whoever does not see that it ends with what holds
  // it would read on into the parts that follow.
  void CheckEnd(GMimeObject* multipart) {
    GMimeHeader* type =
        g_mime_header_list_get_header(g_mime_object_get_header_list(multipart), "Content-Type");
    if (type && without_end_.erase(g_mime_header_get_offset(type)) > 0) cut_off_ = true;
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
    if (cut_off_) doubts_.AddNotCovered("parts after a multipart without end");
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
    parts_.push_back(part);
    CheckAttached(part, RawHeader(object, "Content-Type"));
    if (g_mime_content_type_is_type(g_mime_object_get_content_type(object), "text", "*")) {
      AddEmbedded(part);
    }
  }

  // A body is shown as a text, whose other reading the whole message covers.
  void CheckEncoding(const Part& part) {
    const EncodingFlaw flaw = FlawOf(raw_.substr(part.offset, part.size), part.encoding);
    if (!flaw.text) return;
    const bool is_text = IsBody(part.kind) && part.encoding == TransferEncoding::kQuotedPrintable;
    flaw.covered || (is_text && flaw.covered_in_text) ? doubts_.Add(flaw.text)
                                                      : doubts_.AddNotCovered(flaw.text);
  }

  void CheckAttached(const Part& part, std::string_view declared) {
    const std::string beginning = Beginning(part);
    switch (KindOfAttached(part, declared, beginning)) {
      case Attached::kNothing:
        return;
      case Attached::kReport:
        if (HasMimeFields(beginning)) doubts_.AddNotCovered("MIME header fields in a report");
        return;
      case Attached::kMessage:
        return AddAttached(part);
      case Attached::kOpaque:
        doubts_.AddNotCovered("a message in a part that is not taken apart");
    }
  }

  // The message stays a part of its own, for those who save it as a file; its parts come after it.
  void AddAttached(const Part& file) {
    if (depth_ >= kMostAttachedLevels) {
      return doubts_.AddNotCovered("too many levels of messages in messages");
    }
    const bool plain = file.encoding == TransferEncoding::kIdentity;
    const std::string decoded = plain ? std::string() : Decode(raw_, file);
    const std::string_view bytes = plain ? raw_.substr(file.offset, file.size) : decoded;
    const std::string_view message = MessageOf(bytes);
    if (message.empty() && !bytes.empty()) {
      return doubts_.AddNotCovered("a message in a part that is not taken apart");
    }
    TakenApart apart = TakeApartWithin(message, depth_ + 1);
    if (!apart.unclean_reason.empty()) {
      const bool within_it = apart.unclean_reason.starts_with(kInAttached);
      within_.emplace_back((within_it ? "" : kInAttached) + apart.unclean_reason, apart.covered);
    }
    AddPartsOf(file, bytes.size() - message.size(), std::move(apart.parts));
  }

  // The spans of a plain one count from the beginning of this message, so that nothing need be
  // decoded to get at them.
  void AddPartsOf(const Part& file, uint64_t skipped, std::vector<Part> parts) {
    const size_t index = parts_.size() - 1;
    const bool plain = file.encoding == TransferEncoding::kIdentity;
    for (Part& part : parts) {
      if (parts_.size() >= kMostParts) return doubts_.AddNotCovered("more than 10,000 parts");
      part.path = file.path + "." + part.path;
      if (part.container) {
        *part.container += index + 1;
      } else {
        part.offset += skipped + (plain ? file.offset : 0);
        if (!plain) part.container = index;
      }
      parts_.push_back(std::move(part));
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
    parts_.push_back(part);
    CheckAttached(part, "");
  }

  static DeclaredEncoding EncodingOf(GMimeObject* object) {
    return ParseTransferEncoding(RawHeader(object, "Content-Transfer-Encoding"));
  }

  static PartKind KindOf(GMimePart* leaf, const std::string& name) {
    GMimeContentType* type = g_mime_object_get_content_type(GMIME_OBJECT(leaf));
    const bool text = g_mime_content_type_is_type(type, "text", "*");
    const bool attached = g_mime_part_is_attachment(leaf) || !name.empty();
    if (!text || attached) return PartKind::kAttachment;
    return g_mime_content_type_is_type(type, "text", "rtf") ? PartKind::kRtfBody : PartKind::kBody;
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
  const size_t depth_;  // in attached messages
  Doubts& doubts_;
  std::set<gint64> without_end_;  // not met yet
  bool cut_off_ = false;          // one of them was met
  BoundaryLines boundaries_;
  std::vector<Part> parts_;
  std::vector<std::pair<std::string, bool>> within_;  // doubts about attached messages; covered?
};

void InsertWhole(std::string_view raw, std::vector<Part>& parts) {
  for (Part& part : parts) part.container = part.container ? *part.container + 1 : part.container;
  Part whole;
  whole.path = "0";
  whole.kind = PartKind::kWhole;
  whole.content_type = "message/rfc822";
  whole.size = raw.size();
  parts.insert(parts.begin(), std::move(whole));
}

TakenApart TakeApartWithin(std::string_view raw, size_t depth) {
  const char* refusal = WhyNotTakeApart(raw);
  const std::string_view header = HeaderOf(raw);
  const ViewStream stream(!refusal ? raw : WhyNotTakeApart(header) ? std::string_view() : header);
  ParserNotes notes;
  Doubts& doubts = notes.doubts;
  if (refusal) doubts.AddNotCovered(refusal);
  if (header.find(':') == std::string_view::npos) doubts.Add("no proper header");
  const GObjectPtr<GMimeMessage> message = Parse(stream, notes);

  TakenApart result;
  Walk walk(raw, depth, notes);
  if (message) result.details = ReadDetails(message.get());
  if (!refusal) {
    walk.Message(message.get(), "");
    walk.CheckStructure();
    walk.CheckInsideOfParts();
    walk.AddDoubtsWithin();
  }
  result.parts = std::move(walk.parts());
  if (TakesLongToDecode(result.parts)) {
    doubts.AddNotCovered("too many parts in encoded messages of their size");
  }
  result.unclean_reason = doubts.Text();
  result.covered = doubts.covered();
  return result;
}

}  // namespace

TakenApart TakeApart(std::string_view raw) {
  TakenApart result = TakeApartWithin(raw, 0);
  if (!result.unclean_reason.empty()) InsertWhole(raw, result.parts);
  return result;
}

std::string Decode(std::string_view raw, const Part& part) {
  return Decode(raw.substr(part.offset, part.size), part.encoding);
}

std::string ContentOf(std::string_view raw, const std::vector<Part>& parts, size_t index) {
  const Part& part = parts[index];
  if (!part.container) return Decode(raw, part);
  return Decode(ContentOf(raw, parts, *part.container), part);
}

}  // namespace store_sim
