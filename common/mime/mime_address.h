/* SPDX-License-Identifier: ISC */
/*
 * mime_address.h - mailboxes in address fields (RFC 5322 3.4)
 *
 * Groups are taken apart; a group without members is an entry with its phrase
 * alone, which is how MIXER writes a user who has no address.  Source routes
 * are dropped (RFC 5322 4.4).  What is no address is an entry whose phrase is
 * its text, so that nothing is lost.
 *
 * address is the addr-spec with its local part quoted where it must be, and
 * the domain as it was written.  Text is UTF-8.  All lies in the arena.
 */
#ifndef FOURPOST_MIME_MIME_ADDRESS_H
#define FOURPOST_MIME_MIME_ADDRESS_H

#include "mime/mime_charset.h"

#define MIME_MAILBOXES_MAX 10000

struct mime_mailbox {
	struct slice address; /* local@domain, or empty */
	struct slice phrase;  /* display name, or empty */
	struct slice comment; /* those in and behind it, or empty */
};

struct mime_mailboxes {
	struct mime_mailbox *list;
	size_t count;
};

/* mime_address_parse - read a list of addresses.  ERR_LIMIT, ERR_NOMEM */
int mime_address_parse(struct mime_charsets *charsets, struct slice value,
    struct arena *arena, struct mime_mailboxes *mailboxes) WARN_UNUSED;

/* mime_address_ids - read the message identifiers in a value, without "<" and
 * ">"; other words, which RFC 822 allowed, are left out */
int mime_address_ids(struct slice value, struct arena *arena,
    struct slice **ids, size_t *count) WARN_UNUSED;

#endif
