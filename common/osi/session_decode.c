/* SPDX-License-Identifier: ISC */
/*
 * session_decode.c - read SPDUs
 *
 * X.225 8.  Parameters that we do not know are passed over (X.225 8.1.3);
 * those that we do must have the length that the standard gives them.
 */
#include "osi/session.h"

#define SI_GT 1
#define SI_PT 2
#define SI_DT 1

enum parameter {
	PGI_CONNECTION_ID = 1,
	PGI_CONNECT_ACCEPT = 5,
	PI_CALLED_REFERENCE = 9,
	PI_CALLING_REFERENCE = 10,
	PI_COMMON_REFERENCE = 11,
	PI_ADDITIONAL_REFERENCE = 12,
	PI_SYNC_TYPE = 15,
	PI_TOKEN_ITEM = 16,
	PI_TRANSPORT = 17,
	PI_OPTIONS = 19,
	PI_UNITS = 20,
	PI_TSDU_MAX = 21,
	PI_VERSION = 22,
	PI_INITIAL_SERIAL = 23,
	PI_ENCLOSURE = 25,
	PI_TOKENS = 26,
	PGI_LINKING = 33,
	PI_ACTIVITY = 41,
	PI_SERIAL = 42,
	PI_REASON = 50,
	PI_CALLING_SELECTOR = 51,
	PI_CALLED_SELECTOR = 52,
	PGI_USER_DATA = 193,
	PGI_EXTENDED = 194,
};

static const struct spdu {
	uint8_t si;
	enum session_kind kind;
} alone[] =
    {
	{13, SESSION_CONNECT},
	{14, SESSION_ACCEPT},
	{12, SESSION_REFUSE},
	{9, SESSION_FINISH},
	{10, SESSION_DISCONNECT},
	{8, SESSION_NOT_FINISHED},
	{25, SESSION_ABORT},
	{26, SESSION_ABORT_ACCEPT},
	{21, SESSION_GIVE_CONFIRM},
	{22, SESSION_GIVE_ACK},
},
  after_token[] = {
      {SI_DT, SESSION_DATA},
      {49, SESSION_MINOR},
      {50, SESSION_MINOR_ACK},
      {45, SESSION_ACTIVITY_START},
      {29, SESSION_ACTIVITY_RESUME},
      {41, SESSION_ACTIVITY_END},
      {42, SESSION_ACTIVITY_END_ACK},
      {25, SESSION_ACTIVITY_INTERRUPT},
      {26, SESSION_INTERRUPT_ACK},
      {57, SESSION_ACTIVITY_DISCARD},
      {58, SESSION_DISCARD_ACK},
      {48, SESSION_EXCEPTION_DATA},
      {0, SESSION_EXCEPTION_REPORT},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* get_unit - read code, length and value at the front of *rest; 0 or an
 * error */
static int
get_unit(struct slice *rest, uint8_t *code, struct slice *value)
{
	const uint8_t *at = rest->data;
	size_t header = 2, len;

	if (rest->len < 2)
		return ERR_TRUNCATED;
	len = at[1];
	/* X.225: 255 announces a length of two octets. */
	if (len == 255) {
		if (rest->len < 4)
			return ERR_TRUNCATED;
		len = (size_t)at[2] << 8 | at[3];
		header = 4;
	}
	/* The header is within the rest here, so that the difference cannot
	 * wrap. */
	if (len > rest->len - header)
		return ERR_TRUNCATED;
	*code = at[0];
	*value = slice_of(at + header, len);
	*rest = slice_of(at + header + len, rest->len - header - len);
	return 0;
}

/* wrong - note which parameter is bad */
static int
wrong(struct diag *diag, const struct session_pdu *pdu, const char *what)
{
	return diag_set(diag, ERR_SYNTAX, "session: %s: bad %s",
	    session_name(pdu->kind), what);
}

/* get8 - read a parameter of one octet */
static int
get8(struct slice value, uint8_t *out)
{
	if (value.len != 1)
		return -1;
	*out = value.data[0];
	return 0;
}

/* get_serial - read a serial number, in digits */
static int
get_serial(struct slice value, uint32_t *serial)
{
	uint32_t number = 0;

	/* X.225: a serial number is at most 999999. */
	if (value.len < 1 || value.len > 6)
		return -1;
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] < '0' || value.data[i] > '9')
			return -1;
		number = number * 10 + (uint32_t)(value.data[i] - '0');
	}
	*serial = number;
	return 0;
}

