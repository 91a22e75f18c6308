/* SPDX-License-Identifier: ISC */
/*
 * pickup_seen.c - since when the files of P1 are as they are
 *
 * A file that somebody still writes is told from one that is whole by not
 * changing.  Its date says nothing of that: the clock of a share may be hours
 * away, and our wall clock may be set by days at any moment.  So the scan notes
 * name, inode, size and date of what it lists, and the time is measured by our
 * own clock from the first scan that found them so.  A worker that is started
 * anew measures anew.
 *
 * The table is what the last scan has listed, PICKUP_SCAN_MAX files at most.  A
 * file that did not fit in is not looked at either: the files in the table are
 * taken or set aside when they have been unchanged for long enough, and what
 * they leave is listed next.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "msmi/pickup.h"

/* seen_order - compare by name and inode */
static int
seen_order(const void *left, const void *right)
{
	const struct pickup_seen *a = left, *b = right;

	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return 0;
}

/* seen_of - describe a file as it is now */
static struct pickup_seen
seen_of(const char *name, const struct stat *st)
{
	return (struct pickup_seen){.name = pickup_name_hash(name),
	    .inode = st->st_ino,
	    .size = (uint64_t)st->st_size,
	    .modified =
		(int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec};
}

/* find_seen - find a file in a table, unchanged; NULL: it is not there so */
static const struct pickup_seen *
find_seen(const struct pickup_seen *table, size_t count,
    const struct pickup_seen *file)
{
	const struct pickup_seen *found = count == 0
	    ? NULL
	    : bsearch(file, table, count, sizeof(*table), seen_order);

	/* The same name and inode with another size or time is a file that is
	 * still written. */
	return found != NULL && found->size == file->size &&
		found->modified == file->modified
	    ? found
	    : NULL;
}

/* pickup_seen_init - make the tables */
int
pickup_seen_init(struct pickup *pickup)
{
	pickup->seen = calloc(PICKUP_SCAN_MAX, sizeof(*pickup->seen));
	pickup->seen_before = calloc(PICKUP_SCAN_MAX, sizeof(*pickup->seen));
	return pickup->seen == NULL || pickup->seen_before == NULL ? ERR_NOMEM
								   : 0;
}

/* pickup_seen_fini - free the tables */
void
pickup_seen_fini(struct pickup *pickup)
{
	free(pickup->seen);
	free(pickup->seen_before);
}

/* pickup_moved - note that a file was renamed to its place, and is whole */
void
pickup_moved(struct pickup *pickup, const char *name)
{
	/* Beyond the bound a moved file is merely taken a little later, as one
	 * that was written in place. */
	if (pickup->moved_count < PICKUP_MOVED_MAX)
		pickup->moved[pickup->moved_count++] = pickup_name_hash(name);
}

/* was_moved - tell whether a file was renamed to its place since the last scan
 */
static bool
was_moved(const struct pickup *pickup, uint64_t name)
{
	for (size_t i = 0; i < pickup->moved_count; i++)
		if (pickup->moved[i] == name)
			return true;
	return false;
}

/* pickup_seen_begin - begin to list what is there */
void
pickup_seen_begin(struct pickup *pickup)
{
	struct pickup_seen *table = pickup->seen_before;

	/* Two tables change places, so that a scan allocates nothing. */
	pickup->seen_before = pickup->seen;
	pickup->seen_before_count = pickup->seen_count;
	pickup->seen = table;
	pickup->seen_count = 0;
}

/* pickup_seen_note - list a file that is there */
void
pickup_seen_note(struct pickup *pickup, const char *name, const struct stat *st)
{
	struct pickup_seen *file = &pickup->seen[pickup->seen_count];
	const struct pickup_seen *before;

	if (pickup->seen_count == PICKUP_SCAN_MAX)
		return;
	pickup->seen_count++;
	*file = seen_of(name, st);
	before =
	    find_seen(pickup->seen_before, pickup->seen_before_count, file);
	file->first = before != NULL ? before->first : clock_monotonic();
	/* A rename brings whole files: they need not settle. */
	file->whole =
	    (before != NULL && before->whole) || was_moved(pickup, file->name);
}

/* pickup_seen_end - forget what is there no more */
void
pickup_seen_end(struct pickup *pickup)
{
	qsort(pickup->seen, pickup->seen_count, sizeof(*pickup->seen),
	    seen_order);
	pickup->moved_count = 0;
}

/* pickup_settled - tell whether a file may be read */
bool
pickup_settled(
    const struct pickup *pickup, const char *name, const struct stat *st)
{
	const struct pickup_seen file = seen_of(name, st);
	const struct pickup_seen *seen =
	    find_seen(pickup->seen, pickup->seen_count, &file);

	/* Nothing but time without a change says that a writer has finished. */
	return seen != NULL &&
	    (seen->whole || clock_monotonic() - seen->first >= PICKUP_SETTLE);
}

/* pickup_may_grow - tell whether a file may get the rest that it lacks */
bool
pickup_may_grow(
    const struct pickup *pickup, const char *name, const struct stat *st)
{
	const struct pickup_seen file = seen_of(name, st);
	const struct pickup_seen *seen =
	    find_seen(pickup->seen, pickup->seen_count, &file);

	/* Patience has an end, or a file that was cut would wait for ever. */
	return seen == NULL ||
	    clock_monotonic() - seen->first < PICKUP_PATIENCE;
}
