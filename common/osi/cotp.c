/* SPDX-License-Identifier: ISC */
/*
 * cotp.c - the TPDUs of transport class 0
 *
 * X.224 13, with the TPDU size of RFC 1006 and RFC 2126.  Unknown parameters
 * are passed over, as X.224 13.2.3 has it for class 0.
 */
#include "osi/cotp.h"

#include "base/escape.h"

#define PARAM_TPDU_SIZE	  0xc0
#define PARAM_CALLING	  0xc1 /* in an ER: the invalid TPDU */
#define PARAM_CALLED	  0xc2
#define PARAM_ALTERNATIVE 0xc7
#define PARAM_PREFERRED	  0xf0
#define PARAM_ADDITIONAL  0xe0

#define CLASS(options) ((options) >> 4)
#define DT_LAST	       0x80
#define REJECTED_MAX   64

/* get16 - read two octets, the high one first */
static uint16_t
get16(const uint8_t *octets)
{
	return (uint16_t)(octets[0] << 8 | octets[1]);
}

/* size_parameter - read the TPDU size, or the preferred one in units of 128 */
static int
size_parameter(
    uint8_t code, struct slice value, struct cotp_tpdu *tpdu, struct diag *diag)
{
	size_t units = 0;

	if (code == PARAM_TPDU_SIZE) {
		if (value.len != 1 || value.data[0] < 7 || value.data[0] > 16)
			return diag_set(
			    diag, ERR_SYNTAX, "transport: bad TPDU size");
		tpdu->tpdu_size = 1U << value.data[0];
		return 0;
	}
	if (value.len < 1 || value.len > 4)
		return diag_set(
		    diag, ERR_SYNTAX, "transport: bad preferred TPDU size");
	/* Four octets fit into a size_t, and the bound below keeps the product
	 * within an unsigned. */
	for (size_t i = 0; i < value.len; i++)
		units = units << 8 | value.data[i];
	if (units == 0)
		return diag_set(
		    diag, ERR_SYNTAX, "transport: preferred TPDU size 0");
	tpdu->preferred_size = units > COTP_TPDU_DEFAULT / 128
	    ? COTP_TPDU_DEFAULT
	    : (unsigned)units * 128;
	return 0;
}

/* get_parameter - read one parameter of the variable part */
static int
get_parameter(
    uint8_t code, struct slice value, struct cotp_tpdu *tpdu, struct diag *diag)
{
	bool connect = tpdu->code == COTP_CR || tpdu->code == COTP_CC;

	if (tpdu->code == COTP_DR && code == PARAM_ADDITIONAL)
		tpdu->additional = value;
	/* X.224: in an ER this code is the invalid TPDU. */
	if (tpdu->code == COTP_ER && code == PARAM_CALLING)
		tpdu->data = value;
	if (!connect)
		return 0;
	switch (code) {
	case PARAM_CALLING:
	case PARAM_CALLED:
		if (value.len > COTP_SELECTOR_MAX)
			return diag_set(
			    diag, ERR_SYNTAX, "transport: selector too long");
		if (code == PARAM_CALLING)
			tpdu->calling = value;
		else
			tpdu->called = value;
		return 0;
	case PARAM_TPDU_SIZE:
	case PARAM_PREFERRED:
		return size_parameter(code, value, tpdu, diag);
	case PARAM_ALTERNATIVE:
		/* A CR that prefers another class will do if class 0 is among
		 * its alternatives. */
		for (size_t i = 0; i < value.len; i++)
			if (CLASS(value.data[i]) == 0)
				tpdu->class0 = true;
		return 0;
	default:
		/* X.224: a parameter that is not defined is ignored in a CR. */
		return 0;
	}
}

/* get_parameters - read the variable part */
static int
get_parameters(struct slice rest, struct cotp_tpdu *tpdu, struct diag *diag)
{
	while (rest.len > 0) {
		struct slice value;
		uint8_t code = rest.data[0];
		int error;

		/* No sum is made of a length that the peer chose, so that none
		 * can wrap. */
		if (rest.len < 2 || rest.data[1] > rest.len - 2)
			return diag_set(diag, ERR_SYNTAX,
			    "transport: parameter runs over the header");
		value = slice_of(rest.data + 2, rest.data[1]);
		rest = slice_of(
		    rest.data + 2 + value.len, rest.len - 2 - value.len);
		if ((error = get_parameter(code, value, tpdu, diag)) < 0)
			return error;
	}
	return 0;
}

/* fixed_part - return the length of this code's header without parameters, LI
 * not counted; 0: not a TPDU of class 0 */
static size_t
fixed_part(uint8_t code)
{
	switch (code) {
	case COTP_CR:
	case COTP_CC:
	case COTP_DR:
		return 6;
	case COTP_ER:
		return 4;
	case COTP_DT:
		return 2;
	default:
		return 0;
	}
}

