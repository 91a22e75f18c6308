/* SPDX-License-Identifier: ISC */
/*
 * file_application.h - the parameters of a file that say what it is (RFC 2157
 * 2.3, 3.1.1, 3.3, 6.4, RFC 2158, RFC 2160)
 *
 *   MIME			application-reference
 *   application/octet-stream	2.16.840.1.113694.2.2.1.1, not known (EMA)
 *   image/jpeg, image/gif	2.16.840.1.113694.2.2.1.6 and .4 (EMA)
 *   application/postscript	1.3.6.1.7.1.2.1.6
 *   application/x-ftbp.1.2.3	1.2.3
 *   any other type		1.3.6.1.7.1.2.1.5, its type is in the fields
 *
 * Content-Description is user-visible-string, Content-ID the identifier in
 * related-stored-file; what has no room there stays among the fields.
 */
#ifndef FOURPOST_MIXER_FILE_APPLICATION_H
#define FOURPOST_MIXER_FILE_APPLICATION_H

#include "mhs/ipm_decode.h"
#include "mime/mime_reader.h"

/* The element environment [2] of octets of which nothing is known. */
#define FILE_APPLICATION_UNKNOWN                            \
	slice_of("\xa2\x0f\xa0\x0d\x80\x0b\x60\x86\x48\x01" \
		 "\x86\xf8\x1e\x02\x02\x01\x01",            \
	    17)

/* file_application_environment - make the element environment [2] of a part.
 * ERR_NOMEM */
int file_application_environment(const struct mime_entity *entity,
    struct arena *arena, struct slice *environment) WARN_UNUSED;

/* file_application_related - make the element related-stored-file [0]; empty
 * where there is no Content-ID that fits.  ERR_NOMEM */
int file_application_related(const struct mime_entity *entity,
    struct arena *arena, struct slice *related) WARN_UNUSED;

/* file_application_has - tell whether these elements say all of a field */
bool file_application_has(
    const struct mime_entity *entity, const struct mime_field *field);

/* file_application_type - make the type of the application-reference among
 * parameters; false: there is none, or that of no type in particular */
bool file_application_type(
    struct slice parameters, struct arena *arena, struct mime_type *type);

/* file_application_id - get the Content-ID that parameters have, with its
 * brackets; empty: none */
struct slice file_application_id(struct slice parameters, struct arena *arena);

/* file_application_find - find the element of a tag among
 * FileTransferParameters in their EXTERNAL */
bool file_application_find(
    struct slice parameters, uint32_t tag, struct ber_element *found);

#endif
