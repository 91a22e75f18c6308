/* SPDX-License-Identifier: ISC */
/*
 * offer.c - what qmgr is told of a transfer before its end
 */
#include "traffic/incoming/offer.h"

#include "base/log.h"

/* The length of an envelope that is still coming. */
#define COMING UINT64_MAX

/* offer_start - tell qmgr what comes, and by which session it is known */
int
offer_start(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	const struct transfer_reader *reader = &traffic->in.reader;
	bool parts = t->envelope_length == COMING;
	const struct ipc_submit_start start = {.kind = t->kind,
	    .origin = IPC_TRANSFER,
	    .envelope_length = parts ? 0 : t->envelope_length,
	    .session = traffic->session.number,
	    .activity = t->activity,
	    .old_session = t->old_session,
	    .old_activity = t->old_activity,
	    .left_out = parts ? 0 : transfer_left_out(reader),
	    .elements_left_out = parts ? 0 : transfer_elements_left_out(reader),
	    .parts = parts};

	return submission_start(&traffic->in.submitter, &t->submission, &start);
}

/* offer_size - tell qmgr the size of the content */
int
offer_size(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	/* Small contents wait in memory until their end, so an early refusal
	 * would save nothing. */
	if (t->announced <= KEPT_MAX)
		return 0;
	return traffic_give(traffic,
	    &(struct ipc_record){.type = IPC_SUBMIT_SIZE,
		.submit_size = {.submit = t->submission.number,
		    .content_length = t->announced}});
}

/* offer_octets - keep octets of the body, and pass them on to qmgr */
int
offer_octets(struct traffic *traffic, struct slice octets)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	/* As long as all octets are here, a new qmgr can be given them again;
	 * beyond KEPT_MAX the peer has to resume. */
	if (!t->too_large &&
	    buffer_append(&t->kept, octets.data, octets.len) != 0) {
		t->too_large = true;
		buffer_reset(&t->kept);
	}
	return submission_body(&traffic->in.submitter, &t->submission, octets);
}

/* offer_recipients - pass on recipients of a large envelope */
int
offer_recipients(struct traffic *traffic, struct slice octets)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	int error = 0;

	if (t->submission.state == SUBMISSION_IDLE) {
		t->kind = traffic->in.reader.kind;
		t->envelope_length = COMING;
		t->too_large = true;
		error = offer_start(traffic);
	}
	if (error != 0)
		return error;
	digest_update(&t->digest, octets);
	return offer_octets(traffic, octets);
}

/* offer_parts - tell qmgr that the envelope is whole, and of what parts */
static int
offer_parts(struct traffic *traffic, uint64_t recipients)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	const struct transfer_reader *reader = &traffic->in.reader;
	int error = submission_flush(&traffic->in.submitter, &t->submission);

	t->envelope_length = t->submission.sent;
	if (error != 0)
		return error;
	return traffic_give(traffic,
	    &(struct ipc_record){.type = IPC_SUBMIT_SIZE,
		.submit_size = {.submit = t->submission.number,
		    .envelope_length = t->envelope_length,
		    .recipients_length = recipients,
		    .left_out = transfer_left_out(reader),
		    .elements_left_out = transfer_elements_left_out(reader)}});
}

/* log_left_out - log what of an envelope was more than is allowed */
static void
log_left_out(const struct traffic *traffic)
{
	const struct transfer_reader *reader = &traffic->in.reader;
	uint64_t left_out = transfer_left_out(reader);
	uint64_t elements = transfer_elements_left_out(reader);

	if (left_out > 0 || transfer_recipients(reader) > P1_RECIPIENTS_MAX)
		LOG_EVENT(EVENT_TOO_MANY_RECIPIENTS,
		    LOG_STRING("link", traffic->link->name),
		    LOG_STRING("address", traffic->address),
		    LOG_INT("activity", traffic->in.transfer.activity),
		    LOG_INT("recipients", transfer_recipients(reader)),
		    LOG_INT("left_out", left_out));
	if (elements > 0)
		LOG_EVENT(EVENT_ENVELOPE_TOO_LARGE,
		    LOG_STRING("link", traffic->link->name),
		    LOG_STRING("address", traffic->address),
		    LOG_INT("activity", traffic->in.transfer.activity),
		    LOG_INT("elements", elements));
}

/*
 * offer_envelope - pass on the envelope, or what its recipients have not
 *
 * qmgr decodes it again: what is written here by our own encoder has one form,
 * so that the digest of a message that comes twice is the same.
 */
int
offer_envelope(struct traffic *traffic, const struct p1_envelope *envelope)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	uint64_t recipients =
	    t->submission.sent + buffer_length(&traffic->in.submitter.piece);
	bool parts = transfer_is_apart(&traffic->in.reader);
	struct buffer canonical;
	struct slice encoded;
	int error;

	buffer_init(&canonical, P1_ENVELOPE_MAX);
	error = parts ? p1_encode_rest(envelope, EXTENSION_IMPLICIT, &canonical)
		      : p1_encode(envelope, EXTENSION_IMPLICIT, &canonical);
	if (error != 0)
		goto out;
	encoded = buffer_slice(&canonical);
	log_left_out(traffic);
	if (!parts) {
		t->kind = envelope->kind;
		t->envelope_length = encoded.len;
		error = offer_start(traffic);
	}
	if (error != 0)
		goto out;
	/* The key covers envelope and content in our own encoding, so that the
	 * same message has it on every way in. */
	digest_update(&t->digest, encoded);
	t->of_envelope = t->digest;
	error = offer_octets(traffic, encoded);
	if (error == 0 && parts)
		error = offer_parts(traffic, recipients);
out:
	buffer_fini(&canonical);
	return error;
}
