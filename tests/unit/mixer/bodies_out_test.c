/* SPDX-License-Identifier: ISC */
/*
 * bodies_out_test.c - body parts of X.400 on the Internet (RFC 2157 5.4): what
 * each becomes, by which rule
 */
#include <stdio.h>
#include <string.h>

#include "mhs/ipm_encode.h"
#include "tests/unit/mixer/mixer_message.h"
#include "tests/unit/mixer/oracle.h"
#include "tests/unit/test.h"

#define OCTETS_MAX  ((size_t)4 * 1024 * 1024)
#define BER(octets) slice_of(octets, sizeof(octets) - 1)

static struct mixer_message m;
static struct buffer content, text;
static struct arena arena;

static void
begin(void)
{
	mixer_message_init(&m);
	arena_init(&arena, OCTETS_MAX);
	buffer_init(&content, OCTETS_MAX);
	buffer_init(&text, OCTETS_MAX);
}

static void
end(void)
{
	buffer_fini(&content);
	buffer_fini(&text);
	arena_fini(&arena);
	mixer_message_fini(&m);
}

/* add_content - make a content of one body part, which is BER, or of two of
 * it */
static void
add_content(struct slice part, size_t count)
{
	const struct ipm_outgoing parts[2] = {
	    {.form = IPM_FORM_RAW, .length = part.len, .modified = IPM_NO_TIME},
	    {.form = IPM_FORM_RAW,
		.length = part.len,
		.modified = IPM_NO_TIME}};
	struct ipm_heading heading;
	struct ipm_encoder encoder;
	struct diag diag = {0};

	buffer_reset(&content);
	ipm_heading_init(&heading);
	heading.this_ipm.local = slice_of_string("id");
	ck_assert_int_eq(
	    ipm_encoder_init(&encoder, &heading, parts, count, IPM_P22, &diag),
	    0);
	for (size_t i = 0; i < count; i++) {
		struct slice prefix = ipm_encoder_prefix(&encoder, i);

		ck_assert_int_eq(
		    buffer_append(&content, prefix.data, prefix.len), 0);
		ck_assert_int_eq(
		    buffer_append(&content, part.data, part.len), 0);
	}
	ipm_encoder_fini(&encoder);
}

/* try - make the message of a body part; the error */
static int
try(struct slice part, struct diag *diag)
{
	int error;

	add_content(part, 1);
	buffer_reset(&text);
	error = mixer_message_to_internet(
	    &m, buffer_slice(&content), 3, &text, diag);
	ck_assert_int_eq(buffer_append(&text, "", 1), 0);
	return error;
}

/* becomes - check that the message of a body part has a text */
static void
becomes(struct slice part, const char *what)
{
	struct diag diag = {0};

	ck_assert_msg(try(part, &diag) == 0, "%s: %s", what, diag_text(&diag));
	ck_assert_msg(strstr((char *)text.data, what) != NULL, "no %s in:\n%s",
	    what, (char *)text.data);
	oracle_compare(
	    &m, slice_of(text.data + text.start, buffer_length(&text) - 1));
}

/* Parts of which MIME has no type: what there is in the 1984 body parts, in
 * the extended ones, and a tag of a later edition. */
static const struct {
	const char *part;
	size_t len;
	const char *type;
} opaque[] = {
#define PART(octets, type)                       \
	{                                        \
		octets, sizeof(octets) - 1, type \
	}
    PART("\xa2\x04\x31\x00\x04\x00", "2"),     /* voice */
    PART("\xa3\x04\x31\x00\x30\x00", "3"),     /* G3 facsimile */
    PART("\xa4\x02\x30\x00", "4"),	       /* G4 class 1 */
    PART("\xa6\x05\x31\x00\x14\x01V", "6"),    /* videotex */
    PART("\xa7\x03\x04\x01n", "7"),	       /* nationally */
    PART("\xa8\x05\x31\x00\x03\x01\x00", "8"), /* encrypted */
    PART("\xaa\x02\x30\x00", "10"),	       /* SFD */
    PART("\xab\x02\x30\x00", "11"),	       /* mixed mode */
    PART("\xad\x02\x05\x00", "13"),	       /* of nobody */
    PART("\xaf\x0c\x28\x0a\x06\x03\x29\x01\x01\xa0\x03\x04\x01o", "1.1.1.1"),
    /* voice and ODA (2.8.1.0.1) as extended body parts */
    PART("\xaf\x0d\x28\x0b\x06\x04\x56\x01\x04\x10\xa0\x03\x04\x01v",
	"2.6.1.4.16"),
    PART("\xaf\x0d\x28\x0b\x06\x04\x58\x01\x00\x01\xa0\x03\x04\x01o",
	"2.8.1.0.1"),
};

