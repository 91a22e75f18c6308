/* SPDX-License-Identifier: ISC */
/*
 * smtp_xtext.c - text in parameters of SMTP (RFC 3461 4)
 */
#include "smtp/smtp_xtext.h"

/* smtp_xtext_put - append a text in this form */
int
smtp_xtext_put(struct slice text, struct buffer *out)
{
	static const char digits[] = "0123456789ABCDEF";
	int error = 0;

	for (size_t i = 0; error == 0 && i < text.len; i++) {
		uint8_t c = text.data[i];
		char escape[3] = {'+', digits[c >> 4], digits[c & 15]};
		bool plain = c > ' ' && c < 0x7f && c != '+' && c != '=';

		error = buffer_append(
		    out, plain ? (const char *)&c : escape, plain ? 1 : 3);
	}
	return error;
}

/* value_of - get the value of a capital hexadecimal digit, or -1 */
static int
value_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* smtp_xtext_get - read one into at most size octets */
int
smtp_xtext_get(struct slice xtext, char *text, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < xtext.len; i++) {
		uint8_t c = xtext.data[i];

		if (c <= ' ' || c > '~' || c == '=')
			return ERR_SYNTAX;
		if (c == '+') {
			int high = xtext.len - i > 2
			    ? value_of(xtext.data[i + 1])
			    : -1;
			int low = xtext.len - i > 2
			    ? value_of(xtext.data[i + 2])
			    : -1;

			if (high < 0 || low < 0)
				return ERR_SYNTAX;
			c = (uint8_t)(high << 4 | low);
			i += 2;
		}
		if (len == size)
			return ERR_LIMIT;
		text[len++] = (char)c;
	}
	return (int)len;
}
