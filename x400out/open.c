/* SPDX-License-Identifier: ISC */
/*
 * open.c - open an association with one of a link's addresses
 *
 * The addresses are tried in the order of the configuration; a refusal by the
 * peer's MTA ends that, because the next address would be the same MTA.  The
 * responder's name and password are qmgr's to check.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf_call.h"
#include "mhs/bind.h"
#include "osi/connect.h"
#include "worker/status.h"
#include "x400out/outbound.h"

#define CHECK_TIMEOUT 30000 /* ms for qmgr to check a bind */

static struct connect_address addresses[CONNECT_ADDRESSES_MAX];
static size_t address_count;
static struct tls_expectation expectation; /* of the peer; the association
                                              borrows it */

/* open_resolve - look up the addresses of the link */
int
open_resolve(struct traffic *traffic, struct diag *diag)
{
	const struct conf_endpoints *list = &traffic->link->address;

	for (size_t i = 0; i < list->count; i++) {
		struct diag one = {0};
		char port[8];

		/* A look-up may take a while, and ticks nothing itself. */
		worker_tick(&traffic->worker);
		snprintf(port, sizeof(port), "%u", list->items[i].port);
		if (connect_resolve(list->items[i].host, port, addresses,
			&address_count, &one) != 0)
			(void)diag_set(diag, one.code, "%s", diag_text(&one));
	}
	if (address_count > 0)
		return 0;
	return diag_set(diag, ERR_NOTFOUND, "the link has no address to call");
}

/* open_secure - take over the keys for a link that requires TLS */
int
open_secure(struct traffic *traffic, struct diag *diag)
{
	int error =
	    worker_tls(&traffic->worker, TLS_CALLING, &traffic->tls, diag);

	/* Another link may have been given TLS by a reload while this worker
	 * was waiting: it holds the keys of its start. */
	if (error == 0 && traffic->link->tls == CONF_TLS_REQUIRE &&
	    traffic->tls == NULL)
		error = diag_set(diag, ERR_NOTFOUND,
		    "this worker was started before the link required TLS");
	return error;
}

/* Why an address could not be reached, and whether another might. */
struct obstacle {
	const char *stage;
	enum ipc_failure failure;
	bool cannot_recover;
	bool other_may; /* the way failed, not the MTA at its end: another
	                   address may be reached */
	struct diag diag;
};

/* await_answer - wait for qmgr's answer to a bind; jobs and bodies may come
 * before it when a transfer was cut */
static int
await_answer(
    struct traffic *traffic, struct ipc_record *record, struct diag *diag)
{
	uint64_t deadline = clock_after(CHECK_TIMEOUT);

	/* A stop may have come while the question was written. */
	if (traffic->worker.stopping)
		return ERR_CANCELLED;
	for (;;) {
		int error = worker_receive(
		    &traffic->worker, &traffic->qmgr, record, deadline, diag);

		/* A transfer that was cut is recovered in the middle of a job,
		 * while qmgr goes on handing out: so jobs are taken here as
		 * they are taken between transfers. */
		if (error != 0 || record->type == IPC_BIND_ANSWER)
			return error;
		if ((error = traffic->calls.take(traffic, record, diag)) != 0)
			return error;
		if (traffic->out.retire)
			return diag_set(
			    diag, ERR_CANCELLED, "not needed any more");
	}
}

/* ask_qmgr - ask qmgr, which knows who may bind; it remembers the transfers of
 * a two-way alternate association by the references */
static int
ask_qmgr(struct traffic *traffic, struct ipc_bind_check *check,
    const struct session_references *recover, struct diag *diag)
{
	const struct association *association = &traffic->association;
	struct ipc_record record = {.type = IPC_BIND_CHECK};
	int error;

	check->link = slice_of_string(traffic->link->name);
	check->address = slice_of_string(traffic->address);
	check->references = association->references;
	check->two_way = association->dialogue == ASSOCIATION_TWO_WAY;
	check->recover = recover != NULL;
	if (recover != NULL)
		check->recovered = *recover;
	record.bind_check = *check;
	error = worker_send(&traffic->worker, &traffic->qmgr, &record,
	    clock_after(CHECK_TIMEOUT));
	if (error == 0)
		error = await_answer(traffic, &record, diag);
	if (error == 0 && !record.bind_answer.accepted)
		error = diag_set(diag, ERR_DENIED, "%.*s",
		    (int)record.bind_answer.reason.len,
		    (const char *)record.bind_answer.reason.data);
	if (error == 0)
		traffic->session.number = record.bind_answer.session;
	return error;
}

