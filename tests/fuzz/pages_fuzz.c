/* SPDX-License-Identifier: ISC */
/*
 * pages_fuzz.c - read any file as the database of a queue, page by page
 *
 * Nothing in it may end the process, and no entry may be longer than the file.
 * An input is a file; the corpus has a small database.
 */
#include <sys/mman.h>

#include <stdlib.h>
#include <unistd.h>

#include "store/pages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The open pages, from which rows are read. */
struct reading {
	struct pages pages;
	size_t size;
	uint8_t sum;
};

/* take - read all of an entry */
static int
take(void *arg, enum pages_place place, struct slice key, struct slice value)
{
	struct reading *reading = arg;
	size_t i;

	(void)place;
	if (key.len > reading->size ||
	    (value.data != NULL && value.len > reading->size))
		abort();
	for (i = 0; i < key.len; i++)
		reading->sum ^= key.data[i];
	for (i = 0; value.data != NULL && i < value.len; i++)
		reading->sum ^= value.data[i];
	return 0;
}

/* read_all - walk what is named, then what is outside */
static void
read_all(struct reading *reading)
{
	static const char *const names[] = {"messages", "slices", "sessions"};
	uint64_t root;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (pages_root(&reading->pages, names[i], &root) == 0)
			(void)!pages_walk(
			    &reading->pages, names[i], root, take);
	(void)!pages_mark_free(&reading->pages);
	(void)!pages_outside(&reading->pages, take);
}

/* LLVMFuzzerTestOneInput - try one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading reading = {.size = size};
	int fd = memfd_create("pages", MFD_CLOEXEC);

	if (fd < 0)
		return 0;
	if (write(fd, data, size) == (ssize_t)size &&
	    pages_open(&reading.pages, fd, NULL, &reading, NULL) == 0)
		read_all(&reading);
	pages_close(&reading.pages);
	(void)close(fd);
	return 0;
}
