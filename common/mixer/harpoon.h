/* SPDX-License-Identifier: ISC */
/*
 * harpoon.h - MIME that travels in an ia5-text as it is (RFC 2157 3.1.3)
 *
 * So go multiparts whose octets must not change, signed and encrypted ones;
 * messages in pieces and references to them, which nobody but MIME knows; and
 * what reports say to programs, which people can read:
 *
 *	MIME-Version: 1.0
 *	Content-Type: multipart/signed; boundary="…"
 *	(an empty line, and the multipart)
 *
 * Such a text comes from strangers: of its header only the MIME fields are
 * believed, and a text whose header is not one of MIME is a text.
 */
#ifndef FOURPOST_MIXER_HARPOON_H
#define FOURPOST_MIXER_HARPOON_H

#include "mime/mime_reader.h"
#include "mime/mime_write.h"

/* harpoon_is - tell whether an entity must travel so: a signed or encrypted
 * multipart, and what is for programs and can be read, of any type below
 * message but a message */
bool harpoon_is(const struct mime_entity *entity);

/* harpoon_header - make the header of the text that an entity becomes, with
 * the empty line.  ERR_LIMIT, ERR_NOMEM */
int harpoon_header(const struct mime_entity *entity, struct arena *arena,
    struct slice *header) WARN_UNUSED;

/* harpoon_write - write the MIME fields that a text begins with, and the empty
 * line; false: it is simply a text.  *taken: octets of the text's header */
bool harpoon_write(struct mime_charsets *charsets, struct slice text,
    struct mime_writer *writer, size_t *taken);

#endif
