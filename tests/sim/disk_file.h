/* SPDX-License-Identifier: ISC */
/*
 * disk_file.h - the files of the queue as the disk has them
 *
 * A file is what the kernel shows of it; the disk may have less.  What was
 * written and not flushed is remembered sector by sector, with what the disk
 * held before, and a power cut keeps or loses each such sector by chance, those
 * of one file as well as those of another.  Names are made, given and removed
 * in order (disk_name.c), until their directory is flushed: a power cut undoes
 * the last of them.
 *
 * A life that ends without a power cut leaves all that to the next.  What a
 * flush failed for is lost to later flushes too, as with the kernel, unless it
 * is written again.
 */
#ifndef FOURPOST_TESTS_SIM_DISK_FILE_H
#define FOURPOST_TESTS_SIM_DISK_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define DISK_FILES 8

enum disk_kind {
	DISK_OTHER,
	DISK_DATA, /* the database */
	DISK_JOURNAL
};

/* disk_kind - tell by its path what a file is */
enum disk_kind disk_kind(const char *path);

/* disk_file_know - know the file at a path that the life has opened as fd;
 * fresh: it was made by that.  Its number */
unsigned disk_file_know(int fd, int at, const char *path, bool fresh);

/* disk_file_change - remember what the disk holds where something is written,
 * or cut off */
void disk_file_change(unsigned file, off_t offset, off_t len);

/* disk_file_flush - have the disk hold all that the file holds;
 * disk_file_flush_part - what one write has written */
void disk_file_flush(unsigned file);
void disk_file_flush_part(unsigned file, off_t offset, off_t len);

/* disk_file_flush_fails - have a flush fail: none that comes later makes what
 * was written durable.  disk_file_failed - whether one has, in this life */
void disk_file_flush_fails(unsigned file);
bool disk_file_failed(unsigned file);

/* disk_file_left - note that a life is over: the next one begins anew */
void disk_file_left(void);

/* disk_file_unflushed - count the sectors of a file that were not flushed */
unsigned disk_file_unflushed(unsigned file);

/* disk_file_begins_flushed - tell whether the first octets of the database are
 * on the disk: what was committed last.  Without one they are */
bool disk_file_begins_flushed(void);

/* disk_file_lose - lose a random part of what was not flushed, of all files */
void disk_file_lose(void);

/* disk_file_gone - forget the file of that inode: it has no name any more */
void disk_file_gone(uint64_t inode);

/* disk_name_made, disk_name_remove, disk_name_give - note that a name of the
 * queue's directory was made; remove one; give a file another.  As the system
 * calls: 0, or -1 and errno */
void disk_name_made(const char *path);
int disk_name_remove(const char *path);
int disk_name_give(const char *path, const char *other);

/* disk_name_flush - have the disk hold all names as they are */
void disk_name_flush(void);

/* disk_name_lose - undo a random number of the changes that were not flushed,
 * the last first */
void disk_name_lose(void);

#endif
