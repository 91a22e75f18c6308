/* SPDX-License-Identifier: ISC */
/*
 * postfix_test.c - mail from one Postfix through two gateways and X.400 to
 * another: what its readers get, and who answers whom
 */
#include <string.h>

#include "tests/system/mail_ends.h"
#include "tests/system/mail_peer.h"
#include "tests/unit/test.h"

#define SAMPLES "tests/vectors/mail/"

static struct mail_ends ends;

/* Messages as mail programs make them. */
static const struct sample {
	const char *file, *from, *to;
} samples[] = {
    {SAMPLES "thunderbird-files.eml", "kim", "jo"},
    {SAMPLES "thunderbird-html.eml", "kim", "jo"},
    {SAMPLES "thunderbird-signed.eml", "kim", "jo"},
    {SAMPLES "outlook-files.eml", "jo", "ann"},
    {SAMPLES "outlook-meeting.eml", "jo", "ann"},
    {SAMPLES "outlook-forward.eml", "jo", "ann"},
};

START_TEST(mail_programs)
{
	if (!mail_ends_begin(&ends, "postfix-mail"))
		return;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const struct sample *s = &samples[i];
		char from[64], to[64], *sent, *got;

		sent = suite_read(s->file, NULL);
		ck_assert_ptr_nonnull(sent);
		(void)snprintf(
		    from, sizeof(from), "<%s@left.example>", s->from);
		(void)snprintf(to, sizeof(to), "<%s@right.example>", s->to);
		postfix_send(&ends.left, from, to, sent);
		got = postfix_receive(&ends.right, s->to);
		mail_ends_same(got, s->file);
		free(got);
		free(sent);
	}
	mail_ends_end(&ends);
}
END_TEST

#define ROUNDS	   10
#define REFERENCES 2048

/* A side of a conversation. */
struct talker {
	const struct postfix *from, *to;
	const char *address, *user, *other, *other_user;
};

/* An identifier of 84 octets, as Outlook has them: more than X.400 can. */
#define OUTLOOK_ID                                                         \
	"<KL1PR0302MB5219E19084B514EC36B4F636DB5%02u@KL1PR0302MB5219.apcp" \
	"rd03.prod.outlook.com>"

/* An answer to each message, by what its reader saw; who wrote it finds it
 * under his own. */
START_TEST(conversation)
{
	const struct talker talkers[] = {
	    {&ends.left, &ends.right, "kim@left.example", "kim",
		"jo@right.example", "jo"},
	    {&ends.right, &ends.left, "jo@right.example", "jo",
		"kim@left.example", "kim"}};
	char references[REFERENCES] = "", before[128] = "";

	if (!mail_ends_begin(&ends, "postfix-thread"))
		return;
	for (unsigned i = 0; i < ROUNDS; i++) {
		const struct talker *t = &talkers[i % 2];
		char message[4096], id[128], from[64], to[64], *got, *seen;

		(void)snprintf(id, sizeof(id), OUTLOOK_ID, i);
		(void)snprintf(message, sizeof(message),
		    "Message-ID: %s\nDate: Mon, 30 Nov 2026 10:%02u:31 +0100\n"
		    "From: %s\nTo: %s\nSubject: Re: a talk\n%s%s%s%s%s%s\n"
		    "round %u\n",
		    id, i, t->address, t->other, i > 0 ? "In-Reply-To: " : "",
		    before, i > 0 ? "\n" : "", i > 0 ? "References:" : "",
		    references, i > 0 ? "\n" : "", i);
		(void)snprintf(from, sizeof(from), "<%s>", t->address);
		(void)snprintf(to, sizeof(to), "<%s>", t->other);
		postfix_send(t->from, from, to, message);
		got = postfix_receive(t->to, t->other_user);
		mail_ends_field_is(got, "Message-ID", id);
		if (i > 0) {
			mail_ends_field_is(got, "In-Reply-To", before);
			seen = mail_ends_field(got, "References");
			ck_assert_ptr_nonnull(seen);
			mail_ends_has(seen, before);
			free(seen);
		}
		free(got);
		(void)strlcpy(before, id, sizeof(before));
		(void)strlcat(references, "\n ", sizeof(references));
		(void)strlcat(references, id, sizeof(references));
	}
	mail_ends_end(&ends);
}
END_TEST

#define LETTER                                           \
	"Message-ID: <letter@left.example>\n"            \
	"Date: Mon, 30 Nov 2026 10:12:31 +0100\n"        \
	"From: kim@left.example\nTo: jo@right.example\n" \
	"Subject: a letter\n\nWhat was written.\n"

