/* SPDX-License-Identifier: ISC */
/*
 * track_page_fuzz.c - pages of tracking, as qmgr hands them to the tracker
 *
 * An input is a page.  Whatever it says is put into the tables of a database,
 * or passed over where it cannot be read; it is never a fault of the database,
 * which would be set aside for it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tracker/keep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct database db;
static struct arena arena;
static char directory[] = "/tmp/track-pageXXXXXX";

/* clean_up - remove the database */
static void
clean_up(void)
{
	char command[64];

	database_close(&db);
	arena_fini(&arena);
	(void)snprintf(command, sizeof(command), "rm -rf %s", directory);
	(void)!system(command);
}

/* begin - make an empty database; the working directory stays, because inputs
 * are named from there */
static void
begin(void)
{
	int here = open(".", O_RDONLY | O_DIRECTORY);

	if (here < 0 || mkdtemp(directory) == NULL || chdir(directory) != 0 ||
	    database_open(&db, NULL) != 0 || fchdir(here) != 0)
		abort();
	(void)close(here);
	arena_init(&arena, (size_t)1024 * 1024);
	(void)atexit(clean_up);
}

/* LLVMFuzzerTestOneInput - keep one page, twice, and undo it */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diag diag = {0};
	bool unreadable;

	if (db.db == NULL)
		begin();
	if (database_begin(&db) != 0)
		abort();
	for (uint64_t number = 1; number <= 2; number++) {
		arena_reset(&arena);
		unreadable = false;
		if (keep_page(&db, number, slice_of(data, size), &arena,
			&unreadable, &diag) != 0)
			abort();
	}
	database_rollback(&db);
	return 0;
}
