/* SPDX-License-Identifier: ISC */
/*
 * conf_check.h - check what must hold between settings
 *
 * Each setting by itself was checked when it was set.  Errors name the line
 * on which the section begins: FILE:LINE: SECTION "NAME": SETTING: REASON.
 */
#ifndef FOURPOST_CONF_CONF_CHECK_H
#define FOURPOST_CONF_CONF_CHECK_H

#include "conf/conf_source.h"

/* conf_check_name - check the name of a link or a postoffice: [a-z0-9-]{1,32}.
 * ERR_VALUE */
int conf_check_name(const char *name, struct diag *diag) WARN_UNUSED;

/* conf_check_section - check that a section has what is needed, and that its
 * settings go together.  Errors are reported; 0 to go on */
int conf_check_section(enum conf_section kind, const void *values,
    const struct conf_source_section *from,
    struct conf_report *report) WARN_UNUSED;

/* conf_check_whole - check what holds between sections.  Errors are reported;
 * 0 to go on */
int conf_check_whole(
    const struct conf *conf, struct conf_report *report) WARN_UNUSED;

#endif
