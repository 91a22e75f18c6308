/* SPDX-License-Identifier: ISC */
/*
 * intake_envelope.c - the envelope of a submission while it comes, in memory
 */
#include "qmgr/receiving/intake_envelope.h"

#include "qmgr/engine/client.h"

/* buffered - add up the octets of the envelopes that a client has in memory */
static uint64_t
buffered(const struct client *client)
{
	const struct submit *submit;
	uint64_t total = 0;

	TAILQ_FOREACH(submit, &client->submits, entry)
		total +=
		    submit->parts ? submit->received : submit->envelope_length;
	return total;
}

/* intake_has_buffer - tell whether there is room in memory for an envelope */
bool
intake_has_buffer(const struct client *client, uint64_t length)
{
	const struct client *other;
	uint64_t source = 0, all = 0, octets;

	/* The client's own bound first, then the source's, then that of all:
	 * one peer must not use up what all may have. */
	if (buffered(client) > SUBMIT_BUFFER_MAX)
		return false;
	if (length <= SUBMIT_BUFFER_SMALL)
		return true;
	TAILQ_FOREACH(other, &client->qmgr->clients, entry) {
		octets = buffered(other);
		all += octets;
		if (other->link == client->link)
			source += octets;
	}
	return source <= SUBMIT_BUFFER_SOURCE && all <= SUBMIT_BUFFER_ALL;
}

/* intake_parts - take octets of an envelope whose length is not known */
int
intake_parts(struct submit *submit, struct slice piece, struct diag *diag)
{
	int rc = buffer_append(&submit->envelope, piece.data, piece.len);

	if (rc < 0)
		return diag_set(diag, rc, "envelope of more than %d octets",
		    P1_ENVELOPE_MAX);
	submit->received += piece.len;
	return 0;
}

/* intake_parts_end - take the lengths of an envelope that has come in parts */
int
intake_parts_end(struct submit *submit, const struct ipc_submit_size *size,
    struct diag *diag)
{
	/* Both parts have octets: a list of recipients, and a SET. */
	if (!submit->parts || size->envelope_length != submit->received ||
	    size->recipients_length == 0 ||
	    size->recipients_length >= size->envelope_length)
		return diag_set(diag, ERR_VALUE, "parts of an envelope");
	submit->parts = false;
	submit->envelope_length = size->envelope_length;
	submit->recipients_length = size->recipients_length;
	submit->left_out = size->left_out;
	submit->elements_left_out = size->elements_left_out;
	return 0;
}
