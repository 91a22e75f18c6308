/* SPDX-License-Identifier: ISC */
/*
 * when.h - a moment on a command line
 */
#ifndef FOURPOST_TOOLS_WHEN_H
#define FOURPOST_TOOLS_WHEN_H

#include <stdint.h>

#include "base/error.h"

/*
 * when_parse - parse "+90s", "+30m", "+2h", "+1d" from now, or the UTC date
 *
 * ERR_SYNTAX, ERR_VALUE (no such date, or too far away).
 */
int when_parse(const char *text, int64_t now, int64_t *seconds) WARN_UNUSED;

#endif
