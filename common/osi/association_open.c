/* SPDX-License-Identifier: ISC */
/*
 * association_open.c - the initiator's establishment
 *
 * CR and CC, then one CN with everything above in it, answered by AC, RF or
 * AB (X.224 6.5, X.225 7.1, X.226 6.2, X.227 7.1, X.228 7.1).
 */
#include "ber/reader.h"
#include "osi/acse.h"
#include "osi/association_internal.h"

#define ID_ACSE	    1
#define ID_RTSE	    3
#define ID_TRANSFER 5
#define ID_FURTHER  7

/* transient_reason - tell whether a DR is worth another attempt */
static bool
transient_reason(uint8_t reason)
{
	/* The peer has no room now, which passes. Any other reason is its
	 * answer. */
	return reason == COTP_REASON_CONGESTION ||
	    reason == COTP_REASON_REMOTE_CONGESTION ||
	    reason == COTP_REASON_REFERENCE;
}

/* transport_refused - end by a DR or ER instead of a CC */
static int
transport_refused(struct association *a, const struct cotp_tpdu *tpdu)
{
	char text[COTP_TEXT];

	/* X.224: an ER says that the CR itself was wrong, and trying again
	 * would not help. */
	if (tpdu->code == COTP_ER)
		return association_refused_by_peer(a,
		    ASSOCIATION_LAYER_TRANSPORT, tpdu->reason,
		    "transport: the peer rejected the CR, cause %u",
		    tpdu->reason);
	a->failure.transient = transient_reason(tpdu->reason);
	return association_refused_by_peer(a, ASSOCIATION_LAYER_TRANSPORT,
	    tpdu->reason, "transport: refused: %s",
	    cotp_disconnect_text(tpdu, text));
}

/* take_confirm - take a CC: the size of TPDUs and the peer's reference */
static int
take_confirm(struct association *a, const struct cotp_tpdu *cc)
{
	struct association_internal *in = a->internal;
	unsigned proposed = in->parameters.tpdu_size, size;

	/* RFC 1006 has class 0 alone. */
	if (cc->code != COTP_CC || cc->class_options >> 4 != 0)
		return association_violation(a, ASSOCIATION_LAYER_TRANSPORT,
		    "transport: answer to the CR is no CC of class 0");
	/* Without a size in the CC the proposal holds (X.224). */
	if (proposed == 0)
		proposed = COTP_TPDU_DEFAULT;
	/* A size that is larger than what was proposed is no size to use. */
	size = cc->tpdu_size != 0 ? cc->tpdu_size : cc->preferred_size;
	if (size == 0 || size > proposed)
		size = proposed;
	in->agreed.dt_max = size - COTP_DATA_HEADER;
	in->agreed.remote_ref = cc->src_ref;
	in->agreed.connected = true;
	return 0;
}

/* open_transport - send a CR, receive a CC */
static int
open_transport(struct association *a)
{
	struct association_internal *in = a->internal;
	struct cotp_tpdu cr = {.code = COTP_CR,
	    .tpdu_size = in->parameters.tpdu_size,
	    .calling = in->parameters.calling_tsel,
	    .called = in->parameters.called_tsel};
	struct cotp_tpdu tpdu;
	int error;

	/* Class 0 has one connection on a TCP connection: any will do. */
	cr.src_ref = in->agreed.local_ref =
	    1 + (uint16_t)(in->opening.begin & 0x7fff);
	association_awaits(
	    a, ASSOCIATION_LAYER_TRANSPORT, "the answer to the CR");
	if ((error = association_put_tpdu(a, &cr)) < 0 ||
	    (error = association_flush(a, in->opening.deadline)) < 0 ||
	    (error = association_await_tpdu(a, &tpdu, in->opening.deadline)) <
		0)
		return error;
	if (tpdu.code == COTP_DR || tpdu.code == COTP_ER)
		return transport_refused(a, &tpdu);
	if ((error = take_confirm(a, &tpdu)) < 0)
		return error;
	association_step(a, ASSOCIATION_LAYER_TRANSPORT);
	return 0;
}

/* put_request - write an RTORQ with the bind, in an AARQ, in a CP; *ppdu
 * borrows from the scratch buffers */
