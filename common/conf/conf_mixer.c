/* SPDX-License-Identifier: ISC */
/*
 * conf_mixer.c - the settings of a section mixer
 */
#include "conf/conf_mixer.h"

#define PATH_LENGTH_MAX 200
#define DOMAIN_MAX	255

/* clang-format off */
#define ROW(text, type_, field, need_, min_, max_, meaning_)                  \
	{ .name = (text), .type = CONF_TYPE_##type_, .need = CONF_##need_,     \
	  .offset = offsetof(struct conf_mixer, field), .min = (min_),         \
	  .max = (max_), .fallback = "", .meaning = (meaning_) }

const struct conf_setting conf_mixer_settings[CONF_MIXER_SETTINGS] = {
	ROW("mail-domain", STRING, mail_domain, REQUIRED, 1, DOMAIN_MAX,
	    "domain of addresses whose local part is a whole O/R address"),
	ROW("gateway-address", ADDRESS, gateway_address, REQUIRED, 0, 0,
	    "O/R address beneath which addresses of the Internet are"),
	ROW("map", PAIRS, map, OPTIONAL, 0, 0,
	    "domains and the beginnings of O/R addresses that they stand for"),
	ROW("map-file", PATH, map_file, OPTIONAL, 0, PATH_LENGTH_MAX,
	    "file with more of these, in the syntax of RFC 2156 or RFC 2163"),
	ROW("users", PATH, users, OPTIONAL, 0, PATH_LENGTH_MAX,
	    "file of single addresses and the O/R addresses that they are"),
};
/* clang-format on */
