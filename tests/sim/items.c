/* SPDX-License-Identifier: ISC */
/*
 * items.c - what is sent, and what becomes of it: the checker
 */
#include "tests/sim/items.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "mhs/or_address.h"
#include "mhs/p1.h"
#include "mhs/report.h"
#include "tests/sim/side.h"

#define SENT_AT 1795986000

static struct item *items[ITEMS_MAX];
static unsigned count;
static struct buffer body;
static struct arena scratch;
static bool ready, lacks_memory;

/* octet - compute an octet of the content of an item */
static uint8_t
octet(unsigned number, uint64_t offset)
{
	return (uint8_t)(number * 31 + offset * 7 + (offset >> 9));
}

/* choose_mood - choose what a peer does that is sent it */
static enum item_mood
choose_mood(void)
{
	uint64_t n = chance_number(100);

	return n < 2 ? MOOD_DIE
	    : n < 4  ? MOOD_REFUSE
	    : n < 7  ? MOOD_LATER
		     : MOOD_TAKE;
}

/* item_new - make an item, by chance */
struct item *
item_new(unsigned from)
{
	struct item *item = calloc(1, sizeof(*item));

	if (count == ITEMS_MAX)
		sim_fail("too many items");
	items[count++] = item;
	item->number = count;
	item->from = from;
	item->kind = chance_one_in(20) ? MTS_PROBE : MTS_MESSAGE;
	item->recipients =
	    chance_one_in(4) ? 1 + (unsigned)chance_number(3) : 1;
	for (unsigned i = 0; i < item->recipients; i++) {
		do
			item->to[i] = (unsigned)chance_number(LINKS);
		while (item->to[i] == from);
	}
	item->priority = (unsigned)chance_number(3);
	item->length = item->kind == MTS_PROBE ? 0
	    : chance_one_in(12) ? (uint32_t)chance_between(3000, 150000)
				: (uint32_t)chance_between(1, 600);
	item->mood = choose_mood();
	item->file = from == POSTOFFICE;
	return item;
}

/* item_get - get an item, or NULL */
struct item *
item_get(unsigned number)
{
	return number >= 1 && number <= count ? items[number - 1] : NULL;
}

/* items_count - count those that there are */
unsigned
items_count(void)
{
	return count;
}

/* prepare - make the scratch memory, once */
static void
prepare(void)
{
	if (!ready) {
		arena_init(&scratch, 8 << 20);
		buffer_init(&body, 8 << 20);
	}
	ready = true;
	arena_reset(&scratch);
}

/* name_of - make an O/R name */
static struct or_name
name_of(const char *text)
{
	struct or_name name = {0};
	struct diag diag = {0};
	struct slice copy;

	if (arena_slice(&scratch, slice_of_string(text), &copy) < 0 ||
	    or_address_parse(copy, &scratch, &name.address, &diag) < 0)
		sim_fail("%s: %s", text, diag_text(&diag));
	return name;
}

/* fill_recipients - make the recipients of an item */
static void
fill_recipients(const struct item *item, struct p1_envelope *e)
{
	char text[96];

	e->recipients =
	    arena_array(&scratch, item->recipients, sizeof(*e->recipients));
	e->recipient_count = item->recipients;
	for (unsigned i = 0; i < item->recipients; i++) {
		snprintf(text, sizeof(text), "%s;S=R%u",
		    links[item->to[i]].address, item->number);
		e->recipients[i] = (struct p1_recipient){.name = name_of(text),
		    .number = (int)i + 1,
		    .explicit_conversion = -1,
		    .indicators = P1_RESPONSIBILITY |
			P1_MTA_NON_DELIVERY_REPORT |
			P1_ORIGINATOR_NON_DELIVERY_REPORT};
	}
}

/* compose - compose the envelope of an item, always the same */
static void
compose(const struct item *item, struct p1_envelope *e)
{
	bool local = item->from >= CONNECTORS;
	const char *domain =
	    local ? links[POSTOFFICE].address : links[item->from].address;
	struct diag diag = {0};
	char *text = arena_alloc(&scratch, 32);
	char originator[96];

	snprintf(text, 32, "T%u", item->number);
	p1_init(e, item->kind);
	if (global_domain_parse(
		slice_of_string(local ? "C=DE;A=VIAT;P=ACME" : domain),
		&scratch, &e->identifier.domain, &diag) < 0)
		sim_fail("domain: %s", diag_text(&diag));
	e->identifier.local = slice_of_string(text);
	e->content_identifier = slice_of_string(text);
	snprintf(originator, sizeof(originator), "%s;S=Origin", domain);
	e->originator = name_of(originator);
	e->content_type.built_in = P1_CONTENT_P22;
	if (item->kind == MTS_MESSAGE)
		e->priority = (enum p1_priority)item->priority;
	fill_recipients(item, e);
	if (p1_trace_append(e, &scratch, &e->identifier.domain, SENT_AT,
		TRACE_RELAYED, NULL) < 0)
		sim_fail("trace");
}

