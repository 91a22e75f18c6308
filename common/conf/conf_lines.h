/* SPDX-License-Identifier: ISC */
/*
 * conf_lines.h - read a file that the configuration names, line by line
 */
#ifndef FOURPOST_CONF_CONF_LINES_H
#define FOURPOST_CONF_CONF_LINES_H

#include "base/error.h"

/* conf_lines_fn - take one line, without blanks at its ends.  An error ends the
 * reading */
typedef int conf_lines_fn(void *context, char *line, struct diag *diag);

/*
 * conf_lines_read - give all lines of a file to fn
 *
 * Blank lines and those that begin with # are passed over.  An error reads
 * FILE:LINE: REASON.  ERR_IO, ERR_SYNTAX (an octet 0), or that of fn.
 */
int conf_lines_read(const char *path, conf_lines_fn *fn, void *context,
    struct diag *diag) WARN_UNUSED;

#endif
