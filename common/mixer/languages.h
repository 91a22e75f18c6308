/* SPDX-License-Identifier: ISC */
/*
 * languages.h - the languages of a message: Content-Language, and an extension
 * of the heading (RFC 2156 5.1.3)
 *
 * X.420 has languages of two or five characters: "de", "en-GB".  Of a longer
 * one the extension has the first two, and the field list the whole field.
 */
#ifndef FOURPOST_MIXER_LANGUAGES_H
#define FOURPOST_MIXER_LANGUAGES_H

#include "ber/writer.h"
#include "mime/mime_write.h"

/* languages_are_long - tell whether a field has one that X.420 cannot say */
bool languages_are_long(struct slice value);

/* languages_encode - write the value of the extension; how many there are */
size_t languages_encode(struct ber_writer *writer, struct slice value);

/* languages_put - write Content-Language of the value of the extension */
void languages_put(struct mime_writer *writer, struct slice value);

#endif
