/* SPDX-License-Identifier: ISC */
/*
 * ipm_field.h - fields that headings and notifications share (X.420 7.1)
 *
 * Private to ipm_*.c.  Each reads one element, whatever its tag.
 */
#ifndef FOURPOST_MHS_IPM_FIELD_H
#define FOURPOST_MHS_IPM_FIELD_H

#include "mhs/ipm.h"

/* ipm_get_teletex - read a TeletexString as UTF-8 without controls */
int
ipm_get_teletex(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, struct slice *text) WARN_UNUSED;

/* ipm_get_printable - read a PrintableString; any octets pass as Latin-1 */
int ipm_get_printable(const struct ber_reader *reader,
    const struct ber_element *el, const char *name, size_t max,
    struct arena *arena, struct slice *text) WARN_UNUSED;

/* ipm_get_identifier - read an IPMIdentifier */
int ipm_get_identifier(const struct ber_reader *reader,
    const struct ber_element *el, const char *name, struct arena *arena,
    struct ipm_identifier *identifier) WARN_UNUSED;

/* ipm_get_descriptor - read an ORDescriptor */
int ipm_get_descriptor(const struct ber_reader *reader,
    const struct ber_element *el, const char *name, struct arena *arena,
    struct ipm_descriptor *descriptor) WARN_UNUSED;

/* ipm_get_time - read a UTCTime as seconds since 1970 */
int ipm_get_time(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, int64_t *seconds) WARN_UNUSED;

/* ipm_put_identifier - write an IPMIdentifier */
void ipm_put_identifier(struct ber_writer *writer, uint32_t tag,
    const struct ipm_identifier *identifier);

/* ipm_put_descriptor - write an ORDescriptor */
void ipm_put_descriptor(struct ber_writer *writer, uint32_t tag,
    const struct ipm_descriptor *descriptor);

#endif
