/* SPDX-License-Identifier: ISC */
/*
 * p1_recipient.h - the per-recipient fields of one recipient (X.411 12.2)
 *
 * For whoever reads or writes an envelope recipient by recipient, because the
 * whole would take too much memory.
 */
#ifndef FOURPOST_MHS_P1_RECIPIENT_H
#define FOURPOST_MHS_P1_RECIPIENT_H

#include "mhs/p1.h"

/* p1_recipient_get - read one whose lengths are definite, for ber_list_kind: an
 * item is a struct p1_recipient that is zero */
int
p1_recipient_get(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, void *item) WARN_UNUSED;

/* p1_recipient_decode - read one in lengths of any form */
int p1_recipient_decode(const struct ber_reader *reader,
    const struct ber_element *el, struct arena *arena,
    struct p1_recipient *recipient) WARN_UNUSED;

/* p1_recipient_put - write one, with these indicators */
void p1_recipient_put(struct ber_writer *writer,
    const struct p1_recipient *recipient, uint32_t indicators,
    enum extension_tagging tagging);

#endif
