/* SPDX-License-Identifier: ISC */
/*
 * object_write.h - write an object as JSON, from its envelope and content
 *
 *	object_writer_new, object_writer_push for all octets of the content
 *	(none of a probe), object_writer_finish, object_writer_free
 *
 * The content may be larger than memory: texts up to OBJECT_INLINE_MAX stand
 * in the JSON, all other octets of parts go to the taker as they come.
 *
 * A content that is not P2, P22 or a report, or that cannot be read to its
 * end, has no ipm and no parts: `content` alone.  Why it could not be read is
 * the member `unreadable`.
 */
#ifndef FOURPOST_JSON_OBJECT_WRITE_H
#define FOURPOST_JSON_OBJECT_WRITE_H

#include "json/object.h"

#define OBJECT_NO_TIME P1_NO_TIME

/* Values that the JSON has beside those of the envelope. */
struct object_context {
	uint64_t id;		 /* queue id; 0: none */
	int64_t arrival;	 /* seconds since 1970, or OBJECT_NO_TIME */
	unsigned attempt;	 /* from 1; 0: none */
	struct slice key;	 /* of the submission, or empty */
	struct slice submission; /* of a report: what it is about, or empty */
	/* Where the content is: OBJECT_FILE, OBJECT_FOLLOWS with its length,
	 * OBJECT_NOWHERE, or OBJECT_INLINE: as base64 where that fits. */
	struct object_source content;
	/* The content stands there only if nothing else describes it. */
	bool content_unless_described;
	/* The content alone is known: of the envelope its kind and its content
	 * type say what that is, and nothing of it is written. */
	bool content_alone;
};

/*
 * Takes the octets of parts that do not stand in the JSON; number counts from
 * 1 (the N of ID.N.part).  Each returns 0, or an error that ends the writing.
 * Without a taker small parts are base64 in the JSON, of others their length
 * is told.
 */
struct object_taker {
	/* A part begins.  name has OBJECT_FILE_MAX + 1 octets of room for the
	 * file that the JSON is to name; left empty, the octets follow. */
	int (*begin)(void *arg, size_t number, char *name);
	int (*data)(void *arg, size_t number, struct slice octets);
	int (*end)(void *arg, size_t number, uint64_t length);
	/* The content turned out not to be readable: all parts that were
	 * begun are void. */
	int (*drop)(void *arg);
	void *arg;
};

struct object_writer;

/*
 * object_writer_new - begin an object; NULL: out of memory
 *
 * envelope, context and taker (which may be NULL) are borrowed until
 * object_writer_free.
 */
struct object_writer *object_writer_new(const struct p1_envelope *envelope,
    const struct object_context *context,
    const struct object_taker *taker) WARN_UNUSED;

/* object_writer_push - take the next octets of the content.  Errors of the
 * taker; ERR_NOMEM */
int object_writer_push(
    struct object_writer *writer, struct slice octets) WARN_UNUSED;

/*
 * object_writer_finish - append the JSON to out: one line without its end
 *
 * ERR_LIMIT: more than OBJECT_TEXT_MAX octets; errors of the taker;
 * ERR_NOMEM.
 */
int object_writer_finish(
    struct object_writer *writer, struct buffer *out) WARN_UNUSED;

/* object_writer_has_content - tell whether the JSON that was finished says
 * where the content is */
bool object_writer_has_content(const struct object_writer *writer);

/* object_writer_free - free it; NULL is allowed */
void object_writer_free(struct object_writer *writer);

#endif
