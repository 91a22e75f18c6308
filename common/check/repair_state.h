/* SPDX-License-Identifier: ISC */
/*
 * repair_state.h - private to check/: one run of x4check --repair
 *
 * The old database is read page by page (pages.h) and copied, what can be
 * decoded, into a new one (repair_copy.c).  There what depends on each other is
 * held against each other (repair_settle.c): what is not whole is moved out,
 * and all that is derived is made.  repair.c puts the new one in the place of
 * the old.
 */
#ifndef FOURPOST_CHECK_REPAIR_STATE_H
#define FOURPOST_CHECK_REPAIR_STATE_H

#include "store/pages.h"
#include "store/record.h"
#include "check/repair.h"
#include "store/session_state.h"

/* A commit has no more than this. */
#define REPAIR_STAGE ((size_t)8 * 1024 * 1024)

/* A content: what its slices, its object and its users say. */
struct repair_content {
	uint64_t id;
	uint64_t octets; /* of its slices */
	uint64_t length; /* of its object */
	uint64_t users;
	uint32_t source; /* for which it counts */
	bool object, partial;
	bool whole; /* its slices are in a row */
};

/* A growing list of ids, in order when it is searched. */
struct repair_ids {
	uint64_t *id; /* owned */
	size_t count, max;
	bool sorted;
};

struct repair {
	struct store store; /* the new one; first, so that a row finds us */
	struct pages pages; /* the old one */
	store_check_row row;
	void *arg;
	struct store_repair_result result;
	/* where what is moved out goes; -1: nothing was yet */
	int out;
	int reasons;
	const char *out_path;
	enum db_name name; /* that is being copied */
	bool header;	   /* the old one's was good */
	bool all_held;	   /* a commit may be missing */
	bool search;	   /* names were lost: look outside of the tree */
	uint64_t found;	   /* entries outside of the tree */
	struct repair_ids outside;	/* messages found outside of the tree */
	struct repair_content *content; /* owned; in order of id */
	size_t contents, contents_max;
	uint32_t links; /* the highest that is named */
	uint64_t seen[NEXT_COUNT];
};

/* repair_of - get the repair whose store a row was called with */
static inline struct repair *
repair_of(struct store *store)
{
	union {
		struct store *in;
		struct repair *out;
	} u = {.in = store};

	return u.out;
}

/* repair_tell - tell a finding, and write it to the reasons */
void repair_tell(struct repair *repair, const char *object, const char *fmt,
    ...) PRINTF_LIKE(3, 4);

/* repair_aside - write octets that are moved out to a file of that name; a
 * second call with the same name appends.  ERR_IO, ERR_FULL */
int repair_aside(
    struct repair *repair, const char *name, struct slice octets) WARN_UNUSED;

/* repair_open_out - make the directory of what is moved out, once.  ERR_IO,
 * ERR_FULL */
int repair_open_out(struct repair *repair) WARN_UNUSED;

/* repair_system_error - note that a system call failed on a path.  ERR_IO,
 * ERR_FULL */
int repair_system_error(struct repair *repair, const char *path);

/* repair_stage - commit where much is staged, and begin the next transaction */
int repair_stage(struct repair *repair) WARN_UNUSED;

/* repair_note - note that a number of a kind was found in use */
void
repair_note(struct repair *repair, enum store_number kind, uint64_t number);

/* repair_remember - add an id to a list.  ERR_NOMEM */
int repair_remember(struct repair_ids *ids, uint64_t id) WARN_UNUSED;

/* repair_copy - read the old database into the new one */
int repair_copy(struct repair *repair) WARN_UNUSED;

/* repair_settle - make the new one whole */
int repair_settle(struct repair *repair) WARN_UNUSED;

/* repair_outside - test whether a message was found outside of the tree */
bool repair_outside(struct repair *repair, uint64_t id);

/* repair_content - find the content of an id, or make it; NULL: out
 * of memory */
struct repair_content *repair_content(struct repair *repair, uint64_t id);

#endif
