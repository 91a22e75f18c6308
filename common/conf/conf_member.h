/* SPDX-License-Identifier: ISC */
/*
 * conf_member.h - the members of a distribution list
 *
 * As O/R addresses in the setting `members` and, one a line, in the file that
 * `members-file` names.
 */
#ifndef FOURPOST_CONF_CONF_MEMBER_H
#define FOURPOST_CONF_CONF_MEMBER_H

#include "conf/conf.h"

/* conf_member_add - add one more.  ERR_SYNTAX, ERR_VALUE, ERR_LIMIT,
 * ERR_NOMEM */
int conf_member_add(struct conf_addresses *to, const char *text,
    struct arena *arena, struct diag *diag) WARN_UNUSED;

/* conf_member_read - add those of a file.  ERR_IO and as above; diag names the
 * line */
int conf_member_read(struct conf_addresses *to, const char *path,
    struct arena *arena, struct diag *diag) WARN_UNUSED;

#endif
