/* SPDX-License-Identifier: ISC */
/*
 * owner.c - which host has the queue
 *
 * See owner.h.  The record is a part of the header (numbers.c), so that it is
 * read before anything else, and before anything is written.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/record.h"
#include "store/state.h"

/* octets_into - decode the next element into a text; empty if it is not
 * there */
static int
octets_into(struct ber_reader *inner, unsigned tag, const char *name,
    char text[HOST_NAME_LEN + 1])
{
	struct slice octets;
	int rc =
	    record_optional_octets(inner, tag, name, HOST_NAME_LEN, &octets);

	if (rc != 0)
		return rc;
	/* An element that is not there has no address either. */
	if (octets.len > 0)
		memcpy(text, octets.data, octets.len);
	text[octets.len] = '\0';
	return 0;
}

/* owner_decode - decode the next element of the header, if it is whose the
 * queue is */
int
owner_decode(struct ber_reader *header, unsigned tag, struct store_owner *owner)
{
	struct store_owner found = {.since = 0};
	struct ber_element el;
	struct ber_reader inner;
	uint64_t since = 0, stopped = 0;
	int rc = ber_optional(header, BER_CTX(tag), &el);

	if (rc != 1)
		return rc;
	rc = ber_enter(header, &el, &inner);
	if (rc == 0)
		rc = octets_into(&inner, 0, "host", found.host.name);
	if (rc == 0)
		rc = octets_into(&inner, 1, "machine", found.host.machine);
	if (rc == 0)
		rc = octets_into(&inner, 2, "boot", found.host.boot);
	if (rc == 0)
		rc = record_optional_number(
		    &inner, 3, "since", RECORD_NUMBER_MAX, &since);
	if (rc == 0)
		rc = record_optional_number(
		    &inner, 4, "stopped", RECORD_NUMBER_MAX, &stopped);
	if (rc == 0)
		rc = octets_into(&inner, 5, "earlier", found.earlier.name);
	if (rc != 0)
		return rc;
	found.since = (int64_t)since;
	found.stopped = (int64_t)stopped;
	*owner = found;
	return 0;
}

/* owner_encode - write whose the queue is, if it is anybody's */
void
owner_encode(
    struct ber_writer *header, unsigned tag, const struct store_owner *owner)
{
	if (owner->host.name[0] == '\0')
		return;
	ber_begin(header, BER_CTX(tag));
	ber_put_string(header, BER_CTX(0), owner->host.name);
	ber_put_string(header, BER_CTX(1), owner->host.machine);
	ber_put_string(header, BER_CTX(2), owner->host.boot);
	record_put_number(header, 3, (uint64_t)owner->since);
	if (owner->stopped != 0)
		record_put_number(header, 4, (uint64_t)owner->stopped);
	if (owner->earlier.name[0] != '\0')
		ber_put_string(header, BER_CTX(5), owner->earlier.name);
	ber_end_element(header);
}

/* describe_end - say when the other host began with the queue, and whether it
 * ended */
static void
describe_end(const struct store_owner *owner, char *text, size_t size)
{
	time_t since = (time_t)(owner->since / 1000),
	       stopped = (time_t)(owner->stopped / 1000);
	char began[32] = "", ended[32] = "";
	struct tm tm;

	(void)strftime(
	    began, sizeof(began), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&since, &tm));
	(void)strftime(ended, sizeof(ended), "%Y-%m-%dT%H:%M:%SZ",
	    gmtime_r(&stopped, &tm));
	if (owner->stopped == 0)
		(void)snprintf(text, size,
		    "has had it since %s and has not stopped", began);
	else
		(void)snprintf(text, size, "stopped with it at %s", ended);
}

/* owner_judge - check that this host may open the queue */
int
owner_judge(const struct store *store, const struct store_options *options,
    struct diag *diag)
{
	const struct store_owner *owner = &store->numbers.owner;
	char how[96];

	if (options->host == NULL || owner->host.name[0] == '\0' ||
	    options->owner == STORE_OWNER_TAKE_OVER ||
	    host_same(&owner->host, options->host))
		return 0;
	describe_end(owner, how, sizeof(how));
	return diag_set(diag, ERR_STATE,
	    "it is the queue of host %s, which %s; if that is off for certain: "
	    "x4ctl start --take-over",
	    owner->host.name, how);
}

/* end_of - find how the host that opens the queue had left it */
static enum store_owner_end
end_of(const struct store_owner *owner, const struct host *host)
{
	if (!host_same(&owner->host, host))
		return STORE_OWNER_NEW;
	if (owner->stopped != 0)
		return STORE_OWNER_STOPPED;
	return strcmp(owner->host.boot, host->boot) == 0 ? STORE_OWNER_ENDED
							 : STORE_OWNER_REBOOTED;
}

/* owner_take - have the transaction note that the queue is this host's */
void
owner_take(
    struct store *store, const struct store_options *options, int64_t now)
{
	struct store_owner *owner = &store->numbers.owner;

	if (options->host == NULL || options->host->name[0] == '\0')
		return;
	store->owner_end = end_of(owner, options->host);
	if (store->owner_end == STORE_OWNER_NEW && owner->host.name[0] != '\0')
		owner->earlier = owner->host;
	owner->host = *options->host;
	owner->since = now;
	owner->stopped = 0;
}

/* store_owner_end - get how the queue was left */
enum store_owner_end
store_owner_end(const struct store *store)
{
	return store->owner_end;
}

/* store_owner_end_name - name it */
const char *
store_owner_end_name(enum store_owner_end end)
{
	static const char *const names[STORE_OWNER_ENDS] = {
	    [STORE_OWNER_NEW] = "elsewhere",
	    [STORE_OWNER_STOPPED] = "stopped",
	    [STORE_OWNER_ENDED] = "ended",
	    [STORE_OWNER_REBOOTED] = "rebooted",
	};

	return names[end];
}

/* store_owner_earlier - get from which host it was taken over */
const char *
store_owner_earlier(const struct store *store)
{
	const char *name = store->numbers.owner.earlier.name;

	return name[0] == '\0' ? NULL : name;
}

/* store_owner_told - have the transaction note that it was told */
void
store_owner_told(struct store *store)
{
	store->numbers.owner.earlier = (struct host){.name = ""};
}

/* store_owner_stop - have the transaction note that the host is done */
void
store_owner_stop(struct store *store, int64_t now)
{
	if (store->numbers.owner.host.name[0] != '\0')
		store->numbers.owner.stopped = now;
}
