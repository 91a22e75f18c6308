/* SPDX-License-Identifier: ISC */
/*
 * binding.h - make a service and its listening sockets
 */
#ifndef FOURPOST_MASTER_BINDING_H
#define FOURPOST_MASTER_BINDING_H

#include <sys/types.h>

#include "conf/conf.h"
#include "master/listener.h"
#include "master/service.h"

/* binding_service - make a service that is not in force yet.  ERR_NOMEM */
int binding_service(struct master *master, enum service_kind kind,
    const char *key, unsigned workers_max, struct service **service,
    struct diag *diag) WARN_UNUSED;

/* binding_local - make a socket in the run directory for a service; its owner
 * is the user of the queue.  As listener_local */
int binding_local(struct service *service, const char *name, mode_t mode,
    gid_t group, struct diag *diag) WARN_UNUSED;

/* binding_owned - likewise, with these owners */
int binding_owned(struct service *service, const char *name,
    const struct listener_access *access, struct diag *diag) WARN_UNUSED;

/* binding_path - make a socket with that path, unless the service has it.  As
 * listener_path */
int binding_path(struct service *service, const char *path,
    const struct listener_access *access, uint64_t patience,
    struct diag *diag) WARN_UNUSED;

/* binding_give - give a socket of ours with that path to other users */
void binding_give(const char *path, const struct listener_access *access);

/*
 * binding_missing - add the service prefix/key, unless it is there
 *
 * It has a socket prefix.key to which qmgr connects, unless one worker of it
 * always runs.
 */
int binding_missing(struct master *master, enum service_kind kind,
    const char *prefix, const char *key, unsigned workers_max,
    struct diag *diag) WARN_UNUSED;

/*
 * binding_tcp - bind the TCP sockets that service does not have yet, for spare:
 * the service itself, or one that is never started
 *
 * patience: ms for a port that a leftover still holds.  As listener_tcp.
 */
int binding_tcp(const struct service *service, struct service *spare,
    const struct conf_endpoints *endpoints, uint64_t patience,
    struct diag *diag) WARN_UNUSED;

/* binding_is_among - tell whether a socket's name is one of a list's */
bool
binding_is_among(const struct conf_endpoints *endpoints, const char *socket);

#endif
