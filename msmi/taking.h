/* SPDX-License-Identifier: ISC */
/*
 * taking.h - a message file while a submission is made of it
 *
 * The file is looked through twice: once to see how its text will travel and
 * how long everything is, once to send it.  Its contents are never in memory
 * as a whole.
 */
#ifndef FOURPOST_MSMI_TAKING_H
#define FOURPOST_MSMI_TAKING_H

#include "client/draft.h"
#include "msmi/pickup.h"

#define TAKING_PIECE (32 * 1024)

/* Where the contents of a part come from. */
struct taking_source {
	int fd; /* owned unless it is the file's own */
	uint64_t offset;
	uint64_t length;
};

struct taking {
	struct pickup *pickup;
	struct pickup_submission *submission;
	int fd;
	struct slice head;
	struct mmff mmff;
	struct mmff_diag diag;
	struct taking_source *sources; /* the text, then the attachments */
	struct ipm_outgoing *parts;
	size_t count;
	struct ipm_scan scan;
	struct draft draft;
	struct buffer envelope;
	struct ipm_encoder encoder;
	bool encoding;
	uint8_t *octets;    /* TAKING_PIECE */
	struct buffer text; /* a piece of it as UTF-8 */
};

/*
 * taking_find_sources - find where text and attachments are
 *
 * ERR_SYNTAX, with t->diag: one of them cannot be opened, octets are left at
 * the end, or all are larger than the queue.  ERR_IO, ERR_NOMEM.
 */
int taking_find_sources(struct taking *t) WARN_UNUSED;

/* taking_close_sources - close the files that the message names */
void taking_close_sources(struct taking *t);

/* taking_piece - get octets of a source, from memory where they are there.
 * ERR_IO, ERR_TRUNCATED */
int taking_piece(struct taking *t, const struct taking_source *source,
    uint64_t done, struct slice *piece) WARN_UNUSED;

/*
 * taking_addresses - find sender and recipients, each recipient once
 *
 * Recipients that are no addresses are left out and noted in the submission,
 * as long as there is another.  ERR_SYNTAX, with t->diag, where there is none,
 * or no sender.  ERR_NOMEM, ERR_LIMIT.
 */
int taking_addresses(struct taking *t) WARN_UNUSED;

/*
 * taking_recipient - make the O/R address of a TO line
 *
 * ERR_SYNTAX, with diag: it is no address.  ERR_NOMEM, ERR_LIMIT: there is no
 * memory for it, which says nothing of the address.
 */
int taking_recipient(struct pickup *pickup, const struct mmff_address *to,
    struct or_address *address, struct mmff_diag *diag) WARN_UNUSED;

#endif
