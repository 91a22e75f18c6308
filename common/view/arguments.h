/* SPDX-License-Identifier: ISC */
/*
 * arguments.h - what a request to see the queue asks for
 */
#ifndef FOURPOST_VIEW_ARGUMENTS_H
#define FOURPOST_VIEW_ARGUMENTS_H

#include "base/arena.h"
#include "ipc/exit_status.h"
#include "mhs/or_address.h"
#include "view/view.h"

#define VIEW_FILTER_TEXT 512

/* An O/R address, a beginning of one, or a text in one; "": any. */
struct view_address_filter {
	char text[VIEW_FILTER_TEXT];
	const struct or_address *address; /* NULL: the text is none */
};

struct view_arguments {
	bool has_link, has_state, active, has_larger;
	bool brief; /* rows for people: the names that the record has */
	uint32_t link;
	enum store_state state;
	struct view_address_filter from, to;
	uint64_t older;		       /* arrived before, ms; 0: whenever */
	uint64_t larger;	       /* than so many octets of content */
	char mts_id[VIEW_FILTER_TEXT]; /* "": any */
	uint64_t cursor;
	bool has_id;
	uint64_t id;
	struct arena arena; /* of the addresses */
};

/* view_arguments_init, view_arguments_fini - begin with no filter; give back
 * the memory */
void view_arguments_init(struct view_arguments *arguments);
void view_arguments_fini(struct view_arguments *arguments);

/* view_argument - parse one argument; what is wrong with it stands in done */
void view_argument(const struct store *store, struct slice argument,
    struct view_arguments *out, struct view_done *done);

#endif
