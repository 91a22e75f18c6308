/* SPDX-License-Identifier: ISC */
/*
 * passed.c - what has passed over each link, restarts included
 *
 * See link.h.  Kept with the link in memory, written with each transaction
 * that changed it, as counts are.
 */
#include "base/clock.h"
#include "store/state.h"

/* store_link_passed - have the transaction count what passed over a link */
int
store_link_passed(
    struct store *store, uint32_t number, const struct store_traffic *more)
{
	struct store_traffic *traffic;
	struct link_entry *entry;
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	if (number == 0 || number > store->links.count)
		return ERR_NOTFOUND;
	entry = &store->links.entry[number];
	traffic = &entry->link.traffic;
	if (traffic->since == 0)
		traffic->since = clock_wall();
	traffic->messages_out += more->messages_out;
	traffic->octets_out += more->octets_out;
	traffic->reports_out += more->reports_out;
	traffic->messages_in += more->messages_in;
	traffic->octets_in += more->octets_in;
	traffic->recipients_out += more->recipients_out;
	traffic->recipients_in += more->recipients_in;
	/* Once for each transaction, however much passes in it. */
	if (entry->passed)
		return 0;
	entry->passed = true;
	entry->passed_next = store->links.passed;
	store->links.passed = number;
	return 0;
}

/* passed_flush - write the links whose traffic changed */
int
passed_flush(struct store *store)
{
	const struct link_entry *entry;
	int rc = 0;

	for (uint32_t i = store->links.passed; i != 0 && rc == 0;
	     i = entry->passed_next) {
		entry = &store->links.entry[i];
		rc = link_write(store, &entry->link);
	}
	return rc;
}

/* passed_settle - take what this transaction counted as committed, or put back
 * what was before */
void
passed_settle(struct store *store, enum passed_end end)
{
	struct link_entry *entry;

	for (uint32_t i = store->links.passed; i != 0; i = entry->passed_next) {
		entry = &store->links.entry[i];
		entry->passed = false;
		if (end == PASSED_COMMITTED)
			entry->committed = entry->link.traffic;
		else
			entry->link.traffic = entry->committed;
	}
	store->links.passed = 0;
}
