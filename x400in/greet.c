/* SPDX-License-Identifier: ISC */
/*
 * greet.c - take an accepted connection to a bound association
 *
 * Who the peer is, and whether it may bind, is for qmgr to say: the passwords
 * are there.  Whatever the reason of a refusal, the peer learns no more than
 * the standard's bind error; the words go into our log.
 */
#include "base/log.h"
#include "conf/conf_call.h"
#include "mhs/bind.h"
#include "mhs/mts.h"
#include "x400in/inbound.h"

#define OPEN_TIMEOUT	   30000  /* ms from TCP to the bind */
#define CHECK_TIMEOUT	   30000  /* ms for qmgr to check it */
#define DISCONNECT_TIMEOUT 10000  /* ms for a refused peer to go */
#define STALL_TIMEOUT	   600000 /* ms without octets within a transfer */

/* make_parameters - make the parameters that we offer before we know who
 * calls */
static struct association_parameters
make_parameters(const struct traffic *traffic, const struct callable *callable)
{
	return (struct association_parameters){
	    .tls = traffic->worker.accepted_tls ? traffic->tls : NULL,
	    .reached_by = callable_is_ours,
	    .reached_by_arg = (void *)(uintptr_t)callable,
	    .dialogue = ASSOCIATION_TWO_WAY,  /* qmgr may refuse it */
	    .window = ASSOCIATION_WINDOW_MAX, /* lowered by the accept */
	    .application_context = mts_application_context,
	    .rtse_syntax = mts_rtse_syntax,
	    .transfer_syntax = mts_transfer_syntax,
	    .further_syntax = mts_routing_syntax, /* until the link is known */
	    .open_timeout = OPEN_TIMEOUT,
	    .disconnect_timeout = DISCONNECT_TIMEOUT,
	    .transfer_timeout = STALL_TIMEOUT,
	};
}

/* log_refused - log that qmgr or the stack refused a peer */
static void
log_refused(struct traffic *traffic, enum event_name event, struct slice name,
    const char *reason)
{
	LOG_EVENT(event, LOG_STRING("address", traffic->address),
	    LOG_SLICE("mta", name), LOG_STRING("reason", reason));
}

/* add_tls - add what a peer's certificate says of it */
static int
add_tls(const struct tls_identity *identity, struct buffer *names,
    struct ipc_bind_check *check)
{
	int error = 0;

	if (identity == NULL)
		return 0;
	check->tls = true;
	check->tls_pin = slice_of(identity->pin, sizeof(identity->pin));
	check->tls_problem = slice_of_string(identity->problem);
	/* A name in a certificate may hold any octet: a length before each one
	 * separates them without a sign that a peer could write. */
	for (size_t i = 0; error == 0 && i < identity->name_count; i++) {
		struct slice name = slice_of_string(identity->names[i]);
		uint8_t len = (uint8_t)name.len;

		error = buffer_append(names, &len, 1);
		if (error == 0)
			error = buffer_append(names, name.data, name.len);
	}
	check->tls_names = buffer_slice(names);
	return error;
}

/* ask_once - have qmgr check the bind; the answer borrows from the channel */
static int
ask_once(struct traffic *traffic, const struct association_indication *peer,
    const struct mta_bind *bind, struct ipc_bind_answer *answer,
    struct diag *diag)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK,
	    .bind_check = {.authenticated = bind->credentials == BIND_SIMPLE,
		.name = bind->name,
		.password = bind->password,
		.address = slice_of_string(traffic->address),
		.references = peer->references,
		.recover = peer->recover,
		.two_way = peer->dialogue == ASSOCIATION_TWO_WAY,
		.mode = traffic->association.mode,
		.recovered = peer->recover_references,
		.called_tsel = peer->called_tsel,
		.called_ssel = peer->called_ssel,
		.called_psel = peer->called_psel}};
	uint64_t deadline = clock_after(CHECK_TIMEOUT);
	struct buffer names;
	int error;

	buffer_init(&names, TLS_NAMES_MAX * (TLS_NAME_MAX + 1));
	error = add_tls(association_tls_identity(&traffic->association), &names,
	    &record.bind_check);
	if (error == 0)
		error = worker_send(
		    &traffic->worker, &traffic->qmgr, &record, deadline);
	buffer_fini(&names);
	if (error != 0)
		return error;
	/* A stop ends the wait before it begins: the peer is refused as if we
	 * were busy, and calls again. */
	if (traffic->worker.stopping)
		return ERR_CANCELLED;
	error = worker_receive(
	    &traffic->worker, &traffic->qmgr, &record, deadline, diag);
	if (error != 0)
		return error;
	if (record.type != IPC_BIND_ANSWER)
		return diag_set(diag, ERR_PROTOCOL, "%s instead of an answer",
		    ipc_type_name(record.type));
	*answer = record.bind_answer;
	return 0;
}

/*
 * ask_qmgr - have qmgr check the bind, or the next qmgr if this one is gone
 *
 * After any failure the channel is given up: an answer that comes late must not
 * be taken for the answer to another peer.
 */