/*
 * check_responder - have qmgr check that the peer is who it should be
 *
 * A peer that answers a recovery says neither name nor password.  It is where
 * the lost association was bound, and is given only the message of which it had
 * a part already: traffic->recovered sees to that.
 */
static int
check_responder(struct traffic *traffic, struct slice result,
    const struct session_references *recover, struct diag *diag)
{
	struct ipc_bind_check check = {.authenticated = false};
	struct mta_bind bind = {0};
	struct arena arena;
	int error = 0;

	/* In a monologue the recovered association carries only what we send,
	 * and to a peer that had a part of it: a password would protect nothing
	 * more. */
	if (recover != NULL &&
	    traffic->association.dialogue != ASSOCIATION_TWO_WAY)
		return 0;
	arena_init(&arena, BIND_OCTETS_MAX);
	if (recover == NULL)
		error = mta_bind_decode(result, &arena, &bind, diag);
	if (error == 0) {
		check.authenticated = bind.credentials == BIND_SIMPLE;
		check.name = bind.name;
		check.password = bind.password;
		error = ask_qmgr(traffic, &check, recover, diag);
	}
	arena_fini(&arena);
	return error;
}

/* explain_refusal - note why association_open failed */
static int
explain_refusal(const struct traffic *traffic, int error, struct obstacle *why)
{
	const struct association_failure *failure =
	    &traffic->association.failure;

	why->stage = association_layer_name(failure->layer);
	/* A certificate that we refuse is a denial like a wrong password, and
	 * no line that is down. */
	if (failure->layer == ASSOCIATION_LAYER_TLS &&
	    failure->end == ASSOCIATION_REFUSED_BY_US)
		why->failure = IPC_FAILURE_DENIED;
	if (failure->end == ASSOCIATION_REFUSED_BY_PEER)
		why->failure =
		    failure->transient ? IPC_FAILURE_BUSY : IPC_FAILURE_REFUSED;
	why->cannot_recover = failure->cannot_recover;
	/* A failure up to the transport layer leaves open whether another
	 * address leads to the MTA; with an answer of the MTA itself, the next
	 * address would get the same. */
	why->other_may = failure->layer <= ASSOCIATION_LAYER_TRANSPORT;
	return diag_set(&why->diag, error, "%s",
	    failure->text[0] != '\0' ? failure->text : error_strerror(error));
}

/* bind_at - open the association, over the connection that there is */
static int
bind_at(struct traffic *traffic, const struct session_references *recover,
    struct obstacle *why)
{
	struct association_parameters p =
	    conf_call_parameters(traffic->conf, traffic->link);
	struct association *association = &traffic->association;
	struct slice result;
	struct buffer argument;
	int error;

	expectation = conf_tls_expectation(traffic->link);
	p.recover = recover;
	/* Nothing but what was cut goes over a recovered association. */
	if (recover != NULL)
		p.further_syntax = slice_of(NULL, 0);
	if (traffic->link->tls == CONF_TLS_REQUIRE)
		p.tls = traffic->tls;
	p.tls_expectation = &expectation;
	buffer_init(&argument, BIND_OCTETS_MAX);
	error = conf_call_bind(traffic->conf, traffic->link, &argument);
	if (error == 0)
		error = association_open(association, traffic->fd, &p,
		    buffer_slice(&argument), &result);
	buffer_fini(&argument);
	if (error != 0)
		return explain_refusal(traffic, error, why);
	traffic->recovered = recover != NULL;
	error = check_responder(traffic, result, recover, &why->diag);
	if (error == 0)
		return 0;
	why->stage = association_layer_name(ASSOCIATION_LAYER_BIND);
	why->failure = IPC_FAILURE_DENIED;
	/* The abort is permanent, since calling again would find the same
	 * peer. */
	association_abort(association, ASSOCIATION_ABORT_PERMANENT);
	return diag_set(&why->diag, error, "%s", error_strerror(error));
}

