/* SPDX-License-Identifier: ISC */
/*
 * items.c - what is sent, and what becomes of it: the checker
 */
#include "tests/sim/items.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "mhs/report.h"
#include "tests/sim/bodies.h"
#include "tests/sim/clock.h"
#include "tests/sim/side.h"

static struct item *items[ITEMS_MAX];
static unsigned count;
static bool lacks_memory;

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

/* item_make - make an item that is nothing yet */
static struct item *
item_make(unsigned from)
{
	struct item *item = calloc(1, sizeof(*item));

	if (count == ITEMS_MAX)
		sim_fail("too many items");
	items[count++] = item;
	item->number = count;
	item->from = from;
	return item;
}

/* choose_recipient - choose to whom an item goes: a link, or sometimes a list,
 * which is sent no probe */
static unsigned
choose_recipient(const struct item *item)
{
	return item->kind == MTS_MESSAGE && chance_one_in(8)
	    ? list_choose()
	    : (unsigned)chance_number(LINKS);
}

/* item_new - make an item, by chance */
struct item *
item_new(unsigned from)
{
	struct item *item = item_make(from);
	bool lists = false;

	item->kind = chance_one_in(20) ? MTS_PROBE : MTS_MESSAGE;
	item->recipients =
	    chance_one_in(4) ? 1 + (unsigned)chance_number(3) : 1;
	for (unsigned i = 0; i < item->recipients; i++) {
		do
			item->to[i] = choose_recipient(item);
		while (item->to[i] == from);
		lists |= list_is(item->to[i]);
	}
	item->priority = (unsigned)chance_number(3);
	item->length = item->kind == MTS_PROBE ? 0
	    : chance_one_in(12) ? (uint32_t)chance_between(3000, 150000)
				: (uint32_t)chance_between(1, 600);
	item->mood = choose_mood();
	item->asks = chance_one_in(6) && !lists;
	if (item->kind == MTS_MESSAGE && chance_one_in(10))
		item->latest =
		    clock_wall() / 1000 + (int64_t)chance_between(2, 200);
	item->file = from == POSTOFFICE;
	return item;
}

