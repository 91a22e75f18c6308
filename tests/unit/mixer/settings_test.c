/* SPDX-License-Identifier: ISC */
/*
 * settings_test.c - what the settings of a gateway make of messages
 */
#include <string.h>

#include "tests/unit/mixer/mixer_message.h"
#include "tests/unit/test.h"

#define OCTETS_MAX ((size_t)4 * 1024 * 1024)

#define HEADER                                      \
	"Date: Mon, 30 Nov 2026 12:05:10 +0000\r\n" \
	"Message-ID: <a1@acme.example>\r\n"         \
	"From: kim@example.org\r\n"

/* A message on its way, both of whose forms end in NUL. */
struct way {
	struct mixer_message m;
	struct buffer content, text;
};

static void
way_init(struct way *way)
{
	mixer_message_init(&way->m);
	buffer_init(&way->content, OCTETS_MAX);
	buffer_init(&way->text, OCTETS_MAX);
}

static void
way_fini(struct way *way)
{
	buffer_fini(&way->content);
	buffer_fini(&way->text);
	mixer_message_fini(&way->m);
}

/* to_x400 - make the content of a message, in pieces of one octet */
static void
to_x400(struct way *way, const char *message)
{
	struct diag diag = {0};

	buffer_reset(&way->content);
	ck_assert_msg(mixer_message_to_x400(&way->m, slice_of_string(message),
			  1, &way->content, &diag) == 0,
	    "%s", diag_text(&diag));
}

/* words - say what the content is */
static const char *
words(struct way *way)
{
	buffer_reset(&way->text);
	mixer_message_describe(buffer_slice(&way->content), &way->text);
	ck_assert_int_eq(buffer_append(&way->text, "", 1), 0);
	return (const char *)way->text.data;
}

