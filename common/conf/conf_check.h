/* SPDX-License-Identifier: ISC */
/*
 * conf_check.h - what must hold between the settings of a section
 *
 * Each setting by itself was checked when it was set.  Errors name the line
 * on which the section begins: FILE:LINE: SECTION "NAME": SETTING: REASON.
 */
#ifndef FOURPOST_CONF_CONF_CHECK_H
#define FOURPOST_CONF_CONF_CHECK_H

#include "conf/conf_setting.h"

/* conf_check_name - of a link or a postoffice: [a-z0-9-]{1,32}.  ERR_VALUE */
int conf_check_name(const char *name, struct diag *diag) WARN_UNUSED;

/* conf_check - all that is needed is there and goes together.  ERR_VALUE,
 * ERR_IO (a file that is named) */
int conf_check(const struct conf *conf, struct diag *diag) WARN_UNUSED;

#endif
