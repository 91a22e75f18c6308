/* SPDX-License-Identifier: ISC */
/*
 * bad_links.h - links whose peers misbehave, one of each kind, and links into
 * a black hole
 *
 * The links of the kinds are called "bad0", "bad1" ... in the order of
 * bad_kinds, those into the one hole "hole0", "hole1" ...  What they hold is
 * queued before anything else is sent; it is never looked for at the far end.
 */
#ifndef FOURPOST_TESTS_BAD_LINKS_H
#define FOURPOST_TESTS_BAD_LINKS_H

#include "tests/fault/load.h"

#define BAD_KINDS     8
#define BAD_HOLES_MAX 100

/* What a bad peer does. */
struct bad_kind {
	const char *mishap; /* as x4sink has it; NULL: nobody listens at all */
	bool opens;	    /* an association comes about */
	bool notes; /* it takes a message on each, and never confirms it */
};

extern const struct bad_kind bad_kinds[BAD_KINDS];

struct bad_links {
	unsigned kinds; /* the first so many of bad_kinds */
	unsigned holes;
	unsigned kind_messages, hole_messages; /* queued for each link */
	struct load_sink sinks[BAD_KINDS], hole;
};

/* bad_link_name - name bad link number i: the kinds, then the silent ones;
 * valid until the next call */
const char *bad_link_name(const struct bad_links *bad, unsigned i);

/* bad_links_start - start the peers */
void bad_links_start(struct bad_links *bad);

/* bad_links_configure - append their sections to text: these settings go into
 * those of the kinds and of the holes */
void bad_links_configure(const struct bad_links *bad, char *text, size_t size,
    const char *kind_settings, const char *hole_settings);

/* bad_links_send - send what the bad links are to hold, until the suite has
 * confirmed all */
void bad_links_send(const struct bad_links *bad, const struct suite *suite);

/* bad_links_stop - end the peers; their figures can be read then */
void bad_links_stop(struct bad_links *bad);

#endif
