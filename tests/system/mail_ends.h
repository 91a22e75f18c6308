/* SPDX-License-Identifier: ISC */
/*
 * mail_ends.h - two suites with X.400 between them, and a Postfix beyond each
 *
 *	left.example            MTA-a        MTA-b            right.example
 *	Postfix -- LMTP, SMTP -- A -- X.400 -- B -- SMTP, LMTP -- Postfix
 *
 * All mail from one domain to the other passes both gateways.
 */
#ifndef FOURPOST_TESTS_MAIL_ENDS_H
#define FOURPOST_TESTS_MAIL_ENDS_H

#include "tests/system/postfix.h"

#define MAIL_ENDS_MORE 1024

struct mail_ends {
	struct suite a, b;
	struct postfix left, right;
	uint16_t lmtp_a, lmtp_b;
	/* further settings, if any: of the right gateway, of each Postfix */
	const char *right_mixer, *left_more, *right_more;
};

/* mail_ends_begin - start all four; false: there is no Postfix, which was
 * said */
bool mail_ends_begin(struct mail_ends *ends, const char *test);

/* mail_ends_start - start all four within suite_begin, where there is a
 * Postfix */
void mail_ends_start(struct mail_ends *ends);

/* mail_ends_end - stop them; nothing must be left in the queues */
void mail_ends_end(struct mail_ends *ends);

/* mail_ends_field - find a field of a message: its value without folds, to be
 * freed; NULL: it has none.  Fields of parts are found too */
char *mail_ends_field(const char *message, const char *name);

/* mail_ends_has - check that a message has a text in it */
void mail_ends_has(const char *message, const char *text);

/* mail_ends_field_is - check the value of a field */
void
mail_ends_field_is(const char *message, const char *name, const char *value);

/* mail_ends_same - check that a message has what the file of the source tree
 * has, as mail_parts.py reads both */
void mail_ends_same(const char *message, const char *file);

#endif
