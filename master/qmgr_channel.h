/* SPDX-License-Identifier: ISC */
/*
 * qmgr_channel.h - give and tell qmgr what it has to know
 *
 * A channel is there before its qmgr: what is to be told waits in it.  When a
 * qmgr ends, a channel is made for the next one.
 */
#ifndef FOURPOST_MASTER_QMGR_CHANNEL_H
#define FOURPOST_MASTER_QMGR_CHANNEL_H

#include "conf/conf.h"
#include "ipc/problem.h"
#include "master/loop_channel.h"

struct master;
struct child;
struct service;

/* The heaviest of some problems, for the service manager. */
struct first_problem {
	unsigned count; /* of all */
	enum problem_weight weight;
	int64_t since;	 /* wall clock ms */
	char text[1024]; /* with the command that helps */
};

struct qmgr_channel {
	struct master *master;
	struct loop_channel channel;
	int child_fd;		/* for the next qmgr; -1: it was given away */
	unsigned failed_starts; /* before it was ever ready */
	uint64_t renewed;	/* monotonic ms: the last qmgr ended */
	struct first_problem problem; /* as qmgr tells */
};

/* qmgr_channel_init - make the first channel.  ERR_IO, ERR_NOMEM */
int qmgr_channel_init(struct master *master) WARN_UNUSED;

/* qmgr_channel_fini - close the channel */
void qmgr_channel_fini(struct master *master);

/* qmgr_channel_renew - make a channel for the next qmgr, which is told of all
 * workers and of those that are at work for the qmgr that ended */
void qmgr_channel_renew(struct master *master);

/* qmgr_channel_configuration - write the configuration in force, with
 * passwords, into a memfd: a descriptor, or ERR_IO */
int qmgr_channel_configuration(const struct conf *conf) WARN_UNUSED;

/* qmgr_channel_worker_started - tell who a process is that is about to execute.
 * ERR_LIMIT: qmgr does not read */
int qmgr_channel_worker_started(
    struct master *master, const struct child *child) WARN_UNUSED;

/* qmgr_channel_is_told - tell whether all that was said has been read; true
 * where there is no qmgr */
bool qmgr_channel_is_told(const struct master *master);

/* qmgr_channel_worker_ended - report the end of a worker */
void qmgr_channel_worker_ended(
    struct master *master, const struct ipc_worker_ended *ended);

/* qmgr_channel_throttled - tell that a service waits; until 0: no longer */
void qmgr_channel_throttled(const struct service *service, int64_t until);

/* qmgr_channel_reload - give qmgr a new configuration.  ERR_IO */
int
qmgr_channel_reload(struct master *master, const struct conf *conf) WARN_UNUSED;

#endif
