/* SPDX-License-Identifier: ISC */
/*
 * session.h - the SPDUs of the kernel, half-duplex, minor synchronize,
 * activity management and exceptions functional units (X.225 8)
 *
 * One TSDU holds one SPDU: of category 1 alone, of category 2 after a GT or
 * PT (X.225 6.3.7); that category 0 SPDU is put and taken here.
 */
#ifndef FOURPOST_OSI_SESSION_H
#define FOURPOST_OSI_SESSION_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "osi/session_identifier.h"

#define SESSION_SELECTOR_MAX  64
#define SESSION_REFERENCE_MAX 64
#define SESSION_ACTIVITY_MAX  6
#define SESSION_SERIAL_MAX    999998 /* the highest that may be sent */
#define SESSION_USER_DATA     512    /* above it, extended user data */
#define SESSION_EXTENDED_MAX  10240
#define SESSION_TSDU_MAX      65535 /* of one that is no data */
#define SESSION_DATA_HEADER   7	    /* GT and DT, at most, as we send it */

/* Names by function; AB and AI, AA and AIA share a code on the wire. */
enum session_kind {
	SESSION_CONNECT,	    /* CN */
	SESSION_ACCEPT,		    /* AC */
	SESSION_REFUSE,		    /* RF */
	SESSION_FINISH,		    /* FN */
	SESSION_DISCONNECT,	    /* DN */
	SESSION_NOT_FINISHED,	    /* NF */
	SESSION_ABORT,		    /* AB */
	SESSION_ABORT_ACCEPT,	    /* AA */
	SESSION_GIVE_TOKENS,	    /* GT alone */
	SESSION_PLEASE_TOKENS,	    /* PT alone */
	SESSION_GIVE_CONFIRM,	    /* GTC */
	SESSION_GIVE_ACK,	    /* GTA */
	SESSION_DATA,		    /* DT */
	SESSION_MINOR,		    /* MIP */
	SESSION_MINOR_ACK,	    /* MIA */
	SESSION_ACTIVITY_START,	    /* AS */
	SESSION_ACTIVITY_RESUME,    /* AR */
	SESSION_ACTIVITY_END,	    /* AE; MAP, if PI 15 is there */
	SESSION_ACTIVITY_END_ACK,   /* AEA */
	SESSION_ACTIVITY_INTERRUPT, /* AI */
	SESSION_INTERRUPT_ACK,	    /* AIA */
	SESSION_ACTIVITY_DISCARD,   /* AD */
	SESSION_DISCARD_ACK,	    /* ADA */
	SESSION_EXCEPTION_DATA,	    /* ED */
	SESSION_EXCEPTION_REPORT,   /* ER */
};

/* Functional units, PI 20. */
#define SESSION_UNIT_HALF_DUPLEX 0x0001
#define SESSION_UNIT_MINOR	 0x0008
#define SESSION_UNIT_ACTIVITY	 0x0040
#define SESSION_UNIT_EXCEPTIONS	 0x0200
#define SESSION_UNITS_RTSE	 0x0249

#define SESSION_VERSION_1 0x01
#define SESSION_VERSION_2 0x02

/* PI 17, transport disconnect, in AB, FN, RF. */
#define SESSION_RELEASE_TRANSPORT 0x01
#define SESSION_USER_ABORT	  0x02
#define SESSION_PROTOCOL_ERROR	  0x04
#define SESSION_NO_REASON	  0x08
#define SESSION_IMPLEMENTATION	  0x10

/* PI 26: whose are the tokens, two bits each: release, major, minor, data. */
#define SESSION_TOKENS_INITIATOR 0x00
#define SESSION_TOKENS_RESPONDER 0x15
#define SESSION_TOKENS_CHOOSE	 0x2a

/* PI 16: tokens given or asked for. */
#define SESSION_TOKEN_DATA 0x01

/* PI 25. */
#define SESSION_ENCLOSURE_FIRST 0x01
#define SESSION_ENCLOSURE_LAST	0x02

