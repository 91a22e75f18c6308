/* SPDX-License-Identifier: ISC */
/*
 * bodies.c - the octets of items: composed, and found again in what is sent
 */
#include "tests/sim/bodies.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "mhs/or_address.h"
#include "tests/sim/lists.h"
#include "tests/sim/side.h"

#define SENT_AT 1795986000

static struct buffer body;
static struct arena scratch;
static bool ready;

/* octet - compute an octet of the content of an item */
static uint8_t
octet(unsigned number, uint64_t offset)
{
	return (uint8_t)(number * 31 + offset * 7 + (offset >> 9));
}

/* prepare - make the scratch memory, or clear it */
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
		if (list_is(item->to[i]))
			snprintf(text, sizeof(text), "%s",
			    list_address(item->to[i]));
		else
			snprintf(text, sizeof(text), "%s;S=R%u",
			    links[item->to[i]].address, item->number);
		e->recipients[i] = (struct p1_recipient){.name = name_of(text),
		    .number = (int)i + 1,
		    .explicit_conversion = -1,
		    .indicators = P1_RESPONSIBILITY |
			P1_MTA_NON_DELIVERY_REPORT |
			P1_ORIGINATOR_NON_DELIVERY_REPORT |
			(item->asks ? P1_MTA_REPORT | P1_ORIGINATOR_REPORT
				    : 0)};
	}
}

/* originator_of - make the name of who sends an item */
static struct or_name
originator_of(const struct item *item)
{
	char text[96];

	snprintf(text, sizeof(text), "%s;S=Origin",
	    links[item->from < LINKS ? item->from : POSTOFFICE].address);
	return name_of(text);
}

/* identify - make the identifier of an item */
static void
identify(const struct item *item, struct mts_identifier *identifier)
{
	bool local = item->from >= CONNECTORS;
	char *text = arena_alloc(&scratch, 32);
	struct diag diag = {0};

	snprintf(text, 32, "T%u", item->number);
	if (global_domain_parse(
		slice_of_string(
		    local ? "C=DE;A=VIAT;P=ACME" : links[item->from].address),
		&scratch, &identifier->domain, &diag) < 0)
		sim_fail("domain: %s", diag_text(&diag));
	identifier->local = slice_of_string(text);
}

/* compose - compose the envelope of an item, always the same */
static void
compose(const struct item *item, struct p1_envelope *e)
{
	p1_init(e, item->kind);
	identify(item, &e->identifier);
	if (item->kind == MTS_REPORT)
		e->originator = originator_of(item_get(item->about));
	else {
		e->content_identifier = e->identifier.local;
		e->originator = originator_of(item);
		e->content_type.built_in = P1_CONTENT_P22;
		fill_recipients(item, e);
	}
	if (item->kind == MTS_MESSAGE)
		e->priority = (enum p1_priority)item->priority;
	if (item->latest != 0 &&
	    p1_set_latest_delivery_time(
		&e->extensions, &scratch, item->latest) < 0)
		sim_fail("latest delivery time");
	if (p1_trace_append(e, &scratch, &e->identifier.domain, SENT_AT,
		TRACE_RELAYED, NULL) < 0)
		sim_fail("trace");
}

/* put_report - append what a report says: those of its subject's recipients
 * that the peer took have it */
static void
put_report(const struct item *item)
{
	const struct item *about = item_get(item->about);
	struct report_recipient recipients[ITEM_RECIPIENTS];
	struct p1_envelope subject;
	struct report report;
	char text[16];

	compose(about, &subject);
	report_init(&report);
	report.subject = subject.identifier;
	snprintf(text, sizeof(text), "R%u", item->number);
	report.content_identifier = slice_of_string(text);
	report.recipients = recipients;
	for (unsigned i = 0; i < about->recipients; i++) {
		struct report_recipient *r =
		    &recipients[report.recipient_count];

		if ((item->mask & 1U << i) == 0)
			continue;
		report_recipient_init(r);
		r->actual = subject.recipients[i].name;
		r->number = (int)i + 1;
		r->delivered = true;
		r->delivery_time = r->arrival = SENT_AT;
		report.recipient_count++;
	}
	if (report_encode(&report, EXTENSION_IMPLICIT, &body) < 0)
		sim_fail("report %u cannot be encoded", item->number);
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
	if (item->kind == MTS_REPORT)
		put_report(item);
	else if (item->length > 0) {
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

/* body_item - find the item of a content identifier */
struct item *
body_item(struct slice identifier)
{
	unsigned number = 0;

	if (identifier.len < 2 ||
	    (identifier.data[0] != 'T' && identifier.data[0] != 'R'))
		return NULL;
	for (size_t i = 1; i < identifier.len; i++)
		number = number * 10 + (unsigned)(identifier.data[i] - '0');
	return item_get(number);
}

/* body_decode - decode an envelope that is in a job */
void
body_decode(enum mts_kind kind, struct slice octets, struct p1_envelope *e)
{
	struct diag diag = {0};

	prepare();
	if (p1_decode(kind, octets, &scratch, e, &diag) < 0)
		sim_fail("an envelope that is sent: %s", diag_text(&diag));
}

/* body_mask - get the recipients that an envelope is for, a bit for each by its
 * place in it */
unsigned
body_mask(const struct p1_envelope *e)
{
	unsigned mask = 0;

	for (size_t i = 0; i < e->recipient_count; i++)
		if ((e->recipients[i].indicators & P1_RESPONSIBILITY) != 0)
			mask |= 1U << i;
	return mask;
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
	body_decode(job->kind,
	    slice_of(job->body.data, (size_t)job->envelope_length), &e);
	item = body_item(e.content_identifier);
	if (item == NULL)
		sim_fail("an item that nobody sent");
	if (job->content_length != item->length)
		sim_fail("item %u has %llu octets of content", item->number,
		    (unsigned long long)job->content_length);
	*mask = body_mask(&e);
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

/* body_report - decode a report that has arrived; the item that it is on, or a
 * peer's report itself */
struct item *
body_report(struct slice content, struct report *report)
{
	struct diag diag = {0};
	struct item *item;

	prepare();
	if (report_decode(content, &scratch, report, &diag) < 0)
		sim_fail("a report that is sent: %s", diag_text(&diag));
	item = body_item(report->content_identifier);
	if (item == NULL)
		sim_fail("a report on nothing");
	return item;
}
