/* SPDX-License-Identifier: ISC */
/*
 * lines.h - an input of lines, for targets that take words
 */
#ifndef FOURPOST_TESTS_FUZZ_LINES_H
#define FOURPOST_TESTS_FUZZ_LINES_H

#include <string.h>

#include "base/slice.h"

/* lines_split - cut octets into at most max lines, one at least; what is behind
 * the last is left out */
static inline size_t
lines_split(const uint8_t *data, size_t size, struct slice *lines, size_t max)
{
	size_t count = 0;

	while (count < max) {
		const uint8_t *end =
		    size == 0 ? NULL : memchr(data, '\n', size);
		size_t len = end == NULL ? size : (size_t)(end - data);

		lines[count++] = slice_of(data, len);
		if (end == NULL)
			break;
		data += len + 1;
		size -= len + 1;
	}
	return count;
}

#endif