/* cotp_decode - read a TPDU */
int
cotp_decode(struct slice tpdu, struct cotp_tpdu *decoded, struct diag *diag)
{
	struct cotp_tpdu out = {0};
	const uint8_t *octets = tpdu.data;
	size_t li, fixed;
	uint8_t code;
	int error;

	if (tpdu.len < 2)
		return diag_set(diag, ERR_SYNTAX, "transport: no TPDU");
	li = octets[0];
	/* A CR that prefers another class has its credit in the low bits. */
	code = octets[1];
	if ((code & 0xf0) == COTP_CR || (code & 0xf0) == COTP_CC)
		code &= 0xf0;
	fixed = fixed_part(code);
	if (fixed == 0)
		return diag_set(diag, ERR_UNSUPPORTED,
		    "transport: TPDU code %02x is not of class 0", octets[1]);
	/* X.224 13.2.1: the value 255 is reserved. */
	if (li < fixed || li == 255 || li > tpdu.len - 1)
		return diag_set(diag, ERR_SYNTAX,
		    "transport: length indicator %zu in a TPDU of %zu", li,
		    tpdu.len);
	out.code = (enum cotp_code)code;
	if (out.code == COTP_DT) {
		if (li != fixed)
			return diag_set(
			    diag, ERR_SYNTAX, "transport: DT with parameters");
		/* A DT of class 0 has no reference: the network connection
		 * tells which connection is meant. */
		out.last = (octets[2] & DT_LAST) != 0;
		out.data =
		    slice_of(octets + COTP_DATA_HEADER, tpdu.len - li - 1);
		*decoded = out;
		return 0;
	}
	out.dst_ref = get16(octets + 2);
	if (out.code == COTP_ER) {
		out.reason = octets[4];
	} else {
		out.src_ref = get16(octets + 4);
		if (out.code == COTP_DR)
			out.reason = octets[6];
		else
			out.class_options = octets[6];
	}
	out.class0 = CLASS(out.class_options) == 0;
	error = get_parameters(
	    slice_of(octets + 1 + fixed, li - fixed), &out, diag);
	if (error < 0)
		return error;
	*decoded = out;
	return 0;
}

/* put_parameter - write a parameter of at most COTP_SELECTOR_MAX octets,
 * unless it is empty */
static size_t
put_parameter(uint8_t *at, uint8_t code, struct slice value)
{
	if (value.len == 0)
		return 0;
	at[0] = code;
	at[1] = (uint8_t)value.len;
	memcpy(at + 2, value.data, value.len);
	return 2 + value.len;
}

/* power - return the logarithm of a TPDU size, 0 if it has none */
static uint8_t
power(unsigned size)
{
	for (uint8_t n = 7; n <= 13; n++)
		if (size == 1U << n)
			return n;
	return 0;
}

/* cotp_encode - write a CR, CC, DR or ER */
int
cotp_encode(const struct cotp_tpdu *tpdu, struct buffer *out)
{
	uint8_t octets[8 + 3 * (2 + COTP_SELECTOR_MAX)], size;
	struct slice rejected = tpdu->data;
	size_t len = 1;

	if (tpdu->calling.len > COTP_SELECTOR_MAX ||
	    tpdu->called.len > COTP_SELECTOR_MAX || tpdu->code == COTP_DT)
		return ERR_VALUE;
	octets[len++] = (uint8_t)tpdu->code;
	octets[len++] = (uint8_t)(tpdu->dst_ref >> 8);
	octets[len++] = (uint8_t)tpdu->dst_ref;
	if (tpdu->code == COTP_ER) {
		octets[len++] = tpdu->reason;
		if (rejected.len > REJECTED_MAX)
			rejected.len = REJECTED_MAX;
		len += put_parameter(octets + len, PARAM_CALLING, rejected);
	} else {
		octets[len++] = (uint8_t)(tpdu->src_ref >> 8);
		octets[len++] = (uint8_t)tpdu->src_ref;
		octets[len++] =
		    tpdu->code == COTP_DR ? tpdu->reason : tpdu->class_options;
	}
	if (tpdu->code == COTP_CR || tpdu->code == COTP_CC) {
		len +=
		    put_parameter(octets + len, PARAM_CALLING, tpdu->calling);
		len += put_parameter(octets + len, PARAM_CALLED, tpdu->called);
		if (tpdu->tpdu_size != 0) {
			if ((size = power(tpdu->tpdu_size)) == 0)
				return ERR_VALUE;
			len += put_parameter(
			    octets + len, PARAM_TPDU_SIZE, slice_of(&size, 1));
		}
	}
	octets[0] = (uint8_t)(len - 1);
	return buffer_append(out, octets, len);
}

/* cotp_encode_data - write the header of a DT */
void
cotp_encode_data(uint8_t header[COTP_DATA_HEADER], enum cotp_end end)
{
	header[0] = 2;
	header[1] = COTP_DT;
	header[2] = end == COTP_LAST ? DT_LAST : 0;
}

/* cotp_reason_name - name a DR's reason in words */
const char *
cotp_reason_name(int reason)
{
	switch (reason) {
	case COTP_REASON_NONE:
		return "no reason given";
	case COTP_REASON_CONGESTION:
		return "congestion at the transport selector";
	case COTP_REASON_NOT_ATTACHED:
		return "nobody listens at this transport selector";
	case COTP_REASON_ADDRESS:
		return "transport selector unknown";
	case COTP_REASON_NORMAL:
		return "normal disconnect";
	case COTP_REASON_REMOTE_CONGESTION:
		return "remote transport entity congested";
	case COTP_REASON_NEGOTIATION:
		return "connection negotiation failed";
	case 131:
		return "duplicate source reference";
	case 132:
		return "mismatched references";
	case COTP_REASON_PROTOCOL:
		return "transport protocol error";
	case COTP_REASON_REFERENCE:
		return "reference overflow";
	case 136:
		return "connection refused on this network connection";
	case COTP_REASON_LENGTH:
		return "header or parameter length invalid";
	default:
		return "unknown reason";
	}
}

/* cotp_disconnect_text - write a DR's reason in words, and the peer's own */
const char *
cotp_disconnect_text(const struct cotp_tpdu *dr, char text[COTP_TEXT])
{
	char words[COTP_TEXT / 2];

	(void)strlcpy(text, cotp_reason_name(dr->reason), COTP_TEXT);
	if (dr->additional.len == 0)
		return text;
	escape_printable(words, sizeof(words), dr->additional);
	(void)strlcat(text, ": \"", COTP_TEXT);
	(void)strlcat(text, words, COTP_TEXT);
	(void)strlcat(text, "\"", COTP_TEXT);
	return text;
}
