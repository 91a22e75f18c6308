/* SPDX-License-Identifier: ISC */
/*
 * repair_find.c - what a repair finds: findings, octets that are moved out, ids
 *
 * See repair_state.h.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check/repair_state.h"

#define REASONS_FILE "REASONS"

/* repair_tell - tell a finding, and write it to the reasons */
void
repair_tell(struct repair *repair, const char *object, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (repair->row != NULL)
		repair->row(repair->arg, object, text);
	if (repair->reasons >= 0)
		(void)!dprintf(repair->reasons, "%s: %s\n", object, text);
}

/* repair_system_error - note that a system call failed on a path */
int
repair_system_error(struct repair *repair, const char *path)
{
	return store_error(&repair->store,
	    errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO, "%s: %s",
	    path, strerror(errno));
}

/* repair_open_out - make the directory of what is moved out, once */
int
repair_open_out(struct repair *repair)
{
	if (repair->out >= 0)
		return 0;
	if (mkdir(repair->out_path, 0700) != 0 && errno != EEXIST)
		return repair_system_error(repair, repair->out_path);
	repair->out = open(
	    repair->out_path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (repair->out < 0)
		return repair_system_error(repair, repair->out_path);
	/* Where there is one, another repair has been here. */
	repair->reasons = openat(repair->out, REASONS_FILE,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return repair->reasons < 0
	    ? repair_system_error(repair, repair->out_path)
	    : 0;
}

/* repair_aside - write octets that are moved out */
int
repair_aside(struct repair *repair, const char *name, struct slice octets)
{
	int fd, rc = repair_open_out(repair);

	if (rc != 0)
		return rc;
	fd = openat(repair->out, name,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return repair_system_error(repair, name);
	if (write(fd, octets.data, octets.len) != (ssize_t)octets.len)
		rc = repair_system_error(repair, name);
	if (fsync(fd) != 0 && rc == 0)
		rc = repair_system_error(repair, name);
	if (close(fd) != 0 && rc == 0)
		rc = repair_system_error(repair, name);
	return rc;
}

/* repair_stage - commit where much is staged, and begin the next
 * transaction */
int
repair_stage(struct repair *repair)
{
	struct db *db = &repair->store.db;
	int rc;

	if (db->staged < REPAIR_STAGE)
		return 0;
	rc = db_commit(db);
	return rc == 0 ? db_begin(db) : rc;
}

/* repair_note - note that a number of a kind was found in use */
void
repair_note(struct repair *repair, enum store_number kind, uint64_t number)
{
	if (number > repair->seen[kind] &&
	    number < RECORD_NUMBER_MAX - 2 * NUMBERS_GAP)
		repair->seen[kind] = number;
}

/* repair_remember - add an id to a list */
int
repair_remember(struct repair_ids *ids, uint64_t id)
{
	size_t max = ids->max == 0 ? 256 : ids->max * 2;
	uint64_t *more;

	if (ids->count == ids->max) {
		more = reallocarray(ids->id, max, sizeof(*more));
		if (more == NULL)
			return ERR_NOMEM;
		ids->id = more;
		ids->max = max;
	}
	ids->id[ids->count++] = id;
	ids->sorted = false;
	return 0;
}

/* compare_ids - compare two ids for qsort and bsearch */
static int
compare_ids(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* repair_outside - test whether a message was found outside of the tree */
bool
repair_outside(struct repair *repair, uint64_t id)
{
	struct repair_ids *ids = &repair->outside;

	if (ids->count == 0)
		return false;
	if (!ids->sorted)
		qsort(ids->id, ids->count, sizeof(*ids->id), compare_ids);
	ids->sorted = true;
	return bsearch(&id, ids->id, ids->count, sizeof(*ids->id),
		   compare_ids) != NULL;
}

/* reserve_content - allocate memory for one more content */
static bool
reserve_content(struct repair *repair)
{
	size_t max = repair->contents_max == 0 ? 256 : repair->contents_max * 2;
	struct repair_content *more;

	if (repair->contents < repair->contents_max)
		return true;
	more = reallocarray(repair->content, max, sizeof(*more));
	if (more == NULL)
		return false;
	repair->content = more;
	repair->contents_max = max;
	return true;
}

/* repair_content - find the content of an id, or make it */
struct repair_content *
repair_content(struct repair *repair, uint64_t id)
{
	size_t low = 0, high = repair->contents, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (repair->content[mid].id == id)
			return &repair->content[mid];
		if (repair->content[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	if (!reserve_content(repair))
		return NULL;
	memmove(repair->content + low + 1, repair->content + low,
	    (repair->contents - low) * sizeof(*repair->content));
	repair->contents++;
	repair->content[low] = (struct repair_content){
	    .id = id, .source = STORE_SOURCE_NOBODY, .whole = true};
	return &repair->content[low];
}
