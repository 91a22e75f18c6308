/* SPDX-License-Identifier: ISC */
/*
 * mime_reader_test.c - what a message consists of, in pieces of any size, and
 * what is refused or taken as one leaf
 */
#include "mime/mime_reader.h"

#include <stdio.h>
#include <sys/resource.h>

#include "tests/unit/mime/mime_record.h"
#include "tests/unit/test.h"

/* In KB; AddressSanitizer keeps what was freed. */
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_MAX (1024 * 1024)
#else
#define MEMORY_MAX (32 * 1024)
#endif

/* expect - check that a message is told as this, in pieces of every size */
static void
expect(const char *message, const char *told)
{
	static const size_t pieces[] = {1, 2, 3, 7, 64, 1 << 20};
	struct mime_record record;

	mime_record_init(&record);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		ck_assert_int_eq(mime_record_read(&record,
				     slice_of_string(message), pieces[i]),
		    0);
		ck_assert_str_eq(mime_record_text(&record), told);
	}
	mime_record_fini(&record);
}

/* refuse - check that octets are refused for this */
static void
refuse(struct slice octets, enum mime_fault fault)
{
	struct mime_record record;

	mime_record_init(&record);
	record.limits.parts = 20;
	record.limits.header = 4096;
	record.limits.size = 100000;
	for (size_t piece = 1; piece < 5000; piece += 1777) {
		ck_assert_int_lt(mime_record_read(&record, octets, piece), 0);
		ck_assert_msg(record.fault == fault, "%s, not %s",
		    mime_fault_text(record.fault), mime_fault_text(fault));
	}
	mime_record_fini(&record);
}

START_TEST(simple)
{
	expect("Subject: a\r\n\r\ntext\r\n", "1 leaf text/plain [text\r\n]");
	expect("Subject: a\n\ntext\n", "1 leaf text/plain [text\n]");
	/* a header alone, with and without the empty line */
	expect("Subject: a\r\n", "1 leaf text/plain []");
	expect("Subject: a", "1 leaf text/plain []");
	expect("", "1 leaf text/plain []");
	/* a line that is no field begins the body */
	expect("Subject: a\nno field here\nx: y\n",
	    "1 leaf text/plain [no field here\nx: y\n]");
	expect("From jo Mon Nov 30\nSubject: a\n\nb", "1 leaf text/plain [b]");
	/* CR alone is text in a body */
	expect("a: b\n\nx\ry\r\r\n", "1 leaf text/plain [x\ry\r\r\n]");
}
END_TEST

#define MIXED "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"

START_TEST(multipart)
{
	expect(MIXED "before\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: "
		     "text/html\r\n\r\ntwo\r\n\r\n--b--\r\nafter\r\n",
	    "1 multipart multipart/mixed [2 leaf text/plain [one]3 leaf "
	    "text/html [two\r\n]]");
	/* text that only looks like a boundary */
	expect(MIXED "--b\r\n\r\n--bc\r\n-- b\r\n--\r\n-\r\n--b--x\r\n--b \t"
		     "\r\n\r\nlast",
	    "1 multipart multipart/mixed [2 leaf text/plain "
	    "[--bc\r\n-- b\r\n--\r\n-\r\n--b--x]3 leaf text/plain [last]]");
	/* an outer boundary ends what is within */
	expect(MIXED "--b\r\nContent-Type: multipart/x; boundary=bb\r\n\r\n"
		     "--bb\r\n\r\nin\r\n--b\r\n\r\nout\r\n--b--\r\n",
	    "1 multipart multipart/mixed [2 multipart multipart/x [3 leaf "
	    "text/plain [in]]4 leaf text/plain [out]]");
	/* a part of a header alone, an empty one, none */
	expect(MIXED "--b\r\nX: y\r\n--b\r\n\r\n--b--\r\n",
	    "1 multipart multipart/mixed [2 leaf text/plain []3 leaf "
	    "text/plain []]");
	expect(MIXED "nothing", "1 multipart multipart/mixed []");
	/* blanks at the end of a boundary come and go */
	expect("Content-Type: multipart/mixed; boundary=\"b \"\r\n\r\n"
	       "--b \r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b --\r\nafter",
	    "1 multipart multipart/mixed [2 leaf text/plain [one]3 leaf "
	    "text/plain [two]]");
	/* nothing begins behind the end */
	expect(MIXED "--b--\r\n--b\r\n\r\nx", "1 multipart multipart/mixed []");
}
END_TEST

