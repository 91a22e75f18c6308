/* SPDX-License-Identifier: ISC */
/*
 * listener.h - the listening sockets, TCP and local, which master holds
 *
 * They outlive every worker: while a service is down its connections wait.
 */
#ifndef FOURPOST_MASTER_LISTENER_H
#define FOURPOST_MASTER_LISTENER_H

#include <sys/types.h>

#include "base/error.h"

/* The users that may connect to a local socket. */
struct listener_access {
	uid_t user;  /* (uid_t)-1: whoever we are */
	gid_t group; /* (gid_t)-1: likewise */
	mode_t mode;
};

/*
 * listener_tcp - listen on a numeric address: a descriptor
 *
 * "::" serves IPv4 too, and becomes 0.0.0.0 where there is no IPv6.  A
 * leftover of a master that was killed may hold the port for a moment: it is
 * tried for up to patience_ms.  ERR_IO, ERR_VALUE.
 */
int listener_tcp(const char *host, uint16_t port, uint64_t patience_ms,
    struct diag *diag) WARN_UNUSED;

/*
 * listener_local - listen on a local socket at path: a descriptor
 *
 * A socket that is there already is replaced; it must not be one of another
 * running master.  ERR_LIMIT (path too long), ERR_EXISTS (not a socket),
 * ERR_IO.
 */
int listener_local(const char *path, const struct listener_access *access,
    struct diag *diag) WARN_UNUSED;

/*
 * listener_path - listen on a local socket in a directory of somebody else
 *
 * As listener_local; but a socket on which another process listens is not
 * replaced.  A leftover of a master that was killed may do so for a moment: it
 * is tried for up to patience_ms.  ERR_EXISTS (somebody listens, or no socket).
 */
int listener_path(const char *path, const struct listener_access *access,
    uint64_t patience_ms, struct diag *diag) WARN_UNUSED;

/* listener_give - set owner, group and mode of a local socket of ours; never of
 * what somebody has put in its place.  ERR_IO, ERR_EXISTS */
int listener_give(const char *path, const struct listener_access *access,
    struct diag *diag) WARN_UNUSED;

#endif
