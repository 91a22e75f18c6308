/* SPDX-License-Identifier: ISC */
/*
 * disk_file.c - the files of the queue as the disk has them
 *
 * The files themselves are real, because LMDB reads its through a map.
 */
#include "tests/sim/disk_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/sim/owned.h"
#include "tests/sim/side.h"

#define SECTOR	      512
#define METAS	      16 /* sectors of LMDB's first pages */
#define SLOTS	      ((size_t)1 << 18)
#define UNFLUSHED_MAX (SLOTS / 2)

struct file {
	uint64_t inode; /* 0: free */
	int fd;		/* the world's */
	off_t flushed;	/* octets that the disk knows it to have */
	enum disk_kind kind;
	unsigned sectors;
	bool failed; /* a flush of it, in this life */
};

/* A sector that was written and not flushed. */
struct sector {
	uint64_t number;
	unsigned file;
	uint32_t slot;
	bool failed; /* and a flush cannot be had any more */
	unsigned char before[SECTOR];
};

static struct file files[DISK_FILES];
static struct sector unflushed[UNFLUSHED_MAX];
static size_t count;
static uint32_t slots[SLOTS]; /* index + 1 into unflushed */

/* disk_kind - tell by its path what a file is */
enum disk_kind
disk_kind(const char *path)
{
	const char *name = strrchr(path, '/');

	name = name != NULL ? name + 1 : path;
	if (strcmp(name, "data.mdb") == 0)
		return DISK_DATA;
	return strncmp(name, "journal.", 8) == 0 ? DISK_JOURNAL : DISK_OTHER;
}

/* size_of - get the size of a file as it is */
static off_t
size_of(const struct file *file)
{
	struct stat st;

	if (fstat(file->fd, &st) != 0)
		sim_fail("a file of the disk is gone");
	return st.st_size;
}

/* disk_file_know - know a file that the life has opened */
unsigned
disk_file_know(int fd, int at, const char *path, bool fresh)
{
	struct stat st;
	unsigned i, room = DISK_FILES;

	if (fstat(fd, &st) != 0)
		sim_fail("%s: not to be known", path);
	for (i = 0; i < DISK_FILES; i++) {
		if (files[i].inode == st.st_ino)
			return i;
		if (files[i].inode == 0 && room == DISK_FILES)
			room = i;
	}
	if (room == DISK_FILES)
		sim_fail("more files than are known");
	files[room] = (struct file){.inode = st.st_ino,
	    .kind = disk_kind(path),
	    .fd = owned_keep(
		(int)syscall(SYS_openat, at, path, O_RDWR | O_CLOEXEC, 0)),
	    .flushed = fresh ? 0 : st.st_size};
	return room;
}

/* slot_of - find the slot of a sector: its own, or one that is free */
static size_t
slot_of(unsigned file, uint64_t number)
{
	size_t at =
	    (size_t)((number * DISK_FILES + file) * 0x9e3779b97f4a7c15ULL >>
		40) %
	    SLOTS;

	while (slots[at] != 0 &&
	    (unflushed[slots[at] - 1].number != number ||
		unflushed[slots[at] - 1].file != file))
		at = (at + 1) % SLOTS;
	return at;
}

/* remember - remember a sector as the disk holds it */
static void
remember(unsigned file, uint64_t number)
{
	size_t at = slot_of(file, number);
	struct sector *sector;

	if (slots[at] != 0) {
		/* Written again, it can be flushed again. */
		unflushed[slots[at] - 1].failed = false;
		return;
	}
	if (count == UNFLUSHED_MAX)
		sim_fail("more is not flushed than is remembered");
	sector = &unflushed[count++];
	slots[at] = (uint32_t)count;
	*sector = (struct sector){
	    .number = number, .file = file, .slot = (uint32_t)at};
	if (syscall(SYS_pread64, files[file].fd, sector->before, SECTOR,
		(off_t)(number * SECTOR)) < 0)
		sim_fail("the disk cannot be read");
	files[file].sectors++;
}

/* disk_file_change - remember what the disk holds where something is written */
void
disk_file_change(unsigned file, off_t offset, off_t len)
{
	for (off_t n = offset / SECTOR; n * SECTOR < offset + len; n++)
		remember(file, (uint64_t)n);
}

/* keep_where - keep what is not flushed where a test says so, forget the
 * rest */
static void
keep_where(bool (*is_kept)(const struct sector *sector, const void *arg),
    const void *arg)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		slots[unflushed[i].slot] = 0;
	for (size_t i = 0; i < count; i++) {
		struct sector *sector = &unflushed[i];

		if (!is_kept(sector, arg)) {
			files[sector->file].sectors--;
			continue;
		}
		if (kept != i)
			unflushed[kept] = *sector;
		sector = &unflushed[kept++];
		sector->slot = (uint32_t)slot_of(sector->file, sector->number);
		slots[sector->slot] = (uint32_t)kept;
	}
	count = kept;
}