/* The octets come back, whatever they are. */
START_TEST(encapsulated)
{
	struct buffer again;
	char type[64];

	begin();
	buffer_init(&again, OCTETS_MAX);
	(void)snprintf(type, sizeof(type),
	    "Content-Type: application/x400-bp; bp-type=%s\r\n",
	    opaque[_i].type);
	becomes(slice_of(opaque[_i].part, opaque[_i].len), type);
	ck_assert_int_eq(
	    mixer_message_to_x400(&m,
		slice_of(text.data + text.start, buffer_length(&text) - 1), 9,
		&again, NULL),
	    0);
	/* Of an extended one the value alone: its lengths are others. */
	ck_assert_ptr_nonnull(memmem(again.data + again.start,
	    buffer_length(&again), opaque[_i].part + opaque[_i].len - 1, 1));
	m.mapping.unmappable = CONF_UNMAPPABLE_REFUSE;
	ck_assert_int_eq(try(slice_of(opaque[_i].part, opaque[_i].len), NULL),
	    ERR_UNSUPPORTED);
	m.mapping.unmappable = CONF_UNMAPPABLE_MARKER;
	becomes(slice_of(opaque[_i].part, opaque[_i].len), "was left out here");
	buffer_fini(&again);
	end();
}
END_TEST

/* joined - join two texts */
static struct slice
joined(struct slice a, struct slice b)
{
	uint8_t *octets = arena_alloc(&arena, a.len + b.len + 1);

	ck_assert_ptr_nonnull(octets);
	memcpy(octets, a.data, a.len);
	memcpy(octets + a.len, b.data, b.len);
	return slice_of(octets, a.len + b.len);
}

/* tlv - make an element of its identifier octet and its contents */
static struct slice
tlv(uint8_t identifier, struct slice contents)
{
	const uint8_t head[] = {identifier, 0x83, (uint8_t)(contents.len >> 16),
	    (uint8_t)(contents.len >> 8), (uint8_t)contents.len};

	return joined(slice_of(head, sizeof(head)), contents);
}

/* external - make an EXTERNAL, or what has its contents: a type and a value */
static struct slice
external(uint8_t identifier, struct slice oid, uint8_t form, struct slice value)
{
	return tlv(identifier, joined(tlv(0x06, oid), tlv(form, value)));
}

/* extended - make an extended body part */
static struct slice
extended(
    struct slice parameters, struct slice oid, uint8_t form, struct slice value)
{
	return tlv(0xaf, joined(parameters, external(0x28, oid, form, value)));
}

#define NOTHING slice_of("", 0)
#define ABC	slice_of("abc", 3)
#define OID(n)	BER("\x2b\x06\x01\x07\x01\x02\x01" n)

/* RFC 2157 6.3, and 3.1.2 with RFC 2158 and RFC 2160. */
START_TEST(octets)
{
	begin();
	becomes(tlv(0x8e, ABC),
	    "Content-Type: application/octet-stream\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\n");
	becomes(extended(NOTHING, OID("\x03"), 0xa0, tlv(0x04, ABC)),
	    "Content-Type: image/jpeg\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\n");
	/* in segments, and octet-aligned */
	becomes(
	    extended(NOTHING, OID("\x04"), 0xa0,
		tlv(0x24, joined(tlv(0x04, BER("ab")), tlv(0x04, BER("c"))))),
	    "Content-Type: image/gif\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\n");
	becomes(extended(NOTHING, OID("\x02"), 0x81, ABC),
	    "Content-Type: application/postscript\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\n");
	/* no OCTET STRING */
	becomes(extended(NOTHING, OID("\x03"), 0xa0, tlv(0x30, NOTHING)),
	    "application/x400-bp; bp-type=1.3.6.1.7.1.2.1.3\r\n");
	end();
}
END_TEST