static int
ask_qmgr(struct traffic *traffic, const struct association_indication *peer,
    const struct mta_bind *bind, struct ipc_bind_answer *answer,
    struct diag *diag)
{
	int error = ask_once(traffic, peer, bind, answer, diag);

	if (error == ERR_CLOSED) {
		/* A qmgr that ends before the answer has admitted nobody
		 * that lives on in it: the question is put to the next one
		 * afresh. */
		diag_clear(diag);
		error = traffic->calls.reconnect(traffic, diag);
		if (error == 0)
			error = ask_once(traffic, peer, bind, answer, diag);
	}
	if (error != 0)
		traffic->qmgr_gone = true;
	return diag_set(diag, error, "%s", error_strerror(error));
}

/* learn_link - parse the settings of the link, from the answer */
static int
learn_link(struct traffic *traffic, const struct ipc_bind_answer *answer,
    struct diag *diag)
{
	int error = conf_parse_text(
	    answer->settings, "settings", CONF_HANDED, &traffic->conf, diag);

	if (error != 0)
		return error;
	category_levels(traffic->conf->mta.log_levels);
	/* The answer holds one link, that of the peer: the worker never learns
	 * of the others. */
	if (traffic->conf->link_count != 1)
		return diag_set(diag, ERR_PROTOCOL, "settings without a link");
	traffic->link = &traffic->conf->links[0];
	return 0;
}

/* accept_peer - accept the association, with our name unless the peer recovers:
 * then it knows us */
static int
accept_peer(struct traffic *traffic, struct slice result,
    const struct association_indication *peer)
{
	const struct conf_link *link = traffic->link;
	unsigned checkpoint = (unsigned)(link->checkpoint_size / 1024);
	unsigned window = link->window_size < ASSOCIATION_WINDOW_MAX
	    ? link->window_size
	    : ASSOCIATION_WINDOW_MAX;

	/* The further syntax was offered before the peer was known; only a link
	 * to another Fourpost speaks it, and a recovered association takes what
	 * was cut and no more. */
	if (peer->recover || link->peer != CONF_PEER_FOURPOST)
		association_deny_further(&traffic->association);
	if (peer->recover)
		return association_accept_recovery(
		    &traffic->association, checkpoint, window);
	return association_accept(
	    &traffic->association, result, checkpoint, window);
}

/* accept_bind - parse the link's settings, and accept the peer */
static int
accept_bind(struct traffic *traffic, const struct ipc_bind_answer *answer,
    const struct association_indication *peer, struct diag *diag)
{
	const struct mta_bind result = {
	    .credentials = BIND_SIMPLE,
	    .name = answer->local_name,
	    .password = answer->local_password,
	    .form = conf_call_password_form(traffic->association.mode),
	};
	struct buffer encoded;
	int error;

	buffer_init(&encoded, BIND_OCTETS_MAX);
	error = mta_bind_encode(&result, BIND_BARE, &encoded);
	if (error != 0) {
		(void)diag_set(diag, error, "our own name and password");
		goto out;
	}
	error = learn_link(traffic, answer, diag);
	if (error != 0)
		goto out;
	error = accept_peer(traffic, buffer_slice(&encoded), peer);
	if (error != 0)
		(void)diag_set(
		    diag, error, "%s", traffic->association.failure.text);
out:
	buffer_fini(&encoded);
	return error;
}

/* refuse_bind - refuse the peer's bind or recovery */
static int
refuse_bind(
    struct traffic *traffic, enum association_refusal refusal, int bind_error)
{
	(void)!association_refuse(&traffic->association, refusal,
	    (enum association_bind_error)bind_error);
	return ERR_REFUSED;
}

/* choose_refusal - choose how a peer is refused: a recovery has no bind error,
 * and is refused for the moment or for good */
static enum association_refusal
choose_refusal(const struct association_indication *peer, int bind_error)
{
	if (!peer->recover)
		return ASSOCIATION_REFUSE_BIND;
	return bind_error == ASSOCIATION_BIND_BUSY
	    ? ASSOCIATION_REFUSE_RECOVER_LATER
	    : ASSOCIATION_REFUSE_CANNOT_RECOVER;
}

/* keep_session - keep the number by which qmgr knows the association, and the
 * token by which the qmgr after it will */
static void
keep_session(struct traffic *traffic, const struct ipc_bind_answer *answer)
{
	/* The number and the token are kept before the accept is sent: if qmgr
	 * dies from here on, the session can still be claimed. */
	struct traffic_session *session = &traffic->session;

	session->number = answer->session;
	session->token_len = answer->token.len;
	if (answer->token.len > 0)
		memcpy(session->token, answer->token.data, answer->token.len);
}