static int
put_request(
    struct association *a, struct slice bind_argument, struct slice *ppdu)
{
	struct association_internal *in = a->internal;
	const struct association_parameters *p = &in->parameters;
	struct buffer *one = &in->scratch[0], *two = &in->scratch[1];
	struct presentation_connect cp = {.mode = PRESENTATION_NORMAL,
	    .calling_selector = p->calling_psel,
	    .called_selector = p->called_psel,
	    .contexts = p->further_syntax.len > 0 ? 4 : 3};
	struct rtse_apdu rtorq = {.kind = RTSE_RTORQ,
	    .checkpoint_size = p->checkpoint_size,
	    .window = p->window,
	    .dialogue = p->dialogue == ASSOCIATION_TWO_WAY,
	    .application_protocol = -1};
	struct acse_apdu aarq = {.kind = ACSE_AARQ,
	    .context_name = p->application_context,
	    .direct = true,
	    .indirect = ID_RTSE};
	int error = 0;

	/* A recovery names the session that was cut, by its references. */
	if (p->recover != NULL) {
		rtorq.recover = true;
		rtorq.references = *p->recover;
	}
	if (association_is_x410(a))
		return association_x410_connect(a, &rtorq, bind_argument, ppdu);
	/* X.226: identifiers of the initiator are odd. */
	cp.context[0].id = in->agreed.acse_id = ID_ACSE;
	cp.context[1].id = in->agreed.rtse_id = ID_RTSE;
	cp.context[2].id = in->agreed.transfer_id = ID_TRANSFER;
	cp.context[0].abstract = PRESENTATION_ACSE;
	cp.context[1].abstract = p->rtse_syntax;
	cp.context[2].abstract = p->transfer_syntax;
	cp.context[3].id = ID_FURTHER;
	cp.context[3].abstract = p->further_syntax;
	buffer_reset(one);
	buffer_reset(two);
	/* A recovery carries references in place of a bind. */
	if (p->recover == NULL) {
		error = rtse_bind_encode(RTSE_BIND_INVOKE, bind_argument, one);
		rtorq.user = buffer_slice(one);
	}
	if (error < 0 || (error = rtse_encode(&rtorq, two)) < 0)
		return error;
	buffer_reset(one);
	aarq.value = buffer_slice(two);
	if ((error = acse_encode(&aarq, one)) < 0)
		return error;
	buffer_reset(two);
	error =
	    presentation_encode_connect(&cp, ID_ACSE, buffer_slice(one), two);
	*ppdu = buffer_slice(two);
	return error;
}

/* tokens - give all tokens to the side that has the turn first */
static uint8_t
tokens(const struct association_parameters *p)
{
	return p->turn == ASSOCIATION_RESPONDER ? SESSION_TOKENS_RESPONDER
						: SESSION_TOKENS_INITIATOR;
}

/* put_connect - write the CN, with the PPDU in it */
static int
put_connect(struct association *a, struct slice bind_argument)
{
	struct association_internal *in = a->internal;
	const struct association_parameters *p = &in->parameters;
	uint8_t room[SESSION_IDENTIFIER_MAX];
	struct session_pdu cn = {.kind = SESSION_CONNECT,
	    .has = SESSION_HAS_OPTIONS | SESSION_HAS_VERSION |
		SESSION_HAS_TOKENS | SESSION_HAS_UNITS | SESSION_HAS_USER_DATA,
	    .versions = association_is_x410(a)
		? SESSION_VERSION_1
		: SESSION_VERSION_1 | SESSION_VERSION_2,
	    .tokens = tokens(p),
	    .units = SESSION_UNITS_RTSE,
	    .calling_selector = p->calling_ssel,
	    .called_selector = p->called_ssel};
	int error;

	/* The references name every transfer of this association, and are
	 * kept. */
	a->references = p->references;
	cn.identifier = session_identifier_put(&p->references,
	    association_is_x410(a) ? SESSION_IDENTIFIER_X410
				   : SESSION_IDENTIFIER_NORMAL,
	    room);
	if (p->tsdu_max != 0) {
		cn.has |= SESSION_HAS_TSDU_MAX;
		cn.tsdu_max_out = cn.tsdu_max_in = (uint16_t)p->tsdu_max;
	}
	if ((error = put_request(a, bind_argument, &cn.user_data)) < 0)
		return association_failed(a, error);
	/* The answer decides; until then an abort is sent as what we would
	 * speak. */
	in->agreed.version =
	    association_is_x410(a) ? SESSION_VERSION_1 : SESSION_VERSION_2;
	return association_put_pdu(a, &cn);
}

/* take_contexts - check that the three contexts that we need were accepted, in
 * BER */
