/* SPDX-License-Identifier: ISC */
/*
 * captures_test.c - what PP 6 was captured to send passes a whole suite
 *
 * Each captured APDU, as tests/vectors/mhs has it, is transferred to the suite
 * octet for octet.  What comes out at the next peer is the same message: the
 * envelope but for our elements of trace, and every octet of the content.
 * x4decode reads both.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mhs/p1.h"
#include "mhs/transfer.h"
#include "tests/system/raw_peer.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define APDU_MAX (1024 * 1024)
#define VECTORS	 TEST_SOURCE_DIR "/tests/vectors/mhs/"

/* 1984's differs from 1988's by what it does not have. */
static const char *const captures[] = {"p1-88-message-1recip",
    "p1-88-message-3recips", "p1-88-message-24KB-checkpoints",
    "p1-88-x410-mode-message", "p1-84-message"};

#define CAPTURES (sizeof(captures) / sizeof(captures[0]))

static struct suite tested;
static char kept[SUITE_PATH + 16];

/* An APDU that was read. */
struct message {
	struct transfer_reader reader; /* which the envelope borrows from */
	struct p1_envelope envelope;
	struct buffer content;
	char *octets;
	size_t length;
};

/* on_envelope - note the envelope of an APDU */
static int
on_envelope(void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct message *message = arg;

	(void)octets;
	message->envelope = *envelope;
	return 0;
}

/* on_content - gather the content of an APDU */
static int
on_content(void *arg, struct slice piece)
{
	struct message *message = arg;

	return buffer_append(&message->content, piece.data, piece.len);
}

/* message_read - read the APDU of a file, and have x4decode read it */
static void
message_read(struct message *message, const char *path)
{
	const struct transfer_handler handler = {
	    .envelope = on_envelope, .content = on_content, .arg = message};
	struct diag diag = {0};

	message->octets = suite_read(path, &message->length);
	ck_assert_msg(message->octets != NULL, "%s", path);
	buffer_init(&message->content, APDU_MAX);
	transfer_reader_init(&message->reader, &handler, APDU_MAX);
	ck_assert_msg(
	    transfer_push(&message->reader,
		slice_of(message->octets, message->length), &diag) == 0 &&
		transfer_finish(&message->reader, &diag) == 0,
	    "%s: %s", path, diag_text(&diag));
	ck_assert_int_eq(
	    suite_shell(NULL,
		"'%s/bin/x4decode' '%s' | grep -q '^message .*originator.*"
		"S=pp;O=A;P=TESTA'",
		suite_build(), path),
	    0);
}

/* message_free - free what was read */
static void
message_free(struct message *message)
{
	transfer_reader_fini(&message->reader);
	buffer_fini(&message->content);
	free(message->octets);
}

/* capture_read - read a captured APDU */
static void
capture_read(struct message *message, size_t n)
{
	char path[SUITE_PATH];

	snprintf(path, sizeof(path), VECTORS "%s.bin", captures[n]);
	message_read(message, path);
}

/* check_same - check that a message is a captured one, with our elements of
 * trace */
static void
check_same(struct message *out, struct message *in, const char *name)
{
	struct buffer sent, relayed;

	ck_assert_uint_eq(
	    out->envelope.trace.count, in->envelope.trace.count + 1);
	ck_assert_uint_eq(out->envelope.internal_trace.count,
	    in->envelope.internal_trace.count + 1);
	out->envelope.trace.count--;
	out->envelope.internal_trace.count--;
	buffer_init(&sent, APDU_MAX);
	buffer_init(&relayed, APDU_MAX);
	ck_assert_int_eq(
	    p1_encode(&in->envelope, EXTENSION_IMPLICIT, &sent), 0);
	ck_assert_int_eq(
	    p1_encode(&out->envelope, EXTENSION_IMPLICIT, &relayed), 0);
	ck_assert_msg(slice_equal(buffer_slice(&sent), buffer_slice(&relayed)),
	    "%s: another envelope", name);
	ck_assert_msg(slice_equal(buffer_slice(&in->content),
			  buffer_slice(&out->content)),
	    "%s: another content", name);
	buffer_fini(&sent);
	buffer_fini(&relayed);
}

/* capture_of - find the capture that a message is of, by its MTS identifier */
static size_t
capture_of(const struct message *out, struct message in[CAPTURES])
{
	size_t n;

	for (n = 0; n < CAPTURES; n++)
		if (slice_equal(out->envelope.identifier.local,
			in[n].envelope.identifier.local))
			break;
	ck_assert_uint_lt(n, CAPTURES);
	return n;
}

/* begin - start a suite between the test as caller and a peer that keeps */
static pid_t
begin(void)
{
	char sections[1024];
	uint16_t port;
	pid_t keeper;

	suite_begin("captures");
	snprintf(kept, sizeof(kept), "%s/kept", suite_directory());
	ck_assert_int_eq(mkdir(kept, 0700), 0);
	keeper = raw_keep(kept, &port);
	snprintf(sections, sizeof(sections),
	    "link \"source\" { remote-mta = \"SOURCE\" remote-password = \"s\""
	    " address = {\"127.0.0.1:1\"} address-space = {\"C=ZZ\"}"
	    " schedule = \"never\" }\n"
	    "link \"keeper\" { remote-mta = \"KEEPER\""
	    " address = {\"127.0.0.1:%u\"} address-space = {\"C=GB\"} }\n",
	    port);
	suite_configure(&tested, "tested", "C=DE;A=VIAT;P=ACME", "", sections);
	suite_start(&tested);
	return keeper;
}

START_TEST(every_capture)
{
	static struct message in[CAPTURES];
	unsigned seen[CAPTURES] = {0};
	char path[SUITE_PATH + 48];
	struct raw_call call;
	pid_t keeper = begin();

	raw_open(&call, tested.port);
	for (size_t n = 0; n < CAPTURES; n++) {
		capture_read(&in[n], n);
		ck_assert_msg(
		    raw_send(&call, slice_of(in[n].octets, in[n].length)) == 0,
		    "%s: %s", captures[n], call.association.failure.text);
	}
	raw_release(&call);
	suite_wait_empty(&tested, 30);
	ck_assert_uint_eq(suite_count_files(kept), CAPTURES);
	for (size_t i = 0; i < CAPTURES; i++) {
		struct message out = {0};
		size_t n;

		snprintf(path, sizeof(path), "%s/%zu", kept, i);
		message_read(&out, path);
		n = capture_of(&out, in);
		seen[n]++;
		check_same(&out, &in[n], captures[n]);
		message_free(&out);
	}
	for (size_t n = 0; n < CAPTURES; n++) {
		ck_assert_uint_eq(seen[n], 1);
		message_free(&in[n]);
	}
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	(void)suite_reap(keeper);
	suite_end();
}
END_TEST

TEST_MAIN("system/captures", TEST_LONG(every_capture, 120))
