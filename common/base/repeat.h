/* SPDX-License-Identifier: ISC */
/*
 * repeat.h - what happens again and again is said once, then counted
 *
 * For events whose number strangers decide on: each distinct text is said at
 * once, and while it repeats no more than once an hour, with the count.  A few
 * texts are remembered; with more of them than that the one that was said
 * longest ago is forgotten, and said at once when it comes again.
 */
#ifndef FOURPOST_BASE_REPEAT_H
#define FOURPOST_BASE_REPEAT_H

#include <stdbool.h>
#include <stdint.h>

#define REPEAT_TEXTS	16
#define REPEAT_TEXT_MAX 256
#define REPEAT_PAUSE	((uint64_t)3600 * 1000) /* ms */

struct repeat {
	struct repeat_entry {
		char text[REPEAT_TEXT_MAX]; /* empty: free */
		uint64_t next;		    /* monotonic ms */
		unsigned more;		    /* not said since */
	} entry[REPEAT_TEXTS];
};

/*
 * repeat_say - whether text is to be said at now (monotonic ms)
 *
 * Then *more is how often it was not, since it was said last.  Texts that are
 * equal in their first REPEAT_TEXT_MAX - 1 octets are the same.
 */
bool repeat_say(
    struct repeat *repeat, const char *text, uint64_t now, unsigned *more);

#endif
