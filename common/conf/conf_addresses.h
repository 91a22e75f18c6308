/* SPDX-License-Identifier: ISC */
/*
 * conf_addresses.h - lists of O/R addresses, and of beginnings of such
 *
 * CONF_ADDRESS_WHOLE is for the members of a distribution list, in the setting
 * `members` and the file that `members-file` names; CONF_ADDRESS_SPACE is for
 * address spaces, in settings such as `address-space` and the file that
 * `address-space-file` names.  A file has one a line.
 */
#ifndef FOURPOST_CONF_CONF_ADDRESSES_H
#define FOURPOST_CONF_CONF_ADDRESSES_H

#include "conf/conf_address.h"

/* conf_addresses_add - add one more.  ERR_SYNTAX, ERR_VALUE, ERR_LIMIT,
 * ERR_NOMEM */
int conf_addresses_add(struct conf_addresses *to, enum conf_address_kind kind,
    const char *text, struct arena *arena, struct diag *diag) WARN_UNUSED;

/* conf_addresses_read - add those of a file.  ERR_IO and as above; diag names
 * the line */
int conf_addresses_read(struct conf_addresses *to, enum conf_address_kind kind,
    const char *path, struct arena *arena, struct diag *diag) WARN_UNUSED;

#endif
