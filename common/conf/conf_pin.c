/* SPDX-License-Identifier: ISC */
/*
 * conf_pin.c - the pin of a key: "sha256/" and a digest in base64 (RFC 4648 4)
 */
#include "conf/conf_pin.h"

#define PREFIX	   "sha256/"
#define DIGITS	   43 /* of 32 octets; then one = */
#define DIGIT_BITS 6

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* conf_pin_parse - read a pin */
int
conf_pin_parse(const char *text, uint8_t pin[TLS_PIN_LEN], struct diag *diag)
{
	const char *digits = text + strlen(PREFIX);
	uint8_t octets[TLS_PIN_LEN + 1];
	unsigned held = 0, bits = 0;
	size_t len = 0;

	if (strncmp(text, PREFIX, strlen(PREFIX)) != 0 ||
	    strspn(digits, alphabet) != DIGITS ||
	    strcmp(digits + DIGITS, "=") != 0)
		goto refuse;
	for (size_t i = 0; i < DIGITS; i++) {
		unsigned value =
		    (unsigned)(strchr(alphabet, digits[i]) - alphabet);

		held = (held << DIGIT_BITS | value) & 0xffff;
		bits += DIGIT_BITS;
		if (bits < 8)
			continue;
		bits -= 8;
		octets[len++] = (uint8_t)(held >> bits);
	}
	/* The last bits of the last digit are padding. */
	if ((held & ((1U << bits) - 1)) != 0)
		goto refuse;
	memcpy(pin, octets, TLS_PIN_LEN);
	return 0;
refuse:
	return diag_set(diag, ERR_SYNTAX,
	    "\"%s\" is not sha256/ and 32 octets in base64", text);
}

/* conf_pin_format - append a pin as conf_pin_parse reads it */
int
conf_pin_format(const uint8_t pin[TLS_PIN_LEN], struct buffer *out)
{
	char text[sizeof(PREFIX) + DIGITS + 1];
	size_t len = strlen(PREFIX);
	unsigned held = 0, bits = 0;

	memcpy(text, PREFIX, len);
	for (size_t i = 0; i < TLS_PIN_LEN; i++) {
		held = (held << 8 | pin[i]) & 0xffff;
		bits += 8;
		while (bits >= DIGIT_BITS) {
			bits -= DIGIT_BITS;
			text[len++] = alphabet[held >> bits & 63];
		}
	}
	text[len++] = alphabet[held << (DIGIT_BITS - bits) & 63];
	text[len++] = '=';
	return buffer_append(out, text, len);
}
