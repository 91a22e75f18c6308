/* SPDX-License-Identifier: ISC */
/*
 * identity.h - hold what a client says it is against what master says
 *
 * The rule: nobody is believed for what its records say.  A worker is the
 * process that master started as that worker (workers.h), which the kernel
 * names and not the client, and which shows the ticket that master gave it.  A
 * pid alone would not do: a stranger may connect, end, and leave the
 * connection to another until a worker bears its pid.
 *
 * From then on a worker says only its kind's records (client.c), and those only
 * about its own object: claims_* are asked by whoever takes a record that
 * names a link, a postoffice or a session.  A claim about another's ends the
 * connection, with an event.
 */
#ifndef FOURPOST_QMGR_IDENTITY_H
#define FOURPOST_QMGR_IDENTITY_H

#include "qmgr/engine/client.h"

enum identity {
	IDENTITY_PROVED,
	IDENTITY_UNKNOWN, /* master has not told of its pid: it may yet */
	IDENTITY_FALSE	  /* diag says what differs */
};

/*
 * identity_sender - ask the kernel which process a client is: a pid, 0: it
 * cannot say
 *
 * The one place where credentials are asked for; struct qmgr points to it, so
 * that another kernel may be put in its place.
 */
int64_t identity_sender(const struct client *client);

/* identity_judge - hold the hello of a client against the table of master; a
 * worker that is proved becomes the client's: started_as, and link where its
 * name is that of one */
enum identity identity_judge(
    struct client *client, const struct ipc_hello *hello, struct diag *diag);

/* claims_link - check that a name, if a record gives one, is that of the link
 * or postoffice the client works for.  ERR_DENIED */
int claims_link(const struct client *client, struct slice name,
    struct diag *diag) WARN_UNUSED;

/* claims_session - check that a session, if a record gives one, is the
 * client's; a client that has none yet may name any.  ERR_DENIED */
int claims_session(const struct client *client, uint64_t session,
    struct diag *diag) WARN_UNUSED;

/* claims_message - check that a reporter may speak of what is queued for the
 * link.  ERR_DENIED */
int claims_message(const struct client *client, const struct link *link,
    struct diag *diag) WARN_UNUSED;

#endif