/* Mail waits for a Postfix that is away, on either way in. */
START_TEST(away)
{
	char *got;

	if (!mail_ends_begin(&ends, "postfix-away"))
		return;
	postfix_stop(&ends.right);
	for (unsigned i = 0; i < 3; i++)
		postfix_send(&ends.left, "<kim@left.example>",
		    "<jo@right.example>", LETTER);
	suite_wait_empty(&ends.a, 20);
	postfix_start(&ends.right);
	ck_assert_int_eq(
	    suite_tool(&ends.b, NULL, "x4ctl", "retry", "mixer/net", NULL), 0);
	for (unsigned i = 0; i < 3; i++) {
		got = postfix_receive(&ends.right, "jo");
		mail_ends_has(got, "What was written.");
		free(got);
	}
	/* and Postfix waits for the gateway */
	suite_stop(&ends.a);
	postfix_send(
	    &ends.left, "<kim@left.example>", "<jo@right.example>", LETTER);
	suite_start(&ends.a);
	got = postfix_receive(&ends.right, "jo");
	mail_ends_has(got, "What was written.");
	free(got);
	mail_ends_end(&ends);
}
END_TEST

/* What the gateway refuses is refused by Postfix, while its sender is there. */
START_TEST(unverified)
{
	static const struct {
		const char *to, *reply;
	} asked[] = {{"jo@right.example", "250 2.1.5"},
	    {"no-address@x400.left.example", "550 5.1.1"},
	    {"/S=x/ADMD=NO/C=FR/@x400.left.example", "550 5.1.1"},
	    {"\"/RFC-822=a(a)b.example/O=GW/PRMD=a/ADMD=TEST/C=XX/\""
	     "@x400.left.example",
		"550 5.1.1"},
	    {"ann@right.example", "250 2.1.5"}};
	FILE *peer;

	ends.left_more =
	    "smtpd_recipient_restrictions = reject_unverified_recipient\n"
	    "unverified_recipient_reject_code = 550\n"
	    "address_verify_poll_delay = 1s\naddress_verify_poll_count = 60\n";
	if (!mail_ends_begin(&ends, "postfix-verify"))
		return;
	peer = mail_peer_call(ends.left.port);
	mail_peer_say(peer, "EHLO test", "250 ");
	mail_peer_say(peer, "MAIL FROM:<kim@left.example>", "250 ");
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		char line[256];

		(void)snprintf(line, sizeof(line), "RCPT TO:<%s>", asked[i].to);
		mail_peer_say(peer, line, asked[i].reply);
	}
	(void)fclose(peer);
	mail_ends_end(&ends);
}
END_TEST

/* make_key - make a key with its certificate for both Postfixes: its pin, to be
 * freed */
static char *
make_key(void)
{
	char *pin;

	ck_assert_int_eq(
	    suite_shell(&pin,
		"cd '%s' && openssl req -x509 -newkey ec -nodes -days 2 "
		"-pkeyopt ec_paramgen_curve:P-256 -subj /CN=mail.example "
		"-keyout key -out certificate 2>key.log && "
		"openssl x509 -in certificate -noout -pubkey | "
		"openssl pkey -pubin -outform der | "
		"openssl dgst -sha256 -binary | base64 | tr -d '\\n'",
		suite_directory()),
	    0);
	return pin;
}

/* A Postfix that takes nothing in the clear, and is known by its key. */
START_TEST(within_tls)
{
	char settings[512], mixer[256], *pin, *got;

	if (!postfix_here())
		return;
	suite_begin("postfix-tls");
	pin = make_key();
	(void)snprintf(settings, sizeof(settings),
	    "smtpd_tls_security_level = encrypt\n"
	    "smtpd_tls_cert_file = %s/certificate\n"
	    "smtpd_tls_key_file = %s/key\nsmtpd_tls_received_header = yes\n",
	    suite_directory(), suite_directory());
	(void)snprintf(mixer, sizeof(mixer),
	    "tls = \"require\" tls-pin = {\"sha256/%s\"}", pin);
	ends.right_more = settings;
	ends.right_mixer = mixer;
	mail_ends_start(&ends);
	postfix_send(
	    &ends.left, "<kim@left.example>", "<jo@right.example>", LETTER);
	got = postfix_receive(&ends.right, "jo");
	mail_ends_has(got, "(using TLSv1");
	free(got);
	ck_assert_int_eq(
	    suite_tool(&ends.b, &got, "x4ping", "mixer/net", NULL), 0);
	mail_ends_has(got, "tls");
	free(got);
	free(pin);
	mail_ends_end(&ends);
}
END_TEST

TEST_MAIN("system/postfix", TEST_LONG(mail_programs, 60);
	  TEST_LONG(conversation, 60); TEST_LONG(away, 60);
	  TEST_LONG(unverified, 60); TEST_LONG(within_tls, 60))
