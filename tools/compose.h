/* SPDX-License-Identifier: ISC */
/*
 * compose.h - make what x4send submits: an envelope and a content
 *
 * The content is an interpersonal message made of a text and attached files,
 * or a file's octets as they are, or nothing (probe).  It is read in pieces,
 * so that a file of any size costs no memory.
 *
 *	compose_init, compose_text / compose_attach / compose_content ...,
 *	compose_finish, then compose_read until it gives 0 octets,
 *	compose_fini
 */
#ifndef FOURPOST_TOOLS_COMPOSE_H
#define FOURPOST_TOOLS_COMPOSE_H

#include <stdio.h>

#include "client/draft.h"

#define COMPOSE_PARTS_MAX 64

struct compose_part {
	FILE *file; /* owned */
	const char *name;
	bool is_text;
	struct ipm_scan scan; /* of a text */
	unsigned state;	      /* of its conversion */
};

struct compose {
	struct arena arena;
	struct draft draft;    /* raw: part 0 is the whole content */
	struct buffer encoded; /* the envelope, after compose_finish */
	struct compose_part parts[COMPOSE_PARTS_MAX];
	struct ipm_outgoing outgoing[COMPOSE_PARTS_MAX];
	size_t part_count;
	struct ipm_encoder encoder;
	bool encoding; /* encoder is to be freed */
	/* where reading is */
	size_t part;
	bool prefix_done;
	struct buffer converted;
};

/* compose_init - begin without parts; kind is a message or a probe */
void compose_init(struct compose *compose, enum mts_kind kind);

/* compose_fini - close the files, free all */
void compose_fini(struct compose *compose);

/* compose_originator, compose_recipient - add an O/R address, as text */
int compose_originator(
    struct compose *compose, const char *text, struct diag *diag) WARN_UNUSED;
int compose_recipient(struct compose *compose, const char *text,
    enum draft_report report, struct diag *diag) WARN_UNUSED;

/* compose_alternate - set who gets it where a recipient cannot */
int compose_alternate(
    struct compose *compose, const char *text, struct diag *diag) WARN_UNUSED;

/* compose_text - add the body: a file in UTF-8, or standard input for NULL */
int compose_text(
    struct compose *compose, const char *path, struct diag *diag) WARN_UNUSED;

/* compose_attach - add a file to go along under the last part of its name */
int compose_attach(
    struct compose *compose, const char *path, struct diag *diag) WARN_UNUSED;

/* compose_content - take a file as the whole content, of this type */
int compose_content(struct compose *compose, const char *path, const char *type,
    struct diag *diag) WARN_UNUSED;

/*
 * compose_finish - compute lengths, encode the envelope
 *
 * The MTS identifier and the trace are placeholders with the domain of conf:
 * qmgr gives the real ones.
 */
int compose_finish(struct compose *compose, const struct conf *conf,
    struct diag *diag) WARN_UNUSED;

/* compose_read - read the next octets of the content into room: how many, 0 at
 * its end, or an error (a file that changed its size: ERR_IO) */
int64_t compose_read(struct compose *compose, uint8_t *room, size_t size,
    struct diag *diag) WARN_UNUSED;

#endif
