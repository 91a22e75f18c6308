/* SPDX-License-Identifier: ISC */
/*
 * conf_redirect.h - who gets the messages of somebody else
 *
 * As text "ADDRESS -> ADDRESS", in the setting `redirect` and in the map of a
 * postoffice (`directory`), where the word redirect stands before it.
 */
#ifndef FOURPOST_CONF_CONF_REDIRECT_H
#define FOURPOST_CONF_CONF_REDIRECT_H

#include "conf/conf.h"

#define CONF_REDIRECT_WORD "redirect" /* with a blank behind it */

/* conf_redirect_add - add one more.  ERR_SYNTAX, ERR_VALUE, ERR_LIMIT,
 * ERR_NOMEM */
int conf_redirect_add(struct conf_redirects *to, const char *text,
    struct arena *arena, struct diag *diag) WARN_UNUSED;

/* conf_redirect_read - add those of a map.  ERR_IO and as above; diag names the
 * line */
int conf_redirect_read(struct conf_redirects *to, const char *path,
    struct arena *arena, struct diag *diag) WARN_UNUSED;

#endif
