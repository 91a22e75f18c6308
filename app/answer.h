/* SPDX-License-Identifier: ISC */
/*
 * answer.h - what a program says became of the recipients of an object
 *
 *	{"recipients":[{"n":1,"result":"delivered","time":1796032800},
 *	    {"n":2,"result":"failed","reason":1,"diagnostic":0,"text":"..."},
 *	    {"n":3,"result":"transient","text":"..."}]}
 *	{"all":{"result":"delivered"}}
 *
 * Every recipient that the object makes the program answer for is named once,
 * and no other; reports and notifications of a report have `all` alone.  A
 * failure without codes is reason 1 and no diagnostic.
 */
#ifndef FOURPOST_APP_ANSWER_H
#define FOURPOST_APP_ANSWER_H

#include <jansson.h>

#include "base/arena.h"
#include "ipc/record.h"
#include "json/object.h"

#define ANSWER_MAX (16 * 1024 * 1024) /* octets of the text */

struct answer {
	struct ipc_outcome outcome; /* result, reason, diagnostic, text, time:
				     * of whom recipients do not name */
	struct ipc_recipient_outcome *recipients; /* in the arena */
	size_t count;
};

/* The recipients of an object. */
struct answer_for {
	const uint8_t *responsible; /* of each: whether it is to be answered */
	size_t count;		    /* 0 of a report */
};

/* answer_read - read an answer.  ERR_SYNTAX, ERR_VALUE with the place in fault;
 * ERR_NOMEM, ERR_LIMIT */
int
answer_read(struct slice text, const struct answer_for *on, struct arena *arena,
    struct answer *answer, struct object_fault *fault) WARN_UNUSED;

/* answer_take - read one that stands in a JSON object among members of others,
 * likewise; they are taken out before */
int answer_take(json_t *whole, const struct answer_for *on, struct arena *arena,
    struct answer *answer, struct object_fault *fault) WARN_UNUSED;

#endif