/* mime_body - make a mime-body-part of a type, a parameter and a field */
static struct slice
mime_body(const char *type, const char *parameter, const char *field)
{
	struct slice pairs = NOTHING, fields = NOTHING, value;

	if (*parameter != '\0')
		pairs = tlv(0x30,
		    joined(tlv(0x16, BER("a")),
			tlv(0x16, slice_of_string(parameter))));
	if (*field != '\0')
		fields = tlv(0x16, slice_of_string(field));
	value = joined(tlv(0x16, slice_of_string(type)),
	    joined(tlv(0x30, pairs), tlv(0x30, fields)));
	return extended(external(0xa0, BER("\x2b\x06\x01\x07\x01\x02\x02\x01"),
			    0xa0, tlv(0x30, value)),
	    OID("\x01"), 0xa0, tlv(0x04, ABC));
}

START_TEST(mime)
{
	begin();
	becomes(mime_body("text/html", "\"b; c\"", "Content-X: y"),
	    "Content-Type: text/html; a=\"b; c\"\r\nContent-X: y\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\n");
	/* What has entities in it is not encoded. */
	becomes(mime_body("message/partial", "1", ""),
	    "Content-Type: message/partial; a=1\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n\r\nabc");
	/* Fields of the message are none of the part, and no line ends. */
	becomes(mime_body("text/html", "", "Bcc: a@b.example"),
	    "Content-Type: text/html\r\nContent-Transfer-Encoding: base64");
	ck_assert_ptr_null(strstr((char *)text.data, "Bcc"));
	becomes(mime_body("text/html", "", "Content-X: a\r\nBcc: b"),
	    "Content-Transfer-Encoding: base64");
	ck_assert_ptr_null(strstr((char *)text.data, "\nBcc"));
	/* types that are none */
	becomes(mime_body("text\r\nBcc: x", "", ""),
	    "application/x400-bp; bp-type=1.3.6.1.7.1.2.1.1\r\n");
	becomes(mime_body("multipart/mixed", "b", ""),
	    "application/x400-bp; bp-type=1.3.6.1.7.1.2.1.1\r\n");
	becomes(mime_body("text/html", "b\r\nBcc: x", ""),
	    "application/x400-bp; bp-type=1.3.6.1.7.1.2.1.1\r\n");
	becomes(extended(NOTHING, OID("\x01"), 0xa0, tlv(0x04, ABC)),
	    "application/x400-bp; bp-type=1.3.6.1.7.1.2.1.1\r\n");
	end();
}
END_TEST

/* general - make a general text of registered sets */
static struct slice
general(struct slice sets, struct slice string)
{
	struct slice list = NOTHING;

	for (size_t i = 0; i < sets.len; i++)
		list = joined(list, tlv(0x02, slice_of(sets.data + i, 1)));
	return extended(
	    external(0xa0, BER("\x56\x01\x0b\x0b"), 0xa0, tlv(0x31, list)),
	    BER("\x56\x01\x04\x0b"), 0xa0,
	    tlv(0x1b, joined(BER("a text of a few words: "), string)));
}

/* RFC 2157 6.2: general text in the right halves of ISO 8859, by their sets and
 * by escape sequences, and in Japanese. */
