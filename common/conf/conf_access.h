/* SPDX-License-Identifier: ISC */
/*
 * conf_access.h - who may ask the suite for what
 *
 * By the groups of the configuration.  root and the user of this process may do
 * all; an operator may look and change; a viewer may look.  Who is in the group
 * of a submit section may submit as its originators, and nothing else by that.
 */
#ifndef FOURPOST_CONF_CONF_ACCESS_H
#define FOURPOST_CONF_CONF_ACCESS_H

#include "base/credentials.h"
#include "conf/conf.h"

#define CONF_ACCESS_TEXT_MAX 320

enum conf_access {
	CONF_ACCESS_VIEW,
	CONF_ACCESS_CHANGE,
	CONF_ACCESS_SUBMIT, /* as anybody; see conf_access_submits */
};

/* conf_access_allows - tell whether a caller may */
bool conf_access_allows(const struct conf *conf,
    const struct credentials *caller, enum conf_access access);

/*
 * conf_access_submits - tell whether a caller may submit as an originator
 *
 * originator NULL: as any at all.
 */
bool conf_access_submits(const struct conf *conf,
    const struct credentials *caller, const struct or_address *originator);

/* conf_access_needed - say in words who may do what the caller may not */
const char *conf_access_needed(const struct conf *conf, enum conf_access access,
    char text[CONF_ACCESS_TEXT_MAX]);

#endif
