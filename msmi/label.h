/* SPDX-License-Identifier: ISC */
/*
 * label.h - headings as text: "Cc: ACME/PO1/BOB"
 *
 * A message file says who gets it, who sent it, subject, date and priority.
 * What else a heading says stands in front of the text, a line each and an
 * empty line after: From where the heading names another than the envelope
 * (a list, an agent, who forwards), Authorized-By, Auto-Forwarded, To where
 * somebody not of this postoffice is addressed too, Cc, Bcc, In-Reply-To,
 * Reply-To, Reply-By, Expires, Importance where the priority R leaves no room
 * for it, Sensitivity, and how many fields could not be read.  Most messages
 * have nothing of that and their text stays as it is.
 */
#ifndef FOURPOST_MSMI_LABEL_H
#define FOURPOST_MSMI_LABEL_H

#include "base/arena.h"
#include "base/buffer.h"
#include "mhs/ipm.h"
#include "msmi/address.h"

#define LABEL_MAX	 (64 * 1024) /* octets of all labels */
#define LABEL_PEOPLE_MAX 100	     /* lines of a kind */

/* All append to out, whose limit is LABEL_MAX: 0, ERR_LIMIT, ERR_NOMEM. */

/* label_descriptor - append somebody: "To: Jo Doe [ACME/PO1/JDOE]" */
int label_descriptor(const struct addressing *addressing, const char *label,
    const struct ipm_descriptor *who, struct arena *arena,
    struct buffer *out) WARN_UNUSED;

/* label_forwarded - append the heading of a forwarded message, as far as it
 * fits */
int label_forwarded(const struct addressing *addressing,
    const struct ipm_heading *heading, struct arena *arena,
    struct buffer *out) WARN_UNUSED;

/* label_own - write what the file of a message cannot say of its heading;
 * sender is the envelope's originator, NULL if it is not known */
int label_own(const struct addressing *addressing,
    const struct ipm_heading *heading, const struct or_address *sender,
    struct arena *arena, struct buffer *out) WARN_UNUSED;

/* label_registered - tell whether somebody of this postoffice is asked for a
 * receipt */
bool label_registered(const struct addressing *addressing,
    const struct ipm_heading *heading, struct arena *arena);

#endif
