/* SPDX-License-Identifier: ISC */
/*
 * conf_mixer.h - the settings of a section mixer, for conf_setting.c
 */
#ifndef FOURPOST_CONF_CONF_MIXER_H
#define FOURPOST_CONF_CONF_MIXER_H

#include "conf/conf_setting.h"

#define CONF_MIXER_SETTINGS 25

extern const struct conf_setting conf_mixer_settings[CONF_MIXER_SETTINGS];

#endif
