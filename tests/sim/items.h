/* SPDX-License-Identifier: ISC */
/*
 * items.h - what is sent, and what becomes of it: the checker
 *
 * An item is a message or probe to some recipients.  Once it is confirmed each
 * recipient comes to exactly one end: it is delivered once, or reported on
 * once.  One whose submitter had no answer comes to at most one.  Who asks for
 * it is told of each delivery once: by us, where a postoffice has it, else by
 * the peer, whose report is an item of its own that comes to its originator
 * once.
 *
 * A recipient may be a distribution list: what is said of a recipient then
 * holds for each member of it (lists.h).
 *
 * An item that has a latest delivery time may be reported on after a peer took
 * it, where that is not known and nobody can be asked any more.
 *
 * Only a peer that forgets may be sent an item twice, and a mail server while
 * it is not known that it has it.  The arrival of each that
 * is confirmed is tracked once; where allocations fail it may be given up.  To
 * hold more of an item to what is said of it count that in struct item, note it
 * where the record is taken, and check it in settle and items_final.
 */
#ifndef FOURPOST_TESTS_SIM_ITEMS_H
#define FOURPOST_TESTS_SIM_ITEMS_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/record.h"
#include "tests/sim/links.h"
#include "tests/sim/lists.h"

#define ITEMS_MAX	4096
#define ITEM_RECIPIENTS 3
/* Beside the links: whom an item comes from. */
#define FROM_TOOL LINKS

enum item_state {
	ITEM_NEW,	/* nothing was sent of it */
	ITEM_SENDING,	/* somebody does */
	ITEM_CUT,	/* it may have been taken: ask, or send again */
	ITEM_CONFIRMED, /* the queue manager has said that it has it */
	ITEM_REFUSED,	/* that it will not */
	ITEM_UNKNOWN	/* nobody asks again */
};

/* The way a peer treats an item that it is sent. */
enum item_mood {
	MOOD_TAKE,
	MOOD_DIE,    /* the association ends in it, each time */
	MOOD_REFUSE, /* it will not have it */
	MOOD_LATER   /* not the first time */
};

struct item {
	unsigned number; /* from 1 */
	unsigned from;
	unsigned recipients;
	unsigned to[ITEM_RECIPIENTS];		 /* links, or lists */
	struct list_ends lists[ITEM_RECIPIENTS]; /* of those that are */
	unsigned delivered[ITEM_RECIPIENTS], reported[ITEM_RECIPIENTS];
	unsigned told[ITEM_RECIPIENTS]; /* that it was delivered, by us */
	unsigned doubt;	  /* recipients, and behind them members of lists, that
			 * the mail server has, and the queue manager may not
			 * know it; of reports likewise */
	unsigned tracked; /* times that the tracker was told of its arrival */
	enum mts_kind kind;
	unsigned priority; /* enum p1_priority */
	uint32_t length;   /* of the content */
	int64_t latest;	   /* s since 1970: it is of no use later; 0: always */
	enum item_state state;
	enum item_mood mood;
	unsigned met; /* times that its mood showed */
	/* by which it was sent, while it is cut */
	unsigned connection;
	uint64_t activity;
	bool two_way;
	bool asks;	 /* for a report on each delivery */
	unsigned about;	 /* a peer's report: the item that it is on */
	unsigned mask;	 /* likewise: the recipients */
	bool may_double; /* its peer forgets */
	bool returned;	 /* a peer has refused it: a report is on its way */
	bool file;	 /* it has one, which is there */
	/* of a program: the message that its key is, and when it was first
	 * submitted (wall clock, ms); and how often it was told that it is
	 * new */
	uint64_t message;
	unsigned accepted;
	int64_t submitted;
};

/* item_new - make an item, by chance */
struct item *item_new(unsigned from);

/* item_report - have a peer report that it has an item, for these recipients */
void item_report(unsigned from, const struct item *about, unsigned mask);

/* item_get - get an item, or NULL */
struct item *item_get(unsigned number);

/* items_lack_memory - note that allocations fail in this seed */
void items_lack_memory(void);

/* items_tracked - note that the tracker keeps the arrival of the item with this
 * content identifier */
void items_tracked(struct slice identifier);

/* items_count - count those that there are */
unsigned items_count(void);

/* items_deliver - note that a peer has taken a job, for those of its recipients
 * that mask has a bit for: octets are its envelope and content.  The item that
 * it is or is about, and in mask those whom that settles, as doubt has them */
struct item *items_deliver(unsigned link, enum mts_kind kind,
    struct slice envelope, struct slice rest, unsigned *mask);

/* items_settled - tell whether each that was confirmed has come to its end; or
 * else name one that has not */
bool items_settled(unsigned *which);

/* item_print - print an item, for who looks for a fault */
void item_print(const struct item *item);

/* items_final - check at the end, and print what came to what */
void items_final(void);

#endif
