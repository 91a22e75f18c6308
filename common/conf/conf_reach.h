/* SPDX-License-Identifier: ISC */
/*
 * conf_reach.h - where the running suite is, of a file that need not be right
 *
 * A tool that asks the suite needs the run directory and the state directory,
 * and nothing else of the configuration.  It must work while an administrator
 * edits the file, and for a user who may not read the passwords beside it.
 */
#ifndef FOURPOST_CONF_CONF_REACH_H
#define FOURPOST_CONF_CONF_REACH_H

#include "conf/conf.h"

#define CONF_REACH_RUN "FOURPOST_RUN" /* names a run directory */

/*
 * conf_reach_text - make a configuration of the two directories that a text
 * sets, and of defaults
 *
 * run, unless NULL, is the run directory if the text sets none.  What cannot
 * be understood is passed over.  ERR_NOMEM; ERR_VALUE: run is no directory.
 */
int conf_reach_text(struct slice text, const char *run, struct conf **conf,
    struct diag *diag) WARN_UNUSED;

/*
 * conf_reach_file - likewise of a file
 *
 * A file that the caller may not read, or the default file where there is none,
 * counts as an empty one.  ERR_NOTFOUND, ERR_IO, ERR_LIMIT and as above.
 */
int conf_reach_file(const char *path, const char *run, struct conf **conf,
    struct diag *diag) WARN_UNUSED;

#endif
