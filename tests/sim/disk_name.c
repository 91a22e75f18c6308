/* SPDX-License-Identifier: ISC */
/*
 * disk_name.c - the names in the queue's directory as the disk has them
 *
 * A file whose name is removed or taken over is kept beside the directory for
 * as long as the disk may still have the name.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/sim/disk_file.h"
#include "tests/sim/side.h"
#include "tests/sim/world.h"

#define CHANGES 64
#define PATH	160

/* A change that was not flushed: name was given to what had other (made: ""),
 * and what had name before is kept as a number (0: nothing had it); or name was
 * removed. */
struct change {
	char name[48], other[48];
	bool removed;
	unsigned kept;
};

static struct change changes[CHANGES];
static unsigned count, kept_last;

/* path_of - compute the path of a name in the queue's directory */
static const char *
path_of(char path[PATH], const char *name)
{
	snprintf(path, PATH, "%s/queue/%s", world_directory(), name);
	return path;
}

/* path_of_kept - compute the path of what is kept */
static const char *
path_of_kept(char path[PATH], unsigned kept)
{
	snprintf(path, PATH, "%s/kept.%u", world_directory(), kept);
	return path;
}

/* base - get the last part of a path */
static const char *
base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* move - rename what must be there */
static void
move(const char *from, const char *to)
{
	if (syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to) != 0)
		sim_fail("%s cannot be %s", from, to);
}

/* end_file - remove a file for good */
static void
end_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0 ||
	    syscall(SYS_unlinkat, AT_FDCWD, path, 0) != 0)
		sim_fail("%s cannot be removed", path);
	disk_file_gone(st.st_ino);
}

/* note - note a change */
static struct change *
note(const char *path, const char *other)
{
	struct change *change;

	if (count == CHANGES)
		sim_fail("more names are changed than are remembered");
	change = &changes[count++];
	*change = (struct change){.kept = 0};
	(void)snprintf(change->name, sizeof(change->name), "%s", base(path));
	(void)snprintf(change->other, sizeof(change->other), "%s", other);
	return change;
}

/* keep - take a name from whatever has it; the number by which that is kept */
static unsigned
keep(const char *name)
{
	char from[PATH], to[PATH];

	if (access(path_of(from, name), F_OK) != 0)
		return 0;
	move(from, path_of_kept(to, ++kept_last));
	return kept_last;
}

/* disk_name_made - note that a name was made */
void
disk_name_made(const char *path)
{
	(void)note(path, "");
}

/* disk_name_remove - remove a name */
int
disk_name_remove(const char *path)
{
	struct change *change;
	unsigned kept = keep(base(path));

	if (kept == 0)
		return -1;
	change = note(path, "");
	change->removed = true;
	change->kept = kept;
	return 0;
}

/* disk_name_give - give a file another name */
int
disk_name_give(const char *path, const char *other)
{
	char from[PATH], to[PATH];
	struct change *change;

	if (access(path_of(from, base(path)), F_OK) != 0)
		return -1;
	change = note(other, base(path));
	change->kept = keep(base(other));
	move(from, path_of(to, base(other)));
	return 0;
}

/* disk_name_flush - have the disk hold all names as they are */
void
disk_name_flush(void)
{
	char path[PATH];

	for (unsigned i = 0; i < count; i++)
		if (changes[i].kept != 0)
			end_file(path_of_kept(path, changes[i].kept));
	count = 0;
}

/* undo - undo the last change */
static void
undo(void)
{
	const struct change *change = &changes[--count];
	char name[PATH], other[PATH];

	path_of(name, change->name);
	if (!change->removed && change->other[0] == '\0')
		end_file(name);
	else if (!change->removed)
		move(name, path_of(other, change->other));
	if (change->kept != 0)
		move(path_of_kept(other, change->kept), name);
}

/* disk_name_lose - undo a random number of changes */
void
disk_name_lose(void)
{
	/* None, all, or some. */
	uint64_t how = chance_number(3);
	uint64_t lost = how == 0 ? 0
	    : how == 1		 ? count
				 : chance_number(count + 1ULL);

	if (count > 0)
		trace_note("names lost", lost, count);
	for (; lost > 0; lost--)
		undo();
	disk_name_flush();
}
