/* SPDX-License-Identifier: ISC */
/*
 * correlator.h - the ENVID of a message in its content correlator (RFC 2156
 * 5.1.5)
 *
 *	SMTP/NOTARY ENVID: QQ314159
 *
 * Reports return the correlator, so that a sender is told his ENVID by whoever
 * reports, with nobody to remember it.
 */
#ifndef FOURPOST_MIXER_CORRELATOR_H
#define FOURPOST_MIXER_CORRELATOR_H

#include "mhs/extension.h"

/* correlator_set - set the correlator to an ENVID, if that is text.
 * ERR_NOMEM */
int correlator_set(struct extension_list *extensions, struct slice envid,
    struct arena *arena) WARN_UNUSED;

/* correlator_get - get the ENVID that a correlator holds; empty: none */
struct slice correlator_get(const struct extension_list *extensions);

/* correlator_text - get a correlator as it is, where it is text; else empty */
struct slice correlator_text(const struct extension_list *extensions);

#endif
