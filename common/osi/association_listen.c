/* SPDX-License-Identifier: ISC */
/*
 * association_listen.c - the responder's establishment, to the indication
 *
 * X.224 6.5, X.225 7.1, X.226 6.2, X.227 7.1, X.228 7.1.  What a layer cannot
 * live with it refuses itself, with its own reason.
 */
#include "osi/acse.h"
#include "osi/association_internal.h"

#define TPDU_SIZE_MAX 8192

/* transport_refuse - refuse by a DR instead of a CC.  ERR_REFUSED */
static int
transport_refuse(struct association *a, enum cotp_reason reason)
{
	association_over(a,
	    ASSOCIATION_ENDING(ERR_REFUSED, ASSOCIATION_REFUSED_BY_US,
		ASSOCIATION_LAYER_TRANSPORT, (int)reason),
	    "transport: refused by us: %s", cotp_reason_name((int)reason));
	association_put_disconnect(a, (uint8_t)reason);
	/* The DR is tried once: the connection ends whether it arrives or
	 * not. */
	(void)!association_write(a);
	return ERR_REFUSED;
}

/* confirm - write the CC, always with the smaller of the two sizes */
static int
confirm(struct association *a, const struct cotp_tpdu *cr)
{
	struct association_internal *in = a->internal;
	struct cotp_tpdu cc = {.code = COTP_CC,
	    .dst_ref = cr->src_ref,
	    .src_ref = in->agreed.local_ref,
	    .tpdu_size = TPDU_SIZE_MAX};
	unsigned limit =
	    cr->tpdu_size != 0 ? cr->tpdu_size : cr->preferred_size;

	if (in->parameters.tpdu_size != 0)
		cc.tpdu_size = in->parameters.tpdu_size;
	/* The sizes are powers of two, and the smaller one holds for both. */
	while (limit != 0 && cc.tpdu_size > limit && cc.tpdu_size > 128)
		cc.tpdu_size /= 2;
	in->agreed.dt_max = cc.tpdu_size - COTP_DATA_HEADER;
	in->agreed.connected = true;
	return association_put_tpdu(a, &cc);
}

/* is_reached - tell whether a called selector is one of ours */
static bool
is_reached(const struct association_internal *in, enum association_layer layer,
    struct slice required, struct slice called)
{
	const struct association_parameters *p = &in->parameters;

	/* A selector that is configured for the link must be the one that was
	 * called. */
	if (required.len > 0 && !slice_equal(required, called))
		return false;
	return p->reached_by == NULL ||
	    p->reached_by(p->reached_by_arg, layer, called);
}

/* listen_transport - receive a CR, answer with a CC */
static int
listen_transport(
    struct association *a, struct association_indication *indication)
{
	struct association_internal *in = a->internal;
	struct cotp_tpdu tpdu;
	int error;

	association_awaits(a, ASSOCIATION_LAYER_TRANSPORT, "a CR");
	error = association_await_tpdu(a, &tpdu, in->opening.deadline);
	if (error < 0)
		return error;
	in->agreed.remote_ref = tpdu.src_ref;
	/* Any number but 0 will do: class 0 has one connection on a TCP
	 * connection. */
	in->agreed.local_ref = 1 + (uint16_t)(in->opening.begin & 0x7fff);
	if (tpdu.code != COTP_CR) {
		in->agreed.connected = true; /* so that it is answered */
		return association_violation(a, ASSOCIATION_LAYER_TRANSPORT,
		    "transport: the first TPDU is no CR");
	}
	/* RFC 1006 has class 0 alone. */
	if (!tpdu.class0)
		return transport_refuse(a, COTP_REASON_NEGOTIATION);
	if (!is_reached(in, ASSOCIATION_LAYER_TRANSPORT,
		in->parameters.called_tsel, tpdu.called))
		return transport_refuse(a, COTP_REASON_ADDRESS);
	/* The CR goes when the CN comes. */
	if ((error = arena_slice(
		 &in->kept, tpdu.calling, &indication->calling_tsel)) < 0 ||
	    (error = arena_slice(
		 &in->kept, tpdu.called, &indication->called_tsel)) < 0)
		return association_failed(a, error);
	if ((error = confirm(a, &tpdu)) < 0 ||
	    (error = association_flush(a, in->opening.deadline)) < 0)
		return error;
	association_step(a, ASSOCIATION_LAYER_TRANSPORT);
	return 0;
}