static int
take_contexts(struct association *a, const struct presentation_connect *cpa)
{
	static const char *const name[] = {"ACSE", "RTSE", "transfer"};
	size_t asked = a->internal->parameters.further_syntax.len > 0 ? 4 : 3;

	/* Results stand in the order of the contexts; another number means that
	 * nothing can be assigned. */
	if (cpa->contexts != asked)
		return association_violation(a, ASSOCIATION_LAYER_PRESENTATION,
		    "presentation: %zu results for %zu contexts", cpa->contexts,
		    asked);
	/* A further syntax is optional: without it the association works as
	 * with any other MTA. */
	a->further =
	    asked > 3 && cpa->context[3].result == PRESENTATION_ACCEPTED;
	for (size_t i = 0; i < 3; i++)
		if (cpa->context[i].result != PRESENTATION_ACCEPTED)
			return association_abort_with(a, ERR_REFUSED,
			    ASSOCIATION_LAYER_PRESENTATION,
			    ASSOCIATION_ABORT_PERMANENT,
			    "presentation: the peer rejected the %s context: "
			    "%s",
			    name[i],
			    presentation_context_reason_name(
				cpa->context[i].reason));
	return 0;
}

/* take_open - take an RTOAC: sizes that were agreed, and the bind's result */
static int
take_open(struct association *a, struct slice octets, struct slice *result)
{
	struct association_internal *in = a->internal;
	const struct association_parameters *p = &in->parameters;
	struct rtse_apdu rtoac;
	int error;

	error = association_rtse_decode(a, octets, RTSE_RTOAC, &rtoac);
	if (error < 0)
		return association_decode_failed(
		    a, ASSOCIATION_LAYER_RTSE, error);
	a->checkpoint_size = rtoac.checkpoint_size;
	/* More than was proposed is not allowed: then what was proposed. */
	if (p->checkpoint_size != 0 && a->checkpoint_size > p->checkpoint_size)
		a->checkpoint_size = p->checkpoint_size;
	a->window = rtoac.window < 1 ? 1 : rtoac.window;
	if (a->window > p->window)
		a->window = p->window;
	association_step(a, ASSOCIATION_LAYER_RTSE);
	*result = slice_of(NULL, 0);
	/* A recovery has no bind, and no result of one. */
	if (p->recover != NULL)
		return 0;
	if (association_is_x410(a)) {
		*result = rtoac.user;
		error = rtoac.user.len > 0
		    ? 0
		    : diag_set(&in->diag, ERR_SYNTAX, "bind: missing");
	} else
		error = rtse_bind_decode(
		    rtoac.user, RTSE_BIND_RESULT, result, &in->diag);
	if (error < 0)
		return association_decode_failed(
		    a, ASSOCIATION_LAYER_BIND, error);
	association_step(a, ASSOCIATION_LAYER_BIND);
	return 0;
}

/* take_session - take from an AC what session agreed on */
static int
take_session(struct association *a, const struct session_pdu *ac)
{
	struct association_internal *in = a->internal;
	/* Exceptions are not among them: a peer without that unit can still
	 * transfer. */
	unsigned needed = SESSION_UNIT_HALF_DUPLEX | SESSION_UNIT_MINOR |
	    SESSION_UNIT_ACTIVITY;

	in->agreed.version =
	    ac->has & SESSION_HAS_VERSION && ac->versions & SESSION_VERSION_2
	    ? SESSION_VERSION_2
	    : SESSION_VERSION_1;
	if ((ac->has & SESSION_HAS_UNITS) && (ac->units & needed) != needed)
		return association_violation(a, ASSOCIATION_LAYER_SESSION,
		    "session: the peer lacks functional units: %04x",
		    ac->units);
	/* We set the tokens, so the peer has nothing to choose. */
	if ((ac->has & SESSION_HAS_TOKENS) &&
	    ac->tokens != tokens(&in->parameters))
		return association_violation(a, ASSOCIATION_LAYER_SESSION,
		    "session: the peer set the tokens to %02x", ac->tokens);
	/* X.225: 0 says that there is no limit. */
	if (in->parameters.tsdu_max != 0 && (ac->has & SESSION_HAS_TSDU_MAX) &&
	    ac->tsdu_max_out != 0) {
		if (ac->tsdu_max_out <= SESSION_DATA_HEADER)
			return association_violation(a,
			    ASSOCIATION_LAYER_SESSION,
			    "session: TSDU maximum size %u", ac->tsdu_max_out);
		in->agreed.segment = ac->tsdu_max_out;
		if (in->agreed.segment > in->parameters.tsdu_max)
			in->agreed.segment = in->parameters.tsdu_max;
	}
	association_step(a, ASSOCIATION_LAYER_SESSION);
	return 0;
}

/* take_accept - take an AC */
static int
take_accept(
    struct association *a, const struct session_pdu *ac, struct slice *result)
{
	struct association_internal *in = a->internal;
	struct presentation_connect cpa;
	struct acse_apdu aare = {.kind = ACSE_ABRT};
	struct slice value;
	int error;

