/* SPDX-License-Identifier: ISC */
/*
 * field_out.h - fields that several kinds of header have
 *
 * Errors stick to the writer.
 */
#ifndef FOURPOST_MIXER_FIELD_OUT_H
#define FOURPOST_MIXER_FIELD_OUT_H

#include "mhs/p1.h"
#include "mime/mime_header.h"
#include "mime/mime_write.h"
#include "mixer/mapping.h"

/* field_string - write a field of one string */
void
field_string(struct mime_writer *writer, const char *name, const char *value);

/* field_time - write a field of one time, in s since 1970; nothing for
 * P1_NO_TIME and IPM_NO_TIME */
void field_time(struct mime_writer *writer, const char *name, int64_t seconds);

/* field_address - write a field of an address of the Internet, behind a prefix
 * ("rfc822; ", or empty); nothing where the O/R address has none.  The arena
 * has its text */
void field_address(struct mime_writer *writer, const struct mapping *mapping,
    struct arena *arena, const char *name, const char *prefix,
    const struct or_name *value);

/* field_discarded - write a field that names the extensions of a list but those
 * that are written otherwise, by number; nothing if there are none.  As many as
 * HEADING_TEXT_MAX has room for (RFC 2156: labelled-integer or object
 * identifier) */
void field_discarded(struct mime_writer *writer, const char *name,
    const struct extension_list *list, bool (*is_written)(int number));

/* field_kept - write the fields of a part that were kept and begin with
 * "Content-", but for those that are named; others NULL-terminated */
void field_kept(struct mime_writer *writer, const struct mime_header *fields,
    const char *const *others);

#endif