/* item_body - compose envelope and content of an item */
struct slice
item_body(const struct item *item, size_t *envelope)
{
	struct p1_envelope e;
	uint8_t *room;

	prepare();
	compose(item, &e);
	buffer_reset(&body);
	if (p1_encode(&e, EXTENSION_IMPLICIT, &body) < 0)
		sim_fail("item %u cannot be encoded", item->number);
	*envelope = buffer_length(&body);
	if (item->length > 0) {
		if (buffer_reserve(&body, item->length, &room) < 0)
			sim_fail("no memory");
		for (uint32_t i = 0; i < item->length; i++)
			room[i] = octet(item->number, i);
		buffer_commit(&body, item->length);
	}
	return buffer_slice(&body);
}

/* item_key - compose its key */
struct slice
item_key(const struct item *item)
{
	static char key[17];

	snprintf(key, sizeof(key), "key-%012u", item->number);
	return slice_of(key, 16);
}

/* number_in - read the number of an item from its content identifier */
static struct item *
number_in(struct slice identifier)
{
	unsigned number = 0;

	if (identifier.len < 2 || identifier.data[0] != 'T')
		return NULL;
	for (size_t i = 1; i < identifier.len; i++)
		number = number * 10 + (unsigned)(identifier.data[i] - '0');
	return item_get(number);
}

/* decode - decode an envelope that is in a job */
static void
decode(enum mts_kind kind, struct slice octets, struct p1_envelope *e)
{
	struct diag diag = {0};

	prepare();
	if (p1_decode(kind, octets, &scratch, e, &diag) < 0)
		sim_fail("an envelope that is sent: %s", diag_text(&diag));
}

/* item_of_job - read the beginning of a job */
struct item *
item_of_job(const struct ipc_job *job, unsigned *mask)
{
	struct p1_envelope e;
	struct item *item;

	if (job->envelope_length > job->body.len)
		sim_fail("an envelope of %llu octets",
		    (unsigned long long)job->envelope_length);
	if (job->kind == MTS_REPORT)
		return NULL;
	decode(job->kind,
	    slice_of(job->body.data, (size_t)job->envelope_length), &e);
	item = number_in(e.content_identifier);
	if (item == NULL)
		sim_fail("an item that nobody sent");
	if (job->content_length != item->length)
		sim_fail("item %u has %llu octets of content", item->number,
		    (unsigned long long)job->content_length);
	*mask = 0;
	for (size_t i = 0; i < e.recipient_count; i++)
		if ((e.recipients[i].indicators & P1_RESPONSIBILITY) != 0)
			*mask |= 1U << (e.recipients[i].number - 1);
	return item;
}

/* item_check - check a piece of a content at an offset */
void
item_check(const struct item *item, uint64_t offset, struct slice piece)
{
	for (size_t i = 0; i < piece.len; i++)
		if (((const uint8_t *)piece.data)[i] !=
		    octet(item->number, offset + i))
			sim_fail("item %u: octet %llu of its content is wrong",
			    item->number, (unsigned long long)(offset + i));
}

/* settle - note an end of a recipient: a second one is a fault */
static void
settle(struct item *item, unsigned recipient, bool delivered)
{
	if (recipient >= item->recipients)
		sim_fail(
		    "item %u has no recipient %u", item->number, recipient + 1);
	if (item->state == ITEM_NEW)
		sim_fail("UNEXPECTED: item %u was never sent", item->number);
	trace_note(
	    delivered ? "delivered" : "reported", item->number, recipient);
	if (item->delivered[recipient] + item->reported[recipient] > 0 &&
	    !item->may_double)
		sim_fail("DOUBLED: item %u, recipient %u, %s: delivered %u "
			 "times, reported %u times before",
		    item->number, recipient + 1,
		    delivered ? "delivered" : "reported",
		    item->delivered[recipient], item->reported[recipient]);
	if (delivered)
		item->delivered[recipient]++;
	else
		item->reported[recipient]++;
}

