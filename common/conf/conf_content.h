/* SPDX-License-Identifier: ISC */
/*
 * conf_content.h - the content types that an application takes
 *
 * "ipm" stands for interpersonal messages of 1984 and 1988 (P2, P22); "edi",
 * "voice", a number or an OBJECT IDENTIFIER as in p1.h.
 */
#ifndef FOURPOST_CONF_CONF_CONTENT_H
#define FOURPOST_CONF_CONF_CONTENT_H

#include "conf/conf.h"

struct p1_content_type; /* mhs/p1.h */

/* conf_content_add - add one more.  ERR_SYNTAX, errors of the arena */
int conf_content_add(struct conf_contents *to, const char *text,
    struct arena *arena, struct diag *diag) WARN_UNUSED;

/* conf_content_accepts - tell whether a type is one of these; none: any is */
bool conf_content_accepts(
    const struct conf_contents *contents, const struct p1_content_type *type);

#endif