START_TEST(general_text)
{
	begin();
	becomes(general(BER("\x06\x64"), BER("\xfc")), ": =C3=BC");
	becomes(general(BER("\x06\x65"), BER("\xb3")), ": =C5=82");
	becomes(general(BER("\x06\x6d"), BER("\xb1")), ": =C4=A7");
	becomes(general(BER("\x06\x6e"), BER("\xa5")), ": =C4=A8");
	becomes(general(BER("\x06\x7e"), BER("\xe1")), ": =CE=B1");
	becomes(general(BER("\x06\x7f"), BER("\xc7")), ": =D8=A7");
	becomes(general(BER("\x06\x01\x64"), BER("\x1b-H\xe0")), ": =D7=90");
	becomes(general(BER("\x06\x01\x64"), BER("\x1b-L\xd0")), ": =D0=B0");
	becomes(general(BER("\x06\x01\x64"), BER("\x1b-b\xa4")), ": =E2=82=AC");
	/* The sequences that a gateway begins with are removed; another right
	 * half is shifted in, and the first one again. */
	becomes(general(BER("\x06\x64"),
		    BER("\x1b(B\x1b-A\x1b!A\x1b~"
			"\xfc\x1b.B\x1b}\xb3\x1b~\xfc")),
	    "OiDDvMWCw7w=");
	becomes(
	    general(BER("\x06\x0e\x57"), BER("\x1b$B\x46\x7c\x4b\x5c\x1b(B.")),
	    ": =E6=97=A5=E6=9C=AC.");
	ck_assert_ptr_null(strstr((char *)text.data, "original-text"));
	/* and what is none of them, with its octets */
	becomes(
	    general(BER("\x06\x57"), BER("\x1b$B\x7e\x7e")), "original-text");
	end();
}
END_TEST

START_TEST(other_texts)
{
	begin();
	/* two pages of T.61, with a letter of two octets (6.7) */
	becomes(tlv(0xa5,
		    joined(tlv(0x31, NOTHING),
			tlv(0x30,
			    joined(tlv(0x14, BER("M\xc8u")),
				tlv(0x14, BER("\xa4z")))))),
	    "TcO8DQokeg0K");
	/* octets beyond ASCII, which an ia5-text cannot have and some have */
	becomes(tlv(0xa0, joined(tlv(0x31, NOTHING), tlv(0x16, BER("\xfc")))),
	    "w7w=");
	becomes(
	    tlv(0xa0, joined(tlv(0x31, NOTHING), tlv(0x16, BER("\xc3\xbc")))),
	    "w4PCvA==");
	/* HARPOON of other gateways, of any type (2.2) */
	becomes(tlv(0xa0,
		    joined(tlv(0x31, NOTHING),
			tlv(0x16,
			    BER("MIME-Version: 1.0\r\n"
				"Content-Type: image/gif; name=x\r\n"
				"Content-Transfer-Encoding: base64\r\n\r\n"
				"YWJj\r\n")))),
	    "MIME-Version: 1.0\r\nContent-Type: image/gif; name=x\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\n");
	becomes(tlv(0xa0,
		    joined(tlv(0x31, NOTHING),
			tlv(0x16, BER("MIME-Version: 1.0\r\nX: y\r\n\r\n")))),
	    "Content-Type: text/plain; charset=us-ascii\r\n\r\nMIME-Version");
	end();
}
END_TEST

/* repeated - make so many copies of a text */
static struct slice
repeated(const char *what, size_t count)
{
	size_t len = strlen(what);
	char *out = arena_alloc(&arena, len * count + 1);

	ck_assert_ptr_nonnull(out);
	for (size_t i = 0; i < count; i++)
		memcpy(out + i * len, what, len);
	return slice_of(out, len * count);
}

/* What is longer than we keep loses nothing: a text that can be converted is,
 * another is refused as is one whose octets are wrong at its end, and a header
 * is encapsulated. */
START_TEST(too_long)
{
	const size_t pairs = (size_t)5 * 1024 * 1024 / 4;
	struct slice words;

	begin();
	arena_fini(&arena);
	arena_init(&arena, (size_t)400 * 1024 * 1024);
	buffer_fini(&content);
	buffer_fini(&text);
	buffer_init(&content, (size_t)100 * 1024 * 1024);
	buffer_init(&text, (size_t)100 * 1024 * 1024);
	words = joined(BER("\x1b$B"), repeated("F|K\\", pairs));
	ck_assert_int_eq(try(general(BER("\x06\x57"), words), NULL), 0);
	ck_assert_ptr_null(strstr((char *)text.data, "original-text"));
	words = joined(words, BER("\x7e\x7e"));
	ck_assert_int_eq(try(general(BER("\x06\x57"), words), NULL), ERR_LIMIT);
	words = repeated("abcd", pairs);
	ck_assert_int_eq(try(general(BER("\x06\x58"), words), NULL), ERR_LIMIT);
	becomes(
	    mime_body("text/html", "",
		arena_string(&arena,
		    joined(BER("Content-X: y"), repeated(" and so on", 6000)))),
	    "application/x400-bp; bp-type=1.3.6.1.7.1.2.1.1\r\n");
	end();
}
END_TEST

