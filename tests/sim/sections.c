/* SPDX-License-Identifier: ISC */
/*
 * sections.c - the configuration of the simulator, and its changes
 */
#include <stdarg.h>
#include <stdio.h>

#include "tests/sim/links.h"
#include "tests/sim/lists.h"
#include "tests/sim/routes.h"
#include "tests/sim/side.h"

#define TEXT_MAX 8192

/* What does not change. An association that is idle outlives the bound by which
 * the queue must become empty. */
static const struct fixed {
	const char *spaces;
	const char *open_interval, *transfer_interval;
	unsigned transfer_retries, recovery_timeout;
	struct sim_section at_first;
} fixed[CONNECTORS] = {
    {"\"C=XA;A=TEST\"", "10", "2", 100, 20,
	{.cost = 10, .threshold = 3, .associations = 3}},
    {"\"C=XB;A=TEST\"", "1", "0.2", 2, 0,
	{.cost = 10, .threshold = 2, .associations = 4}},
    {"\"C=XC;A=TEST\"", "5", "1", 5, 3,
	{.cost = 10, .threshold = 5, .associations = 2}},
    {"\"C=XD;A=TEST\", \"C=XC;A=TEST\"", "30", "1", 3, 60,
	{.cost = 20, .threshold = 50, .associations = 1}},
    {"\"C=XF;A=TEST\", \"C=XB;A=TEST\"", "5", "1", 5, 10,
	{.cost = 20, .threshold = 4, .associations = 2}},
};

struct sim_section sections[CONNECTORS];

static char text[TEXT_MAX];
static size_t length;
static bool few; /* c gives up after a few tries */

/* put - append to the text */
static void __attribute__((format(printf, 1, 2))) put(const char *format, ...)
{
	va_list arguments;
	int more;

	va_start(arguments, format);
	more = vsnprintf(text + length, TEXT_MAX - length, format, arguments);
	va_end(arguments);
	if (more < 0 || (size_t)more >= TEXT_MAX - length)
		sim_fail("the configuration is too long");
	length += (size_t)more;
}

/* put_link - append the section of a connector */
static void
put_link(unsigned i)
{
	const struct sim_section *section = &sections[i];
	const struct fixed *f = &fixed[i];

	put("link \"%s\" {\n"
	    " remote-mta = \"%s\" remote-password = \"%s\"\n"
	    " address = {\"127.0.0.1:1\"} cost = %u\n"
	    " address-space = {%s}\n"
	    " association-lifetime = 600 dialogue = \"%s\"\n"
	    " threshold = %u associations = %u open-interval = %s\n"
	    " transfer-interval = %s transfer-retries = %u\n"
	    " recovery-timeout = %u open-retries = %u%s\n"
	    "}\n",
	    links[i].name, links[i].mta, links[i].password, section->cost,
	    f->spaces, section->two_way ? "two-way-alternate" : "monologue",
	    section->threshold, section->associations, f->open_interval,
	    f->transfer_interval, f->transfer_retries, f->recovery_timeout,
	    few && i == 2 ? 4 : 10000,
	    routes_known(i) ? "\n peer = \"fourpost\" "
			      "learn = {\"C=XC;A=TEST\", \"C=XD;A=TEST\"}"
			    : "");
}

/* compose - compose the text from what is so for now */
static void
compose(void)
{
	length = 0;
	put("mta {\n"
	    " name = \"MTA-SIM\" domain = \"C=DE;A=VIAT;P=ACME\"\n"
	    " password = \"secret\"\n"
	    " state-directory = \"/tmp\" run-directory = \"/tmp\"\n"
	    " queue-size = \"64M\" tracking-days = 30\n"
	    " route-refresh = 20\n"
	    "}\n");
	for (unsigned i = 0; i < CONNECTORS; i++)
		if (!sections[i].absent)
			put_link(i);
	put("link \"e\" {\n"
	    " remote-mta = \"MTA-E\" remote-password = \"pw-e\"\n"
	    " address = {\"127.0.0.1:1\"} cost = 50 schedule = \"never\"\n"
	    " address-space = {\"C=XE\"}\n"
	    "}\n"
	    "msmail \"po1\" {\n"
	    " postoffice = \"/tmp\" network = \"ACME\" name = \"PO1\"\n"
	    " address-space = {\"C=DE;A=VIAT;P=ACME;O=PO1\"}\n"
	    "}\n"
	    "application \"prog\" {\n"
	    " path = \"/tmp\"\n"
	    " address-space = {\"C=DE;A=VIAT;P=ACME;O=PROG\"}\n"
	    "}\n"
	    "application \"sock\" {\n"
	    " socket = \"sock\"\n"
	    " address-space = {\"C=DE;A=VIAT;P=ACME;O=SOCK\"}\n"
	    "}\n"
	    "mixer \"mix\" {\n"
	    " mail-domain = \"x400.example.net\"\n"
	    " gateway-address = \"C=DE;A=VIAT;P=ACME;O=INTERNET\"\n"
	    " address-space = {\"C=DE;A=VIAT;P=ACME;O=GW\"}\n"
	    "}\n%s",
	    lists_text());
}

/* links_init - choose what the configuration is at first */
void
links_init(bool gives_up)
{
	few = gives_up;
	for (unsigned i = 0; i < CONNECTORS; i++) {
		sections[i] = fixed[i].at_first;
		sections[i].two_way = chance_one_in(3);
	}
	compose();
}

/* links_text - get the text of the configuration */
const char *
links_text(void)
{
	return text;
}

/* change - change what is said of a connector */
static void
change(struct sim_section *section)
{
	switch (chance_number(5)) {
	case 0:
		section->two_way = !section->two_way;
		break;
	case 1:
		section->threshold = (unsigned)chance_between(1, 20);
		break;
	case 2:
		section->associations = (unsigned)chance_between(1, 5);
		break;
	case 3:
		section->cost = (unsigned)chance_between(5, 25);
		break;
	default:
		section->absent = !section->absent;
		section->was_absent = true;
	}
}

/* links_change - remove or add a link by chance, or change it */
void
links_change(void)
{
	unsigned changes = (unsigned)chance_between(1, 3);

	while (changes-- > 0)
		change(&sections[chance_number(CONNECTORS)]);
	compose();
}

/* links_restore - have all links again */
void
links_restore(void)
{
	for (unsigned i = 0; i < CONNECTORS; i++)
		sections[i].absent = false;
	compose();
}

/* links_detour - tell whether mail for one connector may go through another */
bool
links_detour(unsigned connector, unsigned through)
{
	return (connector == 2 && through == 3) ||
	    (connector == 3 && through == 2) ||
	    (connector == 1 && through == 4);
}

/* links_removed - tell whether a connector, or one that mail for it may go
 * through, was not configured for a while */
bool
links_removed(unsigned connector)
{
	for (unsigned i = 0; i < CONNECTORS; i++)
		if (sections[i].was_absent &&
		    (i == connector || links_detour(connector, i)))
			return true;
	return false;
}

/* links_lose - tell whether a report to a connector may be discarded */
bool
links_lose(unsigned connector)
{
	return (connector == 2 && few) || links_removed(connector);
}
