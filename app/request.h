/* SPDX-License-Identifier: ISC */
/*
 * request.h - a request of a program, which is one line
 *
 *	{"op":"submit","tag":1,"object":{...}}		octets may follow
 *	{"op":"next","tag":2,"wait":60,"octets":"content"}
 *	{"op":"done","tag":3,"id":7,"all":{"result":"delivered"}}
 *	{"op":"release","tag":4,"id":7}
 *	{"op":"check","tag":5,"originator":"...","size":1,"addresses":["..."]}
 *	{"op":"status","tag":6}
 *
 * See fourpost-app(8).  A request that is refused says how many octets follow
 * it, so that they can be passed over; where that cannot be known, what comes
 * behind it must not be read as requests.
 */
#ifndef FOURPOST_APP_REQUEST_H
#define FOURPOST_APP_REQUEST_H

#include <jansson.h>

#include "json/object_fault.h"

#define REQUEST_WAIT_MAX 86400 /* s */

enum request_op {
	REQUEST_SUBMIT,
	REQUEST_NEXT,
	REQUEST_DONE,
	REQUEST_RELEASE,
	REQUEST_CHECK,
	REQUEST_STATUS,
	REQUEST_OPS
};

/* The octets that are to follow an object which is given out. */
enum request_octets {
	REQUEST_CONTENT,
	REQUEST_PARTS /* of its parts, where they can be read */
};

struct request {
	enum request_op op;
	json_t *tag;	    /* owned; NULL: none */
	json_t *rest;	    /* owned: the request without op, tag and id */
	bool follows_known; /* else nothing can be read behind it */
	uint64_t follows;   /* octets behind the line */
	uint64_t id;	    /* done, release */
	uint64_t wait;	    /* next: ms */
	enum request_octets octets; /* next */
};

/*
 * request_read - read a line
 *
 * ERR_SYNTAX, ERR_VALUE, ERR_LIMIT with place and reason in fault; ERR_NOMEM.
 * Whatever is returned, request_fini frees, and tag and follows are as far as
 * they could be read.
 */
int request_read(struct slice line, struct request *request,
    struct object_fault *fault) WARN_UNUSED;

/* request_fini - free what a request has */
void request_fini(struct request *request);

#endif
