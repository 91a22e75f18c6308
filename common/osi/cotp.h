/* SPDX-License-Identifier: ISC */
/*
 * cotp.h - the TPDUs of transport class 0 (X.224 13, RFC 1006)
 *
 * Decoded slices borrow from the TPDU.
 */
#ifndef FOURPOST_OSI_COTP_H
#define FOURPOST_OSI_COTP_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

#define COTP_SELECTOR_MAX 64
#define COTP_DATA_HEADER  3
#define COTP_TPDU_DEFAULT 65531 /* RFC 1006, where no size is agreed */

enum cotp_code {
	COTP_CR = 0xe0,
	COTP_CC = 0xd0,
	COTP_DR = 0x80,
	COTP_DT = 0xf0,
	COTP_ER = 0x70,
};

/* Reasons of a DR (X.224 13.5.3). */
enum cotp_reason {
	COTP_REASON_NONE = 0,
	COTP_REASON_CONGESTION = 1,
	COTP_REASON_NOT_ATTACHED = 2, /* session entity not at this TSAP */
	COTP_REASON_ADDRESS = 3,      /* unknown */
	COTP_REASON_NORMAL = 128,
	COTP_REASON_REMOTE_CONGESTION = 129,
	COTP_REASON_NEGOTIATION = 130,
	COTP_REASON_PROTOCOL = 133,
	COTP_REASON_REFERENCE = 135,
	COTP_REASON_LENGTH = 138,
};

struct cotp_tpdu {
	enum cotp_code code;
	uint16_t dst_ref, src_ref; /* not of DT; src_ref not of ER */
	uint8_t class_options;	   /* CR, CC */
	bool class0;		   /* CR: class 0 is among what is offered */
	unsigned tpdu_size;	   /* CR, CC: octets; 0: not said */
	unsigned preferred_size;   /* CR, CC: the other way to say it; or 0 */
	struct slice calling, called; /* CR, CC: selectors */
	uint8_t reason;		      /* DR, ER (cause) */
	struct slice additional;      /* DR: in the peer's own words */
	bool last;		      /* DT: ends the TSDU */
	struct slice data;	      /* DT */
};

/* cotp_decode - read a TPDU.  ERR_SYNTAX, ERR_UNSUPPORTED (another code) */
int cotp_decode(struct slice tpdu, struct cotp_tpdu *decoded,
    struct diag *diag) WARN_UNUSED;

/*
 * cotp_encode - write a CR, CC, DR or ER, without TPKT
 *
 * tpdu_size 0 leaves its parameter out; else it is a power of two of 128 to
 * 8192.  ER bears data as the rejected TPDU, at most 64 octets of it.
 * ERR_VALUE, and the buffer's errors.
 */
int cotp_encode(const struct cotp_tpdu *tpdu, struct buffer *out) WARN_UNUSED;

/* Whether a TSDU goes on in the next DT. */
enum cotp_end {
	COTP_MORE,
	COTP_LAST
};

/* cotp_encode_data - write the header of a DT */
void cotp_encode_data(uint8_t header[COTP_DATA_HEADER], enum cotp_end end);

/* cotp_reason_name - name a DR's reason in words, static */
const char *cotp_reason_name(int reason);

/* cotp_disconnect_text - write a DR's reason in words, and what the peer adds
 * to it in its own, escaped: REASON, or REASON: "TEXT" */
#define COTP_TEXT 256
const char *
cotp_disconnect_text(const struct cotp_tpdu *dr, char text[COTP_TEXT]);

#endif
