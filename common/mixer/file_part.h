/* SPDX-License-Identifier: ISC */
/*
 * file_part.h - files: parts of MIME and the file transfer body part
 * (RFC 2157 2.3)
 *
 * Content-Type and the other MIME fields of a part travel in the extensions of
 * the file's parameters, as a field list (field_list.h); name, dates and what
 * file_application.h has, places of their own.
 */
#ifndef FOURPOST_MIXER_FILE_PART_H
#define FOURPOST_MIXER_FILE_PART_H

#include "mime/mime_reader.h"
#include "mime/mime_write.h"
#include "mhs/ipm_decode.h"

#define FILE_PART_FIELDS_MAX (16 * 1024) /* octets of the field list */

/* file_part_name - get the name that a part gives to its file, or an empty
 * slice; no directories, at most 255 octets */
struct slice
file_part_name(const struct mime_entity *entity, struct arena *arena);

/* file_part_modified - get its date, or IPM_NO_TIME */
int64_t file_part_modified(const struct mime_entity *entity);

/* file_part_time - get another date of its disposition, or 0 */
int64_t file_part_time(const struct mime_entity *entity, const char *name);

/* file_part_extensions - make the element extensions [5]; empty where the part
 * says nothing that the file does not.  ERR_LIMIT, ERR_NOMEM */
int file_part_extensions(const struct mime_entity *entity, struct arena *arena,
    struct slice *extensions) WARN_UNUSED;

/* file_part_write - write the MIME fields of a file but for the encoding */
void file_part_write(struct mime_writer *writer, struct mime_charsets *charsets,
    const struct ipm_part *part);

#endif
