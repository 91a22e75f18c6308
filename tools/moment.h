/* SPDX-License-Identifier: ISC */
/*
 * moment.h - a moment in the past on a command line, as people write it
 *
 *	14:02  14:02:30		today, or yesterday if that is to come
 *	2026-11-30		a day
 *	2026-11-30 14:02	with T or a blank, seconds or not; Z: UTC
 *	90s 30m 2h 7d 4w	so long ago
 *	today yesterday now
 *
 * Times are local unless they end in Z.
 */
#ifndef FOURPOST_TOOLS_MOMENT_H
#define FOURPOST_TOOLS_MOMENT_H

#include <stdint.h>

#include "base/error.h"

/* A text names a stretch of time, such as a minute: its begin or its end. */
enum moment_side {
	MOMENT_BEGIN,
	MOMENT_END
};

/* moment_parse - parse a moment; now and *ms are ms since 1970.  ERR_SYNTAX,
 * ERR_VALUE (no such date) */
int moment_parse(const char *text, enum moment_side side, int64_t now,
    int64_t *ms) WARN_UNUSED;

#endif
