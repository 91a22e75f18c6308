/* SPDX-License-Identifier: ISC */
/*
 * session_encode.c - write SPDUs, their parameters in the standard's order
 *
 * X.225 8.  Everything but user data is put together in a small array, since
 * lengths stand in front and have one octet or three.
 */
#include "osi/session.h"

/* Enough for a CN: four references, two selectors, what is fixed. */
#define SCRATCH_MAX 512

struct scratch {
	uint8_t octets[SCRATCH_MAX];
	size_t len;
	bool full;
};

/* put_header - write code and length; return how many octets that took */
static size_t
put_header(uint8_t octets[4], uint8_t code, size_t len)
{
	octets[0] = code;
	if (len < 255) {
		octets[1] = (uint8_t)len;
		return 2;
	}
	/* X.225: 255 announces two octets of length; a shorter length must not
	 * use them. */
	octets[1] = 255;
	octets[2] = (uint8_t)(len >> 8);
	octets[3] = (uint8_t)len;
	return 4;
}

/* put_parameter - write a parameter, or a group of them */
static void
put_parameter(struct scratch *to, uint8_t code, const void *data, size_t len)
{
	uint8_t front[4];
	size_t front_len = put_header(front, code, len);

	/* Caught here, and told once by the encoder at the end: a pdu has a
	 * dozen parameters. */
	if (len > SCRATCH_MAX || front_len + len > SCRATCH_MAX - to->len) {
		to->full = true;
		return;
	}
	memcpy(to->octets + to->len, front, front_len);
	to->len += front_len;
	if (len > 0)
		memcpy(to->octets + to->len, data, len);
	to->len += len;
}

/* put_slice - write a parameter, unless it is empty */
static void
put_slice(struct scratch *to, uint8_t code, struct slice value)
{
	if (value.len > 0)
		put_parameter(to, code, value.data, value.len);
}

/* put8 - write a parameter of one octet, if it is there */
static void
put8(struct scratch *to, const struct session_pdu *pdu, unsigned flag,
    uint8_t code, uint8_t value)
{
	if (pdu->has & flag)
		put_parameter(to, code, &value, 1);
}

/* put_serial - write a serial number, in digits */
static void
put_serial(struct scratch *to, uint8_t code, uint32_t serial)
{
	char digits[6];
	size_t at = sizeof(digits);

	/* X.225: at most 999999, besides the number after the last that an
	 * acknowledgement may name. */
	if (serial > SESSION_SERIAL_MAX + 1) {
		to->full = true;
		return;
	}
	do {
		digits[--at] = (char)('0' + serial % 10);
		serial /= 10;
	} while (serial > 0);
	put_parameter(to, code, digits + at, sizeof(digits) - at);
}

/* put_identifier - write the references of a connection or a linking */
static void
put_identifier(struct scratch *to, const struct session_identifier *identifier)
{
	put_slice(to, 9, identifier->called);
	put_slice(to, 10, identifier->calling);
	put_slice(to, 11, identifier->common);
	put_slice(to, 12, identifier->additional);
}

/* put_connect_accept - write PGI 5 of CN and AC */
static void
put_connect_accept(struct scratch *to, const struct session_pdu *pdu)
{
	struct scratch item = {.len = 0};
	uint8_t sizes[4] = {(uint8_t)(pdu->tsdu_max_out >> 8),
	    (uint8_t)pdu->tsdu_max_out, (uint8_t)(pdu->tsdu_max_in >> 8),
	    (uint8_t)pdu->tsdu_max_in};

	put8(&item, pdu, SESSION_HAS_OPTIONS, 19, pdu->options);
	if (pdu->has & SESSION_HAS_TSDU_MAX)
		put_parameter(&item, 21, sizes, sizeof(sizes));
	put8(&item, pdu, SESSION_HAS_VERSION, 22, pdu->versions);
	if (pdu->has & SESSION_HAS_SERIAL)
		put_serial(&item, 23, pdu->serial);
	put8(&item, pdu, SESSION_HAS_TOKENS, 26, pdu->tokens);
	put_parameter(to, 5, item.octets, item.len);
}

