/* SPDX-License-Identifier: ISC */
/*
 * heading_fields.h - which fields a heading has a place for (RFC 2156 5.1.3)
 */
#ifndef FOURPOST_MIXER_HEADING_FIELDS_H
#define FOURPOST_MIXER_HEADING_FIELDS_H

#include "mime/mime_header.h"
#include "mime/mime_write.h"

/* heading_field_is_mapped - tell whether the mapping reads or writes a field
 * itself, or has no use for it: it is not for the field list */
bool heading_field_is_mapped(struct slice name);

/* heading_field_is_history - tell whether a field says how the message came,
 * or is signed with what it was: it is kept and never written again */
bool heading_field_is_history(struct slice name);

/* heading_fields_put - write fields that strangers kept, but for those that the
 * mapping writes itself, those of a history, and those for which so many octets
 * have no room; errors stick to the writer.  False: some had none */
bool heading_fields_put(
    struct mime_writer *writer, const struct mime_header *fields, size_t most);

/* heading_field_boolean - tell whether a value says yes: "TRUE" */
bool heading_field_boolean(struct slice value);

#endif
