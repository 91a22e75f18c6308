/* SPDX-License-Identifier: ISC */
/*
 * aside_list.h - what the interchange has set aside, as rows
 *
 * Read from the BAD directories of the postoffices themselves, whether the
 * suite runs or not.  Fields: postoffice, file, size, time, event, reason,
 * sender (whether it was told).
 */
#ifndef FOURPOST_TOOLS_ASIDE_LIST_H
#define FOURPOST_TOOLS_ASIDE_LIST_H

#include "conf/conf.h"
#include "ipc/record.h"

/*
 * aside_list - make a row for each file, by postoffice and name
 *
 * postoffice is the name of one, NULL: all.  ERR_NOTFOUND: there is none of
 * that name; ERR_DENIED, ERR_IO: a BAD directory cannot be read, others were;
 * or what on_row returns.
 */
int aside_list(const struct conf *conf, const char *postoffice,
    int (*on_row)(void *arg, const struct ipc_row *row), void *arg,
    struct diag *diag) WARN_UNUSED;

#endif
