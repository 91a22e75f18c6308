/* SPDX-License-Identifier: ISC */
/*
 * ipm_decode_test.c - messages and notifications of others, whole and in bits
 */
#include "tests/unit/mhs/ipm_record.h"
#include "mhs/ipm_oid.h"

/* slurp - read a file of the vectors */
static struct slice
slurp(const char *name, struct arena *arena)
{
	char path[256];
	uint8_t *data;
	size_t len;
	FILE *file;

	snprintf(
	    path, sizeof(path), TEST_SOURCE_DIR "/tests/vectors/ipm/%s", name);
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s", path);
	data = arena_alloc(arena, 1 << 16);
	ck_assert_ptr_nonnull(data);
	len = fread(data, 1, 1 << 16, file);
	fclose(file);
	return slice_of(data, len);
}

/* expect - check that octets decode to this text, however they are cut */
static void
expect(struct slice octets, const char *text)
{
	static const size_t pieces[] = {SIZE_MAX / 2, 1, 2, 3, 7, 64, 1000};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct record record;
		struct diag diag = {0};
		int error;

		record_init(&record);
		error = record_decode(&record, octets, pieces[i], &diag);
		ck_assert_msg(error == 0, "%s", diag_text(&diag));
		ck_assert_str_eq(record_text(&record), text);
		record_fini(&record);
	}
}

START_TEST(captured_one_recipient)
{
	struct arena arena;

	arena_init(&arena, 1 << 20);
	expect(slurp("pp-one-recipient.p22", &arena),
	    "heading 0 this=(q)10214 Sun Nov 22 17:29:51 2026(q)(a)a.test"
	    " from=S=pp;O=A;P=TESTA;A= ;C=GB to=S=u1;O=B;P=TESTB;A= ;C=GB"
	    " subject=one-recip importance=1\n"
	    "part 0 ia5-text [Hello from PP A.\r\nLine two.\r\n] 0 ia5-text\n");
	arena_fini(&arena);
}
END_TEST

START_TEST(captured_three_recipients)
{
	struct arena arena;
	struct record record;
	struct slice octets;

	arena_init(&arena, 1 << 20);
	record_init(&record);
	octets = slurp("pp-three-recipients.p22", &arena);
	ck_assert_int_eq(record_decode(&record, octets, 5, NULL), 0);
	ck_assert_ptr_nonnull(strstr(record_text(&record),
	    " to=S=u1;O=B;P=TESTB;A= ;C=GB to=S=u2;O=B;P=TESTB;A= ;C=GB"
	    " to=S=u3;O=B;P=TESTB;A= ;C=GB"));
	record_fini(&record);
	arena_fini(&arena);
}
END_TEST

/* PP sends large text as a constructed string of indefinite length. */
START_TEST(captured_constructed_text)
{
	struct arena arena;
	struct record record;
	struct slice octets;
	const char *text;

	arena_init(&arena, 1 << 20);
	octets = slurp("pp-24k.p22", &arena);
	record_init(&record);
	ck_assert_int_eq(record_decode(&record, octets, 100, NULL), 0);
	text = record_text(&record);
	ck_assert_ptr_nonnull(strstr(text, "[\r\nline 1 of a larger"));
	for (int i = 1; i <= 300; i++) {
		char line[80];

		snprintf(line, sizeof(line),
		    "line %d of a larger message "
		    "body, to see RTSE checkpointing",
		    i);
		ck_assert_msg(strstr(text, line) != NULL, "%s", line);
	}
	record_fini(&record);
	arena_fini(&arena);
}
END_TEST

/* The octets of a message are made by hand, with this heading. */
#define HEADING "\x31\x07\x6b\x05\x13\x03one"

/* hand - make a message with these body parts */
static struct slice
hand(struct arena *arena, struct slice body)
{
	struct buffer out;
	struct ber_writer writer;
	struct slice octets;

	buffer_init(&out, 1 << 20);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_CTX(0));
	ber_put_raw(&writer, slice_of(HEADING, sizeof(HEADING) - 1));
	ber_begin(&writer, BER_UNI(BER_SEQUENCE));
	ber_put_raw(&writer, body);
	ber_end_element(&writer);
	ber_end_element(&writer);
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert_int_eq(arena_slice(arena, buffer_slice(&out), &octets), 0);
	buffer_fini(&out);
	return octets;
}

/* expect_body - check that body parts made by hand decode to this */
static void
expect_body(struct slice body, const char *text)
{
	struct arena arena;
	char all[4096];

	arena_init(&arena, 1 << 21);
	snprintf(all, sizeof(all), "heading 0 this=one importance=1\n%s", text);
	expect(hand(&arena, body), all);
	arena_fini(&arena);
}

