/* SPDX-License-Identifier: ISC */
/*
 * place.h - take the run and the state directory, as the right users
 *
 * run directory: the local sockets, master.pid (locked while we live) and
 * slots.  Started by root it is root's (0711), master alone makes files in it,
 * and its sockets belong to whom they are for; the state directory is user's,
 * and what is done there is done as user.  Otherwise everything is the
 * caller's.  directory.h has the rule for what root opens.
 */
#ifndef FOURPOST_MASTER_PLACE_H
#define FOURPOST_MASTER_PLACE_H

#include <sys/types.h>

#include <limits.h>

#include "conf/conf.h"
#include "worker/slot.h"

#define PLACE_SLOTS (CONF_WORKERS_MAX + 2048) /* and those that leave */

struct pidfh;

struct place {
	char run_directory[256];
	char root[256];		 /* for workers to be confined to; or empty */
	char tracking[PATH_MAX]; /* the directory of the tracker */
	char memory[PATH_MAX];	 /* the directory of mixer-memory */
	char user[64];		 /* of qmgr; empty: not started by root */
	char network_user[64];	 /* of the others */
	/* of the workers of postoffices; empty: network_user's own */
	char postoffice_group[64];
	uid_t user_id; /* -1: not started by root */
	gid_t group_id;
	gid_t network_group_id;
	struct pidfh *pidfile; /* owned; locked */
	int run_fd;	       /* the run directory */
	int state_fd;	       /* the state directory; locked */
	int slots_fd;
	uint8_t slots_used[PLACE_SLOTS / 8];
};

/* place_init - make and take the directories.  ERR_EXISTS: another master
 * runs in the run directory, or with the state directory; ERR_NOTFOUND: no
 * such user; ERR_IO */
int place_init(struct place *place, const struct conf *conf,
    struct diag *diag) WARN_UNUSED;

/* place_check_user - see that there is a user, who is not root, if root started
 * us.  ERR_NOTFOUND, ERR_DENIED */
int place_check_user(
    const struct place *place, const char *name, struct diag *diag) WARN_UNUSED;

/* place_fini - remove the pid file and let go */
void place_fini(struct place *place);

/* place_tracking - see that the directory of the tracker is there, in the state
 * directory and its user's.  ERR_IO */
int place_tracking(const struct place *place) WARN_UNUSED;

/* place_memory - see that the directory of mixer-memory is there, likewise */
int place_memory(const struct place *place) WARN_UNUSED;

/* place_slot_take - take a free slot, cleared and mapped.  ERR_FULL, ERR_IO */
int place_slot_take(struct place *place, unsigned *number,
    struct worker_slot **slot) WARN_UNUSED;

/* place_slot_return - give a slot back */
void place_slot_return(
    struct place *place, unsigned number, struct worker_slot *slot);

/* place_log_open - open STATE/log, made if need be: a descriptor, or ERR_IO,
 * ERR_EXISTS (it is no file, or another's too) */
int place_log_open(const struct place *place, const struct conf *conf,
    struct diag *diag) WARN_UNUSED;

#endif
