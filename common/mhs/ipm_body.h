/* SPDX-License-Identifier: ISC */
/*
 * ipm_body.h - private to ipm_decode.c: the parts of a body as they are handed
 * on
 */
#ifndef FOURPOST_MHS_IPM_BODY_H
#define FOURPOST_MHS_IPM_BODY_H

#include "mhs/ipm_decode.h"

/* ipm_body_emit - hand contents of a part to the handler */
int ipm_body_emit(void *arg, struct slice octets) WARN_UNUSED;

/* ipm_body_is_raw - tell whether the part at hand is to be handed on as BER */
bool ipm_body_is_raw(const struct ipm_decoder *d);

/* ipm_body_refuse - end the decoding because of a message within the message */
int ipm_body_refuse(
    struct ipm_decoder *d, unsigned level, const char *why) WARN_UNUSED;

/* ipm_body_begin - report a part, now that its kind is known */
int ipm_body_begin(struct ipm_decoder *d, enum ipm_kind kind) WARN_UNUSED;

/* ipm_body_end - end a part that is complete */
int ipm_body_end(struct ipm_decoder *d) WARN_UNUSED;

/* ipm_body_enter - begin a message within a message */
int ipm_body_enter(struct ipm_decoder *d) WARN_UNUSED;

#endif
