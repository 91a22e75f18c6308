/* SPDX-License-Identifier: ISC */
/*
 * pages.c - LMDB's file, page by page, without LMDB
 *
 * See pages.h.  What is used of the format: the header of a page is its number
 * (8), padding (2), flags (2) and either the bounds of its free space (2, 2) or
 * the number of overflow pages (4); behind it stand offsets of nodes (2 each).
 * A node is the low and high half of its length or page (2, 2), flags (2), the
 * length of its key (2), key and value.  A meta page has behind its header
 * magic (4), version (4), address (8), size of the map (8), the records of the
 * databases of free pages and of names, last page (8), transaction (8).  A
 * record of a database is padding (4; in the first the size of a page), flags
 * (2), depth (2), pages (8, 8, 8), entries (8), root (8).
 */
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/pages.h"

#define HEADER	    16
#define NODE	    8
#define RECORD	    48 /* of a database */
#define RECORD_ROOT 40
#define MAGIC	    0xBEEFC0DEU
#define VERSION	    1

#define META_DATABASES (HEADER + 24)
#define META_LAST      (META_DATABASES + 2 * RECORD)
#define META_TXN       (META_LAST + 8)

#define PAGE_BRANCH   0x01
#define PAGE_LEAF     0x02
#define PAGE_OVERFLOW 0x04
#define PAGE_META     0x08
#define NODE_BIG      0x01 /* the value is on overflow pages */
#define NODE_DATABASE 0x02 /* the value is the record of a database */

/* Of a value: longer ones are lists of free pages alone. */
#define SIZE_MIN  512
#define SIZE_MAX_ 65536

/* number16, number32, number64 - read a number as this machine stores it */
static unsigned
number16(const uint8_t *at)
{
	uint16_t n;

	memcpy(&n, at, sizeof(n));
	return n;
}

static uint32_t
number32(const uint8_t *at)
{
	uint32_t n;

	memcpy(&n, at, sizeof(n));
	return n;
}

static uint64_t
number64(const uint8_t *at)
{
	uint64_t n;

	memcpy(&n, at, sizeof(n));
	return n;
}

/* is_seen - tell whether a page was walked; see - note that it was */
static bool
is_seen(const struct pages *pages, uint64_t page)
{
	return (pages->seen[page / 8] >> (page % 8) & 1) != 0;
}

static void
see(struct pages *pages, uint64_t page)
{
	pages->seen[page / 8] |= (uint8_t)(1U << (page % 8));
}

/* tell_damaged - tell a damaged page */
static void
tell_damaged(struct pages *pages, uint64_t page)
{
	pages->damaged++;
	if (pages->bad != NULL)
		pages->bad(pages->arg, pages->database, page);
}