/* session_refuse - refuse by an RF of the session entity.  ERR_REFUSED */
static int
session_refuse(struct association *a, enum session_refusal reason)
{
	association_over(a,
	    ASSOCIATION_ENDING(ERR_REFUSED, ASSOCIATION_REFUSED_BY_US,
		ASSOCIATION_LAYER_SESSION, (int)reason),
	    "session: refused by us: %s", session_refusal_name((int)reason));
	association_put_refusal(a, reason, slice_of(NULL, 0));
	return ERR_REFUSED;
}

/* take_connect - check a CN for what session must agree on */
static int
take_connect(struct association *a, const struct session_pdu *cn,
    struct association_indication *indication)
{
	struct association_internal *in = a->internal;
	uint8_t versions =
	    cn->has & SESSION_HAS_VERSION ? cn->versions : SESSION_VERSION_1;
	/* 0349 are the functional units that X.225 assumes if the CN names
	 * none. */
	unsigned units = cn->has & SESSION_HAS_UNITS ? cn->units : 0x0349;

	in->opening.cn = *cn;
	if (session_identifier_get(&cn->identifier, &indication->references) <
	    0)
		return session_refuse(a, SESSION_REFUSED_IMPLEMENTATION);
	a->references = indication->references;
	indication->calling_ssel = cn->calling_selector;
	indication->called_ssel = cn->called_selector;
	if (versions & SESSION_VERSION_2)
		in->agreed.version = SESSION_VERSION_2;
	else if (versions & SESSION_VERSION_1)
		in->agreed.version = SESSION_VERSION_1;
	else
		return session_refuse(a, SESSION_REFUSED_VERSION);
	if (!is_reached(in, ASSOCIATION_LAYER_SESSION,
		in->parameters.called_ssel, cn->called_selector))
		return session_refuse(a, SESSION_REFUSED_SELECTOR);
	/* Without activities there is no reliable transfer. */
	if ((units & SESSION_UNITS_RTSE) != SESSION_UNITS_RTSE)
		return session_refuse(a, SESSION_REFUSED_BY_USER);
	/* The responder sends first only where the turn goes round. */
	if ((cn->has & SESSION_HAS_TOKENS) &&
	    cn->tokens != SESSION_TOKENS_INITIATOR &&
	    cn->tokens != SESSION_TOKENS_CHOOSE &&
	    (cn->tokens != SESSION_TOKENS_RESPONDER ||
		in->parameters.dialogue == ASSOCIATION_MONOLOGUE))
		return session_refuse(a, SESSION_REFUSED_BY_USER);
	indication->turn = (cn->has & SESSION_HAS_TOKENS) &&
	    cn->tokens == SESSION_TOKENS_RESPONDER;
	association_step(a, ASSOCIATION_LAYER_SESSION);
	return 0;
}

/* presentation_refuse - refuse by a CPR of the presentation entity.
 * ERR_REFUSED */
static int
presentation_refuse(struct association *a, int reason, const char *why)
{
	struct association_internal *in = a->internal;
	struct presentation_connect cpr = in->opening.connect;

	association_over(a,
	    ASSOCIATION_ENDING(ERR_REFUSED, ASSOCIATION_REFUSED_BY_US,
		ASSOCIATION_LAYER_PRESENTATION, reason),
	    "presentation: refused by us: %s", why);
	cpr.provider_reason = reason;
	/* X.226: a CPR repeats the result of each context, and the responding
	 * selector is optional. */
	cpr.responding_selector = slice_of(NULL, 0);
	buffer_reset(&in->scratch[1]);
	if (presentation_encode_refuse(
		&cpr, 0, slice_of(NULL, 0), &in->scratch[1]) == 0)
		association_put_refusal(a, SESSION_REFUSED_WITH_DATA,
		    buffer_slice(&in->scratch[1]));
	return ERR_REFUSED;
}

