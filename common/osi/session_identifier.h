/* SPDX-License-Identifier: ISC */
/*
 * session_identifier.h - the references of a session connection within SPDUs
 *
 * X.225 8.3.1.3 to 6, X.228 8.1: within the parameters stands BER, an OCTET
 * STRING in normal mode and a T61String in X.410-1984 mode and from PP in any;
 * a peer that puts bare octets is understood too.
 */
#ifndef FOURPOST_OSI_SESSION_IDENTIFIER_H
#define FOURPOST_OSI_SESSION_IDENTIFIER_H

#include "osi/session_references.h"

/* Octets that the parameters of one identifier take. */
#define SESSION_IDENTIFIER_MAX                                               \
	(SESSION_CALLING_MAX + SESSION_COMMON_MAX + SESSION_ADDITIONAL_MAX + \
	    3 * 2)

/* The values of parameters 9 to 12 as they stand; empty: absent. */
struct session_identifier {
	struct slice called, calling, common, additional;
};

/* session_identifier_is_empty - tell whether no parameter is there */
bool session_identifier_is_empty(
    const struct session_identifier *identifier) WARN_UNUSED;

/* session_identifier_get - copy the references that an SPDU names.
 * ERR_LIMIT: one is too long */
int session_identifier_get(const struct session_identifier *identifier,
    struct session_references *references) WARN_UNUSED;

enum session_identifier_form {
	SESSION_IDENTIFIER_NORMAL,
	SESSION_IDENTIFIER_X410
};

/* session_identifier_put - write references into room, as an SPDU of either
 * mode has them; the result borrows from room */
struct session_identifier
session_identifier_put(const struct session_references *references,
    enum session_identifier_form form, uint8_t room[SESSION_IDENTIFIER_MAX]);

#endif
