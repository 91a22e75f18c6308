/* SPDX-License-Identifier: ISC */
/*
 * disk.h - the disk of the simulator
 *
 * disk.c defines pwrite, writev, fdatasync, unlinkat and others for the files
 * of the queue: the database, and the journal ahead of it.  See disk_file.h for
 * what of them the disk has.
 */
#ifndef FOURPOST_TESTS_SIM_DISK_H
#define FOURPOST_TESTS_SIM_DISK_H

/* disk_power_cut - lose a random part of what was not flushed, after the life
 * has ended */
void disk_power_cut(void);

/* disk_left - note that the life has ended, and that its descriptors are
 * closed; what was not flushed stays so */
void disk_left(void);

/* disk_closed - note that a descriptor is of nothing any more */
void disk_closed(int fd);

#endif
