/* SPDX-License-Identifier: ISC */
/*
 * check_pages.c - every page of the database, before LMDB looks at any
 *
 * See pages.h.  Where a page is damaged the other passes are left out: LMDB
 * would not survive them, and what they found would follow from the page.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "check/check_state.h"
#include "store/pages.h"

/* tell_page - tell a damaged page as a finding */
static void
tell_page(void *arg, const char *database, uint64_t page)
{
	check_finding(arg, "page", page, "of %s cannot be read", database);
}

/* walk_all - go through all databases */
static int
walk_all(struct check *check, struct pages *pages)
{
	uint64_t root;
	int i, rc = 0;

	if (pages->damaged > 0)
		check_finding(
		    check, "database", 0, "a meta page cannot be read");
	/* A database that is not among whole names fails the opening. */
	(void)pages_names(pages);
	for (i = 0; i < DB_COUNT && rc == 0; i++)
		if (pages_root(pages, db_name((enum db_name)i), &root) == 0)
			rc = pages_walk(
			    pages, db_name((enum db_name)i), root, pages_skip);
	return rc == 0 ? pages_mark_free(pages) : rc;
}

/* check_pages - look at every page */
int
check_pages(struct check *check, const char *directory, struct diag *diag)
{
	struct db lock = {.lock = -1, .read_only = true};
	struct pages pages = {.seen = NULL};
	int fd = -1, rc;

	lock.directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock.directory < 0)
		return 0; /* opening the queue says why */
	/* Under qmgr the pages would change while they are read. */
	rc = db_lock(&lock, directory, diag);
	if (rc == 0)
		fd = openat(lock.directory, "data.mdb",
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0) {
		/* LMDB refuses a file that is no database, with its reason. */
		if (pages_open(&pages, fd, tell_page, check, NULL) == 0 &&
		    !pages.no_meta)
			rc = walk_all(check, &pages);
		pages_close(&pages);
		(void)close(fd);
	}
	db_close(&lock);
	return rc;
}
