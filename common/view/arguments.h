/* SPDX-License-Identifier: ISC */
/*
 * arguments.h - what a request to see the queue asks for
 */
#ifndef FOURPOST_VIEW_ARGUMENTS_H
#define FOURPOST_VIEW_ARGUMENTS_H

#include "ipc/exit_status.h"
#include "view/view.h"

#define VIEW_FILTER_TEXT 512

struct view_arguments {
	bool has_link, has_state, active;
	uint32_t link;
	enum store_state state;
	char from[VIEW_FILTER_TEXT], to[VIEW_FILTER_TEXT];
	uint64_t cursor;
	bool has_id;
	uint64_t id;
};

/* view_argument - parse one argument; false: what is wrong stands in done */
bool view_argument(const struct store *store, struct slice argument,
    struct view_arguments *out, struct view_done *done);

#endif
