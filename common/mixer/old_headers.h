/* SPDX-License-Identifier: ISC */
/*
 * old_headers.h - fields of a header that a gateway has put in a body part,
 * because a system of 1984 has no extensions for them (RFC 2156 appendix B)
 *
 *	RFC-822-Headers:
 *	Keywords: one, two
 *
 * Only the first text of a message can be that.  It comes from strangers: a
 * field that the mapping writes itself, or that says how a message came, is
 * left out, as of a field list (field_list.h).
 */
#ifndef FOURPOST_MIXER_OLD_HEADERS_H
#define FOURPOST_MIXER_OLD_HEADERS_H

#include "mime/mime_write.h"

/* old_headers_write - write the fields that a text consists of; false: it is
 * any other text */
bool old_headers_write(struct slice text, struct mime_writer *writer);

#endif
