/* SPDX-License-Identifier: ISC */
/*
 * conf_lmtp.h - check where a gateway takes messages by LMTP, and from whom
 */
#ifndef FOURPOST_CONF_CONF_LMTP_H
#define FOURPOST_CONF_CONF_LMTP_H

#include "conf/conf.h"

/* conf_lmtp_check - check listen-lmtp, lmtp-from and lmtp-group of a gateway:
 * NULL, or what is wrong with the setting */
const char *
conf_lmtp_check(const struct conf_mixer *mixer, const char **setting);

/* conf_lmtp_shared - find a socket that another gateway has too, or NULL */
const struct conf_endpoint *conf_lmtp_shared(
    const struct conf_mixer *mixer, const struct conf_mixer *other);

#endif