/* try_address - open an association with one of the link's addresses */
static int
try_address(struct traffic *traffic, const struct connect_address *address,
    const struct session_references *recover, struct obstacle *why)
{
	int error;

	*why = (struct obstacle){
	    .stage = association_layer_name(ASSOCIATION_LAYER_NETWORK),
	    .other_may = true};
	strlcpy(traffic->address, address->text, sizeof(traffic->address));
	traffic_link_event(traffic, IPC_LINK_CONNECTING, "", "");
	error = connect_tcp(address, traffic->io,
	    clock_after(conf_call_tcp_timeout(traffic->link)), &traffic->fd,
	    &why->diag);
	if (error != 0)
		return error;
	traffic_keep_alive(traffic->fd);
	if (association_init(&traffic->association, traffic->io) != 0)
		fatal(WORKER_EXIT_MEMORY, "out of memory");
	/* The connection stands: from here on the peer's MTA answers, unless
	 * bind_at() finds that it does not. */
	why->other_may = false;
	error = bind_at(traffic, recover, why);
	if (error == 0)
		return 0;
	/* The next attempt needs an association as new: nothing of this one may
	 * remain in it. */
	association_fini(&traffic->association);
	traffic->association = (struct association){0};
	close(traffic->fd);
	traffic->fd = -1;
	return error;
}

/* was_bound_at - tell whether an association was bound at this address */
static bool
was_bound_at(
    const struct connect_address *address, const struct traffic_lost *lost)
{
	return lost != NULL && strcmp(address->text, lost->address) == 0;
}

/*
 * try_all - try the addresses in order until one is bound
 *
 * The address of an association to recover comes first.  At the others recovery
 * is not asked for: whoever is there could answer it, and says no password.
 */
static int
try_all(struct traffic *traffic, const struct traffic_lost *lost,
    struct obstacle *why)
{
	int error = ERR_NOTFOUND;

	*why = (struct obstacle){.other_may = true};
	/* Recovery is tried even if another address comes first in the
	 * configuration, for only there a part of the message was kept. */
	for (size_t i = 0; i < address_count; i++)
		if (was_bound_at(&addresses[i], lost))
			error = try_address(
			    traffic, &addresses[i], lost->references, why);
	for (size_t i = 0; i < address_count && why->other_may; i++) {
		if (was_bound_at(&addresses[i], lost))
			continue;
		if (traffic->qmgr_gone || traffic->worker.stopping)
			break;
		error = try_address(traffic, &addresses[i], NULL, why);
		if (error == 0)
			break;
	}
	return error;
}

/* open_again - open another association within a transfer that was cut */
int
open_again(struct traffic *traffic, const struct traffic_lost *lost)
{
	struct obstacle why;
	int error = try_all(traffic, lost, &why);

	/* ERR_NOTFOUND tells the caller that the peer has forgotten the part:
	 * the transfer begins anew instead of being resumed. */
	return error != 0 && why.cannot_recover ? ERR_NOTFOUND : error;
}

/* open_association - try the addresses in order until one is bound */
int
open_association(struct traffic *traffic)
{
	uint64_t begun = clock_monotonic();
	struct obstacle why;
	int error = try_all(traffic, NULL, &why);

	if (error != 0) {
		/* A try that a stop cut short says nothing of the peer. */
		if (traffic->qmgr_gone || traffic->worker.stopping)
			return error;
		traffic_not_opened(
		    traffic, why.failure, why.stage, diag_text(&why.diag));
		return error;
	}
	traffic->out.open_delay = clock_monotonic() - begun;
	traffic_bound(traffic);
	return 0;
}