/* put_connection - write the parameters of CN, AC and RF */
static void
put_connection(struct scratch *to, const struct session_pdu *pdu)
{
	struct scratch item = {.len = 0};
	uint8_t units[2] = {(uint8_t)(pdu->units >> 8), (uint8_t)pdu->units};

	/* X.225: a group without parameters is left out. */
	put_identifier(&item, &pdu->identifier);
	if (item.len > 0)
		put_parameter(to, 1, item.octets, item.len);
	to->full = to->full || item.full;
	if (pdu->kind != SESSION_REFUSE)
		put_connect_accept(to, pdu);
	put8(to, pdu, SESSION_HAS_TOKEN_ITEM, 16, pdu->token_item);
	put8(to, pdu, SESSION_HAS_TRANSPORT, 17, pdu->transport);
	if (pdu->has & SESSION_HAS_UNITS)
		put_parameter(to, 20, units, sizeof(units));
	if (pdu->kind == SESSION_REFUSE)
		put8(to, pdu, SESSION_HAS_VERSION, 22, pdu->versions);
	put_slice(to, 51, pdu->calling_selector);
	/* An empty responding selector is not the same as none: some peers
	 * compare it with the one that they called. */
	if (pdu->kind == SESSION_ACCEPT &&
	    (pdu->has & SESSION_HAS_RESPONDING) &&
	    pdu->called_selector.len == 0)
		put_parameter(to, 52, NULL, 0);
	else
		put_slice(to, 52, pdu->called_selector);
}

/* put_resume - write PGI 33 and the new identifier of an AR */
static void
put_resume(struct scratch *to, const struct session_pdu *pdu)
{
	struct scratch item = {.len = 0};

	put_identifier(&item, &pdu->identifier);
	put_slice(&item, 41, pdu->old_activity);
	put_serial(&item, 42, pdu->serial);
	to->full = to->full || item.full;
	put_parameter(to, 33, item.octets, item.len);
	put_slice(to, 41, pdu->activity);
}

/* put_parameters - write all but user data; the SI, and the token SPDU before
 * it or 0 */
static void
put_parameters(struct scratch *to, const struct session_pdu *pdu, uint8_t *si,
    uint8_t *token)
{
	enum {
		NONE = 0,
		GT = 1,
		PT = 2
	};
	static const struct {
		uint8_t si, token;
	} code[] = {
	    [SESSION_CONNECT] = {13, NONE},
	    [SESSION_ACCEPT] = {14, NONE},
	    [SESSION_REFUSE] = {12, NONE},
	    [SESSION_FINISH] = {9, NONE},
	    [SESSION_DISCONNECT] = {10, NONE},
	    [SESSION_NOT_FINISHED] = {8, NONE},
	    [SESSION_ABORT] = {25, NONE},
	    [SESSION_ABORT_ACCEPT] = {26, NONE},
	    [SESSION_GIVE_TOKENS] = {1, NONE},
	    [SESSION_PLEASE_TOKENS] = {2, NONE},
	    [SESSION_GIVE_CONFIRM] = {21, NONE},
	    [SESSION_GIVE_ACK] = {22, NONE},
	    [SESSION_DATA] = {1, GT},
	    [SESSION_MINOR] = {49, GT},
	    [SESSION_MINOR_ACK] = {50, PT},
	    [SESSION_ACTIVITY_START] = {45, GT},
	    [SESSION_ACTIVITY_RESUME] = {29, GT},
	    [SESSION_ACTIVITY_END] = {41, GT},
	    [SESSION_ACTIVITY_END_ACK] = {42, PT},
	    [SESSION_ACTIVITY_INTERRUPT] = {25, GT},
	    [SESSION_INTERRUPT_ACK] = {26, PT},
	    [SESSION_ACTIVITY_DISCARD] = {57, GT},
	    [SESSION_DISCARD_ACK] = {58, PT},
	    [SESSION_EXCEPTION_DATA] = {48, PT},
	    [SESSION_EXCEPTION_REPORT] = {0, PT},
	};

	/* X.225 gives AB and AI, and AA and AIA, one SI: the token SPDU before
	 * it tells which is meant. */
	*si = code[pdu->kind].si;
	*token = code[pdu->kind].token;
	if (pdu->kind == SESSION_CONNECT || pdu->kind == SESSION_ACCEPT ||
	    pdu->kind == SESSION_REFUSE) {
		put_connection(to, pdu);
		return;
	}
	if (pdu->kind == SESSION_ACTIVITY_RESUME) {
		put_resume(to, pdu);
		return;
	}
	put8(to, pdu, SESSION_HAS_SYNC_TYPE, 15, pdu->sync_type);
	put8(to, pdu, SESSION_HAS_TOKEN_ITEM, 16, pdu->token_item);
	put8(to, pdu, SESSION_HAS_TRANSPORT, 17, pdu->transport);
	put8(to, pdu, SESSION_HAS_ENCLOSURE, 25, pdu->enclosure);
	put_slice(to, 41, pdu->activity);
	if (pdu->has & SESSION_HAS_SERIAL)
		put_serial(to, 42, pdu->serial);
	put8(to, pdu, SESSION_HAS_REASON, 50, (uint8_t)pdu->reason);
}

