/* SPDX-License-Identifier: ISC */
/*
 * letter.h - message files of a postoffice, as a test writes and reads them
 *
 * Written against the format's description alone, not with msmi's own reader
 * and writer: a mistake there must show here.
 */
#ifndef FOURPOST_TESTS_LETTER_H
#define FOURPOST_TESTS_LETTER_H

#include <stddef.h>
#include <stdint.h>

/* A file that was read; text and attachment point into data, which is owned. */
struct letter {
	char *data;
	size_t length;
	char from[256];
	char to[256]; /* the first */
	unsigned to_count;
	char subject[256];
	char priority[16];
	char attachment_name[256]; /* the first */
	const char *text;
	size_t text_length;
	const char *attachment; /* the first; NULL if there is none */
	size_t attachment_length;
};

/*
 * letter_write - write a file with one attachment (NULL: none), in one rename
 *
 * priority is '1' (low) to '5' (urgent).
 */
void letter_write(const char *path, const char *from, const char *to,
    char priority, const char *subject, const char *text,
    const void *attachment, size_t attachment_length);

/* letter_read - read a file, which must be of the format */
void letter_read(const char *path, struct letter *letter);
void letter_free(struct letter *letter);

/* letter_fill - make octets that depend on seed alone */
void letter_fill(uint8_t *octets, size_t length, uint64_t seed);

#endif
