/* SPDX-License-Identifier: ISC */
/*
 * oid.h - object identifiers as their contents octets, and as text
 */
#ifndef FOURPOST_BER_OID_H
#define FOURPOST_BER_OID_H

#include "base/arena.h"
#include "base/slice.h"

#define OID_TEXT_MAX   256
#define OID_OCTETS_MAX 64

/* oid_check - check that octets are the contents of an OID.  ERR_SYNTAX */
int oid_check(struct slice octets) WARN_UNUSED;

/* oid_format - write an OID as text, "2.6.0.2.12", of OID_TEXT_MAX;
 * ERR_SYNTAX, ERR_LIMIT */
int oid_format(struct slice octets, char text[OID_TEXT_MAX]) WARN_UNUSED;

/* oid_parse - read "2.6.0.2.12" into contents octets in the arena.
 * ERR_SYNTAX */
int oid_parse(
    const char *text, struct arena *arena, struct slice *octets) WARN_UNUSED;

#endif
