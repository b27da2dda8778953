/* SPDX-License-Identifier: Apache-2.0
 *
 * A host in plain C that has no store at all: messages on their way, from memory. Proves that
 * transport needs no C++ and no MDB, and that it checks what it is given.
 *
 * usage: transport_in_c_test VENDOR   exits with 1 and says which line was not as expected */
#include <openssl/sha.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vsapi/host/vsapi_host.h>

#define EXPECT(condition)                                                              \
  do {                                                                                 \
    if (!(condition)) {                                                                \
      fprintf(stderr, "%s:%d: not as expected: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                         \
    }                                                                                  \
  } while (0)

enum { PARTS = 2 };

typedef struct mail {
  const char* texts[PARTS]; /* the last one is the message whole */
  atomic_int opened, closed, released;
} mail;

static int32_t open_content(void* self, const vsapi_item* item, vsapi_content* content) {
  mail* const of = self;
  content->data = of->texts[item->key.bytes[0]];
  content->size = item->size;
  ++of->opened;
  return VSAPI_OK;
}
static void close_content(void* self, vsapi_content* content) {
  (void)content;
  ++((mail*)self)->closed;
}
static void release(void* self) { ++((mail*)self)->released; }

static const vsapi_store_table READER = {.struct_size = sizeof READER,
                                         .open_content = open_content,
                                         .close_content = close_content,
                                         .release = release};

static vsapi_message message_of(mail* self, vsapi_item* items) {
  for (uint8_t i = 0; i < PARTS; ++i) {
    memset(&items[i], 0, sizeof items[i]);
    items[i].struct_size = sizeof items[i];
    items[i].kind = i + 1 < PARTS ? VSAPI_ITEM_ATTACHMENT : VSAPI_ITEM_MESSAGE;
    items[i].size = strlen(self->texts[i]);
    SHA256((const unsigned char*)self->texts[i], items[i].size, items[i].digest.bytes);
    items[i].key.size = 1;
    items[i].key.bytes[0] = i;
  }
  const vsapi_message message = {sizeof message, &READER, self, items, PARTS, "id@example.org"};
  return message;
}

typedef struct answer {
  atomic_int calls;
  int32_t answer;
  uint32_t code;
  size_t parts;
  vsapi_stamp stamp; /* of the first part */
} answer;

static void judged(void* context, const vsapi_message_decision* decision) {
  answer* const to = context;
  to->answer = decision->answer;
  to->code = decision->code;
  to->parts = decision->part_count;
  to->stamp = VSAPI_AT(vsapi_part_decision, decision->parts, 0)->stamp;
  ++to->calls;
}

static void judges(vsapi_engine* engine, const char* text, int32_t expected, uint32_t code) {
  mail self = {.texts = {text, "the message whole"}};
  vsapi_item items[PARTS];
  const vsapi_message message = message_of(&self, items);
  answer got = {0};
  EXPECT(vsapi_on_submission(engine, &message, NULL, judged, &got) == VSAPI_OK);
  EXPECT(got.calls == 1 && got.answer == expected && got.code == code && got.parts == PARTS);
  EXPECT(got.stamp.verdict != VSAPI_VERDICT_NONE);
  EXPECT(self.opened == self.closed && self.released == 1);
}

static void refuses_wrong_messages(vsapi_engine* engine) {
  mail self = {.texts = {"text", "whole"}};
  vsapi_item items[PARTS];
  const vsapi_message good = message_of(&self, items);
  answer got = {0};
  vsapi_store_table half = READER;
  half.open_content = NULL;
  vsapi_message wrong = good;
  wrong.reader = NULL;
  EXPECT(vsapi_on_submission(engine, &wrong, NULL, judged, &got) == VSAPI_E_ARGUMENT);
  wrong.reader = &half;
  EXPECT(vsapi_on_submission(engine, &wrong, NULL, judged, &got) == VSAPI_E_ARGUMENT);
  wrong = good;
  wrong.part_count = 0;
  EXPECT(vsapi_on_submission(engine, &wrong, NULL, judged, &got) == VSAPI_E_ARGUMENT);
  wrong = good;
  wrong.struct_size = sizeof wrong.struct_size;
  EXPECT(vsapi_on_submission(engine, &wrong, NULL, judged, &got) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_on_submission(engine, NULL, NULL, judged, &got) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_on_submission(engine, &good, NULL, NULL, &got) == VSAPI_E_ARGUMENT);
  vsapi_submission_options how = {.struct_size = sizeof how, .access = VSAPI_ACCESS_ON_DEMAND};
  EXPECT(vsapi_on_submission(engine, &good, &how, judged, &got) == VSAPI_E_ARGUMENT);
  how.access = VSAPI_ACCESS_TRANSPORT;
  how.struct_size = sizeof how.struct_size;
  EXPECT(vsapi_on_submission_async(engine, &good, &how, judged, &got) == VSAPI_E_ARGUMENT);
  EXPECT(got.calls == 0 && self.released == 0);
}

int main(int count, char** arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: transport_in_c_test VENDOR\n");
    return 2;
  }
  const vsapi_setting settings[] = {
      {"Enabled", "1"}, {"TransportAVAPI\\Enabled", "1"}, {"Library", arguments[1]}};
  vsapi_engine_options options = {0};
  options.struct_size = sizeof options;
  options.settings = settings;
  options.setting_count = sizeof settings / sizeof *settings;
  vsapi_engine* engine = NULL;
  char error[200];
  EXPECT(vsapi_engine_create(&options, &engine, error, sizeof error) == VSAPI_OK);
  judges(engine, "harmless", VSAPI_MESSAGE_DELIVER, 0);
  judges(engine, "INFECTED:Worm.Test", VSAPI_MESSAGE_REJECT, 0x50B);
  refuses_wrong_messages(engine);
  EXPECT(strcmp(vsapi_message_text(VSAPI_MESSAGE_DEFER), "defer") == 0);
  EXPECT(vsapi_engine_shutdown(engine, 60000) == VSAPI_OK);
  vsapi_engine_destroy(engine);
  return 0;
}