	if ((error = take_session(a, ac)) < 0)
		return error;
	error = presentation_decode_accept(
	    ac->user_data, &in->arena, &cpa, &in->diag);
	/* The answer must be of the mode that was asked for. */
	if (error == 0 &&
	    (cpa.mode == PRESENTATION_X410) != association_is_x410(a))
		error = diag_set(&in->diag, ERR_SYNTAX, "of another mode");
	if (error < 0)
		return association_decode_failed(
		    a, ASSOCIATION_LAYER_PRESENTATION, error);
	if (!association_is_x410(a) && (error = take_contexts(a, &cpa)) < 0)
		return error;
	association_step(a, ASSOCIATION_LAYER_PRESENTATION);
	if (association_is_x410(a))
		return take_open(a, cpa.x410, result);
	error = presentation_find(
	    cpa.user_data, in->agreed.acse_id, &value, &in->diag);
	if (error == 0)
		error = diag_set(&in->diag, ERR_SYNTAX, "no AARE");
	if (error > 0)
		error =
		    acse_decode(value, in->agreed.rtse_id, &aare, &in->diag);
	if (error == 0 && aare.kind != ACSE_AARE)
		error = diag_set(&in->diag, ERR_SYNTAX, "not an AARE");
	/* A rejection comes in an RF; in an AC it contradicts itself. */
	if (error == 0 && aare.result != ACSE_ACCEPTED)
		error = diag_set(&in->diag, ERR_SYNTAX, "rejected in an AC");
	if (error < 0)
		return association_decode_failed(
		    a, ASSOCIATION_LAYER_ACSE, error);
	association_step(a, ASSOCIATION_LAYER_ACSE);
	return take_open(a, aare.value, result);
}

/* judge_recovery - decide whether a refusal means that the peer has nothing to
 * go on with; a layer below presentation knows nothing of it */
static void
judge_recovery(struct association *a)
{
	struct association_failure *failure = &a->failure;

	/* A peer that is busy may know the session later; a refusal below
	 * presentation says nothing of it. */
	failure->cannot_recover = !failure->transient &&
	    failure->layer >= ASSOCIATION_LAYER_PRESENTATION &&
	    (failure->end == ASSOCIATION_REFUSED_BY_PEER ||
		failure->end == ASSOCIATION_ABORTED_BY_PEER);
}

/* association_open - open an association as its initiator */
int
association_open(struct association *a, int fd,
    const struct association_parameters *parameters, struct slice bind_argument,
    struct slice *bind_result)
{
	struct association_internal *in = a->internal;
	struct association_item item;
	struct slice result;
	int error;

	if (bind_argument.len > ASSOCIATION_BIND_MAX)
		return ERR_VALUE;
	error = association_prepare(a, fd, parameters, ASSOCIATION_INITIATOR);
	if (error < 0)
		return error;
	if ((error = association_secure(a)) < 0 ||
	    (error = open_transport(a)) < 0 ||
	    (error = put_connect(a, bind_argument)) < 0)
		return error == ERR_CANCELLED
		    ? association_over(a,
			  ASSOCIATION_ENDING(error, ASSOCIATION_ABORTED_BY_US,
			      ASSOCIATION_LAYER_NETWORK, -1),
			  "local: told to stop")
		    : error;
	association_awaits(
	    a, ASSOCIATION_LAYER_SESSION, "the answer to the CN");
	error = association_await(a, &item, in->opening.deadline);
	if (error < 0) {
		if (error == ERR_CANCELLED)
			association_abort(a, ASSOCIATION_ABORT_LOCAL);
		return association_failed(a, error);
	}
	arena_reset(&in->arena);
	diag_clear(&in->diag);
	if (item.kind == ITEM_PDU && item.pdu.kind == SESSION_ACCEPT)
		error = take_accept(a, &item.pdu, &result);
	else if (item.kind == ITEM_PDU && item.pdu.kind == SESSION_REFUSE)
		error = association_take_refuse(a, &item.pdu);
	else if (item.kind == ITEM_PDU && item.pdu.kind == SESSION_ABORT)
		error = association_aborted(a, &item.pdu);
	else
		error = association_violation(a, ASSOCIATION_LAYER_SESSION,
		    "session: %s instead of an answer to the CN",
		    item.kind == ITEM_DATA ? "DT"
					   : session_name(item.pdu.kind));
	if (error < 0) {
		if (parameters->recover != NULL)
			judge_recovery(a);
		return error;
	}
	a->phase = ASSOCIATION_OPEN;
	a->turn = parameters->turn == ASSOCIATION_INITIATOR;
	*bind_result = result;
	return 0;
}
