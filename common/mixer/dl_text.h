/* SPDX-License-Identifier: ISC */
/*
 * dl_text.h - the lists that a message came by, as a header says them
 * (RFC 2156 5.1.3, 5.3.7)
 *
 *	DL-Expansion-History: list@acme.example; Mon, 30 Nov 2026 12:05:10 +0000;
 *
 * The newest stands first.  By them a list finds that a message goes round, so
 * they must come out of a header as they went in (envelope_out.h).
 */
#ifndef FOURPOST_MIXER_DL_TEXT_H
#define FOURPOST_MIXER_DL_TEXT_H

#include "mhs/extension.h"
#include "mime/mime_write.h"
#include "mixer/address.h"

#define DL_TEXT_FIELD "DL-Expansion-History"
#define DL_TEXT_MAX   32 /* of a longer history the newest */

/* dl_text_put - write the entries of a history of expansions (the number of its
 * extension) as fields of this name, the newest first; nothing where there are
 * none.  Lists without an address of the Internet are left out */
void dl_text_put(const struct address_map *map,
    const struct extension_list *extensions, int number, const char *field,
    struct mime_writer *writer, struct arena *arena);

/* dl_text_reason - say why a message was redirected (RFC 2156 4.6.2.2) */
const char *dl_text_reason(int reason);

/* dl_text_get - append the expansions that the fields at the beginning of a
 * message tell of.  Fields that cannot be read are passed over.  ERR_LIMIT,
 * ERR_NOMEM */
int dl_text_get(const struct address_map *map, struct slice message,
    struct arena *arena, struct extension_list *extensions) WARN_UNUSED;

#endif