/* session_encode - write the TSDU of a pdu */
int
session_encode(const struct session_pdu *pdu, struct buffer *out)
{
	struct scratch scratch = {.len = 0};
	uint8_t front[6], user[5], si, token, *room;
	size_t front_len = 0, user_len = 0, data_len = 0, total;
	int error;

	put_parameters(&scratch, pdu, &si, &token);
	if (scratch.full)
		return ERR_LIMIT;
	if (pdu->has & SESSION_HAS_USER_DATA)
		data_len = pdu->user_data.len;
	/* Only a DT is as long as its TSDU: other SPDUs have 10,240 octets of
	 * user data at most. */
	if (data_len > SESSION_EXTENDED_MAX && pdu->kind != SESSION_DATA)
		return ERR_LIMIT;
	/* User data of an RF lie within the reason; other SPDUs have a group
	 * for them. */
	if (pdu->kind == SESSION_REFUSE) {
		user_len = put_header(user, 50, data_len + 1);
		user[user_len++] = (uint8_t)pdu->reason;
	} else if (pdu->kind != SESSION_DATA && data_len > 0) {
		user_len = put_header(
		    user, data_len > SESSION_USER_DATA ? 194 : 193, data_len);
	}
	if (token != 0) {
		front[front_len++] = token;
		front[front_len++] = 0;
	}
	/* The data of a DT lie outside of its length indicator, those of others
	 * within. */
	front_len += put_header(front + front_len, si,
	    scratch.len + user_len +
		(pdu->kind == SESSION_DATA ? 0 : data_len));
	total = front_len + scratch.len + user_len + data_len;
	if ((error = buffer_reserve(out, total, &room)) < 0)
		return error;
	memcpy(room, front, front_len);
	memcpy(room + front_len, scratch.octets, scratch.len);
	room += front_len + scratch.len;
	memcpy(room, user, user_len);
	if (data_len > 0)
		memcpy(room + user_len, pdu->user_data.data, data_len);
	buffer_commit(out, total);
	return 0;
}

/* session_encode_data - write GT and the header of a DT */
size_t
session_encode_data(
    uint8_t octets[SESSION_DATA_HEADER], const uint8_t *enclosure)
{
	static const uint8_t plain[] = {1, 0, 1, 0},
			     segment[] = {1, 0, 1, 3, 25, 1};

	if (enclosure == NULL) {
		memcpy(octets, plain, sizeof(plain));
		return sizeof(plain);
	}
	memcpy(octets, segment, sizeof(segment));
	octets[sizeof(segment)] = *enclosure;
	return sizeof(segment) + 1;
}