/* A part of a file; len < 0: all that can be flushed. */
struct part {
	unsigned file;
	off_t offset, len;
};

/* is_other - tell whether a sector is of no part that is flushed */
static bool
is_other(const struct sector *sector, const void *arg)
{
	const struct part *part = arg;
	off_t at = (off_t)(sector->number * SECTOR);

	if (sector->file != part->file)
		return true;
	return part->len < 0
	    ? sector->failed
	    : at + SECTOR <= part->offset || at >= part->offset + part->len;
}

/* disk_file_flush - have the disk hold all that the file holds */
void
disk_file_flush(unsigned file)
{
	const struct part part = {.file = file, .len = -1};

	keep_where(is_other, &part);
	files[file].flushed = size_of(&files[file]);
}

/* disk_file_flush_part - have it hold what one write has written */
void
disk_file_flush_part(unsigned file, off_t offset, off_t len)
{
	const struct part part = {.file = file, .offset = offset, .len = len};

	keep_where(is_other, &part);
	if (files[file].flushed < offset + len)
		files[file].flushed = offset + len;
}

/* disk_file_flush_fails - have a flush fail */
void
disk_file_flush_fails(unsigned file)
{
	files[file].failed = true;
	for (size_t i = 0; i < count; i++)
		if (unflushed[i].file == file)
			unflushed[i].failed = true;
}

/* disk_file_failed - tell whether a flush failed in this life */
bool
disk_file_failed(unsigned file)
{
	return files[file].failed;
}

/* disk_file_left - note that a life is over */
void
disk_file_left(void)
{
	for (unsigned i = 0; i < DISK_FILES; i++)
		files[i].failed = false;
}

/* disk_file_unflushed - count the sectors that were not flushed */
unsigned
disk_file_unflushed(unsigned file)
{
	return files[file].sectors;
}

/* disk_file_begins_flushed - tell whether what was committed last is on the
 * disk */
bool
disk_file_begins_flushed(void)
{
	for (size_t i = 0; i < count; i++)
		if (files[unflushed[i].file].kind == DISK_DATA &&
		    unflushed[i].number < METAS)
			return false;
	return true;
}

/* is_kept - draw whether a sector got to the disk; share: of eight */
static bool
is_kept(uint64_t share)
{
	return share == 8 || (share > 0 && chance_number(8) < share);
}

/* lose - put back what the disk held of a file, or keep what was written, by
 * chance */
static void
lose(unsigned number)
{
	static const uint64_t shares[] = {0, 0, 1, 4, 4, 7, 8};
	struct file *file = &files[number];
	uint64_t share =
	    shares[chance_number(sizeof(shares) / sizeof(shares[0]))];
	off_t end = file->flushed, at;

	for (size_t i = 0; i < count; i++) {
		const struct sector *sector = &unflushed[i];

		if (sector->file != number)
			continue;
		at = (off_t)(sector->number * SECTOR);
		if (is_kept(share))
			end = at + SECTOR > end ? at + SECTOR : end;
		else if (syscall(SYS_pwrite64, file->fd, sector->before, SECTOR,
			     at) < 0)
			sim_fail("the disk cannot be written");
	}
	if (size_of(file) > end && syscall(SYS_ftruncate, file->fd, end) < 0)
		sim_fail("the disk cannot be cut");
	file->flushed = size_of(file);
}

/* disk_file_lose - lose a random part of what was not flushed */
void
disk_file_lose(void)
{
	if (count > 0)
		trace_note("unflushed", count, 0);
	for (unsigned i = 0; i < DISK_FILES; i++)
		if (files[i].inode != 0)
			lose(i);
	for (size_t i = 0; i < count; i++)
		slots[unflushed[i].slot] = 0;
	for (unsigned i = 0; i < DISK_FILES; i++)
		files[i].sectors = 0;
	count = 0;
}

/* is_of_another - tell whether a sector is not of a file */
static bool
is_of_another(const struct sector *sector, const void *arg)
{
	return sector->file != *(const unsigned *)arg;
}

/* disk_file_gone - forget a file that has no name any more */
void
disk_file_gone(uint64_t inode)
{
	for (unsigned i = 0; i < DISK_FILES; i++)
		if (files[i].inode == inode) {
			keep_where(is_of_another, &i);
			(void)close(files[i].fd);
			files[i] = (struct file){.inode = 0};
		}
}
