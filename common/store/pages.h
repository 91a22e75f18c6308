/* SPDX-License-Identifier: ISC */
/*
 * pages.h - private to store/ and check/: the file of LMDB, page by page,
 * without LMDB
 *
 * LMDB trusts what it reads from its file: a damaged page ends the process,
 * or leads it to another page.  This reads the same format (0.9, of a machine
 * of ours) with every length and reference checked, for x4check and for files
 * that LMDB is not to read: which pages are damaged, what the others hold, and
 * what lies outside of the tree.
 * It writes nothing, and nothing in the file can end it.
 */
#ifndef FOURPOST_STORE_PAGES_H
#define FOURPOST_STORE_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

#define PAGES_NONE  UINT64_MAX
#define PAGES_DEPTH 32
/* Our name for the database of free pages; LMDB has none. */
#define PAGES_FREE "free"

/* Where a row was found. */
enum pages_place {
	PAGES_TREE,
	PAGES_OUTSIDE /* on a page that no readable page leads to */
};

/*
 * One entry.  value.data is NULL where the page that it lies on is damaged.
 * Slices live during the call.  0 to go on; else that ends the walk.
 */
typedef int (*pages_row)(
    void *arg, enum pages_place place, struct slice key, struct slice value);

/* A page that is damaged, in which database ("outside": none). */
typedef void (*pages_bad)(void *arg, const char *database, uint64_t page);

struct pages {
	int fd;
	size_t size;	/* of a page */
	uint64_t count; /* pages in the file */
	uint64_t last;	/* the last page that the newest commit knows of */
	uint64_t free;	/* roots, or PAGES_NONE */
	uint64_t main;
	bool one_meta;	 /* the other is damaged: a commit may be missing */
	bool no_meta;	 /* both are: no tree is known */
	uint8_t *seen;	 /* owned; a bit a page */
	uint8_t *buffer; /* owned; a page for each level */
	uint8_t *value;	 /* owned; a value of overflow pages */
	size_t value_max;
	uint64_t damaged;     /* pages found so */
	const char *database; /* that is being walked */
	uint64_t leaf;	      /* the page of the row */
	uint64_t overflow;    /* the first page of its value; 0: the leaf */
	pages_bad bad;
	void *arg; /* for bad and rows */
};

/* pages_open - read the meta pages of a file, whose descriptor stays the
 * caller's.  ERR_CORRUPT (no database at all), ERR_NOMEM, ERR_IO; pages_close
 * in any case */
int pages_open(struct pages *pages, int fd, pages_bad bad, void *arg,
    struct diag *diag) WARN_UNUSED;
void pages_close(struct pages *pages);

/* pages_names - go through the database of names: whether it is whole, so that
 * a name that pages_root does not find is none */
bool pages_names(struct pages *pages);

/* pages_root - find the root of a named database: PAGES_NONE if it is empty.
 * ERR_NOTFOUND: its name cannot be found */
int pages_root(
    struct pages *pages, const char *database, uint64_t *root) WARN_UNUSED;

/* pages_walk - call row for each entry below a root, in order of keys; what
 * row returned other than 0, or ERR_NOMEM */
int pages_walk(struct pages *pages, const char *database, uint64_t root,
    pages_row row) WARN_UNUSED;

/* pages_skip - skip an entry: a row for those who want to know of the pages
 * alone */
int pages_skip(
    void *arg, enum pages_place place, struct slice key, struct slice value);

/* pages_mark_free - note the pages that hold nothing, so that they are not
 * taken for lost ones */
int pages_mark_free(struct pages *pages) WARN_UNUSED;

/* pages_outside - call row for each entry of leaf pages that no walk came
 * to */
int pages_outside(struct pages *pages, pages_row row) WARN_UNUSED;

#endif
