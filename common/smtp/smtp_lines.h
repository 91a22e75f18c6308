/* SPDX-License-Identifier: ISC */
/*
 * smtp_lines.h - find what needs a look in the lines of a content (RFC 5321
 * 2.3.8, 4.5.2)
 */
#ifndef FOURPOST_SMTP_SMTP_LINES_H
#define FOURPOST_SMTP_SMTP_LINES_H

#include "base/slice.h"

/* smtp_lines_run - find the next octet from at on, 1 to octets.len, that needs
 * more than to be handed on behind the one before it: a dot that begins a line,
 * a LF without CR, what follows a CR without LF.  octets.len: none does */
size_t smtp_lines_run(struct slice octets, size_t at);

#endif
