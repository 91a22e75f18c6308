/* SPDX-License-Identifier: ISC */
/*
 * conf_scan.h - what must be seen to before libconfuse reads a text
 *
 * libconfuse (3.3) counts the lines of comments twice, takes a file that ends
 * inside a string or a section for a good one, stays inside that string for
 * the next file, silently skips what it doesn't know, ends values at a NUL,
 * and replaces ${...} by what the environment happens to hold: an error must
 * name its line, a password is no place for variables, and a reload must not
 * be poisoned by the file before.  So comments are blanked here and all these
 * are refused.
 */
#ifndef FOURPOST_CONF_CONF_SCAN_H
#define FOURPOST_CONF_CONF_SCAN_H

#include <stddef.h>

#include "base/error.h"

/*
 * conf_scan - blank the comments of text, in place, lines kept
 *
 * On error *line is the line and diag has the reason.  ERR_SYNTAX
 */
int conf_scan(
    char *text, size_t len, unsigned *line, struct diag *diag) WARN_UNUSED;

#endif
