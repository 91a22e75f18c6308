/* SPDX-License-Identifier: ISC */
/*
 * links.h - the links of the simulator, and the peers behind them
 *
 * Four connectors and a postoffice.  A peer remembers, by session connection
 * and activity, what it has taken, until the connection is released.
 */
#ifndef FOURPOST_TESTS_SIM_LINKS_H
#define FOURPOST_TESTS_SIM_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#include "osi/session_references.h"

#define CONNECTORS 4
#define POSTOFFICE CONNECTORS /* its number among the links */
#define LINKS	   (CONNECTORS + 1)

struct sim_link {
	const char *name;
	const char *service;
	const char *address; /* that it serves */
	const char *mta;     /* who is behind it */
	const char *password;
};

extern const struct sim_link links[LINKS];

/* The configuration. */
extern char links_conf[];

/*
 * links_few_retries - have c give up after a few tries to open
 *
 * What cannot go through d then is returned, and a report that cannot is
 * discarded: of an item from c it may be missing.
 */
void links_few_retries(void);
extern bool links_few;

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

/* sim_references - make the references of a connection that somebody opened */
struct session_references sim_references(const char *who, unsigned connection);

/* sim_connection - find the number of a connection in its references */
unsigned sim_connection(const struct session_references *references);

#endif
