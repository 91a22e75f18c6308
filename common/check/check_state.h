/* SPDX-License-Identifier: ISC */
/*
 * check_state.h - private to check/: one run of the offline check
 *
 * The check borrows a store that is open for reading and whose memory holds
 * what the check itself has counted; nothing of it is ever written.
 */
#ifndef FOURPOST_CHECK_CHECK_STATE_H
#define FOURPOST_CHECK_CHECK_STATE_H

#include "check/check.h"
#include "store/record.h"
#include "store/session_state.h"

/* Findings that cause follow-ups. */
enum check_cause {
	CHECK_MESSAGES = 1, /* a message's record cannot be read */
	CHECK_OBJECTS = 2,  /* an object's cannot */
	CHECK_LINKS = 4	    /* a link's cannot */
};

/* A content object and those that were found to use it. */
struct check_object {
	uint64_t id;
	uint64_t length;
	uint64_t references;
	uint64_t users;
	bool slices; /* were found */
};

struct check {
	struct store store; /* first, so that a row finds its check */
	store_check_row row;
	void *arg;
	struct store_check_result result;
	struct check_object *object; /* owned; in order of id */
	size_t objects, objects_max;
	uint64_t indexed[DB_COUNT]; /* entries that records ask for */
	uint64_t seen[NEXT_COUNT];  /* the highest number of each kind */
	unsigned causes;	    /* enum check_cause, those found */
	bool nomem;
	/* of the record that is being read part by part */
	uint64_t message;
	struct record_body body;
	unsigned parts;
	size_t part_octets;
	/* of the content that is being read slice by slice */
	uint64_t content;
	uint64_t slices, slice_first;
	uint64_t slice_octets;
	bool slice_short; /* the last one was */
	/* of the session whose transfers are being read */
	uint64_t session;
};

/* check_of - get the check whose store a row was called with */
static inline struct check *
check_of(struct store *store)
{
	union {
		struct store *in;
		struct check *out;
	} u = {.in = store};

	return u.out;
}

/* check_finding - count and tell a finding about a kind and number (0: no
 * number) */
void check_finding(struct check *check, const char *kind, uint64_t number,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* check_follow_up - tell a finding, or count a follow-up where what causes
 * it was found already */
void check_follow_up(struct check *check, enum check_cause cause,
    const char *kind, uint64_t number, const char *fmt, ...) PRINTF_LIKE(5, 6);

/* check_causes - note that something was found that causes follow-ups */
static inline void
check_causes(struct check *check, enum check_cause cause)
{
	check->causes |= (unsigned)cause;
}

/* check_reason - get why something could not be read */
const char *check_reason(const struct check *check, const struct diag *diag);

/* check_walk - call row for every entry; a failure to read is a finding */
void check_walk(struct check *check, enum db_name name, store_load_row row);

/* check_seen - note that a number of a kind was found in use */
void check_seen(struct check *check, enum store_number kind, uint64_t number);

/* check_object - find the object with an id, or NULL */
struct check_object *check_object(struct check *check, uint64_t id);

/* check_exists - test whether a database has a key */
bool
check_exists(struct check *check, enum db_name name, const struct db_key *key);

/* check_pages - look at every page of the database, with a lock of its own.
 * ERR_BUSY, ERR_NOMEM */
int check_pages(
    struct check *check, const char *directory, struct diag *diag) WARN_UNUSED;

/* The passes, in this order. */
void check_links(struct check *check);
void check_objects(struct check *check);
void check_messages(struct check *check);
void check_contents(struct check *check);
void check_sessions(struct check *check);
void check_notes(struct check *check);
void check_header(struct check *check);
void check_sources(struct check *check);

#endif