#define OCTETS(string)                                        \
	{                                                     \
		(const uint8_t *)(string), sizeof(string) - 1 \
	}
#define BODY(string) \
	((struct slice){(const uint8_t *)(string), sizeof(string) - 1})

START_TEST(teletex_pages)
{
	expect_body(BODY("\xa5\x15\x31\x03\x80\x01\x02\x30\x0e"
			 "\x34\x07\x04\x02"
			 "A\xc8\x04\x01"
			 "a\x14\x03two"),
	    "part 0 teletex [A\xc3\xa4\r\ntwo\r\n] 0 teletex\n");
}
END_TEST

START_TEST(general_text)
{
	/* Cyrillic by registration 144 */
	expect_body(BODY("\xaf\x26\xa0\x13\x06\x04\x56\x01\x0b\x0b\xa0\x0b"
			 "\x31\x09\x02\x01\x01\x02\x02\x00\x90\x30\x00"
			 "\x28\x0f\x06\x04\x56\x01\x04\x0b\xa0\x07"
			 "\x1b\x05z\xb0\xd1\xf0."),
	    "part 0 general-text [z\xd0\x90\xd0\xb1\xe2\x84\x96.]"
	    " 0 general-text\n");
}
END_TEST

START_TEST(general_text_switches_sets)
{
	/* no parameters: Latin-1; ESC - F Greek, ESC % G UTF-8, ESC % @; a set
	 * of controls is not seen */
	expect_body(BODY("\xaf\x21\x28\x1f\x06\x04\x56\x01\x04\x0b\xa0\x17"
			 "\x1b\x15\xe4\x1b-F\xe1\x1b%G\xe2\x82\xac\x1b%@\xe2"
			 "\x1b!x\x1b(B"),
	    "part 0 general-text [\xc3\xa4\xce\xb1\xe2\x82\xac\xce\xb2"
	    "] 0 general-text\n");
}
END_TEST

START_TEST(bilaterally_defined)
{
	expect_body(BODY("\x8e\x03"
			 "a\xff"
			 "b\xae\x80\x04\x01x\x24\x80\x04\x01y\x00\x00\x00"
			 "\x00"),
	    "part 0 bilaterally-defined [a\xff"
	    "b] 0 bilaterally-defined\n"
	    "part 0 bilaterally-defined [xy] 0 bilaterally-defined\n");
}
END_TEST

/* Octets are compared, because a fax has zeros in it. */
START_TEST(raw_bodies)
{
	static const char body[] =
	    "\xa3\x80\x31\x00\x30\x04\x03\x02\x07\x80\x00\x00"
	    "\xbf\x4d\x03\x02\x01\x05"
	    "\xaf\x0b\x28\x09\x06\x02\x2a\x03\xa0\x03\x02\x01\x07"
	    "\xaf\x00";
	static const char told[] =
	    "heading 0 this=one importance=1\n"
	    "part 0 g3-facsimile [\xa3\x80\x31\x00\x30\x04\x03\x02\x07\x80"
	    "\x00\x00] 0 g3-facsimile\n"
	    "part 0 other [\xbf\x4d\x03\x02\x01\x05] 0 other\n"
	    "part 0 other [\x02\x01\x07] 0 other\n"
	    "part 0 other [] 0 other\n";

	for (size_t piece = 1; piece < 40; piece += 3) {
		struct arena arena;
		struct record record;
		struct slice text;

		arena_init(&arena, 1 << 21);
		record_init(&record);
		ck_assert_int_eq(record_decode(&record,
				     hand(&arena, BODY(body)), piece, NULL),
		    0);
		text = buffer_slice(&record.text);
		ck_assert_uint_eq(text.len, sizeof(told) - 1);
		ck_assert_mem_eq(text.data, told, text.len);
		record_fini(&record);
		arena_fini(&arena);
	}
}
END_TEST

START_TEST(file_of_somebody_else)
{
	/* Pathname in a further SEQUENCE, complete; contents in the
	 * single-ASN1-type of one EXTERNAL and as bits of the next */
	expect_body(BODY("\xaf\x3f"
			 "\xa0\x1a\x06\x04\x56\x01\x0b\x0c\xa0\x12\x30\x10"
			 "\xa4\x0e\xb7\x07\x30\x05\x19\x03"
			 "a\xe4"
			 "b\xad\x03\x81\x01\x05"
			 "\x28\x21\x06\x04\x56\x01\x04\x0c\xa0\x19\x30\x17"
			 "\x28\x0a\x06\x03\x2a\x03\x04\xa0\x03\x04\x01x"
			 "\x28\x09\x02\x01\x05\x82\x04\x00yz!"),
	    "part 0 file-transfer name=a\xc3\xa4"
	    "b size=5 [xyz!] 0 file-transfer\n");
}
END_TEST

