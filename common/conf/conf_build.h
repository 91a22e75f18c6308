/* SPDX-License-Identifier: ISC */
/*
 * conf_build.h - make the typed configuration of what a text sets
 */
#ifndef FOURPOST_CONF_CONF_BUILD_H
#define FOURPOST_CONF_CONF_BUILD_H

#include "conf/conf_source.h"

/*
 * conf_build - make the typed configuration of what a text sets
 *
 * conf is all zero but for its arena and file.  Errors are reported; returns
 * 0, also where there were errors, as long as the report wants more of them.
 */
int conf_build(struct conf *conf, const struct conf_source *source,
    enum conf_completeness completeness,
    struct conf_report *report) WARN_UNUSED;

#endif
