/* SPDX-License-Identifier: ISC */
/*
 * conf_tracking.h - the database that tracking of many machines is in
 */
#ifndef FOURPOST_CONF_CONF_TRACKING_H
#define FOURPOST_CONF_CONF_TRACKING_H

#include "conf/conf.h"
#include "postgresql/postgresql_url.h"

/* conf_tracking_url - parse tracking-database; url->host_count is 0 if it is
 * not set.  Errors of postgresql_url_parse */
int conf_tracking_url(const struct conf_mta *mta, struct postgresql_url *url,
    struct diag *diag) WARN_UNUSED;

/*
 * conf_tracking_password - find the password in the passfile that the URL names
 *
 * Empty where it names none.  ERR_IO, ERR_DENIED (others can read the file),
 * ERR_NOTFOUND (no line is for the database), ERR_LIMIT, ERR_NOMEM.
 */
int conf_tracking_password(const struct postgresql_url *url,
    char password[POSTGRESQL_PASSWORD_MAX], struct diag *diag) WARN_UNUSED;

#endif
