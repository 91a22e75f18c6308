/* SPDX-License-Identifier: ISC */
/*
 * journal.h - the journal of the queue that queue.h makes, as files
 */
#ifndef FOURPOST_TESTS_STORE_JOURNAL_H
#define FOURPOST_TESTS_STORE_JOURNAL_H

#include "store/redo.h"
#include "tests/unit/store/queue.h"

/* The octets of a file. */
struct journal_image {
	uint8_t *octets; /* owned */
	size_t len;
	char path[320];
};

/* Both files of the queue. */
struct journal_pair {
	struct journal_image data, journal;
};

/* journal_read, journal_write - read a file into memory, write it as it was */
struct journal_image journal_read(const char *path);
void journal_write(const struct journal_image *image);

/* journal_take - read both files; there is one journal */
struct journal_pair journal_take(void);

/* journal_put_back - write both files as they were */
void journal_put_back(const struct journal_pair *pair);

/* journal_assert_same - check that both files are octet for octet as they
 * were */
void journal_assert_same(const struct journal_pair *pair);

/* journal_free - free the octets of both */
void journal_free(struct journal_pair *pair);

/* journal_leave - have a process open the queue, work on it and end without
 * closing it; work NULL: it does nothing else */
void journal_leave(void (*work)(struct store *store));

/* journal_used - get the octets of the record at an offset, up to the last of
 * its changes; 0: there is none that begins there */
size_t journal_used(const struct journal_image *journal, size_t offset);

#endif
