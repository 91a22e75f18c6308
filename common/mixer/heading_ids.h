/* SPDX-License-Identifier: ISC */
/*
 * heading_ids.h - identifiers of messages in a field of a heading (RFC 5322
 * 3.6.4)
 */
#ifndef FOURPOST_MIXER_HEADING_IDS_H
#define FOURPOST_MIXER_HEADING_IDS_H

#include "mhs/ipm.h"
#include "mime/mime_write.h"
#include "mixer/mapping.h"
#include "mixer/true_ids.h"

#define HEADING_IDS_MAX 4000 /* octets of those behind the first */

/*
 * heading_ids_put - write the value of a field of identifiers
 *
 * Each is what it was before it was cut, if ids has that.  Of more than have
 * room the first is written, and the newest.  The arena is reset; errors stick
 * to the writer.
 */
void heading_ids_put(struct mime_writer *writer, const struct mapping *mapping,
    const struct true_ids *ids, const struct ipm_identifier *list, size_t count,
    struct arena *arena);

#endif