/* item_report - have a peer report that it has an item */
void
item_report(unsigned from, const struct item *about, unsigned mask)
{
	struct item *item = item_make(from);
	size_t envelope;

	item->kind = MTS_REPORT;
	item->recipients = 1;
	item->to[0] = about->from < LINKS ? about->from : POSTOFFICE;
	item->about = about->number;
	item->mask = mask;
	item->length = (uint32_t)item_body(item, &envelope).len;
	item->length -= (uint32_t)envelope;
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

/* may_double - tell whether an item, or a report on it, may arrive twice */
static bool
may_double(const struct item *item, unsigned recipient)
{
	return item->may_double || (item->doubt & 1U << recipient) != 0 ||
	    links_removed(item->to[recipient]) ||
	    (item->from < CONNECTORS && links_removed(item->from));
}

/* is_given_up - tell whether an item is reported on at its time though a peer
 * may have it */
static bool
is_given_up(const struct item *item, bool delivered)
{
	return !delivered && item->latest != 0 &&
	    clock_wall() / 1000 >= item->latest;
}

/* member_bit - get the bit of a member of a list, behind those of the
 * recipients */
static unsigned
member_bit(unsigned recipient, unsigned member)
{
	return 1U << (ITEM_RECIPIENTS + recipient * LIST_MEMBERS + member);
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
	    !may_double(item, recipient) &&
	    (item->reported[recipient] > 0 || !is_given_up(item, delivered)))
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

/* member_may_double - tell whether a member of a list may get an item, or a
 * report on it, twice */
static bool
member_may_double(const struct item *item, unsigned recipient, unsigned member)
{
	return may_double(item, recipient) ||
	    (item->doubt & member_bit(recipient, member)) != 0 ||
	    links_removed(list_link(member));
}

/* settle_member - note an end of a member of a list: a second one is a fault */
static void
settle_member(
    struct item *item, unsigned recipient, unsigned member, bool delivered)
{
	struct list_ends *ends;

	if (recipient >= item->recipients || !list_is(item->to[recipient]) ||
	    member >= LIST_MEMBERS || !list_has(item->to[recipient], member))
		sim_fail("item %u, recipient %u is no list with member %u",
		    item->number, recipient + 1, member);
	trace_note(delivered ? "member has" : "member fails", item->number,
	    recipient * LIST_MEMBERS + member);
	ends = &item->lists[recipient];
	if (ends->delivered[member] + ends->reported[member] > 0 &&
	    !member_may_double(item, recipient, member) &&
	    (ends->reported[member] > 0 || !is_given_up(item, delivered)))
		sim_fail("DOUBLED: item %u, recipient %u, member %u, %s: "
			 "delivered %u times, reported %u times before",
		    item->number, recipient + 1, member,
		    delivered ? "delivered" : "reported",
		    ends->delivered[member], ends->reported[member]);
	if (delivered)
		ends->delivered[member]++;
	else
		ends->reported[member]++;
}

/* settle_list - note the end of a member, or of all that are below a list that
 * could not be expanded: their bits */
static unsigned
settle_list(struct item *item, unsigned recipient, bool delivered,
    const struct or_address *who)
{
	int member = list_member(who);
	unsigned below = list_below(item->to[recipient], who), bits = 0;

	if (member >= 0)
		below = 1U << member;
	else if (below == 0 || delivered)
		sim_fail("item %u: a list has it", item->number);
	for (unsigned m = 0; m < LIST_MEMBERS; m++) {
		if ((below & 1U << m) == 0)
			continue;
		settle_member(item, recipient, m, delivered);
		bits |= member_bit(recipient, m);
	}
	return bits;
}

/* note_told - note that the originator was told of a delivery */
static void
note_told(struct item *item, unsigned recipient)
{
	trace_note("told", item->number, recipient);
	if (recipient >= item->recipients ||
	    (!item->asks && item->kind != MTS_PROBE))
		sim_fail("UNEXPECTED: item %u, recipient %u: a report that "
			 "nobody asked for",
		    item->number, recipient + 1);
	if (item->told[recipient]++ > 0 && !may_double(item, recipient))
		sim_fail("DOUBLED: item %u, recipient %u: the report on its "
			 "delivery",
		    item->number, recipient + 1);
	/* Programs are given no probe. */
	if (item->kind == MTS_PROBE && item->to[recipient] > POSTOFFICE &&
	    item->to[recipient] != GATEWAY)
		settle(item, recipient, true);
}

/* check_destination - check that a report has come where it goes */
static void
check_destination(
    const struct item *item, const struct report *report, unsigned link)
{
	unsigned to = item->from < LINKS ? item->from : POSTOFFICE;

	if (item->kind == MTS_REPORT)
		to = item->to[0];
	for (size_t i = 0;
	     item->kind != MTS_REPORT && i < report->recipient_count; i++) {
		unsigned at = (unsigned)report->recipients[i].number - 1;

		if (at < item->recipients && list_is(item->to[at]))
			to = list_reported_to(item, item->to[at],
			    &report->recipients[i].actual.address);
	}
	if (link != to && !links_detour(to, link))
		sim_fail("a report on item %u went to %s", item->number,
		    links[link].name);
}

/* deliver_report - note a report that has arrived; the item that it is on, and
 * the recipients */
static struct item *
deliver_report(unsigned link, struct slice content, unsigned *recipients)
{
	struct report report;
	struct item *item = body_report(content, &report);

	check_destination(item, &report, link);
	/* A peer that forgets is sent a report again as a message is. */
	if (peers[link].forgetful)
		item->may_double = true;
	*recipients = 0;
	if (item->kind == MTS_REPORT) {
		*recipients = 1;
		settle(item, 0, true);
		return item;
	}
	for (size_t i = 0; i < report.recipient_count; i++) {
		const struct report_recipient *on = &report.recipients[i];
		unsigned recipient = (unsigned)on->number - 1;

		if (recipient < item->recipients &&
		    list_is(item->to[recipient])) {
			*recipients |= settle_list(item, recipient,
			    on->delivered, &on->actual.address);
			continue;
		}
		if (on->delivered)
			note_told(item, recipient);
		else
			settle(item, recipient, false);
		*recipients |= 1U << recipient;
	}
	return item;
}

/* settle_recipient - note that a recipient of a job has it: its bit */
static unsigned
settle_recipient(struct item *item, const struct p1_recipient *recipient)
{
	unsigned at = (unsigned)recipient->number - 1;

	if (at < item->recipients && list_is(item->to[at]))
		return settle_list(item, at, true, &recipient->name.address);
	settle(item, at, true);
	return 1U << at;
}

/* items_deliver - note that a peer has taken a job */
struct item *
items_deliver(unsigned link, enum mts_kind kind, struct slice envelope,
    struct slice rest, unsigned *mask)
{
	struct p1_envelope e;
	struct item *item;
	unsigned taken = 0;

	if (kind == MTS_REPORT)
		return deliver_report(link, rest, mask);
	body_decode(kind, envelope, &e);
	item = body_item(e.content_identifier);
	if (peers[link].forgetful)
		item->may_double = true;
	*mask &= body_mask(&e);
	for (size_t i = 0; i < e.recipient_count; i++)
		if ((*mask & 1U << i) != 0)
			taken |= settle_recipient(item, &e.recipients[i]);
	*mask = taken;
	if (item->asks && link < CONNECTORS && taken != 0)
		item_report(link, item, taken);
	return item;
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
	struct item *item = body_item(identifier);

	if (item == NULL)
		sim_fail("an arrival that nobody sent is tracked");
	trace_note("tracked", item->number, 0);
	if (item->tracked++ > 0)
		sim_fail("TRACKED TWICE: item %u", item->number);
}

/* is_untracked - tell whether the tracker lacks the arrival of an item, unless
 * that is a report */
static bool
is_untracked(const struct item *item)
{
	return item->tracked == 0 && item->kind != MTS_REPORT && !lacks_memory;
}

/* report_is_lost - tell whether a report on an item may have been discarded */
static bool
report_is_lost(const struct item *item)
{
	unsigned to = item->kind == MTS_REPORT ? item->to[0] : item->from;

	return to < CONNECTORS && links_lose(to);
}

/* owes - tell whether a recipient of an item that was confirmed has not come to
 * its end */
static bool
owes(const struct item *item, unsigned recipient)
{
	/* A message that a mail server may have is reported on at its latest
	 * time, however often it was given it. */
	bool told = (item->asks || item->kind == MTS_PROBE) &&
	    item->to[recipient] >= CONNECTORS &&
	    item->delivered[recipient] > 0 && item->reported[recipient] == 0;

	/* There is no report on a report whose time is over. */
	if (report_is_lost(item) ||
	    ((item->kind == MTS_REPORT || told || item->returned) &&
		sim_jumped_far()))
		return false;
	if (list_is(item->to[recipient]))
		return list_owes(item, recipient);
	return item->delivered[recipient] + item->reported[recipient] == 0 ||
	    (told && item->told[recipient] == 0);
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
			if (owes(item, i))
				return false;
	}
	*which = 0;
	return true;
}

/* print_recipient - print what became of a recipient */
static void
print_recipient(const struct item *item, unsigned i)
{
	if (list_is(item->to[i]))
		list_print(item, i);
	else
		printf(" to %s delivered %u reported %u",
		    links[item->to[i]].name, item->delivered[i],
		    item->reported[i]);
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
		print_recipient(item, i);
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

			for (unsigned m = 0; m < LIST_MEMBERS; m++)
				end += item->lists[i].delivered[m] +
				    item->lists[i].reported[m];
			delivered += item->delivered[i];
			reported += item->reported[i];
			ends += end > 0;
			if (item->state == ITEM_CONFIRMED && owes(item, i))
				sim_fail("LOST: item %u, recipient %u%s",
				    item->number, i + 1,
				    end > 0 ? ": the report on its delivery"
					    : "");
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