/* take_contexts - decide on each context that was proposed */
static int
take_contexts(struct association *a)
{
	struct association_internal *in = a->internal;
	const struct association_parameters *p = &in->parameters;
	struct {
		struct slice abstract;
		uint32_t *id;
	} wanted[] = {
	    {PRESENTATION_ACSE, &in->agreed.acse_id},
	    {p->rtse_syntax, &in->agreed.rtse_id},
	    {p->transfer_syntax, &in->agreed.transfer_id},
	    {p->further_syntax, &in->agreed.further_id},
	};

	for (size_t i = 0; i < in->opening.connect.contexts; i++) {
		struct presentation_context *context =
		    &in->opening.connect.context[i];

		/* Rejected unless found: each context gets an answer, also one
		 * that nobody here knows. */
		context->result = PRESENTATION_PROVIDER_REJECTED;
		context->reason = PRESENTATION_CONTEXT_ABSTRACT;
		for (size_t j = 0; j < sizeof(wanted) / sizeof(wanted[0]);
		     j++) {
			if (!slice_equal(wanted[j].abstract, context->abstract))
				continue;
			context->reason = PRESENTATION_CONTEXT_TRANSFER;
			/* A context that was accepted once is not accepted
			 * again: two identifiers for one syntax would let data
			 * arrive by either. */
			if (!context->ber || *wanted[j].id != 0)
				break;
			context->result = PRESENTATION_ACCEPTED;
			context->reason = -1;
			*wanted[j].id = context->id;
		}
	}
	/* All three carry something that an association cannot do without. */
	if (in->agreed.acse_id == 0 || in->agreed.rtse_id == 0 ||
	    in->agreed.transfer_id == 0)
		return presentation_refuse(a, PRESENTATION_REFUSED_UNSPECIFIED,
		    "a context that we need was not proposed");
	a->further = in->agreed.further_id != 0;
	return 0;
}

/* take_presentation - take a CP */
static int
take_presentation(struct association *a, struct slice octets,
    struct association_indication *indication)
{
	struct association_internal *in = a->internal;
	int error;

	error = presentation_decode_connect(
	    octets, &in->arena, &in->opening.connect, &in->diag);
	if (error < 0) {
		/* A CPR has no contexts when the CP could not be read. */
		in->opening.connect.contexts = 0;
		return presentation_refuse(
		    a, PRESENTATION_REFUSED_USER_DATA, diag_text(&in->diag));
	}
	/* X.410 mode has no contexts, and version 1 of session is all that it
	 * was written for. */
	if (in->opening.connect.mode == PRESENTATION_X410) {
		a->mode = ASSOCIATION_X410;
		if (in->opening.cn.versions & SESSION_VERSION_1)
			in->agreed.version = SESSION_VERSION_1;
		association_step(a, ASSOCIATION_LAYER_PRESENTATION);
		return 0;
	}
	indication->calling_psel = in->opening.connect.calling_selector;
	indication->called_psel = in->opening.connect.called_selector;
	if (!is_reached(in, ASSOCIATION_LAYER_PRESENTATION,
		in->parameters.called_psel,
		in->opening.connect.called_selector)) {
		in->opening.connect.contexts = 0;
		return presentation_refuse(a, PRESENTATION_REFUSED_ADDRESS,
		    "called presentation selector unknown");
	}
	if ((error = take_contexts(a)) < 0)
		return error;
	association_step(a, ASSOCIATION_LAYER_PRESENTATION);
	return 0;
}

/* take_association - take an AARQ; *rtorq is its user information */
static int
take_association(struct association *a,
    struct association_indication *indication, struct slice *rtorq)
{
	struct association_internal *in = a->internal;
	struct acse_apdu aarq = {.kind = ACSE_ABRT};
	struct slice value;
	int error;