/* Octets are looked at in blocks: a boundary is found at each place of one. */
START_TEST(places)
{
	char filler[130], message[600], told[400];

	for (unsigned i = 0; i < sizeof(filler); i++) {
		memset(filler, i % 3 == 0 ? '-' : 'x', i);
		filler[i] = '\0';
		(void)snprintf(message, sizeof(message),
		    MIXED "--b\r\n\r\na%s\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
		    filler);
		(void)snprintf(told, sizeof(told),
		    "1 multipart multipart/mixed [2 leaf text/plain [a%s]3 "
		    "leaf text/plain [two]]",
		    filler);
		expect(message, told);
	}
}
END_TEST

START_TEST(messages)
{
	expect(MIXED "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: "
		     "x\r\n\r\nin\r\n--b--\r\n",
	    "1 multipart multipart/mixed [2 message message/rfc822 [3 leaf "
	    "text/plain [in]]]");
	expect(MIXED "--b\r\nContent-Type: message/rfc822\r\n\r\n--b--\r\n",
	    "1 multipart multipart/mixed [2 message message/rfc822 [3 leaf "
	    "text/plain []]]");
	/* a mailbox's separator before a message within */
	expect(MIXED "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom jo Mon "
		     "Nov 30\r\nSubject: x\r\n\r\nin\r\n--b--\r\n",
	    "1 multipart multipart/mixed [2 message message/rfc822 [3 leaf "
	    "text/plain [in]]]");
	/* in a header, a line that is no field, twice over */
	expect("Content-Type: message/rfc822\nno field\nSubject: x\n\ny",
	    "1 message message/rfc822 [2 leaf text/plain [no "
	    "field\nSubject: x\n\ny]]");
}
END_TEST

START_TEST(encodings)
{
	expect("Content-Transfer-Encoding: base64\r\n\r\naGFs\r\nbG8=\r\n",
	    "1 leaf text/plain [hallo]");
	expect("Content-Transfer-Encoding: BASE64 (x)\r\n\r\n a!Gk=aGk=",
	    "1 leaf text/plain [hihi]");
	expect("Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	       "=41b =\r\nc=  \r\nd \t\r\n=4=zz=\r\n",
	    "1 leaf text/plain [Ab cd\r\n=4=zz]");
	expect("Content-Transfer-Encoding: x-binhex\r\n\r\nM123\r\n",
	    "1 leaf text/plain (the encoding is not known) [M123\r\n]");
}
END_TEST

/* Old mail has files so; a blank at the end of a line may be lost. */
START_TEST(uuencode)
{
	expect(
	    "Content-Transfer-Encoding: x-uuencode\r\n\r\n\r\n"
	    "begin 644 a.txt\r\n%:&%L;&\\\r\n#0V%T\r\n$86)C(\r\n`\r\nend\r\n",
	    "1 leaf text/plain [halloCatabc ]");
	expect("Content-Transfer-Encoding: x-uuencode\n\n"
	       "before\nbegin 644 a\n#0V%T\n \nend\nafter",
	    "1 leaf text/plain [before\nCatafter]");
	expect("Content-Transfer-Encoding: uuencode\n\nnothing of it\n",
	    "1 leaf text/plain [nothing of it\n]");
}
END_TEST

START_TEST(defects)
{
	/* some name the encoding of the parts */
	expect("Content-Type: multipart/mixed; boundary=b\r\nContent-"
	       "Transfer-Encoding: quoted-printable\r\n\r\n--b\r\n\r\nx=41",
	    "1 multipart multipart/mixed [2 leaf text/plain [x=41]]");
	expect("Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nx",
	    "1 leaf multipart/mixed (no boundary) [--b\r\n\r\nx]");
	expect("Content-Type: multipart/mixed; boundary=b\r\nContent-"
	       "Transfer-Encoding: base64\r\n\r\naGk=",
	    "1 leaf multipart/mixed (encoded as a whole) [hi]");
	expect("Content-Type: ;;\r\n\r\nx",
	    "1 leaf application/octet-stream (Content-Type is not readable) "
	    "[x]");
}
END_TEST

/* Entities within 100,000 others are one leaf beyond a few. */
START_TEST(nesting)
{
	struct mime_record record;
	struct buffer message;
	char line[128];

	buffer_init(&message, 1 << 24);
	mime_record_init(&record);
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(line, sizeof(line),
		    "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i,
		    i);
		ck_assert_int_eq(
		    buffer_append(&message, line, strlen(line)), 0);
	}
	ck_assert_int_eq(
	    mime_record_read(&record, buffer_slice(&message), 4096), 0);
	ck_assert_ptr_nonnull(
	    strstr(mime_record_text(&record), "(within too many others)"));
	mime_record_fini(&record);
	buffer_fini(&message);
}
END_TEST

