/* SPDX-License-Identifier: ISC */
/*
 * mime_entity.h - private to mime_reader.c: begin and end entities
 */
#ifndef FOURPOST_MIME_MIME_ENTITY_H
#define FOURPOST_MIME_MIME_ENTITY_H

#include "mime/mime_reader.h"

/* mime_entity_begin - begin an entity with this header, and tell of it */
int
mime_entity_begin(struct mime_reader *reader, struct slice octets) WARN_UNUSED;

/* mime_entity_end - end the innermost entity, and tell of it */
int mime_entity_end(struct mime_reader *reader) WARN_UNUSED;

/* mime_reader_push_line - hand on the beginning of a line that is no boundary
 */
int mime_reader_push_line(
    struct mime_reader *reader, struct slice line) WARN_UNUSED;

#endif
