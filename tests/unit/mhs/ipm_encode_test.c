/* SPDX-License-Identifier: ISC */
/*
 * ipm_encode_test.c - what we encode decodes to what was meant
 */
#include "mhs/ipm_encode.h"
#include "tests/unit/mhs/ipm_record.h"

/* An ORName: C=DE;A=VIAT;S=Doe */
#define NAME                               \
	"\x60\x18\x30\x16\x61\x04\x13\x02" \
	"DE"                               \
	"\x62\x06\x13\x04"                 \
	"VIAT"                             \
	"\xa5\x06\x80\x04"                 \
	"Doe1"
#define OCTETS(string) slice_of(string, sizeof(string) - 1)

/* a body with its contents, as the test gives it */
struct given {
	struct ipm_outgoing part;
	struct slice contents;
};

/* text_part - make a text as it will travel */
static struct given
text_part(struct slice text, struct arena *arena)
{
	struct given given = {.part = {.form = IPM_FORM_TEXT}};
	struct ipm_scan scan;
	struct buffer out;
	unsigned state = 0;

	/* in two pieces, cut anywhere */
	ipm_scan_init(&scan);
	ipm_scan_push(&scan, slice_of(text.data, text.len / 2));
	ipm_scan_push(
	    &scan, slice_of(text.data + text.len / 2, text.len - text.len / 2));
	given.part.repertoire = ipm_scan_finish(&scan, &given.part.length);
	buffer_init(&out, 1 << 20);
	ck_assert_int_eq(ipm_scan_convert(&scan, &state,
			     slice_of(text.data, text.len / 2), &out),
	    0);
	ck_assert_int_eq(
	    ipm_scan_convert(&scan, &state,
		slice_of(text.data + text.len / 2, text.len - text.len / 2),
		&out),
	    0);
	ck_assert_uint_eq(buffer_length(&out), given.part.length);
	ck_assert_int_eq(
	    arena_slice(arena, buffer_slice(&out), &given.contents), 0);
	buffer_fini(&out);
	return given;
}

/* encode - encode the whole content */
static struct slice
encode(const struct ipm_heading *heading, const struct given *given,
    size_t count, int type, struct arena *arena)
{
	struct ipm_outgoing parts[16];
	struct ipm_encoder encoder;
	struct buffer out;
	struct slice octets;
	struct diag diag = {0};

	ck_assert_uint_le(count, 16);
	for (size_t i = 0; i < count; i++)
		parts[i] = given[i].part;
	ck_assert_msg(
	    ipm_encoder_init(&encoder, heading, parts, count, type, &diag) == 0,
	    "%s", diag_text(&diag));
	buffer_init(&out, 1 << 24);
	for (size_t i = 0; i == 0 || i < count; i++) {
		struct slice prefix = ipm_encoder_prefix(&encoder, i);

		ck_assert_int_eq(
		    buffer_append(&out, prefix.data, prefix.len), 0);
		if (count > 0)
			ck_assert_int_eq(
			    buffer_append(&out, given[i].contents.data,
				given[i].contents.len),
			    0);
	}
	ck_assert_uint_eq(buffer_length(&out), ipm_encoder_length(&encoder));
	ck_assert_int_eq(arena_slice(arena, buffer_slice(&out), &octets), 0);
	buffer_fini(&out);
	ipm_encoder_fini(&encoder);
	return octets;
}

/* simple - make a heading with this identifier and subject */
static struct ipm_heading
simple(const char *subject)
{
	struct ipm_heading h;

	ipm_heading_init(&h);
	h.this_ipm.local = slice_of_string("id");
	if (subject != NULL) {
		h.has_subject = true;
		h.subject = slice_of_string(subject);
	}
	return h;
}

