/* SPDX-License-Identifier: ISC */
/*
 * link.h - the links' names as small numbers, and what outlives a restart
 *
 * Postoffices are links too, named "msmail/NAME".  Number 0 is no link: what
 * is not routed yet, or cannot be.  Numbers are never used for another name.
 * All is in memory; changes need a transaction.
 */
#ifndef FOURPOST_STORE_LINK_H
#define FOURPOST_STORE_LINK_H

#include "base/error.h"
#include "base/slice.h"

#define STORE_LINK_NAME_MAX 48 /* with its NUL */
#define STORE_LINKS_MAX	    4096
#define STORE_LINK_NONE	    0U

/* Set by an administrator, and taken back by x4ctl enable. */
#define STORE_LINK_DISABLED 0x1U /* no associations, no deliveries */
#define STORE_LINK_HELD	    0x2U /* what is for it is accepted and kept */

/* How a link's peer took extensions so far (tagging.h of qmgr). */
enum store_tagging {
	STORE_TAGGING_UNKNOWN = 0,
	STORE_TAGGING_DOUBTED = 1,  /* one message was aborted */
	STORE_TAGGING_IMPLICIT = 2, /* one was taken with implicit tags */
	STORE_TAGGING_EXPLICIT = 3 /* two were aborted: it gets explicit tags */
};

struct store;

/* The traffic of a link since it was counted first, all restarts included. */
struct store_traffic {
	int64_t since; /* wall clock ms; 0: nothing was counted */
	uint64_t messages_out, octets_out;
	uint64_t reports_out; /* of messages_out */
	uint64_t messages_in, octets_in;
	uint64_t recipients_out, recipients_in; /* of messages and probes */
};

struct store_link {
	uint32_t number;
	uint32_t flags;
	enum store_tagging tagging;
	uint64_t refused; /* DOUBTED: the message that was aborted */
	struct store_traffic traffic; /* with the transaction under way */
	char name[STORE_LINK_NAME_MAX];
};

/* store_link_find - find a link by name.  ERR_NOTFOUND */
int store_link_find(const struct store *store, const char *name,
    struct store_link *link) WARN_UNUSED;

/* store_link_get - get a link by number; 0 is there, without a name.
 * ERR_NOTFOUND */
int store_link_get(const struct store *store, uint32_t number,
    struct store_link *link) WARN_UNUSED;

/* store_link_create - give a name its number, an old one if the name is known.
 * ERR_LIMIT (too many), ERR_VALUE (name empty or too long) */
int store_link_create(
    struct store *store, const char *name, uint32_t *number) WARN_UNUSED;

/* store_link_set_flags - replace them.  ERR_NOTFOUND */
int store_link_set_flags(
    struct store *store, uint32_t number, uint32_t flags) WARN_UNUSED;

/* store_link_set_tagging - replace tagging and refused by those of *link, which
 * its number names.  ERR_NOTFOUND */
int store_link_set_tagging(
    struct store *store, const struct store_link *link) WARN_UNUSED;

/*
 * store_link_passed - have the transaction count what passed over a link: the
 * numbers of *more are added
 *
 * Written once at store_commit, and undone with the transaction.  ERR_NOTFOUND
 */
int store_link_passed(struct store *store, uint32_t number,
    const struct store_traffic *more) WARN_UNUSED;

/* store_link_count - count the links: numbers go from 1 to this */
uint32_t store_link_count(const struct store *store);

#endif
