/* SPDX-License-Identifier: ISC */
/*
 * slice.h - a borrowed run of octets
 *
 * A slice owns nothing.  Whoever stores one says in a comment what it borrows
 * from.  data may be NULL only where len is 0.
 */
#ifndef FOURPOST_BASE_SLICE_H
#define FOURPOST_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const uint8_t *data;
	size_t len;
};

/* slice_of - make a slice of len octets at data */
static inline struct slice
slice_of(const void *data, size_t len)
{
	return (struct slice){data, len};
}

/* slice_of_string - make a slice of a string without its NUL */
static inline struct slice
slice_of_string(const char *string)
{
	return (struct slice){(const uint8_t *)string, strlen(string)};
}

/* slice_equal - tell whether two slices hold the same octets */
static inline bool
slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len &&
	    (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* slice_equal_string - tell whether a slice holds just this string */
static inline bool
slice_equal_string(struct slice a, const char *string)
{
	return slice_equal(a, slice_of_string(string));
}

#endif