START_TEST(forwarded)
{
	/* a text, then a message with delivery time holding a text, then an
	 * extended message-body holding one, then a text again */
	expect_body(BODY("\xa0\x05\x31\x00\x16\x01"
			 "a"
			 "\xa9\x25\x31\x0f\x80\x0d"
			 "261122172951Z"
			 "\x30\x12" HEADING "\x30\x07\xa0\x05\x31\x00\x16\x01"
			 "b"
			 "\xaf\x1e\x28\x1c\x06\x04\x56\x01\x04\x07\xa0\x14\x30"
			 "\x12" HEADING "\x30\x07\xa0\x05\x31\x00\x16\x01"
			 "c"
			 "\xa0\x05\x31\x00\x16\x01"
			 "d"),
	    "part 0 ia5-text [a] 0 ia5-text\n"
	    "part 0 message [heading 1 this=one importance=1\n"
	    "part 1 ia5-text [b] 1 ia5-text\n"
	    "] 0 message\n"
	    "part 0 message [heading 1 this=one importance=1\n"
	    "part 1 ia5-text [c] 1 ia5-text\n"
	    "] 0 message\n"
	    "part 0 ia5-text [d] 0 ia5-text\n");
}
END_TEST

START_TEST(forwarded_too_deep)
{
	struct arena arena;
	struct slice inner;
	struct diag diag = {0};
	struct record record;
	int error;

	arena_init(&arena, 1 << 22);
	inner = BODY("\xa0\x05\x31\x00\x16\x01"
		     "a");
	for (int i = 0; i < 14; i++) {
		struct buffer out;
		struct ber_writer writer;

		buffer_init(&out, 1 << 16);
		ber_writer_init(&writer, &out);
		ber_begin(&writer, BER_CTX(9));
		ber_begin(&writer, BER_UNI(BER_SEQUENCE));
		ber_put_raw(&writer, slice_of(HEADING, sizeof(HEADING) - 1));
		ber_begin(&writer, BER_UNI(BER_SEQUENCE));
		ber_put_raw(&writer, inner);
		ber_end_element(&writer);
		ber_end_element(&writer);
		ber_end_element(&writer);
		ck_assert_int_eq(ber_finish(&writer), 0);
		ck_assert_int_eq(
		    arena_slice(&arena, buffer_slice(&out), &inner), 0);
		buffer_fini(&out);
	}
	record_init(&record);
	error = record_decode(&record, hand(&arena, inner), 9, &diag);
	ck_assert_int_eq(error, 0);
	/* the innermost that has no level left is an attachment */
	ck_assert_ptr_nonnull(
	    strstr(record_text(&record), "message unreadable"));
	record_fini(&record);
	arena_fini(&arena);
}
END_TEST

START_TEST(receipt_notification)
{
	expect(BODY("\xa1\x1f\x6b\x05\x13\x03one\xa1\x00"
		    "\xa0\x14\xa1\x12\x80\x0d"
		    "261122172951Z"
		    "\x81\x01\x01"),
	    "notification 1 of=one received, acknowledged automatically"
	    " at=1795368591\n");
}
END_TEST

START_TEST(non_receipt_notification)
{
	/* with the message returned, which is passed over */
	expect(BODY("\xa1\x24\x6b\x05\x13\x03one\xa2\x00"
		    "\xa0\x19\xa0\x17\x80\x01\x00\x81\x01\x00\xa3\x0f" HEADING
		    "\x30\x04\x8e\x02hi"),
	    "notification 0 of=one discarded: it had expired\n");
}
END_TEST

