/* SPDX-License-Identifier: ISC */
/*
 * conf_group.h - a group of the system, as a setting names it
 *
 * Its number is looked up where the file is read.  Between processes the text
 * is NAME:NUMBER, since a process that is confined can look up nothing.
 */
#ifndef FOURPOST_CONF_CONF_GROUP_H
#define FOURPOST_CONF_CONF_GROUP_H

#include "conf/conf.h"

/* conf_group_set - set the group of a name, none if it is empty.  ERR_VALUE:
 * there is none of that name; ERR_NOMEM */
int conf_group_set(const char *text, struct arena *arena, struct conf_group *to,
    struct diag *diag) WARN_UNUSED;

#endif
