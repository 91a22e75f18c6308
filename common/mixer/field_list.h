/* SPDX-License-Identifier: ISC */
/*
 * field_list.h - fields that X.400 has no place for, in an extension
 * (RFC 2156 5.1.3, rfc-822-field-list; RFC 2157 2.3.2 of a file)
 *
 * A SEQUENCE OF IA5String, each "Name: value" on one line.  The extension is
 * one of the heading; beside a file stand the MIME fields of its part.
 */
#ifndef FOURPOST_MIXER_FIELD_LIST_H
#define FOURPOST_MIXER_FIELD_LIST_H

#include "base/arena.h"
#include "mime/mime_header.h"

/* 1.3.6.1.7.1.3.2, id-rfc-822-field-list, as contents octets */
#define FIELD_LIST_OID slice_of("\x2b\x06\x01\x07\x01\x03\x02", 7)

/* field_list_encode - write fields as the value of the extension, in ASCII:
 * encoded words where a value is not.  ERR_LIMIT, ERR_NOMEM */
int field_list_encode(const struct mime_header *fields, struct arena *arena,
    struct slice *value) WARN_UNUSED;

/* field_list_decode - read the value of the extension; what is no field is left
 * out.  ERR_LIMIT, ERR_NOMEM, errors of the reader */
int field_list_decode(struct slice value, struct arena *arena,
    struct mime_header *fields) WARN_UNUSED;

#endif