/* Each is refused, whatever the pieces, and names what was wrong. */
START_TEST(malformed)
{
	static const struct {
		struct slice octets;
		int error;
		const char *text;
	} table[] = {
	    {{0}, ERR_TRUNCATED, "after 0 octets"},
	    {OCTETS("\x30\x00"), ERR_SYNTAX, "neither"},
	    {OCTETS("\x80\x00"), ERR_SYNTAX, "neither"},
	    {OCTETS("\xa0\x00\xa0\x00"), ERR_SYNTAX, "neither"},
	    {OCTETS("\xa0\x80" HEADING), ERR_TRUNCATED, "within the message"},
	    {OCTETS("\xa0\x05\x31\x03\xac\x01\x00"), ERR_SYNTAX, ""},
	    /* notifications: empty, of no kind, without subject, or reason */
	    {OCTETS("\xa1\x00"), ERR_SYNTAX, "neither receipt"},
	    {OCTETS("\xa1\x0b\x6b\x05\x13\x03one\xa0\x02\xa5\x00"), ERR_SYNTAX,
		"neither receipt"},
	    {OCTETS("\xa1\x04\xa0\x02\xa1\x00"), ERR_SYNTAX, "no message"},
	    {OCTETS("\xa1\x0b\x6b\x05\x13\x03one\xa0\x02\xa0\x00"), ERR_SYNTAX,
		"without a reason"},
	    {OCTETS("\xa0\x06\x31\x04\xa2\x02\x31\x05"), ERR_TRUNCATED, ""},
	    {OCTETS("\xa0\x0b" HEADING "\x30\x05"), ERR_SYNTAX, ""},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		for (size_t piece = 1; piece < 20; piece += 6) {
			struct diag diag = {0};
			struct record record;
			int error;

			record_init(&record);
			error = record_decode(
			    &record, table[i].octets, piece, &diag);
			ck_assert_msg(error < 0, "%zu passed", i);
			ck_assert_msg(
			    strstr(diag_text(&diag), table[i].text) != NULL,
			    "%zu: %d %s", i, error, diag_text(&diag));
			record_fini(&record);
		}
	}
}
END_TEST

/* An odd field of a heading costs itself, and not the text. */
START_TEST(odd_fields)
{
	static const char odd[] =
	    "\xa0\x22\x31\x17"
	    "\x6b\x05\x13\x03one\x8c\x01\x09\x8d\x01\x09\x89\x05hello"
	    "\x8e\x01\x01"
	    "\x30\x07\xa0\x05\x31\x00\x16\x01"
	    "a";
	char subject[5000];
	struct arena arena;
	struct ber_writer writer;
	struct buffer out;
	struct ipm_heading h;
	struct slice octets;

	expect((struct slice){(const uint8_t *)odd, sizeof(odd) - 1},
	    "heading 0 this=one importance=1 unreadable=3\n"
	    "part 0 ia5-text [a] 0 ia5-text\n");
	/* a subject longer than anybody shows is cut */
	arena_init(&arena, 1 << 20);
	memset(subject, 'x', sizeof(subject));
	buffer_init(&out, 1 << 16);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_UNI(BER_SET));
	ber_begin(&writer, BER_CTX(8));
	ber_put(&writer, BER_UNI(BER_T61_STRING),
	    slice_of(subject, sizeof(subject)));
	ber_end_element(&writer);
	ber_end_element(&writer);
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert_int_eq(arena_slice(&arena, buffer_slice(&out), &octets), 0);
	ck_assert_int_eq(ipm_heading_decode(octets, &arena, &h, NULL), 0);
	ck_assert_uint_eq(h.subject.len, IPM_TEXT_MAX);
	ck_assert_uint_eq(h.unreadable_fields, 0);
	buffer_fini(&out);
	arena_fini(&arena);
}
END_TEST

/* A forwarded message that is not readable is handed on as BER, and what
 * stands around it is as before. */
START_TEST(forwarded_unreadable)
{
	/* tagged [0]; heading and body without their SEQUENCE; empty */
	expect_body(BODY("\xa0\x05\x31\x00\x16\x01"
			 "a"
			 "\xa9\x05\xa0\x03\x02\x01\x05"
			 "\xa9\x0e" HEADING "\x30\x03\x02\x01\x07"
			 "\xa0\x05\x31\x00\x16\x01"
			 "b\xa9\x00"),
	    "part 0 ia5-text [a] 0 ia5-text\n"
	    "part 0 message unreadable [\xa9\x05\xa0\x03\x02\x01\x05]"
	    " 0 message\n"
	    "part 0 message unreadable [\xa9\x0e" HEADING
	    "\x30\x03\x02\x01\x07] 0 message\n"
	    "part 0 ia5-text [b] 0 ia5-text\n"
	    "part 0 message unreadable [\xa9");
}
END_TEST

/* Character sets: ISO 6937 by the T.61 table, marks for what is not known
 * beside the original, and for what is no UTF-8. */