/* expect - check that a message comes back as this text */
static void
expect(struct slice octets, const char *text)
{
	for (size_t piece = 1; piece < 100; piece += 33) {
		struct record record;
		struct diag diag = {0};

		record_init(&record);
		ck_assert_msg(record_decode(&record, octets, piece, &diag) == 0,
		    "%s", diag_text(&diag));
		ck_assert_str_eq(record_text(&record), text);
		record_fini(&record);
	}
}

/* expect_text - check that a text travels so and comes back as this */
static void
expect_text(const char *text, const char *kind, const char *back)
{
	struct arena arena;
	struct ipm_heading h = simple(NULL);
	struct given given;
	char told[2048];

	arena_init(&arena, 1 << 20);
	given = text_part(slice_of_string(text), &arena);
	snprintf(told, sizeof(told),
	    "heading 0 this=id importance=1\npart 0 %s [%s] 0 %s\n", kind, back,
	    kind);
	expect(encode(&h, &given, 1, IPM_P22, &arena), told);
	arena_fini(&arena);
}

START_TEST(texts)
{
	expect_text("", "ia5-text", "");
	expect_text(
	    "hello\r\n\tworld\x1b[1m", "ia5-text", "hello\r\n\tworld\x1b[1m");
	/* X.400's line ends, whatever the file had (T.50, RFC 2157) */
	expect_text("a\nb\rc\r\n\r\rd\n\re\n", "ia5-text",
	    "a\r\nb\r\nc\r\n\r\n\r\nd\r\n\r\ne\r\n");
	expect_text("\xc3\xbc\n\r\n\r", "general-text", "\xc3\xbc\r\n\r\n\r\n");
	expect_text("\xd0\x94\r\r\n\n", "general-text", "\xd0\x94\r\n\r\n\r\n");
	expect_text("\xff\n", "general-text", "\xc3\xbf\r\n");
	expect_text("Gr\xc3\xbc\xc3\x9f"
		    "e \xc3\xbf\xc2\xa0!",
	    "general-text",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e \xc3\xbf\xc2\xa0!");
	expect_text("\xe2\x82\xac 5 \xd0\x94\xf0\x9f\x98\x80", "general-text",
	    "\xe2\x82\xac 5 \xd0\x94\xf0\x9f\x98\x80");
	/* not UTF-8: taken to be ISO 8859-1 */
	expect_text("caf\xe9", "general-text", "caf\xc3\xa9");
	expect_text("\xc3\xa4\xe2\x82", "general-text",
	    "\xc3\x83\xc2\xa4\xc3\xa2\xc2\x82");
	expect_text("\xc0\xaf", "general-text", "\xc3\x80\xc2\xaf");
	expect_text("\xed\xa0\x80", "general-text", "\xc3\xad\xc2\xa0\xc2\x80");
	/* a C1 control has no place in Latin-1 */
	expect_text("\xc2\x85", "general-text", "\xc2\x85");
}
END_TEST

START_TEST(no_parts)
{
	struct arena arena;
	struct ipm_heading h = simple("nothing");

	arena_init(&arena, 1 << 20);
	expect(encode(&h, NULL, 0, IPM_P2, &arena),
	    "heading 0 this=id subject=nothing importance=1\n");
	arena_fini(&arena);
}
END_TEST

START_TEST(files)
{
	struct arena arena;
	struct ipm_heading h = simple(NULL);
	struct given given[4] = {
	    [1] = {{.form = IPM_FORM_FILE,
		       .length = 5,
		       .filename = slice_of_string("A.DOC"),
		       .modified = 1795368591},
		OCTETS("\x00\xff\x00\x00\x01")},
	    [2] = {{.form = IPM_FORM_FILE,
		       .length = 0,
		       .filename = slice_of_string("gr\xc3\xbcn \xe2\x82\xac"),
		       .modified = IPM_NO_TIME},
		{0}},
	    [3] = {{.form = IPM_FORM_BILATERALLY, .length = 3}, OCTETS("abc")},
	};
	struct record record;
	static const char told[] =
	    "heading 0 this=id importance=1\n"
	    "part 0 ia5-text [text] 0 ia5-text\n"
	    "part 0 file-transfer name=A.DOC size=5 modified=1795368591 "
	    "[\x00\xff\x00\x00\x01] 0 file-transfer\n"
	    "part 0 file-transfer name=gr\xc3\xbcn \xe2\x82\xac size=0 []"
	    " 0 file-transfer\n"
	    "part 0 bilaterally-defined [abc] 0 bilaterally-defined\n";

	arena_init(&arena, 1 << 20);
	given[0] = text_part(slice_of_string("text"), &arena);
	record_init(&record);
	ck_assert_int_eq(record_decode(&record,
			     encode(&h, given, 4, IPM_P22, &arena), 11, NULL),
	    0);
	ck_assert_uint_eq(buffer_length(&record.text), sizeof(told) - 1);
	ck_assert_mem_eq(
	    buffer_slice(&record.text).data, told, sizeof(told) - 1);
	record_fini(&record);
	arena_fini(&arena);
}
END_TEST

/* A name beyond ASCII travels in a registered set of graphics where one has it
 * (X.690 8.21), and is read back from there. */
START_TEST(names)
{
	static const struct {
		const char *name, *octets;
	} table[] = {
	    {"A.DOC", "A.DOC"},
	    {"gr\xc3\xbcn.doc", "\x1b-Agr\xfcn.doc"},
	    {"\xc3\x83\xc2\xbc", "\x1b-A\xc3\xbc"},
	    {"\xc5\xbcona", "\x1b-B\xbfona"},
	    {"\xd0\xbf\xd0\xb8\xd1\x81", "\x1b-L\xdf\xd8\xe1"},
	    {"\xce\xb1\xce\xb2", "\x1b-F\xe1\xe2"},
	    {"\xc4\x9f", "\x1b-M\xf0"},
	    {"gr\xc3\xbcn \xe2\x82\xac", "\x1b-bgr\xfcn \xa4"},
	    {"\xc3\xbc \xd0\xbf", "\x1b%G\xc3\xbc \xd0\xbf"},
	    {"\xe6\x97\xa5", "\x1b%G\xe6\x97\xa5"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct given given = {
		    {.form = IPM_FORM_FILE,
			.filename = slice_of_string(table[i].name),
			.modified = IPM_NO_TIME},
		    {0}};
		struct ipm_heading h = simple(NULL);
		struct record record;
		struct arena arena;
		struct slice content;

		arena_init(&arena, 1 << 20);
		content = encode(&h, &given, 1, IPM_P22, &arena);
		ck_assert_msg(memmem(content.data, content.len, table[i].octets,
				  strlen(table[i].octets)) != NULL,
		    "%s: other octets", table[i].name);
		record_init(&record);
		ck_assert_int_eq(record_decode(&record, content, 11, NULL), 0);
		ck_assert_msg(memmem(buffer_slice(&record.text).data,
				  buffer_length(&record.text), table[i].name,
				  strlen(table[i].name)) != NULL,
		    "%s: read back otherwise", table[i].name);
		record_fini(&record);
		arena_fini(&arena);
	}
}
END_TEST

/* Every length at which the lengths around it change their size. */
START_TEST(lengths)
{
	static uint8_t zeros[70000];

	for (size_t base = 1; base <= 65536; base = base == 1 ? 64 : base * 2) {
		for (size_t n = base < 100 ? 0 : base - 100; n <= base + 4;
		     n++) {
			struct arena arena;
			struct ipm_heading h = simple(NULL);
			struct given given = {{.form = IPM_FORM_FILE,
						  .length = n,
						  .modified = IPM_NO_TIME},
			    slice_of(zeros, n)};
			struct record record;

			arena_init(&arena, 1 << 20);
			record_init(&record);
			record.quiet = true;
			ck_assert_int_eq(
			    record_decode(&record,
				encode(&h, &given, 1, IPM_P22, &arena),
				SIZE_MAX / 2, NULL),
			    0);
			ck_assert_uint_eq(record.octets, n);
			record_fini(&record);
			arena_fini(&arena);
		}
	}
}
END_TEST

START_TEST(subjects)
{
	static const struct {
		const char *subject, *back;
	} table[] = {
	    {"plain", "plain"},
	    {"Gr\xc3\xbc\xc3\x9f"
	     "e",
		"Gr\xc3\xbc\xc3\x9f"
		"e"},
	    /* beyond T.61 */
	    {"\xd0\x94\xd0\xb0 5 \xe2\x82\xac",
		"\xd0\x94\xd0\xb0 5 \xe2\x82\xac"},
	    /* beyond the BMP */
	    {"smile \xf0\x9f\x98\x80", "smile \xf0\x9f\x98\x80"},
	    {"", ""},
	};
	struct arena arena;

	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct ipm_heading h = simple(table[i].subject);
		char told[256];

		snprintf(told, sizeof(told),
		    "heading 0 this=id subject=%s importance=1\n",
		    table[i].back);
		expect(encode(&h, NULL, 0, IPM_P22, &arena), told);
		ck_assert_int_eq(ipm_heading_is_88(&h), i == 2 || i == 3);
	}
	arena_fini(&arena);
}
END_TEST

START_TEST(long_subject)
{
	struct arena arena;
	char subject[301], told[400];
	struct ipm_heading h;

	arena_init(&arena, 1 << 20);
	memset(subject, 'x', 300);
	subject[300] = '\0';
	h = simple(subject);
	/* 128 in the field, 256 in the extension */
	snprintf(told, sizeof(told),
	    "heading 0 this=id subject=%.256s importance=1\n", subject);
	expect(encode(&h, NULL, 0, IPM_P22, &arena), told);
	arena_fini(&arena);
}
END_TEST

START_TEST(all_fields)
{
	struct arena arena;
	struct slice name = OCTETS(NAME), octets, again;
	struct ipm_heading h = simple("all"), back;
	struct ipm_recipient to[2] = {
	    {.descriptor = {.name = name,
		 .free_form = slice_of_string("J\xc3\xbcrgen"),
		 .telephone = slice_of_string("+49 30 1")},
		.requests = IPM_REQUEST_RN | IPM_REQUEST_NRN,
		.reply_requested = true},
	    {.descriptor = {.name = name},
		.extensions = OCTETS("\xa3\x06\x31\x04\x06\x02\x2a\x03")}};
	struct ipm_descriptor someone = {.name = name};
	struct ipm_identifier id = {name, slice_of_string("other")};
	struct ipm_extension extension = {
	    OCTETS("\x2a\x03\x04"), OCTETS("\x02\x01\x07")};
	struct buffer out;
	struct ber_writer writer;
	struct diag diag = {0};

	arena_init(&arena, 1 << 20);
	h.this_ipm.user = name;
	h.has_originator = true;
	h.originator = someone;
	h.authorizing = (struct ipm_descriptors){&someone, 1};
	h.primary = (struct ipm_recipients){to, 2};
	h.copy = (struct ipm_recipients){to + 1, 1};
	h.blind = (struct ipm_recipients){to, 1};
	h.has_replied_to = true;
	h.replied_to = id;
	h.obsoleted = (struct ipm_identifiers){&id, 1};
	h.related = (struct ipm_identifiers){&id, 1};
	h.expiry = 1795368591;
	h.reply = 1795368592;
	h.reply_recipients = (struct ipm_descriptors){&someone, 1};
	h.importance = IPM_HIGH;
	h.sensitivity = IPM_PRIVATE;
	h.auto_forwarded = true;
	h.extensions = &extension;
	h.extension_count = 1;

	buffer_init(&out, 1 << 16);
	ber_writer_init(&writer, &out);
	ipm_heading_encode(&writer, &h, IPM_P22);
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert_int_eq(arena_slice(&arena, buffer_slice(&out), &octets), 0);
	ck_assert_msg(ipm_heading_decode(octets, &arena, &back, &diag) == 0,
	    "%s", diag_text(&diag));

	ck_assert(slice_equal(back.this_ipm.user, name));
	ck_assert(slice_equal(back.originator.name, name));
	ck_assert_uint_eq(back.primary.count, 2);
	ck_assert(slice_equal_string(
	    back.primary.list[0].descriptor.free_form, "J\xc3\xbcrgen"));
	ck_assert(slice_equal_string(
	    back.primary.list[0].descriptor.telephone, "+49 30 1"));
	ck_assert_uint_eq(
	    back.primary.list[0].requests, IPM_REQUEST_RN | IPM_REQUEST_NRN);
	ck_assert(back.primary.list[0].reply_requested);
	ck_assert(
	    slice_equal(back.primary.list[1].extensions, to[1].extensions));
	ck_assert_uint_eq(back.blind.count, 1);
	ck_assert(slice_equal_string(back.replied_to.local, "other"));
	ck_assert_uint_eq(back.related.count, 1);
	ck_assert_int_eq(back.expiry, h.expiry);
	ck_assert_int_eq(back.reply, h.reply);
	ck_assert_int_eq(back.importance, IPM_HIGH);
	ck_assert_int_eq(back.sensitivity, IPM_PRIVATE);
	ck_assert(back.auto_forwarded);
	ck_assert_uint_eq(back.extension_count, 1);
	ck_assert(slice_equal(back.extensions[0].value, extension.value));

	/* the same again, octet for octet */
	buffer_reset(&out);
	ber_writer_init(&writer, &out);
	ipm_heading_encode(&writer, &back, IPM_P22);
	ck_assert_int_eq(ber_finish(&writer), 0);
	again = buffer_slice(&out);
	ck_assert(slice_equal(octets, again));
	buffer_fini(&out);
	arena_fini(&arena);
}
END_TEST

/* A field that came twice, the second time empty, kept the first count. */
START_TEST(field_twice)
{
	struct arena arena;
	struct ipm_heading h;

	arena_init(&arena, 1 << 20);
	ck_assert_int_eq(ipm_heading_decode(OCTETS("\x31\x0b\x6b\x03\x13\x01x"
						   "\xa1\x02\x31\x00\xa1\x00"),
			     &arena, &h, NULL),
	    0);
	ck_assert_uint_eq(h.authorizing.count, 0);
	arena_fini(&arena);
}
END_TEST

START_TEST(p2_or_p22)
{
	struct ipm_heading h = simple("s");
	struct ipm_outgoing part = {.form = IPM_FORM_TEXT, .length = 3};
	struct ipm_encoder encoder;
	struct diag diag = {0};

	ck_assert_int_eq(ipm_type(&h, &part, 1), IPM_P2);
	part.form = IPM_FORM_BILATERALLY;
	ck_assert_int_eq(ipm_type(&h, &part, 1), IPM_P2);
	part.form = IPM_FORM_FILE;
	ck_assert_int_eq(ipm_type(&h, &part, 1), IPM_P22);
	ck_assert_int_eq(
	    ipm_encoder_init(&encoder, &h, &part, 1, IPM_P2, &diag),
	    ERR_UNSUPPORTED);
	part.form = IPM_FORM_TEXT;
	part.repertoire = IPM_UTF8;
	ck_assert_int_eq(ipm_type(&h, &part, 1), IPM_P22);
	part.repertoire = IPM_IA5;
	part.length = UINT64_MAX;
	ck_assert_int_eq(
	    ipm_encoder_init(&encoder, &h, &part, 1, IPM_P2, NULL), ERR_LIMIT);
}
END_TEST

TEST_MAIN("mhs/ipm_encode", TEST(texts), TEST(no_parts), TEST(files),
    TEST(names), TEST(lengths), TEST(subjects), TEST(long_subject),
    TEST(all_fields), TEST(field_twice), TEST(p2_or_p22))