/* get_reason - read PI 50: one octet, and in an RF user data after it */
static int
get_reason(struct slice value, struct session_pdu *pdu, struct diag *diag)
{
	/* Only an RF has user data behind its reason, in the same parameter. */
	if (value.len < 1 || (value.len > 1 && pdu->kind != SESSION_REFUSE))
		return wrong(diag, pdu, "reason");
	pdu->reason = value.data[0];
	pdu->has |= SESSION_HAS_REASON;
	if (value.len > 1) {
		pdu->user_data = slice_of(value.data + 1, value.len - 1);
		pdu->has |= SESSION_HAS_USER_DATA;
	}
	return 0;
}

/* octet_parameter - read a parameter whose value is one octet; 1: another kind
 * of parameter */
static int
octet_parameter(uint8_t code, struct slice value, struct session_pdu *pdu,
    struct diag *diag)
{
	static const char *const name = "parameter of one octet";
	uint8_t *to;
	unsigned flag;

	switch (code) {
	case PI_SYNC_TYPE:
		to = &pdu->sync_type, flag = SESSION_HAS_SYNC_TYPE;
		break;
	case PI_TOKEN_ITEM:
		to = &pdu->token_item, flag = SESSION_HAS_TOKEN_ITEM;
		break;
	case PI_TRANSPORT:
		to = &pdu->transport, flag = SESSION_HAS_TRANSPORT;
		break;
	case PI_OPTIONS:
		to = &pdu->options, flag = SESSION_HAS_OPTIONS;
		break;
	case PI_VERSION:
		to = &pdu->versions, flag = SESSION_HAS_VERSION;
		break;
	case PI_ENCLOSURE:
		to = &pdu->enclosure, flag = SESSION_HAS_ENCLOSURE;
		break;
	case PI_TOKENS:
		to = &pdu->tokens, flag = SESSION_HAS_TOKENS;
		break;
	default:
		return 1;
	}
	if (get8(value, to) < 0)
		return wrong(diag, pdu, name);
	pdu->has |= flag;
	return 0;
}

/* slice_parameter - read a parameter that is kept as it stands; 1: another
 * kind of parameter */
static int
slice_parameter(uint8_t code, struct slice value, bool linking,
    struct session_pdu *pdu, struct diag *diag)
{
	size_t max = SESSION_REFERENCE_MAX;
	struct slice *to;

	switch (code) {
	case PI_CALLED_REFERENCE:
		to = &pdu->identifier.called;
		break;
	case PI_CALLING_REFERENCE:
		to = &pdu->identifier.calling;
		break;
	case PI_COMMON_REFERENCE:
		to = &pdu->identifier.common;
		break;
	case PI_ADDITIONAL_REFERENCE:
		to = &pdu->identifier.additional, max = 4;
		break;
	case PI_ACTIVITY:
		to = linking ? &pdu->old_activity : &pdu->activity;
		max = SESSION_ACTIVITY_MAX;
		break;
	case PI_CALLING_SELECTOR:
		to = &pdu->calling_selector, max = SESSION_SELECTOR_MAX;
		break;
	case PI_CALLED_SELECTOR:
		to = &pdu->called_selector, max = SESSION_SELECTOR_MAX;
		/* In an AC the called selector is the responding one. */
		pdu->has |= SESSION_HAS_RESPONDING;
		break;
	case PGI_USER_DATA:
	case PGI_EXTENDED:
		/* Version 1 allows 512 octets of user data, version 2 puts
		 * longer ones into the extended group; what they hold is the
		 * same. */
		to = &pdu->user_data, max = SIZE_MAX;
		pdu->has |= SESSION_HAS_USER_DATA;
		break;
	default:
		return 1;
	}
	if (value.len > max)
		return wrong(diag, pdu, "reference, selector or activity");
	*to = value;
	return 0;
}