/* file_of - make a file of its parameters and so many pieces */
static struct slice
file_of(struct slice parameters, unsigned pieces)
{
	struct slice list = NOTHING;

	while (pieces-- > 0)
		list = joined(list,
		    external(0x28, BER("\x28\xc2\x7b\x02\x04"), 0x81, ABC));
	return extended(external(0xa0, BER("\x56\x01\x0b\x0c"), 0xa0,
			    tlv(0x30, parameters)),
	    BER("\x56\x01\x04\x0c"), 0xa0, tlv(0x30, list));
}

/* reference - make the environment of an application-reference */
static struct slice
reference(struct slice oid)
{
	return tlv(0xa2, tlv(0xa0, tlv(0x80, oid)));
}

/* RFC 2157 3.3, 6.4: files by their application-reference; what is compressed,
 * and what comes in pieces, is not the file. */
START_TEST(files)
{
	begin();
	becomes(file_of(NOTHING, 1),
	    "Content-Type: application/octet-stream\r\n"
	    "Content-Disposition: attachment\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\n");
	becomes(file_of(reference(BER("\x60\x86\x48\x01\x86\xf8\x1e\x02\x02"
				      "\x01\x06")),
		    1),
	    "Content-Type: image/jpeg\r\n");
	becomes(file_of(reference(BER("\x2a\x86\x48\x01\x86\xf8\x1e\x02\x02"
				      "\x01\x01")),
		    1),
	    "Content-Type: application/octet-stream\r\n");
	becomes(file_of(reference(BER("\x2a\x03\x04")), 1),
	    "Content-Type: application/x-ftbp.1.2.3.4\r\n");
	becomes(file_of(reference(NOTHING), 1),
	    "Content-Type: application/octet-stream\r\n");
	becomes(file_of(tlv(0xa3, tlv(0xa0, NOTHING)), 1),
	    "application/x400-bp; bp-type=2.6.1.4.12\r\n");
	becomes(
	    file_of(NOTHING, 2), "application/x400-bp; bp-type=2.6.1.4.12\r\n");
	end();
}
END_TEST

/* within - make messages within messages, the innermost of one text */
static struct slice
within(unsigned levels)
{
	struct slice part =
	    tlv(0xa0, joined(tlv(0x31, NOTHING), tlv(0x16, ABC)));

	/* [9] { SET {}, SEQUENCE { heading, SEQUENCE { part } } } */
	while (levels-- > 0)
		part = tlv(0xa9,
		    joined(tlv(0x31, NOTHING),
			tlv(0x30,
			    joined(BER("\x31\x05\x6b\x03\x13\x01i"),
				tlv(0x30, part)))));
	return part;
}

/* Messages within messages: as deep as is read, BER below that, and a report
 * where nobody reads that deep. */
START_TEST(nested)
{
	size_t count = 0;

	begin();
	becomes(within(IPM_LEVELS - 1), "\r\n\r\nabc");
	ck_assert_ptr_null(strstr((char *)text.data, "x400-bp"));
	becomes(within(13), "application/x400-bp; bp-type=9\r\n");
	for (const char *at = (char *)text.data;
	     (at = strstr(at, "message/rfc822")) != NULL; at++)
		count++;
	ck_assert_uint_eq(count, IPM_LEVELS - 1);
	ck_assert_int_eq(try(within(20), NULL), ERR_LIMIT);
	end();
}
END_TEST

TEST_MAIN("mixer/bodies_out",
	  TEST_LOOP(encapsulated, sizeof(opaque) / sizeof(opaque[0]));
	  TEST(octets); TEST(mime); TEST(general_text); TEST(other_texts);
	  TEST(files); TEST(too_long); TEST(nested))
