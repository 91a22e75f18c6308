/* SPDX-License-Identifier: ISC */
/*
 * site.h - the places from which the life makes calls that may fail
 *
 * A place is a whole stack of callers: the same function on behalf of another
 * handler is another place.  Stacks of all processes that one process has
 * forked can be compared.
 */
#ifndef FOURPOST_TESTS_SIM_SITE_H
#define FOURPOST_TESTS_SIM_SITE_H

#include <stdint.h>

/* A call, as it is written to the list. */
struct site {
	uint64_t number; /* of the call */
	uint64_t stack;	 /* a hash of it */
};

/* site_list - write a struct site to fd for the first call from each place */
void site_list(int fd);

/* site_note - note a call, and from where it is made */
void site_note(uint64_t number);

#endif
