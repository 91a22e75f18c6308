/* SPDX-License-Identifier: ISC */
/*
 * dl_exempted.h - whom the expansion of a list must leave out
 * (X.411 8.2.1.1.1.40, dl-exempted-recipients)
 *
 * The extension is a SET OF names.  A value that is no such set counts as
 * absent, and a name that cannot be read costs itself alone.  Names behind
 * DL_EXEMPTED_MAX octets are not read.
 */
#ifndef FOURPOST_MHS_DL_EXEMPTED_H
#define FOURPOST_MHS_DL_EXEMPTED_H

#include "mhs/extension.h"
#include "mhs/or_address.h"

#define DL_EXEMPTED_MAX ((size_t)1024 * 1024)

/* dl_exempted_begin - begin to read the names in reader; false: there are
 * none */
bool dl_exempted_begin(
    const struct extension_list *extensions, struct ber_reader *reader);

/* dl_exempted_next - read the next name: 1, or 0 at the end; ERR_NOMEM */
int dl_exempted_next(struct ber_reader *reader, struct arena *arena,
    struct or_name *name) WARN_UNUSED;

#endif
