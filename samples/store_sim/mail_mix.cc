// SPDX-License-Identifier: Apache-2.0
#include "mail_mix.h"

#include <array>

#include "gmime.h"
#include "mail_mix_files.h"

namespace store_sim {
namespace {

struct Person {
  const char* name;
  const char* address;
};

constexpr std::array<Person, 8> kPeople{{
    {"Alice Example", "alice@example.org"},
    {"Jürgen Müller", "juergen@example.org"},
    {"Zoë Núñez", "zoe@example.net"},
    {"Иван Петров", "ivan@example.net"},
    {"山田太郎", "taro@example.com"},
    {"Bob Sample", "bob@example.com"},
    {"Carol O'Neil", "carol@example.com"},
    {"", "office@example.org"},
}};

constexpr std::array kBodyEncodings{GMIME_CONTENT_ENCODING_8BIT, GMIME_CONTENT_ENCODING_BASE64,
                                    GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE};

GObjectPtr<GMimePart> NewPart(const std::string& type, std::string_view bytes,
                              GMimeContentEncoding encoding) {
  const size_t slash = type.find('/');
  GObjectPtr<GMimePart> part(
      g_mime_part_new_with_type(type.substr(0, slash).c_str(), type.substr(slash + 1).c_str()));
  const GObjectPtr<GMimeStream> stream(
      g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
  const GObjectPtr<GMimeDataWrapper> content(
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part.get(), content.get());
  g_mime_part_set_content_encoding(part.get(), encoding);
  return part;
}

GObjectPtr<GMimePart> NewText(const char* type, std::string_view text,
                              GMimeContentEncoding encoding) {
  GObjectPtr<GMimePart> part = NewPart(type, text, encoding);
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
  return part;
}

GObjectPtr<GMimePart> NewAttachment(const MixFile& file) {
  GObjectPtr<GMimePart> part = NewPart(file.type, file.bytes, GMIME_CONTENT_ENCODING_BASE64);
  g_mime_object_set_disposition(GMIME_OBJECT(part.get()), "attachment");
  g_mime_part_set_filename(part.get(), file.name.c_str());
  return part;
}

// The boundary is made of the message's number: GMime's own are random.
GObjectPtr<GMimeMultipart> NewMultipart(const char* subtype, uint64_t number) {
  GObjectPtr<GMimeMultipart> multipart(g_mime_multipart_new_with_subtype(subtype));
  const std::string boundary = std::string("=-") + subtype + "-" + std::to_string(number);
  g_mime_multipart_set_boundary(multipart.get(), boundary.c_str());
  return multipart;
}

template <typename T>
void AddTo(const GObjectPtr<GMimeMultipart>& multipart, const GObjectPtr<T>& part) {
  g_mime_multipart_add(multipart.get(), GMIME_OBJECT(part.get()));
}

GObjectPtr<GMimeMessage> NewMessage(MixRandom& random, uint64_t number,
                                    const std::string& subject) {
  GObjectPtr<GMimeMessage> message(g_mime_message_new(TRUE));
  const auto add = [&](GMimeAddressType field) {
    const Person person = random.Pick(kPeople);
    g_mime_message_add_mailbox(message.get(), field, *person.name ? person.name : nullptr,
                               person.address);
  };
  add(GMIME_ADDRESS_TYPE_FROM);
  add(GMIME_ADDRESS_TYPE_TO);
  if (random.Percent(30)) add(GMIME_ADDRESS_TYPE_CC);
  g_mime_message_set_subject(message.get(), subject.c_str(), "utf-8");
  g_mime_message_set_message_id(message.get(),
                                ("mix." + std::to_string(number) + "@example.org").c_str());
  constexpr gint64 kFirst = 1'700'000'000;
  constexpr uint64_t kHours = 8'760;
  GDateTime* const date =
      g_date_time_new_from_unix_utc(kFirst + static_cast<gint64>(number % kHours) * 3'600);
  g_mime_message_set_date(message.get(), date);
  g_date_time_unref(date);
  return message;
}

template <typename T>
void SetBody(const GObjectPtr<GMimeMessage>& message, const GObjectPtr<T>& body) {
  g_mime_message_set_mime_part(message.get(), GMIME_OBJECT(body.get()));
}

std::string Written(const GObjectPtr<GMimeMessage>& message) {
  const GText text(g_mime_object_to_string(GMIME_OBJECT(message.get()), nullptr));
  return text.get();
}

}  // namespace

// In two pieces, so that no file of ours holds the test file.
std::string EicarBytes() {
  std::string eicar = R"(X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR)";
  eicar += "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
  return eicar;
}

MailMix::MailMix(uint64_t seed) : random_(seed) {
  StartGMime();
  for (const size_t size : {15'000u, 30'000u, 60'000u}) shared_files_.push_back(File(size));
}

std::string MailMix::Next() {
  ++number_;
  const size_t size = Size();
  const uint64_t kind = random_.Below(100);
  if (size < 10'000 || kind < 25) return Plain(size);
  if (kind < 50) return Newsletter(size);
  if (kind < 90) return WithFile(size);
  return Forward(size);
}

size_t MailMix::Size() {
  const uint64_t share = random_.Below(100);
  if (share < 90) return random_.Between(10'000, 99'000);
  if (share < 96) return random_.Between(100'000, 490'000);
  if (share < 98) return random_.Between(500'000, 990'000);
  if (share < 99) return random_.Between(1'000'000, 1'950'000);
  return random_.Between(500, 9'000);
}

// Encoded bytes are a third more than the bytes themselves, and a header takes some too.
MixFile MailMix::File(size_t size) {
  const size_t bytes = size * 73 / 100;
  switch (random_.Below(5)) {
    case 0:
      return {"minutes.txt", "text/plain", random_.Prose(bytes)};
    case 1:
      return {"Übersicht.csv", "text/csv", MakeCsv(random_, bytes)};
    case 2:
      return {"invoice.pdf", "application/pdf", MakePdf(random_, bytes)};
    case 3:
      return {"photo.png", "image/png", MakePng(random_, bytes)};
    default:
      return {"files.zip", "application/zip", MakeZip("data.bin", random_.Bytes(bytes))};
  }
}

std::string MailMix::Plain(size_t size) {
  const bool reply = random_.Percent(50);
  const auto message = NewMessage(random_, number_, (reply ? "Re: " : "") + random_.Sentence());
  if (reply && number_ > 1) {
    const std::string previous = "<mix." + std::to_string(number_ - 1) + "@example.org>";
    g_mime_object_set_header(GMIME_OBJECT(message.get()), "In-Reply-To", previous.c_str(), nullptr);
  }
  const GMimeContentEncoding encoding = random_.Pick(kBodyEncodings);
  const size_t bytes =
      encoding == GMIME_CONTENT_ENCODING_BASE64 ? size * 73 / 100 : size * 95 / 100;
  SetBody(message, NewText("text/plain", random_.Prose(bytes), encoding));
  return Written(message);
}

std::string MailMix::Newsletter(size_t size) {
  const auto message = NewMessage(random_, number_, "Newsletter: " + random_.Sentence());
  GMimeObject* object = GMIME_OBJECT(message.get());
  g_mime_object_set_header(object, "List-Id", "<news.example.org>", nullptr);
  g_mime_object_set_header(object, "Precedence", "bulk", nullptr);
  const std::string prose = random_.Prose(size * 45 / 100);
  const auto alternative = NewMultipart("alternative", number_);
  AddTo(alternative, NewText("text/plain", prose, GMIME_CONTENT_ENCODING_8BIT));
  AddTo(alternative, NewText("text/html", "<html><body><p>" + prose + "</p></body></html>\n",
                             GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE));
  SetBody(message, alternative);
  return Written(message);
}

std::string MailMix::WithFile(size_t size) {
  if (size < 100'000 && random_.Percent(30)) return Carry(random_.Pick(shared_files_));
  return Carry(File(size));
}

std::string MailMix::Forward(size_t size) {
  const auto inner = NewMessage(random_, number_ + 1'000'000'000, random_.Sentence());
  SetBody(inner, NewText("text/plain", random_.Prose(size * 80 / 100),
                         GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE));
  const auto outer = NewMessage(random_, number_, "Fwd: " + random_.Sentence());
  const auto mixed = NewMultipart("mixed", number_);
  AddTo(mixed, NewText("text/plain", random_.Prose(200), GMIME_CONTENT_ENCODING_8BIT));
  const GObjectPtr<GMimeMessagePart> part(
      g_mime_message_part_new_with_message("rfc822", inner.get()));
  AddTo(mixed, part);
  SetBody(outer, mixed);
  return Written(outer);
}

std::string MailMix::Carry(const MixFile& file) {
  const auto message = NewMessage(random_, number_, random_.Sentence());
  const auto mixed = NewMultipart("mixed", number_);
  AddTo(mixed, NewText("text/plain", random_.Prose(300), random_.Pick(kBodyEncodings)));
  AddTo(mixed, NewAttachment(file));
  SetBody(message, mixed);
  return Written(message);
}

std::vector<std::string> MailMix::Eicar() {
  const auto plain = NewMessage(random_, ++number_, "EICAR as text");
  SetBody(plain, NewText("text/plain", EicarBytes(), GMIME_CONTENT_ENCODING_7BIT));
  ++number_;
  const std::string raw = Carry({"eicar.com", "application/octet-stream", EicarBytes()});
  ++number_;
  const std::string zipped =
      Carry({"eicar.zip", "application/zip", MakeZip("eicar.com", EicarBytes())});
  const auto inner = NewMessage(random_, ++number_, "EICAR inside");
  SetBody(inner, NewAttachment({"eicar.com", "application/octet-stream", EicarBytes()}));
  const auto outer = NewMessage(random_, ++number_, "Fwd: EICAR inside");
  const auto mixed = NewMultipart("mixed", number_);
  const GObjectPtr<GMimeMessagePart> part(
      g_mime_message_part_new_with_message("rfc822", inner.get()));
  AddTo(mixed, NewText("text/plain", "see below\n", GMIME_CONTENT_ENCODING_7BIT));
  AddTo(mixed, part);
  SetBody(outer, mixed);
  return {Written(plain), raw, zipped, Written(outer)};
}

}  // namespace store_sim
