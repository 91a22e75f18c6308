/* SPDX-License-Identifier: ISC */
/*
 * address.h - addresses of Microsoft Mail as O/R addresses, and back
 *
 * In, an address of a message file:
 *   CSI, MS, MSMAIL, PCM, or no type: NETWORK/POSTOFFICE/MAILBOX
 *	what the map says; else, of our own postoffice, the first
 *	address-space and S=MAILBOX; else our domain and DDA:MS=NET/PO/BOX
 *   X400: any text that or_address_parse reads
 *   any other TYPE (SMTP, FAX …): our domain and DDA:TYPE=text
 *
 * Out, a recipient: what the map says; else a DDA of type MS that names a
 * mailbox of this postoffice, in an address of our domain or of an
 * address-space that names one; else an address below such an address-space
 * with a surname and nothing more.  Where there is a map only its mailboxes
 * exist.
 */
#ifndef FOURPOST_MSMI_ADDRESS_H
#define FOURPOST_MSMI_ADDRESS_H

#include "conf/conf.h"
#include "conf/map.h"
#include "msmi/mmff.h"

/* Behind an address that the code page cannot write: no address has it. */
#define ADDRESS_UNANSWERABLE ";(characters missing)"

struct addressing {
	const struct conf *conf;
	const struct conf_msmail *msmail;
	const struct map *map;
};

/* address_from_mmff - make the O/R address of an address in a file.
 * ERR_VALUE */
int address_from_mmff(const struct addressing *addressing,
    const struct mmff_address *from, struct arena *arena,
    struct or_address *address, struct diag *diag) WARN_UNUSED;

/* address_of_mailbox - make the O/R address of a mailbox */
int address_of_mailbox(const struct addressing *addressing,
    const struct mailbox *mailbox, struct arena *arena,
    struct or_address *address, struct diag *diag) WARN_UNUSED;

/* address_to_mailbox - find the mailbox of this postoffice that an address
 * names; ERR_NOTFOUND with the reason */
int address_to_mailbox(const struct addressing *addressing,
    const struct or_address *address, struct mailbox *mailbox,
    struct diag *diag) WARN_UNUSED;

/*
 * address_for_mmff - format an O/R address as text of a file, in the
 * arena, or NULL
 *
 * NETWORK/POSTOFFICE/MAILBOX where address_from_mmff makes this address of
 * it, else X400:text.  So a reply goes to who wrote, or is refused, and never
 * to somebody else: what the code page lacks ends in ADDRESS_UNANSWERABLE.
 */
const char *address_for_mmff(const struct addressing *addressing,
    const struct or_address *address, struct arena *arena) WARN_UNUSED;

#endif
