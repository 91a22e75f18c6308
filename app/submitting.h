/* SPDX-License-Identifier: ISC */
/*
 * submitting.h - make a submission of an object, in either form of access
 *
 *	submitting_init; for each object submitting_begin, an object_read into
 *	whole, submitting_prepare, submitting_send; submitting_fini
 *
 * What is equal has the same digest, so that qmgr knows an object again by its
 * key.
 */
#ifndef FOURPOST_APP_SUBMITTING_H
#define FOURPOST_APP_SUBMITTING_H

#include <xxhash.h>

#include "app/app.h"
#include "app/submitted.h"
#include "base/arena.h"
#include "json/object_content.h"

struct submitting {
	struct app *app;
	struct submitter *submitter;
	struct arena arena; /* of the object at hand */
	struct object whole;
	struct object_content *content;
	struct object_fault fault;
	struct buffer envelope;
	XXH3_state_t *digest[2]; /* two seeds, 16 octets each */
};

/* submitting_init - begin without an object.  ERR_NOMEM; submitting_fini frees,
 * then too */
int submitting_init(struct submitting *submitting, struct app *app,
    struct submitter *submitter) WARN_UNUSED;
void submitting_fini(struct submitting *submitting);

/* submitting_begin - forget the object before */
void submitting_begin(struct submitting *submitting);

/* submitting_defaults - make what a reader adds of its own; id is borrowed */
int submitting_defaults(struct submitting *submitting, const char *id,
    struct object_defaults *defaults) WARN_UNUSED;

/* submitting_prepare - prepare content and envelope of whole; supply has the
 * octets that are not in the JSON.  Errors of object_content_begin and
 * p1_encode */
int submitting_prepare(struct submitting *submitting,
    const struct object_supply *supply) WARN_UNUSED;

/*
 * submitting_send - submit it, under the key that submitted has
 *
 * 0: qmgr answers, or has answered; else there is no submission, and fault may
 * say more.
 */
int submitting_send(
    struct submitting *submitting, struct submitted *submitted) WARN_UNUSED;

#endif
