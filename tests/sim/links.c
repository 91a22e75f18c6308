/* SPDX-License-Identifier: ISC */
/*
 * links.c - the links of the simulator, and the peers behind them
 */
#include "tests/sim/links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/side.h"

const struct sim_link links[LINKS] = {
    {"a", "x400out", "C=XA;A=TEST", "MTA-A", "pw-a"},
    {"b", "x400out", "C=XB;A=TEST", "MTA-B", "pw-b"},
    {"c", "x400out", "C=XC;A=TEST", "MTA-C", "pw-c"},
    {"d", "x400out", "C=XD;A=TEST", "MTA-D", "pw-d"},
    {"po1", "msmi-out", "C=DE;A=VIAT;P=ACME;O=PO1", "", ""},
};

/* Mail for c goes through d where c is out of its retries. An association that
 * is idle outlives the bound by which the queue must become empty. */
char links_conf[] =
    "mta {\n"
    " name = \"MTA-SIM\" domain = \"C=DE;A=VIAT;P=ACME\"\n"
    " password = \"secret\"\n"
    " state-directory = \"/tmp\" run-directory = \"/tmp\"\n"
    " queue-size = \"64M\" tracking-days = 30\n"
    "}\n"
    "link \"a\" {\n"
    " remote-mta = \"MTA-A\" remote-password = \"pw-a\"\n"
    " address = {\"127.0.0.1:1\"} cost = 10\n"
    " address-space = {\"C=XA;A=TEST\"}\n"
    " association-lifetime = 600\n"
    " threshold = 3 associations = 3 open-interval = 10\n"
    " transfer-interval = 2 transfer-retries = 100\n"
    " recovery-timeout = 20 open-retries = 10000\n"
    "}\n"
    "link \"b\" {\n"
    " remote-mta = \"MTA-B\" remote-password = \"pw-b\"\n"
    " address = {\"127.0.0.1:1\"} cost = 10\n"
    " address-space = {\"C=XB;A=TEST\"}\n"
    " association-lifetime = 600\n"
    " threshold = 2 associations = 4 open-interval = 1\n"
    " transfer-interval = 0.2 transfer-retries = 2\n"
    " recovery-timeout = 0 open-retries = 10000\n"
    "}\n"
    "link \"c\" {\n"
    " remote-mta = \"MTA-C\" remote-password = \"pw-c\"\n"
    " address = {\"127.0.0.1:1\"} cost = 10\n"
    " address-space = {\"C=XC;A=TEST\"}\n"
    " association-lifetime = 600\n"
    " threshold = 5 associations = 2 open-interval = 5\n"
    " transfer-interval = 1 transfer-retries = 5\n"
    " recovery-timeout = 3 open-retries = 10000\n"
    "}\n"
    "link \"d\" {\n"
    " remote-mta = \"MTA-D\" remote-password = \"pw-d\"\n"
    " address = {\"127.0.0.1:1\"} cost = 20\n"
    " address-space = {\"C=XD;A=TEST\", \"C=XC;A=TEST\"}\n"
    " association-lifetime = 600\n"
    " threshold = 50 associations = 1 open-interval = 30\n"
    " transfer-interval = 1 transfer-retries = 3\n"
    " recovery-timeout = 60 open-retries = 10000\n"
    "}\n"
    "link \"e\" {\n"
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
    " originators = {\"C=DE;A=VIAT;P=ACME;O=PO1\"}\n"
    "}\n";

bool links_few;

/* links_few_retries - have c give up after a few tries to open */
void
links_few_retries(void)
{
	char *c = strstr(links_conf, "recovery-timeout = 3 ");
	char *retries = c == NULL ? NULL : strstr(c, "10000");

	if (retries == NULL)
		sim_fail("c has no retries");
	memcpy(retries, "4    ", 5);
	links_few = true;
}

/* What a peer has taken. */
struct taken {
	struct taken *next;
	unsigned connection;
	uint64_t activity, message;
};

struct peer peers[LINKS];
static struct taken *memory[LINKS];

/* peer_take - have a peer take an item, by this name */
void
peer_take(
    unsigned link, unsigned connection, uint64_t activity, uint64_t message)
{
	struct taken *taken = calloc(1, sizeof(*taken));

	if (peer_has(link, connection, activity) != 0 && connection != 0)
		sim_fail("link %s: activity %llu of connection %u again",
		    links[link].name, (unsigned long long)activity, connection);
	*taken = (struct taken){memory[link], connection, activity, message};
	memory[link] = taken;
}

/* peer_has - ask a peer whether it has taken what was sent by this name */
uint64_t
peer_has(unsigned link, unsigned connection, uint64_t activity)
{
	const struct taken *taken;

	for (taken = memory[link]; taken != NULL; taken = taken->next)
		if (taken->connection == connection &&
		    taken->activity == activity)
			return taken->message;
	return 0;
}

/* forget_taken - have a peer forget one thing that it has taken */
static void
forget_taken(struct taken **at)
{
	struct taken *taken = *at;

	*at = taken->next;
	free(taken);
}

/* peer_forget - have a peer forget what was sent by this name */
void
peer_forget(unsigned link, unsigned connection, uint64_t activity)
{
	struct taken **at = &memory[link];

	while (*at != NULL) {
		if ((*at)->connection == connection &&
		    (*at)->activity == activity)
			forget_taken(at);
		else
			at = &(*at)->next;
	}
}

/* peer_release - have a peer forget a connection that was released */
void
peer_release(unsigned link, unsigned connection)
{
	struct taken **at = &memory[link];

	while (*at != NULL) {
		if ((*at)->connection == connection)
			forget_taken(at);
		else
			at = &(*at)->next;
	}
}

/* sim_references - make the references of a connection that somebody opened */
struct session_references
sim_references(const char *who, unsigned connection)
{
	struct session_references references = {.calling_len = 0};
	char common[16];

	snprintf(common, sizeof(common), "%08u", connection);
	if (session_references_set(
		&references, SESSION_CALLING, slice_of_string(who)) < 0 ||
	    session_references_set(
		&references, SESSION_COMMON, slice_of_string(common)) < 0 ||
	    session_references_set(
		&references, SESSION_ADDITIONAL, slice_of_string("1")) < 0)
		sim_fail("references");
	return references;
}

/* sim_connection - find the number of a connection in its references */
unsigned
sim_connection(const struct session_references *references)
{
	struct slice text = session_references_get(references, SESSION_COMMON);
	const char *digits = (const char *)text.data;
	unsigned number = 0;

	for (size_t i = 0; i < text.len; i++)
		number = number * 10 + (unsigned)(digits[i] - '0');
	return number;
}
