/* SPDX-License-Identifier: ISC */
/*
 * disk.h - the disk of the simulator
 *
 * disk.c defines pwrite, writev, fdatasync and others for the database's file.
 * What was written and not flushed is remembered sector by sector, with what
 * the disk held before; at a crash each such sector is kept or lost by chance.
 */
#ifndef FOURPOST_TESTS_SIM_DISK_H
#define FOURPOST_TESTS_SIM_DISK_H

/* disk_crash - lose a random part of what was not flushed, of the file of that
 * path */
void disk_crash(const char *path);

/* disk_forget - forget which descriptors are of the database's file, and what
 * was not flushed: they are closed */
void disk_forget(void);

#endif
