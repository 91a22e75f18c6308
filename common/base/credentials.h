/* SPDX-License-Identifier: ISC */
/*
 * credentials.h - who is at the other end of a local connection
 *
 * As the kernel noted when the connection was made: nothing that the other
 * side says takes part.
 */
#ifndef FOURPOST_BASE_CREDENTIALS_H
#define FOURPOST_BASE_CREDENTIALS_H

#include <sys/types.h>

#include <stdbool.h>

#include "base/error.h"

#define CREDENTIALS_NAME_MAX 64

struct credentials {
	uid_t uid;
	gid_t *groups; /* owned; its own and the supplementary ones */
	size_t count;
};

/* credentials_get - ask the kernel about a connected local socket.  ERR_IO,
 * ERR_NOMEM */
int credentials_get(int fd, struct credentials *credentials) WARN_UNUSED;

/* credentials_fini - give back the memory */
void credentials_fini(struct credentials *credentials);

/* credentials_in_group - tell whether a group is among those of the process */
bool credentials_in_group(const struct credentials *credentials, gid_t group);

/* credentials_name - find the name of the user in /etc/passwd, for the log; ""
 * if it is not there */
const char *credentials_name(
    const struct credentials *credentials, char name[CREDENTIALS_NAME_MAX]);

#endif