START_TEST(character_sets)
{
#define GENERAL(sets, text)                                             \
	BODY("\xaf\x27\xa0\x13\x06\x04\x56\x01\x0b\x0b\xa0\x0b\x31\x09" \
	     "\x02\x01\x06\x02\x02" sets "\x05\x00"                     \
	     "\x28\x10\x06\x04\x56\x01\x04\x0b\xa0\x08\x1b\x06" text)

	expect_body(GENERAL("\x00\x9c", "Gr\xc8u\xfb!"),
	    "part 0 general-text [Gr\xc3\xbc\xc3\x9f!] 0 general-text\n");
	expect_body(GENERAL("\x00\x8e", "Gr\xc8u\xfb!"),
	    "part 0 general-text [Gr\xc3\xbc\xc3\x9f!] 0 general-text\n");
	/* Hebrew */
	expect_body(GENERAL("\x00\x9f", "a\xe0\xe1 bc"),
	    "part 0 general-text original [a\xef\xbf\xbd\xef\xbf\xbd bc"
	    "<a\xe0\xe1 bc>] 0 general-text\n");
	/* Korean is announced; ESC $ B, Japanese, comes */
	expect_body(GENERAL("\x00\x95", "\x1b$B0!\x1b"),
	    "part 0 general-text original [\xef\xbf\xbd\xef\xbf\xbd\x1b"
	    "<\x1b$B0!\x1b>] 0 general-text\n");
	/* UTF-8 with octets that are none, cut anywhere */
	expect_body(GENERAL("\x00\xc4", "\xff\xe2\x82\xac\xc3."),
	    "part 0 general-text [\xef\xbf\xbd\xe2\x82\xac\xef\xbf\xbd.]"
	    " 0 general-text\n");
}
END_TEST

/* A heading without an end costs no more than its cap. */
START_TEST(endless_heading)
{
	struct ipm_decoder decoder;
	struct record record;
	struct diag diag = {0};
	uint8_t piece[4096];
	int error;
	size_t pushed = 0;

	memset(piece, 0, sizeof(piece));
	for (size_t i = 0; i + 4 <= sizeof(piece); i += 4)
		memcpy(piece + i, "\x31\x02\x81\x00", 4);
	record_init(&record);
	record_decoder(&decoder, &record);
	error =
	    ipm_decoder_push(&decoder, BODY("\xa0\x80\x31\x80\xa2\x80"), &diag);
	while (error == 0) {
		error = ipm_decoder_push(
		    &decoder, slice_of(piece, sizeof(piece)), &diag);
		pushed += sizeof(piece);
		ck_assert_uint_lt(pushed, 4 * IPM_HEADING_MAX);
	}
	ck_assert_int_eq(error, ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), "too long"));
	ipm_decoder_fini(&decoder);
	record_fini(&record);
}
END_TEST

/* A gigabyte passes through, and nothing of it is kept. */
START_TEST(gigabyte)
{
	/* of indefinite length, the file's octets in one string */
	static const char begin[] =
	    "\xa0\x80" HEADING "\x30\x80\xaf\x80\x28\x80"
	    "\x06\x04\x56\x01\x04\x0c\xa0\x80\x30\x80\x28\x80"
	    "\x81\x84\x40\x00\x00\x00";
	static const uint8_t piece[65536], end[14];
	struct ipm_decoder decoder;
	struct record record;

	record_init(&record);
	record.quiet = true;
	record_decoder(&decoder, &record);
	ck_assert_int_eq(ipm_decoder_push(&decoder, BODY(begin), NULL), 0);
	for (size_t i = 0; i < (1 << 30) / sizeof(piece); i++)
		ck_assert_int_eq(ipm_decoder_push(&decoder,
				     slice_of(piece, sizeof(piece)), NULL),
		    0);
	ck_assert_int_eq(
	    ipm_decoder_push(&decoder, slice_of(end, sizeof(end)), NULL), 0);
	ck_assert_int_eq(ipm_decoder_finish(&decoder, NULL), 0);
	ck_assert_uint_eq(record.octets, 1 << 30);
	ck_assert_uint_le(decoder.capture.capacity, 4096);
	ipm_decoder_fini(&decoder);
	record_fini(&record);
}
END_TEST

TEST_MAIN("mhs/ipm_decode", TEST(captured_one_recipient),
    TEST(captured_three_recipients), TEST(captured_constructed_text),
    TEST(teletex_pages), TEST(general_text), TEST(general_text_switches_sets),
    TEST(bilaterally_defined), TEST(raw_bodies), TEST(file_of_somebody_else),
    TEST(forwarded), TEST(forwarded_too_deep), TEST(odd_fields),
    TEST(forwarded_unreadable), TEST(character_sets),
    TEST(receipt_notification), TEST(non_receipt_notification), TEST(malformed),
    TEST(endless_heading), TEST(gigabyte))
