/* SPDX-License-Identifier: ISC */
/*
 * conf_space.h - address spaces: the beginnings of O/R addresses
 *
 * In settings such as `address-space` and, one a line, in the file that
 * `address-space-file` names.
 */
#ifndef FOURPOST_CONF_CONF_SPACE_H
#define FOURPOST_CONF_CONF_SPACE_H

#include "conf/conf.h"

/* conf_space_add - add one more.  ERR_SYNTAX, ERR_VALUE, ERR_LIMIT,
 * ERR_NOMEM */
int conf_space_add(struct conf_addresses *to, const char *text,
    struct arena *arena, struct diag *diag) WARN_UNUSED;

/* conf_space_read - add those of a file.  ERR_IO and as above; diag names the
 * line */
int conf_space_read(struct conf_addresses *to, const char *path,
    struct arena *arena, struct diag *diag) WARN_UNUSED;

#endif
