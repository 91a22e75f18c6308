/* SPDX-License-Identifier: ISC */
/*
 * bad_files.h - the ways in which a file of a postoffice can be bad
 *
 * What the interchange must say of each, and whether a sender can be made
 * out.  The good ones among them are letters of a number, which says what
 * text and attachment they have.
 */
#ifndef FOURPOST_TESTS_BAD_FILES_H
#define FOURPOST_TESTS_BAD_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct bad_way {
	const char *what; /* for people */
	const char *why;  /* stands in the reason */
	bool sender;	  /* who is told */
};

/* bad_ways - count the ways in which a file can be bad */
size_t bad_ways(void);
const struct bad_way *bad_way(size_t number);

/* bad_file - make one in a directory, in one rename */
void bad_file(const char *directory, const char *name, size_t way);

/* bad_check - check that a file lies in this BAD directory, its right reason
 * beside it */
void bad_check(const char *bad, const char *name, size_t way);

/* good_file - write letter n from Alice to Bob */
void good_file(const char *directory, const char *name, unsigned n);

/* half_good_file - write letter n from Alice to Bob, and to two recipients that
 * are no addresses */
void half_good_file(const char *directory, const char *name, unsigned n);

/* good_check - check that every file of a directory is one of the n letters,
 * whole, and each of them is there once; other files are not looked at */
void good_check(const char *directory, unsigned n);

/* log_count - count the lines of a suite's log that hold this text, or both
 * texts */
struct suite;
unsigned log_count(const struct suite *suite, const char *text);
unsigned
log_count_both(const struct suite *suite, const char *text, const char *other);

/* log_wait_both - wait until the log has count such lines, and fail if it has
 * more: what a line tells of may be seen before the line */
void log_wait_both(const struct suite *suite, const char *text,
    const char *other, unsigned count);

#endif
