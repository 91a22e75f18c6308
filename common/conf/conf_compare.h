/* SPDX-License-Identifier: ISC */
/*
 * conf_compare.h - what differs between two configurations, for a reload
 *
 * Values are compared, not how they are written: "600" and "10m" are equal,
 * so are a setting left out and one given its default, and a password inline
 * and the same in a file.  The order of sections does not matter.
 */
#ifndef FOURPOST_CONF_CONF_COMPARE_H
#define FOURPOST_CONF_CONF_COMPARE_H

#include "conf/conf.h"
#include "conf/conf_setting.h"

enum conf_change {
	CONF_ADDED,
	CONF_REMOVED,
	CONF_CHANGED
};

/*
 * What is told of each difference: name is that of the link or postoffice
 * ("" for the mta section); setting is NULL unless a setting CONF_CHANGED:
 * then it is called once for each setting that did.
 */
typedef void
conf_compare_fn(void *context, enum conf_section section, const char *name,
    enum conf_change change, const struct conf_setting *setting);

/*
 * conf_compare - tell fn what changed from before to after
 *
 * Returns the number of differences told, 0 if there is none; fn may be
 * NULL.  ERR_NOMEM: not all was told; take everything as changed.
 */
int conf_compare(const struct conf *before, const struct conf *after,
    conf_compare_fn *fn, void *context) WARN_UNUSED;

/* conf_section_values - find the values of a section; name: of a link, a
 * postoffice …, ignored for a section without one.  NULL: there is none */
const void *conf_section_values(
    const struct conf *conf, enum conf_section section, const char *name);

#endif
