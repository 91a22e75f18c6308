/* SPDX-License-Identifier: ISC */
/*
 * conf_secret.h - password files
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

/*
 * conf_secret_read - read the password in a file, into the arena
 *
 * ERR_IO, ERR_DENIED, ERR_VALUE (empty, too long, a NUL), ERR_NOMEM.
 */
int conf_secret_read(const char *path, struct arena *arena,
    struct slice *password, struct diag *diag) WARN_UNUSED;

#endif