	/* The AARQ lies in ACSE's own context. */
	error = presentation_find(in->opening.connect.user_data,
	    in->agreed.acse_id, &value, &in->diag);
	if (error == 0)
		error = diag_set(&in->diag, ERR_SYNTAX, "no AARQ");
	if (error > 0)
		error =
		    acse_decode(value, in->agreed.rtse_id, &aarq, &in->diag);
	if (error == 0 && aarq.kind != ACSE_AARQ)
		error = diag_set(&in->diag, ERR_SYNTAX, "not an AARQ");
	if (error < 0)
		return association_decode_failed(
		    a, ASSOCIATION_LAYER_ACSE, error);
	indication->application_context = aarq.context_name;
	/* Other versions of ACSE are refused by its own code, so that the peer
	 * may know why. */
	if (!aarq.version1) {
		association_over(a,
		    ASSOCIATION_ENDING(ERR_REFUSED, ASSOCIATION_REFUSED_BY_US,
			ASSOCIATION_LAYER_ACSE, ACSE_NO_COMMON_VERSION),
		    "association: refused by us: no common version");
		return association_acse_refuse(a, ACSE_REJECTED_PERMANENT,
		    ACSE_SOURCE_PROVIDER, ACSE_NO_COMMON_VERSION,
		    slice_of(NULL, 0));
	}
	/* Another application context is another application: nothing above
	 * would be understood. */
	if (!slice_equal(
		aarq.context_name, in->parameters.application_context)) {
		association_over(a,
		    ASSOCIATION_ENDING(ERR_REFUSED, ASSOCIATION_REFUSED_BY_US,
			ASSOCIATION_LAYER_ACSE, ACSE_DIAGNOSTIC_CONTEXT_NAME),
		    "association: refused by us: application context");
		return association_acse_refuse(a, ACSE_REJECTED_PERMANENT,
		    ACSE_SOURCE_USER, ACSE_DIAGNOSTIC_CONTEXT_NAME,
		    slice_of(NULL, 0));
	}
	association_step(a, ASSOCIATION_LAYER_ACSE);
	*rtorq = aarq.value;
	return 0;
}

/* dialogue_refuse - refuse a dialogue mode that is not done.  ERR_REFUSED */
static int
dialogue_refuse(struct association *a)
{
	association_over(a,
	    ASSOCIATION_ENDING(ERR_REFUSED, ASSOCIATION_REFUSED_BY_US,
		ASSOCIATION_LAYER_BIND, ASSOCIATION_BIND_DIALOGUE),
	    "bind: refused by us: %s",
	    association_bind_error_name(ASSOCIATION_BIND_DIALOGUE));
	/* The bind error is kept beside the reason, for the log of the link. */
	a->failure.bind_error = ASSOCIATION_BIND_DIALOGUE;
	return association_reject(
	    a, ACSE_REJECTED_PERMANENT, ASSOCIATION_BIND_DIALOGUE);
}

/* protocol_refuse - refuse a protocol that is not ours.  ERR_REFUSED */
static int
protocol_refuse(struct association *a, int protocol)
{
	association_over(a,
	    ASSOCIATION_ENDING(ERR_REFUSED, ASSOCIATION_REFUSED_BY_US,
		ASSOCIATION_LAYER_RTSE, RTSE_REFUSED_VALIDATION),
	    "reliable transfer: refused by us: application protocol %d",
	    protocol);
	return association_reject(
	    a, ACSE_REJECTED_PERMANENT, ASSOCIATION_BIND_AUTHENTICATION);
}

/* take_connection_data - take what an RTORQ opens with: a bind argument, or the
 * references of what it recovers */
static int
take_connection_data(struct association *a, const struct rtse_apdu *rtorq,
    struct association_indication *indication)
{
	struct diag *diag = &a->internal->diag;

	/* X.228: an RTORQ that recovers has references in place of the bind. */
	if (rtorq->recover) {
		indication->recover_references = rtorq->references;
		return 0;
	}
	if (!association_is_x410(a))
		return rtse_bind_decode(rtorq->user, RTSE_BIND_INVOKE,
		    &indication->bind_argument, diag);
	indication->bind_argument = rtorq->user;
	return rtorq->user.len > 0
	    ? 0
	    : diag_set(diag, ERR_SYNTAX, "bind: missing");
}