/* get_parameter - read one of the other parameters; pass over unknown ones */
static int
get_parameter(uint8_t code, struct slice value, struct session_pdu *pdu,
    struct diag *diag)
{
	const uint8_t *at = value.data;

	switch (code) {
	case PI_UNITS:
		if (value.len != 2)
			return wrong(diag, pdu, "session requirements");
		pdu->units = (uint16_t)(at[0] << 8 | at[1]);
		pdu->has |= SESSION_HAS_UNITS;
		return 0;
	case PI_TSDU_MAX:
		if (value.len != 4)
			return wrong(diag, pdu, "TSDU maximum size");
		pdu->tsdu_max_out = (uint16_t)(at[0] << 8 | at[1]);
		pdu->tsdu_max_in = (uint16_t)(at[2] << 8 | at[3]);
		pdu->has |= SESSION_HAS_TSDU_MAX;
		return 0;
	case PI_INITIAL_SERIAL:
	case PI_SERIAL:
		if (get_serial(value, &pdu->serial) < 0)
			return wrong(diag, pdu, "serial number");
		pdu->has |= SESSION_HAS_SERIAL;
		return 0;
	case PI_REASON:
		return get_reason(value, pdu, diag);
	default:
		/* A parameter of a later version must not end the
		 * association. */
		return 0;
	}
}

/* get_parameters - read the parameters of an SPDU, or of a group within it */
static int
get_parameters(struct slice rest, uint8_t group, struct session_pdu *pdu,
    struct diag *diag)
{
	while (rest.len > 0) {
		struct slice value;
		uint8_t code;
		int error;

		if (get_unit(&rest, &code, &value) < 0)
			return wrong(diag, pdu, "parameter length");
		/* Groups do not nest in X.225: within a group every code is a
		 * parameter, so the recursion is one level deep. */
		if (group == 0 &&
		    (code == PGI_CONNECTION_ID || code == PGI_CONNECT_ACCEPT ||
			code == PGI_LINKING)) {
			if (code == PGI_LINKING)
				pdu->has |= SESSION_HAS_LINKING;
			error = get_parameters(value, code, pdu, diag);
		} else {
			error = slice_parameter(
			    code, value, group == PGI_LINKING, pdu, diag);
			if (error > 0)
				error = octet_parameter(code, value, pdu, diag);
			if (error > 0)
				error = get_parameter(code, value, pdu, diag);
		}
		if (error < 0)
			return error;
	}
	return 0;
}

/* check_required - check that no parameter that the kind needs is absent */
static int
check_required(const struct session_pdu *pdu, struct diag *diag)
{
	switch (pdu->kind) {
	case SESSION_MINOR:
	case SESSION_MINOR_ACK:
	case SESSION_ACTIVITY_END:
	case SESSION_ACTIVITY_END_ACK:
		/* A synchronization point without a number could not be
		 * matched to an octet of the transfer, nor could its
		 * acknowledgement. */
		if (!(pdu->has & SESSION_HAS_SERIAL))
			return wrong(diag, pdu, "serial number: none");
		return 0;
	case SESSION_ACTIVITY_START:
		if (pdu->activity.len == 0)
			return wrong(diag, pdu, "activity identifier: none");
		return 0;
	case SESSION_ACTIVITY_RESUME:
		/* Without the old activity and the last point nothing says what
		 * is resumed, nor from where. */
		if (pdu->activity.len == 0 || pdu->old_activity.len == 0 ||
		    !(pdu->has & SESSION_HAS_SERIAL))
			return wrong(diag, pdu, "linking information");
		return 0;
	case SESSION_CONNECT:
	case SESSION_ACCEPT:
	case SESSION_REFUSE:
	case SESSION_FINISH:
	case SESSION_DISCONNECT:
	case SESSION_NOT_FINISHED:
	case SESSION_ABORT:
	case SESSION_ABORT_ACCEPT:
	case SESSION_GIVE_TOKENS:
	case SESSION_PLEASE_TOKENS:
	case SESSION_GIVE_CONFIRM:
	case SESSION_GIVE_ACK:
	case SESSION_DATA:
	case SESSION_ACTIVITY_INTERRUPT:
	case SESSION_INTERRUPT_ACK:
	case SESSION_ACTIVITY_DISCARD:
	case SESSION_DISCARD_ACK:
	case SESSION_EXCEPTION_DATA:
	case SESSION_EXCEPTION_REPORT:
		return 0;
	}
	return 0;
}

