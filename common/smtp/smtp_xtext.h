/* SPDX-License-Identifier: ISC */
/*
 * smtp_xtext.h - text in parameters of SMTP (RFC 3461 4)
 *
 * "+" and two capital hexadecimal digits stand for any octet.
 */
#ifndef FOURPOST_SMTP_SMTP_XTEXT_H
#define FOURPOST_SMTP_SMTP_XTEXT_H

#include "base/buffer.h"

/* smtp_xtext_put - append a text in this form.  ERR_LIMIT, ERR_NOMEM */
int smtp_xtext_put(struct slice text, struct buffer *out) WARN_UNUSED;

/* smtp_xtext_get - read one into at most size octets; its length.  ERR_SYNTAX,
 * ERR_LIMIT */
int smtp_xtext_get(struct slice xtext, char *text, size_t size) WARN_UNUSED;

#endif