/* answer_bind - have qmgr check the bind argument, and answer the peer */
static int
answer_bind(struct traffic *traffic, const struct association_indication *peer)
{
	struct ipc_bind_answer answer = {0};
	struct mta_bind bind = {0};
	struct diag diag = {0};
	struct arena arena;
	int error = 0;

	arena_init(&arena, BIND_OCTETS_MAX);
	/* A recovery bears no bind argument; qmgr recognises the peer by the
	 * references of the lost association. */
	if (!peer->recover)
		error =
		    mta_bind_decode(peer->bind_argument, &arena, &bind, &diag);
	/* An argument that cannot be read counts as a failed authentication:
	 * the standard has no bind error for it. */
	if (error != 0) {
		log_refused(traffic, EVENT_ASSOCIATION_REJECTED, bind.name,
		    diag_text(&diag));
		error = refuse_bind(traffic, ASSOCIATION_REFUSE_BIND,
		    ASSOCIATION_BIND_AUTHENTICATION);
		goto out;
	}
	if (bind.security_context) {
		log_refused(traffic, EVENT_ASSOCIATION_REJECTED, bind.name,
		    "it asks for a security context, and none is agreed upon");
		error = refuse_bind(traffic, ASSOCIATION_REFUSE_BIND,
		    ASSOCIATION_BIND_SECURITY_CONTEXT);
		goto out;
	}
	error = ask_qmgr(traffic, peer, &bind, &answer, &diag);
	/* A qmgr that does not answer is our trouble and not the peer's: "busy"
	 * makes it call again later. */
	if (error != 0) {
		log_refused(traffic, EVENT_ASSOCIATION_REJECTED, bind.name,
		    diag_text(&diag));
		error = refuse_bind(traffic,
		    choose_refusal(peer, ASSOCIATION_BIND_BUSY),
		    ASSOCIATION_BIND_BUSY);
		goto out;
	}
	if (!answer.accepted) {
		error = refuse_bind(traffic,
		    choose_refusal(peer, answer.bind_error), answer.bind_error);
		goto out;
	}
	/* qmgr counts the association from its answer on, so whatever fails
	 * below must be told to it as lost. */
	keep_session(traffic, &answer);
	traffic->recovered = peer->recover;
	error = accept_bind(traffic, &answer, peer, &diag);
	if (error != 0) {
		log_refused(traffic, EVENT_ASSOCIATION_REJECTED, bind.name,
		    diag_text(&diag));
		association_abort(
		    &traffic->association, ASSOCIATION_ABORT_LOCAL);
	}
out:
	arena_fini(&arena);
	return error;
}

/* may_shake_once - ask qmgr whether a TLS handshake may be done */
static int
may_shake_once(struct traffic *traffic, struct diag *diag)
{
	uint64_t deadline = clock_after(CHECK_TIMEOUT);
	struct ipc_record record = {.type = IPC_HANDSHAKE,
	    .handshake = {.address = slice_of_string(traffic->address)}};
	int error =
	    worker_send(&traffic->worker, &traffic->qmgr, &record, deadline);

	if (error == 0 && traffic->worker.stopping)
		error = ERR_CANCELLED;
	if (error == 0)
		error = worker_receive(
		    &traffic->worker, &traffic->qmgr, &record, deadline, diag);
	if (error != 0)
		return error;
	if (record.type != IPC_HANDSHAKE)
		return diag_set(diag, ERR_PROTOCOL, "%s instead of an answer",
		    ipc_type_name(record.type));
	return record.handshake.allowed ? 0 : ERR_DENIED;
}

/*
 * may_shake - find out whether a TLS handshake may be done with a peer
 *
 * Where it may not the connection is closed without a word: an alert would need
 * the peer's ClientHello to be read first.  qmgr has logged why.
 */
static int
may_shake(struct traffic *traffic)
{
	struct diag diag = {0};
	int error = may_shake_once(traffic, &diag);

	/* The end of qmgr says nothing of the peer: so the next one is asked,
	 * once. */
	if (error == ERR_CLOSED) {
		diag_clear(&diag);
		error = traffic->calls.reconnect(traffic, &diag);
		if (error == 0)
			error = may_shake_once(traffic, &diag);
	}
	if (error != 0 && error != ERR_DENIED)
		traffic->qmgr_gone = true;
	return error;
}

/* greet_peer - take an accepted connection to a bound association */
int
greet_peer(struct traffic *traffic, const struct callable *callable)
{
	const struct association_parameters parameters =
	    make_parameters(traffic, callable);
	struct association_indication peer;
	int error;

	/* qmgr is asked before the first octet of TLS is read, since a
	 * handshake costs us more than the caller. */
	if (parameters.tls != NULL && (error = may_shake(traffic)) != 0)
		return error;
	error = association_listen(
	    &traffic->association, traffic->fd, &parameters, &peer);
	if (error != 0) {
		log_refused(traffic,
		    traffic->association.failure.layer == ASSOCIATION_LAYER_TLS
			? EVENT_TLS_FAILED
			: EVENT_ASSOCIATION_REJECTED,
		    (struct slice){0}, traffic->association.failure.text);
		return error;
	}
	return answer_bind(traffic, &peer);
}
