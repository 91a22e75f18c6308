/* SPDX-License-Identifier: ISC */
/*
 * drain.c - whether the queue is being drained
 *
 * See drain.h.  The record is a part of the header (numbers.c).
 */
#include "store/record.h"
#include "store/state.h"

/* drain_decode - decode the next element of the header, if the queue is being
 * drained */
int
drain_decode(struct ber_reader *header, unsigned tag, struct store_drain *drain)
{
	struct ber_element el;
	struct ber_reader inner;
	uint64_t since, link = STORE_LINK_NONE;
	int rc = ber_optional(header, BER_CTX(tag), &el);

	if (rc != 1)
		return rc;
	rc = ber_enter(header, &el, &inner);
	if (rc == 0)
		rc = record_number(
		    &inner, 0, "since", RECORD_NUMBER_MAX, &since);
	if (rc == 0)
		rc = record_optional_number(
		    &inner, 1, "link", STORE_LINKS_MAX, &link);
	if (rc != 0)
		return rc;
	drain->since = (int64_t)since;
	drain->link = (uint32_t)link;
	return 0;
}

/* drain_encode - write how the queue is being drained, if it is */
void
drain_encode(
    struct ber_writer *header, unsigned tag, const struct store_drain *drain)
{
	if (drain->since == 0)
		return;
	ber_begin(header, BER_CTX(tag));
	record_put_number(header, 0, (uint64_t)drain->since);
	if (drain->link != STORE_LINK_NONE)
		record_put_number(header, 1, drain->link);
	ber_end_element(header);
}

/* store_drain - get how the queue is being drained */
const struct store_drain *
store_drain(const struct store *store)
{
	return &store->numbers.drain;
}

/* store_drain_set - have the transaction note how */
void
store_drain_set(struct store *store, const struct store_drain *drain)
{
	store->numbers.drain = *drain;
}
