/* SPDX-License-Identifier: ISC */
/*
 * conf_application.h - the settings of an application, for conf_setting.c
 */
#ifndef FOURPOST_CONF_CONF_APPLICATION_H
#define FOURPOST_CONF_CONF_APPLICATION_H

#include "conf/conf_setting.h"

#define CONF_APPLICATION_SETTINGS 11

extern const struct conf_setting
    conf_application_settings[CONF_APPLICATION_SETTINGS];

#endif
