/* SPDX-License-Identifier: ISC */
/*
 * conf_tls.h - the files of TLS that a configuration names
 *
 * conf_parse_file does not read them: most tools need no key, and whoever uses
 * them may not read it.  master, x4conf and x4ping load them, each file once.
 */
#ifndef FOURPOST_CONF_CONF_TLS_H
#define FOURPOST_CONF_CONF_TLS_H

#include "conf/conf.h"

/*
 * conf_tls_load - read and check the files, right after conf_parse_file
 *
 * A key must not be readable for others.  It must belong to its certificate;
 * one that has expired is right all the same, for other links go on.  ERR_IO,
 * ERR_DENIED, ERR_VALUE, ERR_LIMIT, ERR_NOMEM; diag reads FILE:LINE: SETTING:
 * REASON.
 */
int conf_tls_load(struct conf *conf, struct diag *diag) WARN_UNUSED;

/* conf_tls_listens - tell whether peers may call with TLS */
bool conf_tls_listens(const struct conf *conf);

/* conf_tls_material - return what a worker of a link needs, or with NULL one of
 * the TLS ports; borrows from conf */
struct tls_material
conf_tls_material(const struct conf *conf, const struct conf_link *link);

#endif
