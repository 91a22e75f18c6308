/* SPDX-License-Identifier: ISC */
/*
 * message_id.h - identifiers of messages: Message-ID and IPMIdentifier
 * (RFC 2156 4.7.3)
 *
 * An identifier of the Internet is a user-relative-identifier without a user:
 * its text in PrintableString, e.g. "a1(a)example.org".  Where that has more
 * than 64 octets, the first 36 (no escape is cut), "." and 26 characters of
 * base32 of its SHA-256 stand for it, so that every reply names the same; the
 * true one, and those of the messages that it replies to, travel in the field
 * list (field_list.h), from which another gateway takes them again.
 *
 * An identifier of X.400 that is no such text is
 *
 *	LOCAL*ADDRESS@mail-domain
 *
 * where LOCAL is the user-relative-identifier and ADDRESS the O/R address of
 * the user in the syntax of RFC 2156, or nothing; %XX stands for an octet that
 * no dot-atom may have, and for ".", "%" and "*".  Quoted strings are obsolete
 * there (RFC 5322 4.5.4), so RFC 2156's form "LOCAL*ADDRESS"@MHS is read alone.
 * Where that would be too long for a line, ADDRESS is left out.
 */
#ifndef FOURPOST_MIXER_MESSAGE_ID_H
#define FOURPOST_MIXER_MESSAGE_ID_H

#include "mhs/ipm.h"
#include "mixer/mapping.h"

#define MESSAGE_ID_MAX 800 /* octets that are written */

/* message_id_to_internet - make the text between < and >.  ERR_LIMIT,
 * ERR_NOMEM */
int message_id_to_internet(const struct mapping *mapping,
    const struct ipm_identifier *from, struct arena *arena,
    struct slice *text) WARN_UNUSED;

/* message_id_to_x400 - make the identifier of a text between < and >.
 * ERR_LIMIT, ERR_NOMEM */
int message_id_to_x400(const struct mapping *mapping, struct slice text,
    struct arena *arena, struct ipm_identifier *to) WARN_UNUSED;

/* message_id_is_cut - tell whether an identifier looks as if it was cut */
bool message_id_is_cut(const struct ipm_identifier *identifier);

/* message_id_any_is_long - tell whether a field has an identifier that is too
 * long for a heading as it is */
bool message_id_any_is_long(struct slice field);

#endif
