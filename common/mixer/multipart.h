/* SPDX-License-Identifier: ISC */
/*
 * multipart.h - the multiparts of MIME in headings of X.400 (RFC 2157 5)
 *
 * A multipart within a message becomes a forwarded message, whose heading has
 * the extension multipart-message-v2: its subtype, and whether it was a message
 * as well.  The heading of the outermost one has it too unless its parts are
 * simply those of the message ("mixed").
 */
#ifndef FOURPOST_MIXER_MULTIPART_H
#define FOURPOST_MIXER_MULTIPART_H

#include "base/arena.h"
#include "mhs/ipm.h"

#define MULTIPART_SUBTYPE_MAX 40

/* 1.3.6.1.7.1.1.3, id-hex-multipart-message-v2, as contents octets */
#define MULTIPART_OID slice_of("\x2b\x06\x01\x07\x01\x01\x03", 7)

struct multipart {
	char subtype[MULTIPART_SUBTYPE_MAX + 1]; /* in small letters; "" none */
	bool is_message;
};

/* multipart_subject - say what a multipart is, in the words of RFC 2157 6.6;
 * NULL: no memory */
const char *
multipart_subject(const struct multipart *multipart, struct arena *arena);

/* multipart_encode - write the value of the extension into the arena */
int multipart_encode(const struct multipart *multipart, struct arena *arena,
    struct slice *value) WARN_UNUSED;

/* multipart_of - read the extension of a heading: "mixed" where it is not
 * readable, "" where there is none */
void
multipart_of(const struct ipm_heading *heading, struct multipart *multipart);

/* multipart_set_subtype - set a subtype, "mixed" if it is no token */
void multipart_set_subtype(struct multipart *multipart, struct slice subtype);

#endif
