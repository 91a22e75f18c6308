/* SPDX-License-Identifier: ISC */
/*
 * queue_fuzz.c - each decoder of the queue's records
 *
 * A message record that can be read must come out of an encoding the same
 * again.
 */
#include <stdlib.h>

#include "store/record.h"
#include "store/session_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* again - encode what was decoded, decode that, compare */
static void
again(const struct store_message *m, const struct record_body *body)
{
	struct store_message n = {.id = m->id};
	struct record_body b;
	struct buffer out;

	buffer_init(&out, 2 * (STORE_ENVELOPE_MAX + 8 * STORE_SLICE));
	if (record_encode_message(m, body, &out) != 0 ||
	    record_decode_message(buffer_slice(&out), &n, &b, NULL) != 0)
		abort();
	if (n.arrival != m->arrival || n.link != m->link ||
	    n.state != m->state || n.content_length != m->content_length ||
	    !slice_equal(n.reason, m->reason) ||
	    !slice_equal(n.extra, m->extra) ||
	    !slice_equal(n.envelope, m->envelope) ||
	    !slice_equal(n.content, m->content) || b.outside != body->outside ||
	    b.envelope != body->envelope)
		abort();
	buffer_fini(&out);
}

/* others - decode the records that are not messages */
static void
others(struct slice value, struct diag *diag)
{
	static const uint8_t key[10] = {0, 0, 0, 1};
	struct session_record session;
	struct transfer_record transfer;
	struct store_batch batch = {.id = 1};
	struct store_file file;
	struct store_delivery delivery = {.message = 1};
	struct store_link link;
	struct store_count count;
	uint32_t c;
	struct object_record object;
	uint64_t a;

	(void)!session_record_decode(value, &session, diag);
	diag_clear(diag);
	(void)!transfer_decode(value, &transfer, diag);
	diag_clear(diag);
	if (batch_decode(value, &batch, diag) == 0 &&
	    batch.count > STORE_BATCH_MAX)
		abort();
	diag_clear(diag);
	(void)!intake_decode(value, &file, &a, diag);
	diag_clear(diag);
	(void)!delivery_decode(value, &delivery, diag);
	diag_clear(diag);
	(void)!link_decode(slice_of(key, 4), value, &link, diag);
	diag_clear(diag);
	(void)!count_decode(slice_of(key, 10), value, &count, diag);
	diag_clear(diag);
	(void)!object_decode(value, &object, diag);
	diag_clear(diag);
	(void)!reap_decode(value, &c, &a, diag);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store_message message = {.id = 1};
	struct record_body body;
	struct diag diag = {.code = 0};
	struct slice value = slice_of(data, size);
	int rc = record_decode_message(value, &message, &body, &diag);

	if (rc == 0)
		again(&message, &body);
	else if (diag.code == 0)
		abort();
	diag_clear(&diag);
	others(value, &diag);
	return 0;
}
