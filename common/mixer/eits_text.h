/* SPDX-License-Identifier: ISC */
/*
 * eits_text.h - encoded information types as a field (RFC 2156 4.5)
 *
 * Built-in types have a word, others their object identifier.
 */
#ifndef FOURPOST_MIXER_EITS_TEXT_H
#define FOURPOST_MIXER_EITS_TEXT_H

#include "mime/mime_write.h"

/* eits_text_put - write a field of the types of an element; nothing where it
 * names none */
void eits_text_put(
    struct mime_writer *writer, const char *field, struct slice element);

/* eits_text_list - write types in parentheses, in the field at hand, with
 * commas between them; false: the element names none */
bool eits_text_list(struct mime_writer *writer, struct slice element);

#endif
