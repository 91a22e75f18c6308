/* SPDX-License-Identifier: ISC */
/*
 * conf_secret.h - password files, and keys and certificates
 *
 * A file holds one password, up to CONF_PASSWORD_MAX octets; one newline at
 * its end is cut.  The owner and the group may read it; if others can read or
 * write it, it is refused.
 */
#ifndef FOURPOST_CONF_CONF_SECRET_H
#define FOURPOST_CONF_CONF_SECRET_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#define CONF_PEM_MAX ((size_t)2 * 1024 * 1024)

/*
 * conf_secret_read - read the password in a file, into the arena
 *
 * ERR_IO, ERR_DENIED, ERR_VALUE (empty, too long, a NUL), ERR_NOMEM.
 */
int conf_secret_read(const char *path, struct arena *arena,
    struct slice *password, struct diag *diag) WARN_UNUSED;

/* The users that may read and write a file. */
enum conf_privacy {
	CONF_PRIVATE, /* owner and group alone */
	CONF_PUBLIC   /* all may read it, others may not write it */
};

/*
 * conf_secret_load - read a whole file of at most CONF_PEM_MAX octets, into the
 * arena
 *
 * ERR_IO, ERR_DENIED, ERR_VALUE (empty), ERR_LIMIT, ERR_NOMEM.
 */
int conf_secret_load(const char *path, enum conf_privacy privacy,
    struct arena *arena, struct slice *octets, struct diag *diag) WARN_UNUSED;

#endif
