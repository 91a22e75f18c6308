/* SPDX-License-Identifier: ISC */
/*
 * spool.h - a message that is read twice: its beginning in memory, the rest in
 * a file without a name
 *
 * The envelope of a submission goes before its content, and is known when all
 * of the message was read.  The file is opened once, before the sandbox.  No
 * message, however large, takes more memory than SPOOL_MEMORY.
 */
#ifndef FOURPOST_MIXER_SPOOL_H
#define FOURPOST_MIXER_SPOOL_H

#include "base/buffer.h"
#include "base/error.h"

#define SPOOL_MEMORY ((size_t)256 * 1024)
#define SPOOL_PIECE  65536 /* read at a time */
#define SPOOL_KEPT   ((uint64_t)1024 * 1024)

struct spool {
	int fd;		    /* -1: none could be opened */
	struct buffer head; /* of the message: up to SPOOL_MEMORY octets */
	uint64_t length;    /* of the message */
};

/* spool_init - begin without a file: what has no room in memory is ERR_FULL */
void spool_init(struct spool *spool);

/* spool_open - open the file, in this directory.  ERR_IO */
int spool_open(
    struct spool *spool, const char *directory, struct diag *diag) WARN_UNUSED;

/* spool_append - add octets to the message.  ERR_FULL: the disk is, or there is
 * no file; ERR_IO, ERR_NOMEM */
int spool_append(struct spool *spool, struct slice octets) WARN_UNUSED;

/* spool_read - read octets from an offset on, SPOOL_PIECE at most, into piece
 * or where they lie in memory; none: the message ends there.  ERR_IO */
int spool_read(struct spool *spool, uint64_t offset, uint8_t piece[SPOOL_PIECE],
    struct slice *octets) WARN_UNUSED;

/* spool_reset - forget the message, and give its room on the disk back, but
 * for SPOOL_KEPT octets */
void spool_reset(struct spool *spool);

#endif
