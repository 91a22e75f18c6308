/* SPDX-License-Identifier: ISC */
/*
 * console.h - the service of the console, which is there if it is configured
 */
#ifndef FOURPOST_MASTER_CONSOLE_H
#define FOURPOST_MASTER_CONSOLE_H

#include "master/master.h"

/*
 * console_add - add the console with its sockets, if it is configured and not
 * there yet
 *
 * At the start of the suite what fails is noted, for console_tell and as a
 * problem, and the suite runs without a console: mail goes on.  At a reload it
 * is an error.
 */
int console_add(struct master *master, const struct conf *conf,
    struct diag *diag) WARN_UNUSED;

/* console_tell - log why there is no console, if one is configured */
void console_tell(const struct master *master);

/* console_give - give the local socket to the group of a new configuration */
void console_give(struct master *master, const struct conf *conf);

/* console_remove - end the console, which is not configured any more */
void console_remove(struct master *master);

#endif
