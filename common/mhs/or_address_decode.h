/* SPDX-License-Identifier: ISC */
/*
 * or_address_decode.h - what or_address.c and or_address_extension.c share
 *
 * A decoder fills its address.  Its reader lends diag to errors.
 */
#ifndef FOURPOST_MHS_OR_ADDRESS_DECODE_H
#define FOURPOST_MHS_OR_ADDRESS_DECODE_H

#include "mhs/charset.h"
#include "mhs/or_address_attribute.h"

struct or_decoder {
	struct ber_reader reader;
	struct arena *arena;
	struct or_address *address;
};

/* or_decode_text - read octets of a form as UTF-8 without controls */
int
or_decode_text(const struct or_decoder *decoder, const struct ber_element *el,
    const char *name, enum or_form form, struct slice *text) WARN_UNUSED;

/* or_decode_string - read the next string of reader; a universal one is a
 * SET */
int
or_decode_string(const struct or_decoder *decoder, struct ber_reader *reader,
    const char *name, enum or_form form, struct slice *text) WARN_UNUSED;

/* or_decode_attribute - note one form of an attribute */
int
or_decode_attribute(struct or_decoder *decoder, const struct ber_element *el,
    enum or_attribute attribute, enum or_form form) WARN_UNUSED;

/* or_decode_universal - read the same of a UniversalOrBMPString */
int or_decode_universal(struct or_decoder *decoder,
    const struct ber_element *el, enum or_attribute attribute) WARN_UNUSED;

/* Attributes that come together. */
int or_decode_personal_name(struct or_decoder *decoder,
    const struct ber_element *el, enum or_form form) WARN_UNUSED;
int or_decode_units(struct or_decoder *decoder, const struct ber_element *el,
    enum or_form form) WARN_UNUSED;
int or_decode_ddas(struct or_decoder *decoder, const struct ber_element *el,
    enum or_form form) WARN_UNUSED;

/* or_decode_extensions - read the SET of extension attributes */
int or_decode_extensions(
    struct or_decoder *decoder, const struct ber_element *el) WARN_UNUSED;

/* or_decode_extension_text - read the text of a postal attribute, if it is
 * one */
int or_decode_extension_text(struct or_decoder *decoder, unsigned number,
    const struct ber_element *el, struct slice *text) WARN_UNUSED;

#endif
