/* SPDX-License-Identifier: ISC */
/*
 * handed.h - the settings that master hands a process at its start
 *
 * For a process that does not get them from qmgr: a descriptor behind its
 * listening sockets holds them.
 */
#ifndef FOURPOST_WORKER_HANDED_H
#define FOURPOST_WORKER_HANDED_H

#include "conf/conf.h"
#include "worker/worker.h"

/* handed_conf - read the settings and close the descriptor; the levels of the
 * log are set, the configuration is the caller's.  Fatal if there are none */
struct conf *handed_conf(const struct worker *worker);

#endif
