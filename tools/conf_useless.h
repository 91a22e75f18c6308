/* SPDX-License-Identifier: ISC */
/*
 * conf_useless.h - settings that do nothing, because of others
 */
#ifndef FOURPOST_TOOLS_CONF_USELESS_H
#define FOURPOST_TOOLS_CONF_USELESS_H

#include "tools/conf_warn.h"

/* The warnings of a configuration. */
struct warning {
	const struct conf *conf;
	conf_warn_fn *fn;
	void *context;
	size_t count;
};

/* warn_at - give a warning about a line */
void warn_at(struct warning *w, unsigned line, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* warn_useless - warn of settings that the file has and that do nothing */
void warn_useless(struct warning *w);

#endif
