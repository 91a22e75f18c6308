/* SPDX-License-Identifier: ISC */
/*
 * lists.h - the distribution lists of the simulator, and who has what was sent
 * to them
 *
 * A recipient of an item may be a list.  Each of its members, and of the lists
 * that are members of it, comes to one end as a recipient does, however the
 * lists are in each other.  What is reported on a member goes to whom its list
 * says: to the originator, to the owner in the postoffice, or to nobody.
 */
#ifndef FOURPOST_TESTS_SIM_LISTS_H
#define FOURPOST_TESTS_SIM_LISTS_H

#include <stdbool.h>

#include "mhs/p1.h"

struct item;

#define LISTS	     3
#define LIST_MEMBERS 8 /* of all of them */
/* The first among the numbers of recipients; links and the tool are before. */
#define LISTS_FROM 100

/* What became of the members, for one recipient that is a list. */
struct list_ends {
	unsigned char delivered[LIST_MEMBERS], reported[LIST_MEMBERS];
};

/* lists_text - get the sections of the lists in the configuration */
const char *lists_text(void);

/* list_is - tell whether a recipient is a list, by its number */
bool list_is(unsigned to);

/* list_address - get the address of a list */
const char *list_address(unsigned to);

/* list_choose - choose a list by chance: its number as a recipient */
unsigned list_choose(void);

/* list_member - find the member of a list that an address is; -1: it is none */
int list_member(const struct or_address *address);

/* list_has - tell whether a member gets what is sent to a list */
bool list_has(unsigned to, unsigned member);

/* list_link - find the link of a member */
unsigned list_link(unsigned member);

/* list_reported_to - find the link that a report goes to on a member, or on a
 * list within another, that had an item by this recipient; the last that there
 * is: nobody is told */
unsigned list_reported_to(
    const struct item *item, unsigned to, const struct or_address *about);

/* list_below - get the members, a bit for each, that have an item by this
 * recipient only through the list with an address; 0: that is no list */
unsigned list_below(unsigned to, const struct or_address *address);

/* list_tells_nobody - tell whether a list has no reports passed on about its
 * members */
bool list_tells_nobody(unsigned to);

/* list_owes - tell whether a member of a recipient that is a list has not come
 * to its end */
bool list_owes(const struct item *item, unsigned recipient);

/* list_print - print what became of the members of a recipient that is a
 * list */
void list_print(const struct item *item, unsigned recipient);

#endif
