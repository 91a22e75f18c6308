/* SPDX-License-Identifier: ISC */
/*
 * notification_out.h - a notification of X.420 as a message disposition
 * notification (RFC 8098)
 *
 *	receipt				displayed, manual or automatic
 *	non-receipt, auto-forwarded	dispatched
 *	non-receipt, discarded		deleted
 */
#ifndef FOURPOST_MIXER_NOTIFICATION_OUT_H
#define FOURPOST_MIXER_NOTIFICATION_OUT_H

#include "mhs/ipm.h"
#include "mime/mime_write.h"
#include "mixer/mapping.h"

/* notification_to_internet - write a notification; errors stick to the writer.
 * ERR_UNSUPPORTED: of a kind that nothing on the Internet says, or receipts are
 * not passed on */
int notification_to_internet(const struct mapping *mapping,
    const struct ipm_notification *notification,
    struct mime_writer *writer) WARN_UNUSED;

#endif
