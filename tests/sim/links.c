/* SPDX-License-Identifier: ISC */
/*
 * links.c - the links of the simulator, and the peers behind them
 */
#include "tests/sim/links.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/side.h"

const struct sim_link links[LINKS] = {
    {"a", "", "x400out", IPC_ROLE_X400OUT, "C=XA;A=TEST", "MTA-A", "pw-a"},
    {"b", "", "x400out", IPC_ROLE_X400OUT, "C=XB;A=TEST", "MTA-B", "pw-b"},
    {"c", "", "x400out", IPC_ROLE_X400OUT, "C=XC;A=TEST", "MTA-C", "pw-c"},
    {"d", "", "x400out", IPC_ROLE_X400OUT, "C=XD;A=TEST", "MTA-D", "pw-d"},
    {"f", "", "x400out", IPC_ROLE_X400OUT, "C=XF;A=TEST", "MTA-F", "pw-f"},
    {"po1", "msmail/", "msmi-out", IPC_ROLE_MSMI_OUT,
	"C=DE;A=VIAT;P=ACME;O=PO1", "", ""},
    {"prog", "application/", "app-out", IPC_ROLE_APP_OUT,
	"C=DE;A=VIAT;P=ACME;O=PROG", "", ""},
    {"sock", "application/", "", IPC_ROLE_APP, "C=DE;A=VIAT;P=ACME;O=SOCK", "",
	""},
    {"mix", "mixer/", "mixer-out", IPC_ROLE_MIXER_OUT,
	"C=DE;A=VIAT;P=ACME;O=GW", "", ""},
};

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

/* sim_references - make the references of a session connection of a link */
struct session_references
sim_references(unsigned link, unsigned connection)
{
	struct session_references references = {.calling_len = 0};
	const char *who =
	    connection > CONNECTIONS_OF_PEERS ? links[link].mta : "MTA-SIM";
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