START_TEST(whole)
{
	static const char message[] =
	    "Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n\r\n"
	    "a =41\r\n--s--\r\n";
	struct mime_record record;

	mime_record_init(&record);
	record.whole = true;
	ck_assert_int_eq(
	    mime_record_read(&record, slice_of_string(message), 3), 0);
	ck_assert_str_eq(mime_record_text(&record),
	    "1 multipart multipart/signed [--s\r\n\r\na =41\r\n--s--\r\n]");
	mime_record_fini(&record);
}
END_TEST

START_TEST(refused)
{
	static char octets[200000];
	size_t len;

	refuse(slice_of("a: b\0c\r\n\r\n", 10), MIME_FAULT_NUL);
	refuse(slice_of_string("a: b\rX: c\r\n\r\n"), MIME_FAULT_BARE_CR);
	refuse(slice_of_string("From jo\rX: c\r\rtext"), MIME_FAULT_BARE_CR);
	/* a header, a field and a line without end */
	memset(octets, 'x', sizeof(octets));
	refuse(slice_of(octets, 90000), MIME_FAULT_HEADER);
	memcpy(octets, "a: ", 3);
	for (size_t i = 76; i < 90000; i += 76)
		memcpy(octets + i, "\n ", 2);
	refuse(slice_of(octets, 90000), MIME_FAULT_HEADER);
	for (size_t i = 0; i < 90000; i += 5)
		memcpy(octets + i, "a: b\n", 5);
	refuse(slice_of(octets, 90000), MIME_FAULT_HEADER);
	for (len = 0; len < 2 * 1010; len += 2)
		memcpy(octets + len, "a:", 2);
	for (size_t i = 0; i < 4000; i += 3)
		memcpy(octets + i, "a:\n", 3);
	refuse(slice_of(octets, 4000), MIME_FAULT_FIELDS);
	/* parts, octets */
	len = (size_t)snprintf(octets, sizeof(octets),
	    "Content-Type: multipart/mixed; boundary=b\n\n");
	for (unsigned i = 0; i < 30; i++)
		len += (size_t)snprintf(
		    octets + len, sizeof(octets) - len, "--b\n\n");
	refuse(slice_of(octets, len), MIME_FAULT_PARTS);
	memset(octets, '\n', sizeof(octets));
	refuse(slice_of(octets, sizeof(octets)), MIME_FAULT_SIZE);
}
END_TEST

/* Octets beyond ASCII in a header are read as UTF-8, else as ISO 8859-1. */
START_TEST(eight_bits)
{
	struct mime_header header;
	struct arena arena;

	arena_init(&arena, 1 << 20);
	ck_assert_int_eq(
	    mime_header_parse(slice_of_string("A: \xc3\xbc\r\nB : \xfc"
					      "x\r\n y\r\n"),
		&arena, &header),
	    0);
	ck_assert_uint_eq(header.count, 2);
	ck_assert(slice_equal_string(header.fields[0].value, "\xc3\xbc"));
	ck_assert(slice_equal_string(header.fields[1].value, "\xc3\xbcx y"));
	ck_assert(slice_equal_string(header.fields[1].name, "B"));
	arena_fini(&arena);
}
END_TEST

/* A gigabyte costs what a kilobyte does: 64 MB where not asked for long. */
START_TEST(memory)
{
	static const char head[] =
	    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n";
	static char piece[78 * 1000];
	uint64_t size =
	    getenv("FOURPOST_TEST_LONG") != NULL ? UINT64_C(1) << 30 : 64 << 20;
	struct mime_record record;
	struct mime_reader reader;
	struct rusage before, after;

	mime_record_init(&record);
	memset(piece, 'A', sizeof(piece));
	for (size_t i = 76; i < sizeof(piece); i += 78)
		memcpy(piece + i, "\r\n", 2);
	getrusage(RUSAGE_SELF, &before);
	record.quiet = true;
	mime_record_begin(&record, &reader);
	ck_assert_int_eq(mime_reader_push(&reader, slice_of_string(head)), 0);
	for (uint64_t n = 0; n < size; n += sizeof(piece))
		ck_assert_int_eq(
		    mime_reader_push(&reader, slice_of(piece, sizeof(piece))),
		    0);
	ck_assert_int_eq(mime_reader_finish(&reader), 0);
	getrusage(RUSAGE_SELF, &after);
	mime_reader_fini(&reader);
	ck_assert_uint_ge(record.octets, size / 78 * 57);
	ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, MEMORY_MAX);
	mime_record_fini(&record);
}
END_TEST

TEST_MAIN("mime/reader", TEST(simple), TEST(multipart), TEST(places),
    TEST(messages), TEST(encodings), TEST(uuencode), TEST(defects),
    TEST(nesting), TEST(whole), TEST(refused), TEST(eight_bits),
    TEST_LONG(memory, 60))
