/* SPDX-License-Identifier: ISC */
/*
 * open.c - from a link's addresses to a bound association
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

/* open_resolve - the addresses of the link */
int
open_resolve(struct outbound *outbound, struct diag *diag)
{
	const struct conf_endpoints *list = &outbound->link->address;

	for (size_t i = 0; i < list->count; i++) {
		struct diag one = {0};
		char port[8];

		/* Each may take a while to be looked up. */
		worker_tick(&outbound->worker);
		snprintf(port, sizeof(port), "%u", list->items[i].port);
		if (connect_resolve(list->items[i].host, port,
			outbound->addresses, &outbound->address_count,
			&one) != 0)
			(void)diag_set(diag, one.code, "%s", diag_text(&one));
	}
	if (outbound->address_count > 0)
		return 0;
	return diag_set(diag, ERR_NOTFOUND, "the link has no address to call");
}

/* Why an address could not be had, and whether another might. */
struct obstacle {
	const char *stage;
	bool transient;
	bool cannot_recover;
	bool elsewhere; /* it was the way, not the MTA at its end */
	struct diag diag;
};

/* bind_answer - qmgr's; jobs and bodies may come before it when a transfer
 * was cut */
static int
bind_answer(
    struct outbound *outbound, struct ipc_record *record, struct diag *diag)
{
	uint64_t deadline = clock_after(CHECK_TIMEOUT);

	for (;;) {
		int error = worker_receive(
		    &outbound->worker, &outbound->qmgr, record, deadline, diag);

		if (error != 0 || record->type == IPC_BIND_ANSWER)
			return error;
		if ((error = jobs_take(outbound, record, diag)) != 0)
			return error;
		if (outbound->retire)
			return diag_set(
			    diag, ERR_CANCELLED, "not needed any more");
	}
}

/* check_responder - ask qmgr whether the peer is who it should be */
static int
check_responder(
    struct outbound *outbound, struct slice result, struct diag *diag)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};
	struct mta_bind bind = {0};
	struct arena arena;
	int error;

	arena_init(&arena, BIND_OCTETS_MAX);
	error = mta_bind_decode(result, &arena, &bind, diag);
	if (error != 0)
		goto out;
	record.bind_check = (struct ipc_bind_check){
	    .link = slice_of_string(outbound->link->name),
	    .authenticated = bind.credentials == BIND_SIMPLE,
	    .name = bind.name,
	    .password = bind.password,
	    .address = slice_of_string(outbound->address)};
	error = worker_send(&outbound->worker, &outbound->qmgr, &record,
	    clock_after(CHECK_TIMEOUT));
	if (error != 0)
		goto out;
	error = bind_answer(outbound, &record, diag);
	if (error == 0 && !record.bind_answer.accepted)
		error = diag_set(diag, ERR_DENIED, "%.*s",
		    (int)record.bind_answer.reason.len,
		    (const char *)record.bind_answer.reason.data);
out:
	arena_fini(&arena);
	return error;
}

/* not_opened - what stood in the way of association_open */
static int
not_opened(const struct outbound *outbound, int error, struct obstacle *why)
{
	const struct association_failure *failure =
	    &outbound->association.failure;

	why->stage = association_layer_name(failure->layer);
	why->transient =
	    failure->transient || failure->end != ASSOCIATION_REFUSED_BY_PEER;
	why->cannot_recover = failure->cannot_recover;
	why->elsewhere = failure->layer <= ASSOCIATION_LAYER_TRANSPORT;
	return diag_set(&why->diag, error, "%s",
	    failure->text[0] != '\0' ? failure->text : error_strerror(error));
}

/*
 * bind_at - the association itself, over the connection that there is
 *
 * One that is recovered is bound already, by the same peer: only it knows the
 * references.
 */
static int
bind_at(struct outbound *outbound, const struct association_references *recover,
    struct obstacle *why)
{
	struct association_parameters p =
	    conf_call_parameters(outbound->conf, outbound->link);
	struct association *association = &outbound->association;
	struct slice result;
	struct buffer argument;
	int error;

	p.recover = recover;
	buffer_init(&argument, BIND_OCTETS_MAX);
	error = conf_call_bind(outbound->conf, outbound->link, &argument);
	if (error == 0)
		error = association_open(association, outbound->fd, &p,
		    buffer_slice(&argument), &result);
	buffer_fini(&argument);
	if (error != 0)
		return not_opened(outbound, error, why);
	if (recover != NULL)
		return 0;
	error = check_responder(outbound, result, &why->diag);
	if (error == 0)
		return 0;
	why->stage = association_layer_name(ASSOCIATION_LAYER_BIND);
	association_abort(association, ASSOCIATION_ABORT_PERMANENT);
	return diag_set(&why->diag, error, "%s", error_strerror(error));
}

/* try_address - one of the link's addresses, up to the bind */
static int
try_address(struct outbound *outbound, const struct connect_address *address,
    const struct association_references *recover, struct obstacle *why)
{
	int error;

	*why = (struct obstacle){
	    .stage = association_layer_name(ASSOCIATION_LAYER_NETWORK),
	    .transient = true,
	    .elsewhere = true};
	strlcpy(outbound->address, address->text, sizeof(outbound->address));
	outbound_link_event(outbound, IPC_LINK_CONNECTING, "", "", true);
	error = connect_tcp(address, outbound->io,
	    clock_after(conf_call_tcp_timeout(outbound->link)), &outbound->fd,
	    &why->diag);
	if (error != 0)
		return error;
	if (association_init(&outbound->association, outbound->io) != 0)
		fatal(WORKER_EXIT_MEMORY, "out of memory");
	why->elsewhere = false;
	why->transient = false;
	error = bind_at(outbound, recover, why);
	if (error == 0)
		return 0;
	association_fini(&outbound->association);
	outbound->association = (struct association){0};
	close(outbound->fd);
	outbound->fd = -1;
	return error;
}

/* try_all - the addresses in order until one is bound */
static int
try_all(struct outbound *outbound, const struct association_references *recover,
    struct obstacle *why)
{
	int error = ERR_NOTFOUND;

	*why = (struct obstacle){.elsewhere = true};
	for (size_t i = 0; i < outbound->address_count && why->elsewhere; i++) {
		error = try_address(
		    outbound, &outbound->addresses[i], recover, why);
		if (error == 0 || outbound->qmgr_gone ||
		    outbound->worker.stopping)
			break;
	}
	return error;
}

/* open_again - within a transfer that was cut */
int
open_again(
    struct outbound *outbound, const struct association_references *references)
{
	struct obstacle why;
	int error = try_all(outbound, references, &why);

	return error != 0 && why.cannot_recover ? ERR_NOTFOUND : error;
}

/* open_association - try the addresses in order until one is bound */
int
open_association(struct outbound *outbound)
{
	uint64_t begun = clock_monotonic();
	struct obstacle why;
	int error = try_all(outbound, NULL, &why);

	if (error != 0) {
		if (outbound->qmgr_gone || outbound->worker.stopping)
			return error;
		outbound_link_event(outbound, IPC_LINK_FAILED, why.stage,
		    diag_text(&why.diag), why.transient);
		return error;
	}
	outbound->open_delay = clock_monotonic() - begun;
	outbound_link_event(outbound, IPC_LINK_BOUND, "", "", true);
	return 0;
}
