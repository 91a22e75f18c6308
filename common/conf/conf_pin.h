/* SPDX-License-Identifier: ISC */
/*
 * conf_pin.h - the pin of a key: "sha256/" and a digest in base64
 *
 * As RFC 7469 and curl(1) write it: SHA-256 of the SubjectPublicKeyInfo.
 */
#ifndef FOURPOST_CONF_CONF_PIN_H
#define FOURPOST_CONF_CONF_PIN_H

#include "base/buffer.h"
#include "tls/tls_identity.h"

/* conf_pin_parse - read a pin.  ERR_SYNTAX */
int conf_pin_parse(
    const char *text, uint8_t pin[TLS_PIN_LEN], struct diag *diag) WARN_UNUSED;

/* conf_pin_format - append a pin as conf_pin_parse reads it */
int
conf_pin_format(const uint8_t pin[TLS_PIN_LEN], struct buffer *out) WARN_UNUSED;

#endif
