/* SPDX-License-Identifier: ISC */
/*
 * returned.h - the message that a notification returns
 */
#ifndef FOURPOST_MIXER_RETURNED_H
#define FOURPOST_MIXER_RETURNED_H

#include "mime/mime_reader.h"
#include "mixer/mapping.h"

/*
 * returned_find - find the message/rfc822 of a multipart/report, append its
 * octets to out
 *
 * ERR_NOTFOUND: there is none, or not whole; ERR_LIMIT: it is longer than out
 * may be; ERR_NOMEM.
 */
int
returned_find(const struct mapping *mapping, const struct mime_limits *limits,
    struct slice message, struct buffer *out) WARN_UNUSED;

/* returned_map - make the content of X.400 of a message, appended to out.
 * Errors of message_in.h */
int
returned_map(const struct mapping *mapping, const struct mime_limits *limits,
    struct slice message, struct buffer *out, int *type) WARN_UNUSED;

#endif
