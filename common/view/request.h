/* SPDX-License-Identifier: ISC */
/*
 * request.h - a request while it is answered; of this layer alone
 */
#ifndef FOURPOST_VIEW_REQUEST_H
#define FOURPOST_VIEW_REQUEST_H

#include "mhs/p1.h"
#include "view/arguments.h"
#include "view/row.h"

/* Looked at in one request, so that nobody waits for a long list. */
#define REQUEST_SCAN_MAX   10000 /* records */
#define REQUEST_DECODE_MAX 2000	 /* envelopes */

struct request {
	const struct view *view;
	struct view_arguments arguments;
	struct view_done *done;
	struct arena arena; /* of one row */
	unsigned rows, scanned, decoded;
};

/* request_emit - hand over a row that is complete.  ERR_AGAIN: no room now */
int
request_emit(struct request *request, const struct view_row *row) WARN_UNUSED;

/* request_envelope - decode the envelope of a record that is whole; NULL if it
 * cannot be decoded */
const struct p1_envelope *
request_envelope(struct request *request, const struct store_message *message);

/* request_state - get "active", or the name of the state in the record */
const char *request_state(
    const struct request *request, const struct store_message *message);

/* request_list, request_find - answer "list" and "find" */
int request_list(struct request *request) WARN_UNUSED;
int request_find(struct request *request) WARN_UNUSED;

#endif