/* Reasons of an RF (X.225 8.3.5.10). */
enum session_refusal {
	SESSION_REFUSED_BY_USER = 0,
	SESSION_REFUSED_CONGESTED = 1,
	SESSION_REFUSED_WITH_DATA = 2,
	SESSION_REFUSED_SELECTOR = 129,
	SESSION_REFUSED_NOT_ATTACHED = 130,
	SESSION_REFUSED_SPM_CONGESTED = 131,
	SESSION_REFUSED_VERSION = 132,
	SESSION_REFUSED_SPM = 133,
	SESSION_REFUSED_IMPLEMENTATION = 134,
};

/* Which optional parameters are there. */
#define SESSION_HAS_TSDU_MAX   0x0001U
#define SESSION_HAS_VERSION    0x0002U
#define SESSION_HAS_SERIAL     0x0004U
#define SESSION_HAS_TOKENS     0x0008U /* PI 26 */
#define SESSION_HAS_UNITS      0x0010U
#define SESSION_HAS_TRANSPORT  0x0020U /* PI 17 */
#define SESSION_HAS_REASON     0x0040U
#define SESSION_HAS_TOKEN_ITEM 0x0080U /* PI 16 */
#define SESSION_HAS_SYNC_TYPE  0x0100U /* PI 15 */
#define SESSION_HAS_ENCLOSURE  0x0200U
#define SESSION_HAS_USER_DATA  0x0400U
#define SESSION_HAS_LINKING    0x0800U /* PGI 33 */
#define SESSION_HAS_OPTIONS    0x1000U /* PI 19 */
#define SESSION_HAS_RESPONDING 0x2000U /* AC: PI 52, perhaps empty */

/* Slices borrow from the TSDU that was decoded. */
struct session_pdu {
	enum session_kind kind;
	unsigned has;			      /* SESSION_HAS_... */
	struct session_identifier identifier; /* CN, AC, RF; AR: of the old */
	uint8_t options;		      /* PI 19 */
	uint16_t tsdu_max_out, tsdu_max_in;   /* from and to the initiator */
	uint8_t versions;
	uint8_t tokens;	    /* PI 26 */
	uint8_t token_item; /* PI 16 */
	uint16_t units;
	uint8_t transport; /* PI 17 */
	uint8_t sync_type; /* PI 15 */
	uint8_t enclosure; /* PI 25 */
	int reason;	   /* RF, ED, AI, AD */
	uint32_t serial;   /* MIP, MIA, AE, AEA, AR's old, CN's initial */
	struct slice activity, old_activity; /* AS, AR; BER as they stand */
	struct slice calling_selector, called_selector;
	struct slice user_data; /* of DT: the user information */
};

/*
 * session_decode - read the SPDU that a whole TSDU holds
 *
 * ERR_SYNTAX, ERR_UNSUPPORTED (an SPDU of a functional unit that is not
 * ours), ERR_VALUE.
 */
int session_decode(
    struct slice tsdu, struct session_pdu *pdu, struct diag *diag) WARN_UNUSED;

/*
 * session_data - tell whether a TSDU that has only begun to arrive is a DT
 *
 * 1: yes, its headers are octets.data[0..*header - 1], the rest is user
 * information; 0: no; ERR_TRUNCATED: cannot be told yet; ERR_SYNTAX.
 */
int session_data(struct slice octets, size_t *header, uint8_t *enclosure,
    struct diag *diag) WARN_UNUSED;

/* session_encode - write the TSDU of a pdu.  ERR_LIMIT, and the buffer's
 * errors */
int
session_encode(const struct session_pdu *pdu, struct buffer *out) WARN_UNUSED;

/*
 * session_encode_data - write GT and the header of a DT; return its length
 *
 * enclosure NULL where the session does not segment; in the middle of what is
 * segmented it is 0.
 */
size_t session_encode_data(
    uint8_t header[SESSION_DATA_HEADER], const uint8_t *enclosure);

/* session_name - name a kind in short, as the standard does, "MIP", static */
const char *session_name(enum session_kind kind);

/* session_refusal_name - name an RF's reason in words, static */
const char *session_refusal_name(int reason);

#endif
