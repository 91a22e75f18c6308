/* SPDX-License-Identifier: ISC */
/*
 * mime_body.h - extended body parts that hold MIME (RFC 2157 3.1.2, RFC 2158,
 * RFC 2160)
 *
 * mime-body-part has a Content-Type and other fields as its parameters, and
 * octets.  A multipart that HARPOON cannot carry, for it has octets beyond
 * ASCII, travels so; what other gateways have put in one comes out as what it
 * was.  The parts of images and PostScript have octets alone.
 *
 * Parameters come from strangers: of fields only Content-… are believed.
 */
#ifndef FOURPOST_MIXER_MIME_BODY_H
#define FOURPOST_MIXER_MIME_BODY_H

#include "mhs/ipm_decode.h"
#include "mime/mime_reader.h"

/* 1.3.6.1.7.1.2.1.1, id-mime-bp-data, as contents octets */
#define MIME_BODY_OID slice_of("\x2b\x06\x01\x07\x01\x02\x01\x01", 8)

/* mime_body_parameters - make the parameters [0] of the body part that an
 * entity is to be; empty if its Content-Type is none that can be said.
 * ERR_LIMIT, ERR_NOMEM */
int mime_body_parameters(const struct mime_entity *entity, struct arena *arena,
    struct slice *parameters) WARN_UNUSED;

/* mime_body_frame - make what stands before so many octets in the value.
 * ERR_NOMEM */
int mime_body_frame(
    uint64_t octets, struct arena *arena, struct slice *frame) WARN_UNUSED;

/* How the octets of such a part are written in MIME. */
enum mime_body_form {
	MIME_BODY_NONE,	     /* this is no such part */
	MIME_BODY_OCTETS,    /* encoded */
	MIME_BODY_COMPOSITE, /* as they are: they have entities in them */
};

/* mime_body_read - read what a part is: its fields, in the arena.  ERR_LIMIT,
 * ERR_NOMEM */
int mime_body_read(struct mime_charsets *charsets, const struct ipm_part *part,
    struct arena *arena, struct slice *header,
    enum mime_body_form *form) WARN_UNUSED;

#endif