/* lookup - find the kind that an SI stands for in this place */
static int
lookup(const struct spdu *table, size_t count, uint8_t si,
    struct session_pdu *pdu, struct diag *diag)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].si == si) {
			pdu->kind = table[i].kind;
			return 0;
		}
	return diag_set(
	    diag, ERR_UNSUPPORTED, "session: SPDU %u is not used by RTSE", si);
}

/* session_decode - read the SPDU that a whole TSDU holds */
int
session_decode(struct slice tsdu, struct session_pdu *pdu, struct diag *diag)
{
	struct session_pdu out = {0};
	struct slice rest = tsdu, value;
	uint8_t si;
	int error;

	if (get_unit(&rest, &si, &value) < 0)
		return diag_set(
		    diag, ERR_SYNTAX, "session: SPDU runs over its TSDU");
	if (si != SI_GT && si != SI_PT) {
		error = lookup(alone, COUNT(alone), si, &out, diag);
	} else if (rest.len == 0) {
		/* Alone in its TSDU a GT or PT is meant as itself; before
		 * another SPDU it is the prefix of a basic concatenation. */
		out.kind =
		    si == SI_GT ? SESSION_GIVE_TOKENS : SESSION_PLEASE_TOKENS;
		error = 0;
	} else {
		uint8_t token = si;

		/* The tokens that it might give or ask for: never RTSE's. */
		if (value.len != 0)
			return diag_set(diag, ERR_UNSUPPORTED,
			    "session: tokens given or asked for with an SPDU");
		if (get_unit(&rest, &si, &value) < 0)
			return diag_set(diag, ERR_SYNTAX,
			    "session: SPDU runs over its TSDU");
		error = lookup(after_token, COUNT(after_token), si, &out, diag);
		if (error == 0 && out.kind == SESSION_DATA && token != SI_GT)
			error = diag_set(
			    diag, ERR_SYNTAX, "session: DT after a PT");
	}
	if (error < 0 || (error = get_parameters(value, 0, &out, diag)) < 0)
		return error;
	/* The user information of a DT lies behind its parameters, up to the
	 * end of the TSDU. */
	if (out.kind == SESSION_DATA) {
		out.user_data = rest;
		out.has |= SESSION_HAS_USER_DATA;
	} else if (rest.len > 0) {
		return diag_set(diag, ERR_SYNTAX,
		    "session: %zu octets after a %s", rest.len,
		    session_name(out.kind));
	}
	if ((error = check_required(&out, diag)) < 0)
		return error;
	*pdu = out;
	return 0;
}

/* session_data - tell whether a TSDU that has only begun to arrive is a DT */
int
session_data(
    struct slice octets, size_t *header, uint8_t *enclosure, struct diag *diag)
{
	struct session_pdu pdu = {.kind = SESSION_DATA};
	struct slice rest = octets, value;
	uint8_t si;
	int error;

	/* A DT is always concatenated behind a GT: no other first octet can
	 * begin it. */
	if (octets.len > 0 && octets.data[0] != SI_GT)
		return 0;
	if (get_unit(&rest, &si, &value) < 0 || rest.len == 0)
		return ERR_TRUNCATED;
	if (rest.data[0] != SI_DT || value.len != 0)
		return 0;
	if (get_unit(&rest, &si, &value) < 0)
		return ERR_TRUNCATED;
	if ((error = get_parameters(value, 0, &pdu, diag)) < 0)
		return error;
	*header = octets.len - rest.len;
	/* X.225: without an enclosure item an SSDU is whole. */
	*enclosure = pdu.has & SESSION_HAS_ENCLOSURE
	    ? pdu.enclosure
	    : SESSION_ENCLOSURE_FIRST | SESSION_ENCLOSURE_LAST;
	return 1;
}
