/* SPDX-License-Identifier: ISC */
/*
 * conf_pair.h - a domain and the O/R addresses that it stands for
 *
 * As text "acme.example = C=DE;A=VIAT;P=ACME;O=MAIL".
 */
#ifndef FOURPOST_CONF_CONF_PAIR_H
#define FOURPOST_CONF_CONF_PAIR_H

#include "conf/conf.h"

/* conf_pair_add - add one more.  ERR_SYNTAX, ERR_VALUE, ERR_LIMIT, ERR_NOMEM */
int conf_pair_add(struct conf_pairs *to, const char *text, struct arena *arena,
    struct diag *diag) WARN_UNUSED;

/* conf_pair_check_domain - check a domain of two labels or more.  ERR_VALUE */
int conf_pair_check_domain(const char *domain, struct diag *diag) WARN_UNUSED;

#endif