/* read_at - read octets of the file; whether all are there */
static bool
read_at(const struct pages *pages, uint64_t offset, uint8_t *out, size_t len)
{
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		n = pread(
		    pages->fd, out + got, len - got, (off_t)(offset + got));
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

/* meta_good - tell whether a meta page can be believed */
static bool
meta_good(const uint8_t *meta)
{
	return (number16(meta + 10) & PAGE_META) != 0 &&
	    number32(meta + HEADER) == MAGIC &&
	    number32(meta + HEADER + 4) == VERSION &&
	    number32(meta + META_DATABASES) >= SIZE_MIN &&
	    number32(meta + META_DATABASES) <= SIZE_MAX_;
}

/* read_metas - find the newest commit */
static int
read_metas(struct pages *pages, uint64_t octets, struct diag *diag)
{
	uint8_t meta[2][META_TXN + 8];
	bool good[2];
	unsigned use;

	pages->size = 4096;
	good[0] =
	    read_at(pages, 0, meta[0], sizeof(meta[0])) && meta_good(meta[0]);
	if (good[0])
		pages->size = number32(meta[0] + META_DATABASES);
	good[1] = read_at(pages, pages->size, meta[1], sizeof(meta[1])) &&
	    meta_good(meta[1]) &&
	    number32(meta[1] + META_DATABASES) == pages->size;
	pages->count = octets / pages->size;
	pages->free = pages->main = PAGES_NONE;
	pages->one_meta = good[0] != good[1];
	/* LMDB writes the two in turn, so that after a torn write the older
	 * commit is still whole. */
	if (!good[0] && !good[1]) {
		if (pages->count < 3)
			return diag_set(diag, ERR_CORRUPT,
			    "there is no database in the file");
		pages->damaged += 2;
		pages->no_meta = true;
		return 0;
	}
	pages->damaged += pages->one_meta;
	use = !good[0] ||
	    (good[1] &&
		number64(meta[1] + META_TXN) > number64(meta[0] + META_TXN));
	pages->last = number64(meta[use] + META_LAST);
	/* Behind the last page lies what no commit knows of. */
	if (!pages->one_meta && pages->last < pages->count)
		pages->count = pages->last + 1;
	pages->free = number64(meta[use] + META_DATABASES + RECORD_ROOT);
	pages->main =
	    number64(meta[use] + META_DATABASES + RECORD + RECORD_ROOT);
	return 0;
}

/* pages_open - read the meta pages of a file */
int
pages_open(
    struct pages *pages, int fd, pages_bad bad, void *arg, struct diag *diag)
{
	struct stat st;
	int rc;

	*pages = (struct pages){
	    .fd = fd, .bad = bad, .arg = arg, .database = "meta"};
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return diag_set(diag, ERR_IO, "not a file");
	rc = read_metas(pages, (uint64_t)st.st_size, diag);
	if (rc != 0)
		return rc;
	pages->seen = calloc(pages->count / 8 + 1, 1);
	pages->buffer = reallocarray(NULL, PAGES_DEPTH, pages->size);
	if (pages->seen == NULL || pages->buffer == NULL)
		return diag_set(diag, ERR_NOMEM, "out of memory");
	return 0;
}

/* pages_close - give back the memory */
void
pages_close(struct pages *pages)
{
	free(pages->seen);
	free(pages->buffer);
	free(pages->value);
	pages->seen = pages->buffer = pages->value = NULL;
}

/* compare_keys - compare two keys in LMDB's order */
static int
compare_keys(struct slice a, struct slice b)
{
	size_t least = a.len < b.len ? a.len : b.len;
	int order = least == 0 ? 0 : memcmp(a.data, b.data, least);

	if (order != 0)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

/* key_order - compare two keys of the database that is being walked */
static int
key_order(const struct pages *pages, struct slice a, struct slice b)
{
	uint64_t left, right;

	/* The keys of free pages are transactions, as this machine has them. */
	if (pages->database == NULL ||
	    strcmp(pages->database, PAGES_FREE) != 0 || a.len != 8 ||
	    b.len != 8)
		return compare_keys(a, b);
	left = number64(a.data);
	right = number64(b.data);
	return left < right ? -1 : left > right;
}

/* node_count - count the nodes of a page */
static unsigned
node_count(const uint8_t *page)
{
	return (number16(page + 12) - HEADER) / 2;
}

/* node_at - find a node of a page whose bounds were checked */
static const uint8_t *
node_at(const uint8_t *page, unsigned i)
{
	return page + number16(page + HEADER + 2 * (size_t)i);
}

/* node_key - get the key of a node */
static struct slice
node_key(const uint8_t *node)
{
	return slice_of(node + NODE, number16(node + 6));
}

/* node_size - get the number of octets of a leaf's value */
static size_t
node_size(const uint8_t *node)
{
	return number16(node) | (size_t)number16(node + 2) << 16;
}

/* node_page - get the page that a branch's node leads to */
static uint64_t
node_page(const uint8_t *node)
{
	return number16(node) | (uint64_t)number16(node + 2) << 16 |
	    (uint64_t)number16(node + 4) << 32;
}

/* node_good - tell whether a node lies within its page */
static bool
node_good(const struct pages *pages, const uint8_t *page, unsigned i)
{
	size_t offset = number16(page + HEADER + 2 * (size_t)i), key, len = 0;
	const uint8_t *node = page + offset;

	/* Subtractions from the size cannot wrap around; sums of numbers that
	 * the file holds could. */
	if (offset < number16(page + 14) || offset > pages->size - NODE)
		return false;
	key = number16(node + 6);
	if ((number16(page + 10) & PAGE_LEAF) != 0)
		len =
		    (number16(node + 4) & NODE_BIG) != 0 ? 8 : node_size(node);
	return key <= pages->size - NODE - offset &&
	    len <= pages->size - NODE - offset - key;
}

/* page_good - tell whether a page of the tree can be believed */
static bool
page_good(const struct pages *pages, const uint8_t *page, uint64_t number)
{
	unsigned flags = number16(page + 10), lower = number16(page + 12),
		 upper = number16(page + 14), i;
	bool branch = flags == PAGE_BRANCH;

	if (number64(page) != number || (!branch && flags != PAGE_LEAF) ||
	    lower < HEADER || lower % 2 != 0 || lower > upper ||
	    upper > pages->size || node_count(page) == 0)
		return false;
	for (i = 0; i < node_count(page); i++) {
		if (!node_good(pages, page, i))
			return false;
		/* A branch's first key is not looked at, and may be empty. */
		if (i > (branch ? 1U : 0U) &&
		    key_order(pages, node_key(node_at(page, i - 1)),
			node_key(node_at(page, i))) >= 0)
			return false;
	}
	return true;
}

/* read_page - read a page of the tree, and see it; whether it is good */
static bool
read_page(struct pages *pages, uint64_t number, uint8_t *page)
{
	/* A page that two lead to would be walked twice, and a circle for
	 * ever. */
	if (number < 2 || number >= pages->count || is_seen(pages, number))
		return false;
	see(pages, number);
	return read_at(pages, number * pages->size, page, pages->size) &&
	    page_good(pages, page, number);
}

/* reserve_value - allocate memory for a value of overflow pages */
static int
reserve_value(struct pages *pages, size_t len)
{
	uint8_t *more;

	if (len <= pages->value_max)
		return 0;
	more = realloc(pages->value, len);
	if (more == NULL)
		return ERR_NOMEM;
	pages->value = more;
	pages->value_max = len;
	return 0;
}

/* big_value - read a value on overflow pages; its data is NULL if one is
 * damaged */
static int
big_value(struct pages *pages, const uint8_t *node, struct slice *value)
{
	size_t len = node_size(node);
	uint64_t first = number64(node + NODE + number16(node + 6)), i,
		 count = (HEADER + len + pages->size - 1) / pages->size;

	*value = slice_of(NULL, len);
	pages->overflow = first;
	if (first < 2 || first >= pages->count ||
	    count > pages->count - first || is_seen(pages, first)) {
		tell_damaged(pages, first);
		return 0;
	}
	for (i = 0; i < count; i++)
		see(pages, first + i);
	if (reserve_value(pages, HEADER + len) != 0)
		return ERR_NOMEM;
	if (!read_at(pages, first * pages->size, pages->value, HEADER + len) ||
	    number64(pages->value) != first ||
	    number16(pages->value + 10) != PAGE_OVERFLOW ||
	    number32(pages->value + 12) != count) {
		tell_damaged(pages, first);
		return 0;
	}
	value->data = pages->value + HEADER;
	return 0;
}

/* walk_leaf - call row for each entry of a leaf */
static int
walk_leaf(struct pages *pages, enum pages_place place, const uint8_t *page,
    pages_row row)
{
	struct slice key, value;
	const uint8_t *node;
	unsigned i;
	int rc = 0;

	for (i = 0; i < node_count(page) && rc == 0; i++) {
		node = node_at(page, i);
		key = node_key(node);
		pages->leaf = number64(page);
		pages->overflow = 0;
		value = slice_of(node + NODE + key.len, node_size(node));
		if ((number16(node + 4) & NODE_BIG) != 0)
			rc = big_value(pages, node, &value);
		/* The record of a database is no entry of ours, wherever an old
		 * page of names lies. */
		else if (place == PAGES_OUTSIDE &&
		    (number16(node + 4) & NODE_DATABASE) != 0)
			continue;
		if (rc == 0)
			rc = row(pages->arg, place, key, value);
	}
	return rc;
}

/* walk_page - walk a page and all below it */
static int
walk_page(struct pages *pages, uint64_t number, unsigned depth, pages_row row)
{
	uint8_t *page;
	unsigned i;
	int rc = 0;

	/* A tree of whole pages is never so deep. */
	if (depth == PAGES_DEPTH) {
		tell_damaged(pages, number);
		return 0;
	}
	page = pages->buffer + depth * pages->size;
	if (!read_page(pages, number, page)) {
		tell_damaged(pages, number);
		return 0;
	}
	if (number16(page + 10) == PAGE_LEAF)
		return walk_leaf(pages, PAGES_TREE, page, row);
	for (i = 0; i < node_count(page) && rc == 0; i++)
		rc = walk_page(
		    pages, node_page(node_at(page, i)), depth + 1, row);
	return rc;
}

/* pages_walk - call row for each entry below a root */
int
pages_walk(
    struct pages *pages, const char *database, uint64_t root, pages_row row)
{
	pages->database = database;
	return root == PAGES_NONE ? 0 : walk_page(pages, root, 0, row);
}

/* pages_skip - skip an entry that is not looked at */
int
pages_skip(
    void *arg, enum pages_place place, struct slice key, struct slice value)
{
	(void)arg;
	(void)place;
	(void)key;
	(void)value;
	return 0;
}

/* pages_names - go through the database of names */
bool
pages_names(struct pages *pages)
{
	uint64_t before = pages->damaged;

	return pages->main != PAGES_NONE &&
	    pages_walk(pages, "names", pages->main, pages_skip) == 0 &&
	    pages->damaged == before;
}

/* The root that pages_root looks for. */
struct wanted {
	struct slice name;
	uint64_t root;
	bool found;
};

/* match_name - find the name of the database whose record is a leaf's node,
 * if it is wanted */
static void
match_name(const uint8_t *node, struct wanted *wanted)
{
	struct slice key = node_key(node);

	if ((number16(node + 4) & (NODE_DATABASE | NODE_BIG)) !=
		NODE_DATABASE ||
	    node_size(node) != RECORD || !slice_equal(key, wanted->name))
		return;
	wanted->root = number64(node + NODE + key.len + RECORD_ROOT);
	wanted->found = true;
}

/* find_name - look for a name on a page and below; pages may be read again */
static void
find_name(
    struct pages *pages, uint64_t number, unsigned depth, struct wanted *wanted)
{
	uint8_t *page = pages->buffer + depth * pages->size;
	unsigned i;

	if (number < 2 || number >= pages->count || depth == PAGES_DEPTH - 1 ||
	    !read_at(pages, number * pages->size, page, pages->size) ||
	    !page_good(pages, page, number))
		return;
	/* Every name is looked for from the root again, so the page may have
	 * been seen. */
	see(pages, number);
	for (i = 0; i < node_count(page) && !wanted->found; i++)
		if (number16(page + 10) == PAGE_LEAF)
			match_name(node_at(page, i), wanted);
		else
			find_name(pages, node_page(node_at(page, i)), depth + 1,
			    wanted);
}

/* pages_root - find the root of a named database */
int
pages_root(struct pages *pages, const char *database, uint64_t *root)
{
	struct wanted wanted = {.name = slice_of_string(database)};

	if (pages->main != PAGES_NONE)
		find_name(pages, pages->main, 0, &wanted);
	if (!wanted.found)
		return ERR_NOTFOUND;
	*root = wanted.root;
	return 0;
}

/* free_row - mark the pages of a list of free pages */
static int
free_row(
    void *arg, enum pages_place place, struct slice key, struct slice value)
{
	struct pages *pages = arg;
	uint64_t count, page, i;

	(void)place;
	(void)key;
	if (value.data == NULL || value.len < 8)
		return 0;
	count = number64(value.data);
	for (i = 1; i <= count && (i + 1) * 8 <= value.len; i++) {
		page = number64(value.data + i * 8);
		if (page < pages->count)
			see(pages, page);
	}
	return 0;
}

/* pages_mark_free - note the pages that hold nothing */
int
pages_mark_free(struct pages *pages)
{
	void *arg = pages->arg;
	pages_bad bad = pages->bad;
	uint64_t before = pages->damaged;
	int rc;

	/* The row needs the pages; a damaged one is told by the caller's. */
	pages->arg = pages;
	pages->bad = NULL;
	rc = pages_walk(pages, PAGES_FREE, pages->free, free_row);
	pages->arg = arg;
	pages->bad = bad;
	if (rc == 0 && pages->damaged > before && bad != NULL)
		bad(arg, PAGES_FREE, pages->free);
	return rc;
}

/* pages_outside - call row for each entry that no walk came to */
int
pages_outside(struct pages *pages, pages_row row)
{
	uint8_t *page = pages->buffer;
	uint64_t number;
	int rc = 0;

	pages->database = "outside";
	for (number = 2; number < pages->count && rc == 0; number++) {
		if (is_seen(pages, number) ||
		    !read_at(pages, number * pages->size, page, pages->size) ||
		    number16(page + 10) != PAGE_LEAF ||
		    !page_good(pages, page, number))
			continue;
		see(pages, number);
		rc = walk_leaf(pages, PAGES_OUTSIDE, page, row);
	}
	return rc;
}
