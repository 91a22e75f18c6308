/* SPDX-License-Identifier: ISC */
/*
 * charset_test.c - every octet of the sets that are read as larger ones, in a
 * body and in a header: none makes a file of a text, or ends a word
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/mixer/mixer_message.h"
#include "tests/unit/test.h"

#define TEXT_MAX ((size_t)64 * 1024)

static struct mixer_message m;
static struct buffer mail, content, words;

/* setup - prepare for messages */
static void
setup(void)
{
	mixer_message_init(&m);
	buffer_init(&mail, TEXT_MAX);
	buffer_init(&content, TEXT_MAX);
	buffer_init(&words, TEXT_MAX);
}

/* teardown - give all back */
static void
teardown(void)
{
	buffer_fini(&words);
	buffer_fini(&content);
	buffer_fini(&mail);
	mixer_message_fini(&m);
}

/* describe - say in words what the message becomes that is in mail */
static const char *
describe(void)
{
	struct diag diag = {0};

	buffer_reset(&content);
	buffer_reset(&words);
	ck_assert_msg(mixer_message_to_x400(
			  &m, buffer_slice(&mail), 7, &content, &diag) == 0,
	    "%s", diag_text(&diag));
	mixer_message_describe(buffer_slice(&content), &words);
	ck_assert_int_eq(buffer_append(&words, "", 1), 0);
	return (const char *)words.data + words.start;
}

/* write_mail - write a message with an octet in its subject and in its body,
 * where after follows; it is left out of the body if it ends lines */
static void
write_mail(const char *set, unsigned octet, const char *after)
{
	char text[512];
	bool plain = octet != '\0' && octet != '\r' && octet != '\n';
	int len = snprintf(text, sizeof(text),
	    "From: jo@acme.example\r\nSubject: =?%s?Q?<=%02X_b>?=\r\n"
	    "Content-Type: text/plain; charset=%s\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	    "<=%02X%s",
	    set, octet, set, plain ? octet : ' ', after);

	buffer_reset(&mail);
	ck_assert_int_eq(buffer_append(&mail, text, (size_t)len), 0);
}

/* check - check what an octet of a set becomes: a text and a subject with
 * nothing lost behind it */
static void
check(const char *set, unsigned octet)
{
	const char *text;

	write_mail(set, octet, " b>\r\n");
	text = describe();
	ck_assert_msg(strstr(text, " file") == NULL &&
		strstr(strstr(text, "part 0"), " b>") != NULL,
	    "octet %02x of %s: %s", octet, set, text);
	text = strstr(text, "subject: <");
	ck_assert_msg(text != NULL && strstr(text, " b>") < strchr(text, '\n'),
	    "octet %02x of %s: %s", octet, set, text);
	/* An octet at the end is not a character that was cut. */
	write_mail(set, octet, "");
	ck_assert_msg(strstr(describe(), " file") == NULL,
	    "octet %02x of %s at the end", octet, set);
}

static const char *const latin1[] = {"iso-8859-1", "ISO_8859-1", "latin1",
    "iso8859-1", "l1", "windows-1252", "cp1252"};

START_TEST(latin)
{
	setup();
	for (unsigned octet = 0; octet < 256; octet++)
		check(latin1[_i], octet);
	teardown();
}
END_TEST

/* says - check what the body of the message in mail is */
static void
says(const char *set, unsigned octet, const char *body)
{
	const char *text;

	write_mail(set, octet, " b>");
	text = describe();
	ck_assert_msg(strstr(text, body) != NULL, "no %s in %s", body, text);
}

/* The controls of ISO 8859-1 stay what they are in a body, as those of the
 * other parts do, and 80 is what it is in windows-1252. */
START_TEST(controls)
{
	setup();
	says("iso-8859-1", 0x80, "[<\xe2\x82\xac b>]");
	says("iso-8859-1", 0x81, "[<\xc2\x81 b>]");
	says("iso-8859-1", 0x9d, "[<\xc2\x9d b>]");
	says("iso-8859-2", 0x81, "[<\xc2\x81 b>]");
	says("euc-kr", 0x80, "[<\xc2\x80 b>]");
	teardown();
}
END_TEST

static const char *const korean[] = {"euc-kr", "ks_c_5601-1987", "cp949"};

/* Octets from A0 on are letters, or none, but for their second octet. */
START_TEST(korea)
{
	setup();
	for (unsigned octet = 0; octet < 0xa0; octet++)
		check(korean[_i], octet);
	for (unsigned octet = 0xa0; octet < 256; octet++) {
		write_mail(korean[_i], octet, " b>\r\n");
		ck_assert_msg(strstr(describe(), " file") != NULL,
		    "octet %02x of %s", octet, korean[_i]);
	}
	teardown();
}
END_TEST

TEST_MAIN("mixer/charset", TEST_LOOP(latin, sizeof(latin1) / sizeof(latin1[0]));
	  TEST_LOOP(korea, sizeof(korean) / sizeof(korean[0])); TEST(controls))
