/* SPDX-License-Identifier: ISC */
/*
 * on_disk.h - whether the configuration on disk is the one in force
 *
 * Looked at are the file, what it includes and the directories of that, and the
 * files that settings name: passwords, certificates, lists.  If any of them
 * changed all are read and compared with what is in force, once for each
 * change: a comment or a new date is no difference.
 */
#ifndef FOURPOST_MASTER_ON_DISK_H
#define FOURPOST_MASTER_ON_DISK_H

#include "conf/conf.h"

struct master;

enum on_disk_verdict {
	ON_DISK_SAME,
	ON_DISK_NEWER,	/* it differs, and could be in force */
	ON_DISK_INVALID /* it differs, and could not */
};

struct on_disk {
	uint64_t mark; /* of the files when they were judged; 0: never */
	enum on_disk_verdict verdict;
	int64_t since;	 /* wall clock ms: the last change of any */
	char wrong[256]; /* why it could not be in force, or empty */
};

/* on_disk_read - note that what is in force was read from started on, wall
 * clock ms */
void on_disk_read(struct master *master, int64_t started);

/* on_disk_look - look at the files, and judge them if they changed: reading may
 * take a while, so that it is done for who asks */
const struct on_disk *on_disk_look(struct master *master);

#endif
