/* SPDX-License-Identifier: ISC */
/*
 * in_submit.c - submit a message that came by LMTP
 */
#include <stdio.h>
#include <xxhash.h>

#include "base/log.h"
#include "client/limits.h"
#include "mixer/in.h"

#define KEY_TEXT  33	/* of 16 octets */
#define PIECE_MAX 65536 /* of a content, between two ticks */

/* hash_octets - make 32 octets of a text that goes on from others */
static void
hash_octets(struct slice text, uint8_t digest[IPC_DIGEST_LEN])
{
	for (size_t i = 0; i < 2; i++) {
		XXH128_canonical_t canonical;

		XXH128_canonicalFromHash(
		    &canonical, XXH3_128bits_withSeed(text.data, text.len, i));
		memcpy(digest + 16 * i, canonical.digest, 16);
	}
}

/* make_key - make the key of a submission and the digest of its content */
static int
make_key(const struct in *in, const struct in_recipient *recipient,
    char key[KEY_TEXT], uint8_t digest[IPC_DIGEST_LEN])
{
	const struct lmtp_mail *mail = &in->server.mail;
	uint8_t hash[IPC_DIGEST_LEN];
	struct buffer all;
	int error;

	hash_octets(buffer_slice(&in->content), digest);
	buffer_init(&all, 4 * LMTP_PATH_MAX);
	error = buffer_append(&all, mail->from, strlen(mail->from) + 1);
	if (error == 0)
		error = buffer_append(&all, mail->envid, mail->envid_len);
	if (error == 0)
		error = buffer_append(&all, "", 1);
	if (error == 0)
		error = buffer_append(
		    &all, recipient->text, strlen(recipient->text) + 1);
	if (error == 0)
		error = buffer_append(&all, digest, IPC_DIGEST_LEN);
	hash_octets(buffer_slice(&all), hash);
	buffer_fini(&all);
	for (size_t i = 0; i < 16; i++)
		(void)snprintf(key + 2 * i, 3, "%02x", hash[i]);
	return error;
}

/* pass_on - pass octets of the content on to qmgr */
static int
pass_on(void *arg, struct slice octets)
{
	struct in *in = arg;

	return submission_body(&in->submitter, &in->submission, octets);
}

/* send_content - map the message again, which writes the content */
static int
send_content(struct in *in, struct diag *diag)
{
	struct slice rest = buffer_slice(&in->content);
	int error = 0;

	message_in_again(in->message, pass_on, in);
	while (error == 0 && rest.len > 0) {
		size_t len = rest.len < PIECE_MAX ? rest.len : PIECE_MAX;

		worker_tick(&in->mixer.worker);
		error = message_in_push(
		    in->message, slice_of(rest.data, len), diag);
		rest = slice_of(rest.data + len, rest.len - len);
	}
	return error != 0 ? error : message_in_finish(in->message, NULL, diag);
}

/* A submission: a message, whose content is mapped again, or a report. */
struct submitted {
	enum mts_kind kind;
	struct buffer envelope;
	struct buffer report; /* the content of a report */
};

/* send_all - give qmgr envelope and content, and ask it to take them */
static int
send_all(struct in *in, const struct in_recipient *recipient,
    const struct submitted *what, struct diag *diag)
{
	bool message = what->kind == MTS_MESSAGE;
	const struct ipc_submit_start start = {.kind = what->kind,
	    .origin = IPC_SUBMISSION,
	    .envelope_length = buffer_length(&what->envelope),
	    .refuse_at_once = message};
	uint8_t digest[IPC_DIGEST_LEN];
	char key[KEY_TEXT];
	int error = make_key(in, recipient, key, digest);

	submission_init(&in->submitter, &in->submission);
	if (error == 0)
		error =
		    submission_start(&in->submitter, &in->submission, &start);
	if (error == 0)
		error = submission_body(&in->submitter, &in->submission,
		    buffer_slice(&what->envelope));
	if (error == 0)
		error = message ? send_content(in, diag)
				: pass_on(in, buffer_slice(&what->report));
	if (error == 0)
		error = submission_end_keyed(&in->submitter, &in->submission,
		    message ? in->plan.length : buffer_length(&what->report),
		    slice_of_string(key), slice_of(digest, sizeof(digest)));
	return error;
}

/* say_answer - say what qmgr has answered */
static void
say_answer(struct in *in, struct in_reply *reply)
{
	const struct submission *s = &in->submission;

	switch (s->result) {
	case IPC_SUBMIT_ACCEPTED:
	case IPC_SUBMIT_DUPLICATE:
		in_say(reply, 250, "2.6.0", s->mts_id);
		break;
	case IPC_SUBMIT_REFUSED:
		in_say_refused(reply, s->reason, s->diagnostic, s->text);
		break;
	case IPC_SUBMIT_UNAVAILABLE:
		in_say(reply, 452, "4.3.1", s->text);
		break;
	}
}

/* submit - submit something, and wait for the answer */
static int
submit(struct in *in, const struct in_recipient *recipient,
    const struct submitted *what, struct diag *diag)
{
	int error = send_all(in, recipient, what, diag);

	/* An answer before the end is one of its own. */
	if (error == ERR_REFUSED)
		error = 0;
	while (error == 0 && in->submission.state != SUBMISSION_ANSWERED)
		error = in_receive(in);
	if (error != 0 && !in->gone)
		(void)!submission_cancel(
		    &in->submitter, &in->submission, SUBMISSION_DROP);
	return error;
}

/* say_error - say why nothing could be submitted */
static void
say_error(struct in_reply *reply, int error, const struct diag *diag)
{
	if (error == ERR_CLOSED || error == ERR_NOMEM ||
	    error == ERR_CANCELLED || error == ERR_TIMEOUT)
		in_say(reply, 451, "4.3.0", "not now");
	else
		in_say(reply, 550, "5.6.0",
		    diag->code != 0 ? diag_text(diag) : error_strerror(error));
}

/* in_submit - submit the message for one recipient */
void
in_submit(
    struct in *in, const struct in_recipient *recipient, struct in_reply *reply)
{
	struct submitted what = {.kind = MTS_REPORT};
	struct diag diag = {0};
	int error;

	buffer_init(&what.envelope, P1_ENVELOPE_MAX);
	buffer_init(&what.report, MIXER_REPORT_MAX);
	error = in_report_make(in, recipient, &what.envelope, &what.report);
	if (error == 0)
		error = submit(in, recipient, &what, &diag);
	/* A notification that is no report of ours is for people. */
	if (error == ERR_NOTFOUND || error == ERR_SYNTAX ||
	    (error == 0 && in->submission.result == IPC_SUBMIT_REFUSED)) {
		what.kind = MTS_MESSAGE;
		buffer_reset(&what.envelope);
		error = in_envelope_message(in, recipient, &what.envelope);
		if (error == 0)
			error = submit(in, recipient, &what, &diag);
	}
	if (error == 0)
		say_answer(in, reply);
	else
		say_error(reply, error, &diag);
	buffer_fini(&what.envelope);
	buffer_fini(&what.report);
}
