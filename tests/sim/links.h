/* SPDX-License-Identifier: ISC */
/*
 * links.h - the links of the simulator, and the peers behind them
 *
 * Five connectors, a postoffice, a program with a directory and one with a
 * socket, and a gateway to a mail server.  A peer remembers, by session
 * connection and activity, what it has taken, until the connection is released;
 * programs and the postoffice by queue id, and the mail server not at all.
 *
 * Mail for c goes through d too, and mail for b through f: where the first is
 * out.  The peers of c and d are of this suite: each may say that it serves
 * what the other does.  The configuration is text that is composed from what
 * each link is like for now; links_change changes that, and master has it
 * taken.
 */
#ifndef FOURPOST_TESTS_SIM_LINKS_H
#define FOURPOST_TESTS_SIM_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/record.h"
#include "osi/session_references.h"

/* Numbers among the links: the connectors are the first. */
#define CONNECTORS 5
#define POSTOFFICE CONNECTORS
#define PROGRAM	   (CONNECTORS + 1)
#define SOCKET	   (CONNECTORS + 2)
#define GATEWAY	   (CONNECTORS + 3)
#define LINKS	   (CONNECTORS + 4)

struct sim_link {
	const char *name;
	const char *kind;    /* what stands before its name in requests */
	const char *service; /* that sends; empty: it asks for its jobs */
	enum ipc_role role;  /* of that service */
	const char *address; /* that it serves */
	const char *mta;     /* who is behind it */
	const char *password;
};

extern const struct sim_link links[LINKS];

/* What the configuration says of a connector, for now. */
struct sim_section {
	bool absent;	 /* it is not configured */
	bool was_absent; /* at any time */
	bool two_way;	 /* two-way alternate */
	unsigned cost, threshold, associations;
};

extern struct sim_section sections[CONNECTORS];

/* links_init - choose what the configuration is at first; few: c gives up after
 * a few tries to open */
void links_init(bool few);

/* links_text - get the text of the configuration; the same memory always */
const char *links_text(void);

/* links_change - remove or add a link by chance, or change what is said of
 * it */
void links_change(void);

/* links_restore - have all links again */
void links_restore(void);

/* links_detour - tell whether mail for one connector may go through another */
bool links_detour(unsigned connector, unsigned through);

/* links_removed - tell whether a connector, or one that mail for it may go
 * through, was not configured for a while: names by which it might be asked
 * what it had are ended then, so that mail may be returned or sent once more */
bool links_removed(unsigned connector);

/* links_lose - tell whether a report to a connector may be discarded: that, or
 * its link gives up */
bool links_lose(unsigned connector);

/* What a peer is like, for now. */
struct peer {
	bool down;	/* it cannot be reached */
	bool forgetful; /* it never knows what it had taken */
	uint64_t cuts;	/* once in so many transfers it is cut; 0: never */
};

extern struct peer peers[LINKS];

/* peer_take - have a peer take an item, by this name */
void peer_take(
    unsigned link, unsigned connection, uint64_t activity, uint64_t message);

/* peer_has - ask a peer whether it has taken what was sent by this name; the
 * queue id, 0: it knows nothing of it */
uint64_t peer_has(unsigned link, unsigned connection, uint64_t activity);

/* peer_forget - have a peer forget that it has taken what was sent by this
 * name */
void peer_forget(unsigned link, unsigned connection, uint64_t activity);

/* peer_release - have a peer forget a connection that was released */
void peer_release(unsigned link, unsigned connection);

/* Session connections have numbers; beyond this the peer has opened them. */
#define CONNECTIONS_OF_PEERS 500000U

/* sim_references - make the references of a session connection of a link */
struct session_references sim_references(unsigned link, unsigned connection);

/* sim_connection - find the number of a connection in its references */
unsigned sim_connection(const struct session_references *references);

#endif