/* deliver_report - note a report that has arrived */
static void
deliver_report(unsigned link, struct slice content)
{
	struct diag diag = {0};
	struct report report;
	struct item *item;

	prepare();
	if (report_decode(content, &scratch, &report, &diag) < 0)
		sim_fail("a report that is sent: %s", diag_text(&diag));
	item = number_in(report.content_identifier);
	if (item == NULL)
		sim_fail("a report on nothing");
	if (link != (item->from < LINKS ? item->from : POSTOFFICE) &&
	    !(item->from == 2 && link == 3))
		sim_fail("a report on item %u went to %s", item->number,
		    links[link].name);
	/* A peer that forgets is sent a report again as a message is. */
	if (peers[link].forgetful)
		item->may_double = true;
	for (size_t i = 0; i < report.recipient_count; i++)
		if (!report.recipients[i].delivered)
			settle(item, (unsigned)report.recipients[i].number - 1,
			    false);
}

/* items_deliver - note that a peer has taken a job */
void
items_deliver(unsigned link, enum mts_kind kind, struct slice envelope,
    struct slice rest, unsigned mask)
{
	struct p1_envelope e;
	struct item *item;

	if (kind == MTS_REPORT) {
		deliver_report(link, rest);
		return;
	}
	decode(kind, envelope, &e);
	item = number_in(e.content_identifier);
	if (peers[link].forgetful)
		item->may_double = true;
	for (size_t i = 0; i < e.recipient_count; i++)
		if ((e.recipients[i].indicators & P1_RESPONSIBILITY) != 0 &&
		    (mask & 1U << (e.recipients[i].number - 1)) != 0)
			settle(
			    item, (unsigned)e.recipients[i].number - 1, true);
}

/* items_lack_memory - note that allocations fail in this seed */
void
items_lack_memory(void)
{
	lacks_memory = true;
}

/* items_tracked - note that the tracker keeps the arrival of an item */
void
items_tracked(struct slice identifier)
{
	struct item *item = number_in(identifier);

	if (item == NULL)
		sim_fail("an arrival that nobody sent is tracked");
	trace_note("tracked", item->number, 0);
	if (item->tracked++ > 0)
		sim_fail("TRACKED TWICE: item %u", item->number);
}

/* is_untracked - tell whether the tracker lacks the arrival of an item */
static bool
is_untracked(const struct item *item)
{
	return item->tracked == 0 && !lacks_memory;
}

/* report_is_lost - tell whether a report on an item may have been discarded */
static bool
report_is_lost(const struct item *item)
{
	return links_few && item->from == 2;
}

/* items_settled - tell whether each that was confirmed has come to its end */
bool
items_settled(unsigned *which)
{
	for (unsigned n = 0; n < count; n++) {
		const struct item *item = items[n];

		*which = item->number;
		if (item->state == ITEM_REFUSED || item->state == ITEM_UNKNOWN)
			continue;
		if (item->state != ITEM_CONFIRMED || is_untracked(item))
			return false;
		for (unsigned i = 0; i < item->recipients; i++)
			if (item->delivered[i] + item->reported[i] == 0 &&
			    !report_is_lost(item))
				return false;
	}
	*which = 0;
	return true;
}

/* item_print - print an item, for who looks for a fault */
void
item_print(const struct item *item)
{
	static const char *const states[] = {
	    "new", "sending", "cut", "confirmed", "refused", "unknown"};

	printf("item %u from %u is %s, priority %u, %u octets, mood %u:",
	    item->number, item->from, states[item->state], item->priority,
	    item->length, (unsigned)item->mood);
	for (unsigned i = 0; i < item->recipients; i++)
		printf(" to %s delivered %u reported %u",
		    links[item->to[i]].name, item->delivered[i],
		    item->reported[i]);
	printf(" tracked %u\n", item->tracked);
}

/* items_final - check at the end, and print what came to what */
void
items_final(void)
{
	unsigned delivered = 0, reported = 0, confirmed = 0, recovered = 0;

	for (unsigned n = 0; n < count; n++) {
		const struct item *item = items[n];
		unsigned ends = 0;

		confirmed += item->state == ITEM_CONFIRMED;
		for (unsigned i = 0; i < item->recipients; i++) {
			unsigned end = item->delivered[i] + item->reported[i];

			delivered += item->delivered[i];
			reported += item->reported[i];
			ends += end > 0;
			if (item->state == ITEM_CONFIRMED && end == 0 &&
			    !report_is_lost(item))
				sim_fail("LOST: item %u, recipient %u",
				    item->number, i + 1);
		}
		if (item->state == ITEM_CONFIRMED && is_untracked(item))
			sim_fail("NOT TRACKED: item %u", item->number);
		if (item->state == ITEM_REFUSED && ends > 0)
			sim_fail("UNEXPECTED: item %u had been refused",
			    item->number);
		recovered += item->state == ITEM_UNKNOWN && ends > 0;
	}
	printf("items %u confirmed %u delivered %u reported %u recovered %u\n",
	    count, confirmed, delivered, reported, recovered);
}
