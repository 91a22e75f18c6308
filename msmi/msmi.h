/* SPDX-License-Identifier: ISC */
/*
 * msmi.h - the Microsoft Mail interchange: what in and out have in common
 *
 * One process takes the files of one postoffice's P1 directory (in_*.c), one
 * delivers into it (out_*.c).  msmi.c brings either to the point where it is
 * confined and can begin.
 */
#ifndef FOURPOST_MSMI_MSMI_H
#define FOURPOST_MSMI_MSMI_H

#include <sys/stat.h>

#include "conf/conf.h"
#include "msmi/address.h"
#include "msmi/postoffice.h"
#include "worker/worker.h"

struct msmi {
	struct worker worker;
	struct ipc_channel qmgr;
	struct conf *conf; /* owned */
	const struct conf_msmail *msmail;
	struct map map;
	int map_fd;	     /* of the file it was read from, -1: none */
	struct stat map_was; /* when it was read */
	struct stat map_new; /* the last that was seen instead, not read yet */
	uint64_t map_looked; /* monotonic ms */
	char map_trouble[256]; /* why the new one is not in use; "": it is */
	struct addressing addressing;
	struct postoffice postoffice;
};

/* msmi_settings - wait for qmgr's settings and read them */
int msmi_settings(struct msmi *msmi, struct diag *diag) WARN_UNUSED;

/* msmi_reach - read the map, open the directories; *stage says which failed */
int msmi_reach(
    struct msmi *msmi, const char **stage, struct diag *diag) WARN_UNUSED;

/*
 * msmi_map_again - read the map again if it has changed
 *
 * At most once a second, and when two looks have found it the same; whole or
 * not at all: if the new one is wrong there is an event, and the old one
 * stays.  ERR_CLOSED: it was replaced by another
 * file, which only a new worker can reach; end in order.  No address that was
 * borrowed from the old map may be in use.
 */
int msmi_map_again(struct msmi *msmi) WARN_UNUSED;

/* msmi_confine - enter the postoffice as root, its user and the sandbox, for
 * good */
void msmi_confine(struct msmi *msmi);

/* msmi_in, msmi_out - run as either worker until told to stop */
void msmi_in(struct worker *worker) __attribute__((noreturn));
void msmi_out(struct worker *worker) __attribute__((noreturn));

#endif
