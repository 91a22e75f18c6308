/* SPDX-License-Identifier: ISC */
/*
 * heading.h - the heading of a message: fields of the Internet, and those of
 * X.420 (RFC 2156 5.1.3, 5.3.4)
 *
 *   X.400				Internet
 *   this-IPM				Message-ID
 *   originator; with authorizing users	From; Sender, with From
 *   primary, copy, blind recipients	To, Cc, Bcc
 *   replied-to; related; obsoleted	In-Reply-To; References; Supersedes
 *   subject				Subject
 *   expiry-time, reply-time		Expires, Reply-By
 *   delivery-time of a forwarded one	Delivery-Date
 *   reply-recipients			Reply-To
 *   importance, sensitivity		Importance, Sensitivity
 *   auto-forwarded			Autoforwarded
 *   languages, auto-submitted,		Content-Language, Auto-Submitted,
 *   incomplete-copy			Incomplete-Copy
 *   notification-requests		Disposition-Notification-To
 *   free-form-name, telephone,		phrase, (Tel …),
 *   reply-requested			(Reply requested)
 *   rfc-822-field-list			every other field, with Date
 *   other extensions			Discarded-X400-IPMS-Extensions
 *
 * Authors who are users of the Internet, and come back by X.400, are written as
 * addresses at mail-domain with their own in Reply-To; a reader of ours takes
 * both for one.
 *
 * Blind recipients are told of as the mapping says (mapping.h).
 *
 * What is too long for a header of the Internet ends early: a list of addresses
 * with how many others there are, References with the newest, behind the first;
 * of a field list that is not written whole Discarded-X400-IPMS-Extensions says
 * so.
 *
 * Bounds of X.420 are kept by cutting; an address is never cut.  A field that
 * speaks of the way of a message (Received, Return-Path, X400-…) is no part of
 * the heading.  Of what a field list holds nothing is written that the mapping
 * writes itself or that says something of how the message came or looked
 * (DKIM-Signature …): it comes from strangers.
 */
#ifndef FOURPOST_MIXER_HEADING_H
#define FOURPOST_MIXER_HEADING_H

#include "mhs/ipm.h"
#include "mime/mime_header.h"
#include "mime/mime_write.h"
#include "mixer/mapping.h"
#include "mixer/multipart.h"

/* Octets of a heading, beyond which fields that strangers kept are left out,
 * and beyond which its lists of addresses end; of a list of recipients, and
 * users of it; of one of authors; of one text; of the name of a user.  With its
 * envelope's fields (envelope_out.h) no header has 100,000, beyond which
 * servers cut or refuse (Postfix: 102,400 a field and 10,240 words of it). */
#define HEADING_MAX	    64000
#define HEADING_LISTS_MAX   40000
#define HEADING_LIST_MAX    30000
#define HEADING_USERS_MAX   1000
#define HEADING_AUTHORS_MAX 3000
#define HEADING_TEXT_MAX    2000
#define HEADING_NAME_MAX    500

/* The message that a heading is of. */
enum heading_place {
	HEADING_OUTERMOST,
	HEADING_FORWARDED
};

/* heading_to_internet - write the fields of a heading; errors stick to the
 * writer */
void heading_to_internet(const struct mapping *mapping,
    const struct ipm_heading *heading, enum heading_place place,
    struct mime_writer *writer);

/*
 * heading_to_x400 - make the heading of a message
 *
 * multipart is what its extension is to say, or NULL.  Slices live in the
 * arena or borrow from the header.  ERR_LIMIT, ERR_NOMEM.
 */
int heading_to_x400(const struct mapping *mapping,
    const struct mime_header *header, const struct multipart *multipart,
    struct arena *arena, struct ipm_heading *heading) WARN_UNUSED;

#endif