/* take_open - take an RTORQ */
static int
take_open(struct association *a, struct slice octets,
    struct association_indication *indication)
{
	struct association_internal *in = a->internal;
	struct rtse_apdu rtorq;
	int error;

	error = association_rtse_decode(a, octets, RTSE_RTORQ, &rtorq);
	if (error == 0)
		error = take_connection_data(a, &rtorq, indication);
	if (error < 0)
		return association_decode_failed(
		    a, ASSOCIATION_LAYER_RTSE, error);
	/* In X.410 mode the application protocol says which of 1984 and 1988 is
	 * spoken. */
	if (association_is_x410(a) &&
	    association_x410_protocol(a, rtorq.application_protocol) < 0)
		return protocol_refuse(a, rtorq.application_protocol);
	indication->recover = rtorq.recover;
	indication->checkpoint_size = rtorq.checkpoint_size;
	/* A window of 0 would let nothing be sent; the least is 1. */
	indication->window = rtorq.window < 1 ? 1 : rtorq.window;
	indication->dialogue =
	    rtorq.dialogue == 1 ? ASSOCIATION_TWO_WAY : ASSOCIATION_MONOLOGUE;
	/* Kept to bound our answer: neither may be more than was proposed. */
	in->opening.checkpoint = indication->checkpoint_size;
	in->opening.window = indication->window;
	association_step(a, ASSOCIATION_LAYER_RTSE);
	a->dialogue = indication->dialogue;
	a->turn = indication->turn;
	in->opening.recovering = rtorq.recover;
	in->opening.recover = indication->recover_references;
	/* Two-way needs our consent; in monologue the responder may not have
	 * the turn. */
	if (indication->dialogue == ASSOCIATION_TWO_WAY
		? in->parameters.dialogue == ASSOCIATION_MONOLOGUE
		: indication->turn)
		return dialogue_refuse(a);
	return 0;
}

/* listen_session - receive a CN and all that is in it */
static int
listen_session(struct association *a, struct association_indication *indication)
{
	struct association_internal *in = a->internal;
	struct association_item item;
	struct slice rtorq;
	int error;

	association_awaits(a, ASSOCIATION_LAYER_SESSION, "a CN");
	error = association_await(a, &item, in->opening.deadline);
	if (error < 0)
		return association_failed(a, error);
	/* A peer may give up before it has an answer. */
	if (item.kind == ITEM_PDU && item.pdu.kind == SESSION_ABORT)
		return association_aborted(a, &item.pdu);
	if (item.kind != ITEM_PDU || item.pdu.kind != SESSION_CONNECT)
		return association_violation(a, ASSOCIATION_LAYER_SESSION,
		    "session: %s instead of a CN",
		    item.kind == ITEM_DATA ? "DT"
					   : session_name(item.pdu.kind));
	if ((error = take_connect(a, &item.pdu, indication)) < 0 ||
	    (error = take_presentation(a, item.pdu.user_data, indication)) < 0)
		return error;
	if (association_is_x410(a))
		return take_open(a, in->opening.connect.x410, indication);
	if ((error = take_association(a, indication, &rtorq)) < 0)
		return error;
	return take_open(a, rtorq, indication);
}

/* association_listen - receive a request as the responder */
int
association_listen(struct association *a, int fd,
    const struct association_parameters *parameters,
    struct association_indication *indication)
{
	struct association_indication got = {.recover = false};
	int error;

	error = association_prepare(a, fd, parameters, ASSOCIATION_RESPONDER);
	if (error < 0)
		return error;
	if ((error = association_secure(a)) < 0 ||
	    (error = listen_transport(a, &got)) < 0 ||
	    (error = listen_session(a, &got)) < 0) {
		if (error == ERR_CANCELLED)
			association_over(a,
			    ASSOCIATION_ENDING(error, ASSOCIATION_ABORTED_BY_US,
				ASSOCIATION_LAYER_NETWORK, -1),
			    "local: told to stop");
		return error;
	}
	/* The phase changes last: until then nothing has been accepted. */
	a->phase = ASSOCIATION_INDICATED;
	*indication = got;
	return 0;
}
