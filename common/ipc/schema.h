/* SPDX-License-Identifier: ISC */
/*
 * schema.h - what the records of ipc.asn consist of, as a table
 *
 * One row an element; its place in the row is its tag.  encode.c and decode.c
 * walk it, so that a record has one description.  Row, which nests, has code
 * of its own on both sides.  Private to common/ipc.
 */
#ifndef FOURPOST_IPC_SCHEMA_H
#define FOURPOST_IPC_SCHEMA_H

#include "ipc/record.h"

/* How deep rows may nest within rows. */
#define SCHEMA_ROW_DEPTH 6

#define SCHEMA_PROTOCOL_NAME "fourpost"

enum schema_type {
	SCHEMA_PROTOCOL,      /* the constant that begins Hello */
	SCHEMA_NUMBER32,      /* uint32_t or enum, 0 to max */
	SCHEMA_SIGNED32,      /* int32_t */
	SCHEMA_NUMBER64,      /* uint64_t, 0 to INT64_MAX */
	SCHEMA_SIGNED64,      /* int64_t */
	SCHEMA_TRUTH,	      /* bool */
	SCHEMA_GONE,	      /* of earlier releases: not sent, not looked at */
	SCHEMA_STRING,	      /* struct slice of at most max octets */
	SCHEMA_REFERENCE,     /* one reference of a struct session_references;
			       * max is its enum session_reference */
	SCHEMA_FILE,	      /* struct ipc_file, always there */
	SCHEMA_OPTIONAL_FILE, /* the same; max is the offset of its bool */
	SCHEMA_RECIPIENTS,    /* SEQUENCE OF RecipientOutcome; max likewise that
			      * of its count */
	SCHEMA_WAYS,	      /* SEQUENCE OF RouteWay; the same */
	SCHEMA_STRINGS	      /* SEQUENCE OF UTF8String; the same */
};

struct schema_element {
	const char *name;
	size_t offset; /* in the struct */
	enum schema_type type;
	uint32_t max;
};

struct schema {
	const char *name; /* as in ipc.asn, for errors and logs */
	const struct schema_element *elements;
	size_t count;
	size_t size; /* of the struct, where arrays of it occur; else 0 */
};

/* schema_of - get the table of a record; its elements are NULL where code
 * encodes it */
const struct schema *schema_of(enum ipc_type type);

/* schema_of_array - get the table of what an array consists of: of
 * SCHEMA_RECIPIENTS or SCHEMA_WAYS */
const struct schema *schema_of_array(enum schema_type type);

/* The part that occurs within records. */
extern const struct schema schema_file;

#endif
