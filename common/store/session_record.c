/* SPDX-License-Identifier: ISC */
/*
 * session_record.c - sessions, transfers and batches as BER (queue.asn)
 *
 * Decoding borrows from the value.  Errors as in record.h.
 */
#include "store/record.h"
#include "store/session_state.h"

/* put_binding - encode what there is of a binding */
static void
put_binding(struct ber_writer *writer, const struct store_binding *binding)
{
	/* Elements of a later release stand behind the old ones, each by itself
	 * optional. */
	if (binding->address_len > 0)
		ber_put(writer, BER_CTX(4),
		    slice_of(binding->address, binding->address_len));
	if (binding->token_len > 0)
		ber_put(writer, BER_CTX(5),
		    slice_of(binding->token, binding->token_len));
	if (binding->recovers != 0)
		record_put_number(writer, 6, binding->recovers);
	if (binding->shared)
		record_put_number(writer, 7, 1);
}

/* session_record_encode - encode the record of a session */
int
session_record_encode(const struct session_record *record, struct buffer *out)
{
	struct ber_writer w;

	record_begin(&w, out);
	ber_put(&w, BER_CTX(0), record->peer);
	record_put_number(&w, 1, record->link);
	session_references_encode(&w, BER_CTX(2), &record->references);
	record_put_number(&w, 3, (uint64_t)record->ended);
	put_binding(&w, &record->binding);
	ber_end_element(&w);
	return ber_finish(&w);
}

/* get_binding - decode the elements that a record of an older release does not
 * have */
static int
get_binding(struct ber_reader *in, struct store_binding *binding)
{
	struct slice address, token;
	uint64_t recovers, shared;
	int rc = record_optional_octets(
	    in, 4, "address", STORE_ADDRESS_MAX, &address);

	if (rc == 0)
		rc = record_optional_octets(
		    in, 5, "token", STORE_TOKEN_LEN, &token);
	if (rc == 0)
		rc = record_optional_number(
		    in, 6, "recovers", RECORD_NUMBER_MAX, &recovers);
	if (rc == 0)
		rc = record_optional_number(in, 7, "shared", 1, &shared);
	if (rc != 0)
		return rc;
	/* A token of another length was not ours to give. */
	*binding = (struct store_binding){.address_len = (uint8_t)address.len,
	    .token_len = token.len == STORE_TOKEN_LEN ? STORE_TOKEN_LEN : 0,
	    .shared = shared != 0,
	    .recovers = recovers};
	/* Slices of a record end with its buffer, so the octets are copied. */
	if (address.len > 0)
		memcpy(binding->address, address.data, address.len);
	if (binding->token_len > 0)
		memcpy(binding->token, token.data, token.len);
	return 0;
}

/* session_record_decode - decode the record of a session */
int
session_record_decode(
    struct slice value, struct session_record *record, struct diag *diag)
{
	struct session_record r;
	struct ber_reader in;
	uint64_t link, ended;
	int rc = record_open(value, "session", &in, diag);

	if (rc == 0)
		rc = record_octets(
		    &in, 0, "peer", 0, STORE_SESSION_PEER_MAX, &r.peer);
	if (rc == 0)
		rc = record_number(&in, 1, "link", UINT32_MAX, &link);
	if (rc == 0)
		rc = session_references_decode(&in, BER_CTX(2), &r.references);
	if (rc == 0)
		rc = record_number(&in, 3, "ended", RECORD_NUMBER_MAX, &ended);
	if (rc == 0)
		rc = get_binding(&in, &r.binding);
	if (rc != 0)
		return record_error(rc);
	r.link = (uint32_t)link;
	r.ended = (int64_t)ended;
	*record = r;
	return 0;
}

/* transfer_encode - encode the record of a transfer */
int
transfer_encode(const struct transfer_record *record, struct buffer *out)
{
	struct ber_writer w;

	record_begin(&w, out);
	record_put_number(&w, 0, record->activity);
	ber_put(&w, BER_CTX(1),
	    slice_of(record->key.octets, sizeof(record->key.octets)));
	record_put_number(&w, 2, record->message);
	ber_end_element(&w);
	return ber_finish(&w);
}

/* transfer_decode - decode the record of a transfer */
int
transfer_decode(
    struct slice value, struct transfer_record *record, struct diag *diag)
{
	struct transfer_record r;
	struct ber_reader in;
	struct slice key;
	int rc = record_open(value, "transfer", &in, diag);

	if (rc == 0)
		rc = record_number(
		    &in, 0, "activity", RECORD_NUMBER_MAX, &r.activity);
	if (rc == 0)
		rc = record_octets(&in, 1, "key", sizeof(r.key.octets),
		    sizeof(r.key.octets), &key);
	if (rc == 0)
		rc = record_number(
		    &in, 2, "message", RECORD_NUMBER_MAX, &r.message);
	if (rc != 0)
		return record_error(rc);
	memcpy(r.key.octets, key.data, key.len);
	*record = r;
	return 0;
}

/* batch_encode - encode the record of a batch */
int
batch_encode(const struct store_batch *batch, struct buffer *out)
{
	struct ber_writer w;
	unsigned i;

	record_begin(&w, out);
	record_put_number(&w, 0, batch->link);
	session_references_encode(&w, BER_CTX(1), &batch->references);
	record_put_number(&w, 2, batch->first_activity);
	ber_begin(&w, BER_CTX(3));
	for (i = 0; i < batch->count; i++)
		ber_put_integer(
		    &w, BER_UNI(BER_INTEGER), (int64_t)batch->messages[i]);
	ber_end_element(&w);
	if (batch->time != 0)
		record_put_number(&w, 4, (uint64_t)batch->time);
	ber_end_element(&w);
	return ber_finish(&w);
}

/* get_messages - decode the ids of a batch */
static int
get_messages(struct ber_reader *reader, struct store_batch *batch)
{
	struct ber_reader in;
	struct ber_element el;
	int64_t id;
	int rc = ber_expect(reader, BER_CTX(3), "messages", &el);

	if (rc == 0)
		rc = ber_enter(reader, &el, &in);
	batch->count = 0;
	while (rc == 0 && (rc = ber_next(&in, &el)) == 1) {
		/* More ids than a batch takes would be written beyond its
		 * array. */
		if (batch->count == STORE_BATCH_MAX)
			return ber_error(
			    &in, &el, ERR_LIMIT, "messages", "too many");
		rc = ber_get_integer(&in, &el, "message", 0, INT64_MAX, &id);
		if (rc == 0)
			batch->messages[batch->count++] = (uint64_t)id;
	}
	return rc;
}

/* batch_decode - decode the record of a batch */
int
batch_decode(struct slice value, struct store_batch *batch, struct diag *diag)
{
	struct store_batch b = {.id = batch->id};
	struct ber_reader in;
	uint64_t link, time;
	int rc = record_open(value, "batch", &in, diag);

	if (rc == 0)
		rc = record_number(&in, 0, "link", UINT32_MAX, &link);
	if (rc == 0)
		rc = session_references_decode(&in, BER_CTX(1), &b.references);
	if (rc == 0)
		rc = record_number(&in, 2, "first-activity", RECORD_NUMBER_MAX,
		    &b.first_activity);
	if (rc == 0)
		rc = get_messages(&in, &b);
	/* Batches of an older release have no time; forgetting by age leaves
	 * them alone. */
	if (rc == 0)
		rc = record_optional_number(
		    &in, 4, "time", RECORD_NUMBER_MAX, &time);
	if (rc != 0)
		return record_error(rc);
	b.link = (uint32_t)link;
	b.time = (int64_t)time;
	*batch = b;
	return 0;
}
