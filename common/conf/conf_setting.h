/* SPDX-License-Identifier: ISC */
/*
 * conf_setting.h - the table of all settings
 *
 * One row for each: where it stands, what it is, its default and meaning.
 * The parser, the dump, the comparison, x4conf and the test of
 * fourpost.conf(5) all go by this table, so a setting is added in one place
 * (and in its struct in conf.h).
 */
#ifndef FOURPOST_CONF_CONF_SETTING_H
#define FOURPOST_CONF_CONF_SETTING_H

#include "base/buffer.h"
#include "conf/conf.h"

enum conf_type {
	CONF_TYPE_STRING,	 /* const char *; min, max octets */
	CONF_TYPE_PATH,		 /* const char *; absolute */
	CONF_TYPE_PASSWORD,	 /* struct slice */
	CONF_TYPE_PASSWORD_FILE, /* const char *; absolute */
	CONF_TYPE_SELECTOR,	 /* struct slice */
	CONF_TYPE_NUMBER,	 /* uint32_t */
	CONF_TYPE_INTERVAL,	 /* uint64_t, ms */
	CONF_TYPE_SIZE,		 /* uint64_t, octets */
	CONF_TYPE_CHOICE,	 /* an enum */
	CONF_TYPE_SCHEDULE,	 /* struct conf_schedule */
	CONF_TYPE_DOMAIN,	 /* struct conf_address: C, A, P alone */
	CONF_TYPE_ADDRESS,	 /* struct conf_address: a whole one */
	CONF_TYPE_ADDRESS_SPACE, /* struct conf_addresses: prefixes */
	CONF_TYPE_ENDPOINTS,	 /* struct conf_endpoints */
	CONF_TYPE_LISTEN,	 /* struct conf_endpoints, hosts numeric */
	CONF_TYPE_LISTEN_LOCAL,	 /* likewise, or paths */
	CONF_TYPE_NETWORKS,	 /* struct conf_networks */
	CONF_TYPE_MEMBERS,	 /* struct conf_addresses: whole ones */
	CONF_TYPE_REDIRECTS,	 /* struct conf_redirects */
	CONF_TYPE_PEM_FILE,	 /* struct conf_pem; absolute path */
	CONF_TYPE_PINS,		 /* struct conf_pins */
	CONF_TYPE_GROUP,	 /* struct conf_group */
	CONF_TYPE_CONTENTS,	 /* struct conf_contents */
	CONF_TYPE_PAIRS,	 /* struct conf_pairs */
	CONF_TYPE_NAMES,	 /* struct conf_names */
	CONF_TYPE_DATABASE,	 /* const char *; a URL, postgresql_url.h */
};

enum conf_need {
	CONF_OPTIONAL,
	CONF_REQUIRED
};

struct conf_setting {
	const char *name;
	enum conf_type type;
	enum conf_need need;
	size_t offset; /* of the field in the section's struct */
	uint64_t min;  /* octets, number, ms, octets: as the type */
	uint64_t max;
	uint64_t step; /* 0, or what the value must be a multiple of */
	const char *const *choices; /* CHOICE: texts by enum value, NULL */
	const char
	    *fallback;	     /* default as text, a list's one value; "": none */
	const char *meaning; /* one line */
	const char *partner; /* PASSWORD_FILE: the setting it stands for */
};

/* clang-format off */
/* CONF_SETTING - write the row of a setting of a section: its text, type, field
 * in the section's struct, need, bounds, default and meaning */
#define CONF_SETTING(section, text, type_, field, need_, min_, max_,          \
    fallback_, meaning_)                                                      \
	{ .name = (text), .type = CONF_TYPE_##type_, .need = CONF_##need_,     \
	  .offset = offsetof(struct conf_##section, field), .min = (min_),     \
	  .max = (max_), .fallback = (fallback_), .meaning = (meaning_) }

/* CONF_CHOICE - write the row of a setting that is one of some words */
#define CONF_CHOICE(section, text, field, choices_, fallback_, meaning_)      \
	{ .name = (text), .type = CONF_TYPE_CHOICE,                            \
	  .offset = offsetof(struct conf_##section, field),                    \
	  .choices = (choices_), .fallback = (fallback_),                      \
	  .meaning = (meaning_) }
/* clang-format on */

/* The settings of a section, in the order of the dump. */
struct conf_settings {
	const char *name;		  /* "link" */
	const struct conf_setting *items; /* at most 64 */
	size_t count;
	size_t size; /* of the section's struct */
	const char *meaning;
};

/* conf_settings - return the settings of a section */
const struct conf_settings *conf_settings(enum conf_section section);

/* conf_section_is_named - tell whether a section's name follows its kind: of
 * the others there is one at most */
bool conf_section_is_named(enum conf_section section);

/* conf_setting_find - find the setting of that name, or NULL */
const struct conf_setting *
conf_setting_find(enum conf_section section, const char *name);

/* conf_setting_is_list - tell whether the value is a list in braces */
bool conf_setting_is_list(const struct conf_setting *setting);

/* conf_setting_given - tell whether the section's text held this setting */
bool conf_setting_given(enum conf_section section,
    const struct conf_setting *setting, const void *values);

/* conf_type_name - return "interval" and the like, for people */
const char *conf_type_name(enum conf_type type);

#endif
