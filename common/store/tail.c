/* SPDX-License-Identifier: ISC */
/*
 * tail.c - the end of the database's file, which need not be there
 *
 * LMDB does not write a page that a transaction took behind the last one and
 * gave back.  The file may then end before its last page, and nothing is
 * missing.  Read without LMDB, which would die at a page that is.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "store/db.h"
#include "store/pages.h"

/* The pages that the file does not reach. */
struct tail {
	struct pages pages;
	uint64_t free; /* of them */
};

/* free_row - count the pages of a list of free ones that are not there */
static int
free_row(
    void *arg, enum pages_place place, struct slice key, struct slice value)
{
	struct tail *tail = arg;
	uint64_t count, page;

	(void)place;
	(void)key;
	if (value.data == NULL || value.len < sizeof(count))
		return 0;
	memcpy(&count, value.data, sizeof(count));
	for (uint64_t i = 1; i <= count && (i + 1) * sizeof(page) <= value.len;
	     i++) {
		memcpy(&page, value.data + i * sizeof(page), sizeof(page));
		tail->free +=
		    page >= tail->pages.count && page <= tail->pages.last;
	}
	return 0;
}

/* tail_is_free - tell whether all pages that the file does not reach hold
 * nothing */
bool
tail_is_free(int directory, const char *name)
{
	struct tail tail = {.free = 0};
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool is_free = fd >= 0 &&
	    pages_open(&tail.pages, fd, NULL, &tail, NULL) == 0 &&
	    !tail.pages.one_meta && !tail.pages.no_meta &&
	    tail.pages.count <= tail.pages.last &&
	    pages_walk(&tail.pages, PAGES_FREE, tail.pages.free, free_row) ==
		0 &&
	    tail.pages.damaged == 0 &&
	    tail.free == tail.pages.last + 1 - tail.pages.count;

	pages_close(&tail.pages);
	if (fd >= 0)
		(void)close(fd);
	return is_free;
}
