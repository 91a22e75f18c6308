/* SPDX-License-Identifier: ISC */
/*
 * lists.c - the distribution lists of the simulator
 *
 * The first two are members of each other, so that a message to one is expanded
 * at both, and goes round no further.
 */
#include "tests/sim/lists.h"

#include <stdio.h>
#include <string.h>

#include "tests/sim/items.h"
#include "tests/sim/links.h"
#include "tests/sim/side.h"

#define NOWHERE LISTS
#define OWNER	"C=DE;A=VIAT;P=ACME;O=PO1;S=Owner"
#define ADDRESS "C=DE;A=VIAT;P=ACME;O=LISTS;S=List%u"

static const struct {
	const char *name, *reports;
	unsigned inner; /* the list that is a member; NOWHERE: none */
} lists[LISTS] = {
    {"all", "originator", 1},
    {"inner", "owner", 0},
    {"quiet", "none", NOWHERE},
};

static const struct {
	unsigned link, list;
} members[LIST_MEMBERS] = {{0, 0}, {POSTOFFICE, 0}, {PROGRAM, 0}, {1, 1},
    {SOCKET, 1}, {GATEWAY, 1}, {3, 2}, {4, 2}};

/* lists_text - get the sections of the lists in the configuration */
const char *
lists_text(void)
{
	static char text[4096];
	size_t length = 0;

	for (unsigned l = 0; l < LISTS; l++) {
		length += (size_t)snprintf(text + length, sizeof(text) - length,
		    "list \"%s\" {\n address = \"" ADDRESS
		    "\"\n reports = \"%s\" owner = \"" OWNER "\"\n members = {",
		    lists[l].name, l, lists[l].reports);
		for (unsigned m = 0; m < LIST_MEMBERS; m++)
			if (members[m].list == l)
				length += (size_t)snprintf(text + length,
				    sizeof(text) - length, "\"%s;S=M%u\", ",
				    links[members[m].link].address, m);
		length += (size_t)snprintf(text + length, sizeof(text) - length,
		    "\"%s\"}\n}\n",
		    list_address(LISTS_FROM +
			(lists[l].inner != NOWHERE ? lists[l].inner : l)));
	}
	return text;
}

/* list_is - tell whether a recipient is a list */
bool
list_is(unsigned to)
{
	return to >= LISTS_FROM && to < LISTS_FROM + LISTS;
}

/* list_address - get the address of a list */
const char *
list_address(unsigned to)
{
	static char address[sizeof(ADDRESS) + 8];

	snprintf(address, sizeof(address), ADDRESS, to - LISTS_FROM);
	return address;
}

/* list_choose - choose a list by chance */
unsigned
list_choose(void)
{
	return LISTS_FROM + (unsigned)chance_number(LISTS);
}

/* numbered - find the number in the surname of an address, behind a prefix; -1:
 * it has another surname */
static int
numbered(const struct or_address *address, const char *prefix)
{
	struct slice surname = address->attribute[OR_SURNAME];
	size_t len = strlen(prefix);

	if (surname.len != len + 1 || memcmp(surname.data, prefix, len) != 0)
		return -1;
	return surname.data[len] - '0';
}

/* list_member - find the member of a list that an address is */
int
list_member(const struct or_address *address)
{
	return numbered(address, "M");
}

/* list_has - tell whether a member gets what is sent to a list */
bool
list_has(unsigned to, unsigned member)
{
	unsigned list = to - LISTS_FROM;

	return members[member].list == list ||
	    members[member].list == lists[list].inner;
}

/* list_link - find the link of a member */
unsigned
list_link(unsigned member)
{
	return members[member].link;
}

/* history_to - find where a report goes that comes to a list, by the list that
 * the item was sent to */
static unsigned
history_to(const struct item *item, unsigned top, unsigned list)
{
	if (strcmp(lists[list].reports, "owner") == 0)
		return POSTOFFICE;
	if (strcmp(lists[list].reports, "none") == 0)
		return LINKS;
	if (list != top)
		return history_to(item, top, top);
	return item->from < LINKS ? item->from : POSTOFFICE;
}

/* list_reported_to - find the link that a report goes to */
unsigned
list_reported_to(
    const struct item *item, unsigned to, const struct or_address *about)
{
	int member = list_member(about), list = numbered(about, "List");
	unsigned top = to - LISTS_FROM;

	if (member >= 0)
		return history_to(item, top, members[member].list);
	/* A list that is not within another has nobody before it. */
	if (list >= 0 && (unsigned)list != top)
		return history_to(item, top, top);
	return item->from < LINKS ? item->from : POSTOFFICE;
}

/* list_below - get the members that have an item only through a list */
unsigned
list_below(unsigned to, const struct or_address *address)
{
	int list = numbered(address, "List");
	unsigned below = 0;

	for (unsigned m = 0; list >= 0 && m < LIST_MEMBERS; m++)
		if (list_has(to, m) &&
		    ((unsigned)list == to - LISTS_FROM ||
			members[m].list == (unsigned)list))
			below |= 1U << m;
	return below;
}

/* list_tells_nobody - tell whether a list has no reports passed on */
bool
list_tells_nobody(unsigned to)
{
	return strcmp(lists[to - LISTS_FROM].reports, "none") == 0;
}

/* list_owes - tell whether a member of a list has not come to its end */
bool
list_owes(const struct item *item, unsigned recipient)
{
	const struct list_ends *ends = &item->lists[recipient];
	unsigned to = item->to[recipient];

	/* Whoever could not have it is reported on to nobody. */
	if (list_tells_nobody(to))
		return false;
	/* A list that is named twice is expanded once. */
	for (unsigned i = 0; i < recipient; i++)
		if (item->to[i] == to)
			return false;
	for (unsigned m = 0; m < LIST_MEMBERS; m++)
		if (list_has(to, m) &&
		    ends->delivered[m] + ends->reported[m] == 0)
			return true;
	return false;
}

/* list_print - print what became of the members of a recipient that is a
 * list */
void
list_print(const struct item *item, unsigned recipient)
{
	const struct list_ends *ends = &item->lists[recipient];
	unsigned to = item->to[recipient];

	printf(" to %s", list_address(to));
	for (unsigned m = 0; m < LIST_MEMBERS; m++)
		if (list_has(to, m))
			printf(", %s delivered %u reported %u",
			    links[list_link(m)].name, ends->delivered[m],
			    ends->reported[m]);
}