/* message - make the message of the content */
static const char *
message(struct way *way)
{
	struct diag diag = {0};

	buffer_reset(&way->text);
	ck_assert_msg(
	    mixer_message_to_internet(&way->m, buffer_slice(&way->content), 3,
		&way->text, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_int_eq(buffer_append(&way->text, "", 1), 0);
	return (const char *)way->text.data;
}

/* has - check that a text is in another */
static void
has(const char *text, const char *what)
{
	ck_assert_msg(strstr(text, what) != NULL, "no %s in:\n%s", what, text);
}

/* lacks - check that it is not */
static void
lacks(const char *text, const char *what)
{
	ck_assert_msg(strstr(text, what) == NULL, "%s in:\n%s", what, text);
}

START_TEST(foreign_from)
{
	struct way way;

	way_init(&way);
	to_x400(&way, HEADER "\r\ntext\r\n");
	has(message(&way), "Reply-To: kim@example.org\r\n");
	lacks(message(&way), "From: kim@example.org\r\n");
	way.m.mapping.foreign_from = CONF_FOREIGN_KEEP;
	has(message(&way), "From: kim@example.org\r\n");
	lacks(message(&way), "Reply-To");
	way_fini(&way);
}
END_TEST

#define ATTACHED                                                \
	HEADER                                                  \
	"MIME-Version: 1.0\r\n"                                 \
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n"     \
	"--b\r\n\r\nsee there\r\n--b\r\n"                       \
	"Content-Type: application/pdf; name=a.pdf\r\n"         \
	"Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n" \
	"--b--\r\n"

START_TEST(attachments)
{
	struct way way;

	way_init(&way);
	to_x400(&way, ATTACHED);
	has(words(&way), "part 0 file-transfer name=a.pdf [%PDF]");
	way.m.mapping.attachments = CONF_ATTACHMENTS_BP14;
	to_x400(&way, ATTACHED);
	has(words(&way), "part 0 bilaterally-defined [%PDF]");
	has(message(&way), "Content-Type: application/octet-stream\r\n");
	has(message(&way), "\r\nJVBERg==\r\n");
	way_fini(&way);
}
END_TEST

START_TEST(text_in_ia5)
{
	struct way way;

	way_init(&way);
	way.m.mapping.text = CONF_TEXT_IA5;
	to_x400(&way,
	    HEADER "Content-Type: text/plain; charset=utf-8\r\n"
		   "Content-Transfer-Encoding: 8bit\r\n\r\n"
		   "Gr\xc3\xbc\xc3\x9f"
		   "e \xe2\x80\x93 5 \xe2\x82\xac, \xc5\x81\xc3\xb3"
		   "d\xc5\xba \xe4\xb8\xad\r\n");
	has(words(&way), "part 0 ia5-text [Gruesse - 5 EUR, Lodz ?\r\n]");
	to_x400(&way,
	    HEADER "Content-Type: text/plain; charset=iso-8859-1\r\n"
		   "Content-Transfer-Encoding: 8bit\r\n\r\nCaf\xe9\n");
	has(words(&way), "part 0 ia5-text [Cafe\r\n]");
	/* Octets that are not what their set says stay octets. */
	to_x400(&way,
	    HEADER "Content-Type: text/plain; charset=utf-8\r\n"
		   "Content-Transfer-Encoding: 8bit\r\n\r\nCaf\xe9\n");
	has(words(&way), "part 0 file-transfer [Caf\xe9\n]");
	to_x400(&way, HEADER "\r\nCaf\xe9 \xc3\xbc\n");
	has(words(&way), "part 0 ia5-text [Cafe ue\r\n]");
	way_fini(&way);
}
END_TEST

#define FAX                                                     \
	HEADER                                                  \
	"MIME-Version: 1.0\r\n"                                 \
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n"     \
	"--b\r\n\r\nfirst\r\n--b\r\n"                           \
	"Content-Type: application/x400-bp; bp-type=3\r\n"      \
	"Content-Transfer-Encoding: base64\r\n\r\nowQxADAA\r\n" \
	"--b\r\n\r\nlast\r\n--b--\r\n"

START_TEST(unmappable)
{
	struct way way;
	struct diag diag = {0};

	way_init(&way);
	to_x400(&way, FAX);
	has(message(&way), "Content-Type: application/x400-bp; bp-type=3\r\n");
	has(message(&way), "\r\nowQxADAA\r\n");
	way.m.mapping.unmappable = CONF_UNMAPPABLE_MARKER;
	has(message(&way),
	    "\r\n\r\n[A body part of type g3-facsimile was left out "
	    "here.]\r\n--");
	lacks(message(&way), "owQxADAA");
	has(message(&way), "last");
	way.m.mapping.unmappable = CONF_UNMAPPABLE_REFUSE;
	ck_assert_int_eq(mixer_message_to_internet(&way.m,
			     buffer_slice(&way.content), 3, &way.text, &diag),
	    ERR_UNSUPPORTED);
	ck_assert_str_eq(diag_text(&diag),
	    "a body part of type g3-facsimile, which MIME does not have");
	way_fini(&way);
}
END_TEST

#define UNREADABLE                                                \
	HEADER                                                    \
	"MIME-Version: 1.0\r\n"                                   \
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n"       \
	"--b\r\nContent-Type: application/x400-bp; bp-type=9\r\n" \
	"Content-Transfer-Encoding: base64\r\n\r\nqQQxAAUA\r\n"   \
	"--b\r\nContent-Type: application/x400-bp; bp-type=9\r\n" \
	"Content-Transfer-Encoding: base64\r\n\r\nqQQxAAUA\r\n"   \
	"--b--\r\n"

/* add - gather what is written */
static int
add(void *arg, struct slice octets)
{
	return buffer_append(arg, octets.data, octets.len);
}

/* Forwarded messages that cannot be read are found while they are written. */
START_TEST(unreadable)
{
	struct ipm_raw raw = {.count = 0};
	struct message_out *out;
	struct way way;
	unsigned tries = 0;
	bool again;

	way_init(&way);
	to_x400(&way, UNREADABLE);
	do {
		buffer_reset(&way.text);
		ck_assert_int_eq(
		    message_out_new(&way.m.mapping, &raw, add, &way.text, &out),
		    0);
		again =
		    message_out_push(out, buffer_slice(&way.content), NULL) < 0;
		if (again)
			ck_assert(message_out_unreadable(out, &raw));
		else
			ck_assert_int_eq(message_out_finish(out, NULL), 0);
		message_out_free(out);
		tries++;
	} while (again);
	ck_assert_uint_eq(tries, 3);
	ck_assert_int_eq(buffer_append(&way.text, "", 1), 0);
	has((char *)way.text.data,
	    "Content-Type: application/x400-bp; bp-type=9\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\nqQQxAAUA\r\n");
	way_fini(&way);
}
END_TEST

#define BLIND                     \
	HEADER                    \
	"To: jo@acme.example\r\n" \
	"Bcc: ann@acme.example, ben@acme.example\r\n\r\ntext\r\n"

START_TEST(blind)
{
	enum address_kind kind;
	struct or_address ben;
	struct arena arena;
	struct way way;

	way_init(&way);
	arena_init(&arena, 1 << 20);
	ck_assert_int_eq(
	    address_from_internet(&way.m.map,
		slice_of_string("ben@acme.example"), &arena, &ben, &kind, NULL),
	    0);
	to_x400(&way, BLIND);
	has(words(&way), "blind: S=ann;");
	has(message(&way), "Bcc: ann@acme.example, ben@acme.example\r\n");
	/* Several recipients get the message: nobody is told. */
	way.m.mapping.blind = MAPPING_BLIND_HIDDEN;
	lacks(message(&way), "Bcc");
	/* A recipient who alone gets it is told of himself. */
	way.m.mapping.only = &ben;
	has(message(&way), "Bcc: ben@acme.example\r\n");
	to_x400(&way, BLIND);
	has(words(&way), "blind: S=ben;");
	lacks(words(&way), "S=ann");
	way.m.mapping.only = NULL;
	to_x400(&way, BLIND);
	lacks(words(&way), "blind");
	arena_fini(&arena);
	way_fini(&way);
}
END_TEST

START_TEST(parts)
{
	struct diag diag = {0};
	struct way way;

	way_init(&way);
	way.m.limits.parts = 4;
	to_x400(&way, FAX);
	way.m.limits.parts = 3;
	ck_assert_int_eq(mixer_message_to_x400(&way.m, slice_of_string(FAX), 9,
			     &way.content, &diag),
	    ERR_LIMIT);
	way_fini(&way);
}
END_TEST

#define UMLAUT                                        \
	"Content-Type: text/plain; charset=utf-8\r\n" \
	"Content-Transfer-Encoding: 8bit\r\n\r\n\xc3\xbc\r\n"

/* A sender may prohibit that a text loses anything. */
START_TEST(prohibited)
{
	struct diag diag = {0};
	struct way way;

	way_init(&way);
	to_x400(&way, HEADER "Conversion-With-Loss: Prohibited\r\n" UMLAUT);
	way.m.mapping.text = CONF_TEXT_IA5;
	to_x400(&way, HEADER "Conversion-With-Loss: Allowed\r\n" UMLAUT);
	to_x400(
	    &way, HEADER "Conversion-With-Loss: Prohibited\r\n\r\nASCII\r\n");
	ck_assert_int_eq(mixer_message_to_x400(&way.m,
			     slice_of_string(HEADER
				 "Conversion-With-Loss: Prohibited\r\n" UMLAUT),
			     9, &way.content, &diag),
	    ERR_UNSUPPORTED);
	ck_assert_str_eq(
	    diag_text(&diag), "conversion with loss is prohibited");
	way_fini(&way);
}
END_TEST

#define OLD                                                 \
	HEADER                                              \
	"MIME-Version: 1.0\r\n"                             \
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n" \
	"--b\r\n\r\nRFC-822-Headers:\r\nKeywords: one\r\n"  \
	"Bcc: x@y.z\r\nDKIM-Signature: no\r\n"              \
	"--b\r\n\r\ntext\r\n--b--\r\n"

/* Fields in the first text come from a gateway before an MTA of 1984. */
START_TEST(old_headers)
{
	struct way way;

	way_init(&way);
	to_x400(&way, OLD);
	has(message(&way), "\r\nKeywords: one\r\n");
	lacks(message(&way), "RFC-822-Headers");
	lacks(message(&way), "Bcc");
	lacks(message(&way), "DKIM-Signature");
	has(message(&way), "\r\n\r\ntext\r\n");
	lacks(message(&way), "multipart");
	way_fini(&way);
}
END_TEST

/* An application-reference is a type, and the type such a reference. */
START_TEST(application)
{
	static const char oid[] = "\xa2\x0c\xa0\x0a\x80\x08\x2a\x86\x48\x86"
				  "\xf7\x14\x04\x02";
	struct way way;

	way_init(&way);
	to_x400(&way,
	    HEADER "Content-Type: application/x-ftbp.1.2.840.113556.4.2\r\n\r\n"
		   "text\r\n");
	ck_assert_ptr_nonnull(memmem(way.content.data + way.content.start,
	    buffer_length(&way.content), oid, sizeof(oid) - 1));
	has(message(&way),
	    "Content-Type: application/x-ftbp.1.2.840.113556.4.2\r\n");
	/* EMA's identifier says that the application is not known. */
	to_x400(&way,
	    HEADER "Content-Type: application/x-ftbp."
		   "2.16.840.1.113694.2.2.1.1; x=y\r\n\r\ntext\r\n");
	has(message(&way), "application/x-ftbp.2.16.840.1.113694.2.2.1.1;");
	way_fini(&way);
}
END_TEST

TEST_MAIN("mixer/settings", TEST(foreign_from); TEST(attachments);
	  TEST(text_in_ia5); TEST(unmappable); TEST(unreadable); TEST(blind);
	  TEST(parts); TEST(application); TEST(prohibited); TEST(old_headers))
