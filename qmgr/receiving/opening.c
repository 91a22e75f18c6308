/* SPDX-License-Identifier: ISC */
/*
 * opening.c - a session that is to be opened for a peer, and the answer
 */
#include "qmgr/links/link.h"
#include "qmgr/receiving/opening.h"

#include <sys/random.h>

#include "base/log.h"
#include "conf/conf_dump.h"
#include "mhs/bind.h"
#include "qmgr/links/assoc.h"
#include "qmgr/receiving/caller.h"
#include "qmgr/receiving/session.h"
#include "store/store.h"

/* accept_caller - say yes to a peer that calls */
static void
accept_caller(struct client *client, const struct opening *opening)
{
	const struct link *link = opening->link;
	const struct conf *conf = client->qmgr->conf;
	struct ipc_record record = {.type = IPC_BIND_ANSWER};
	struct ipc_bind_answer *out = &record.bind_answer;
	struct buffer text;

	/* The link may have gone from the configuration while the session was
	 * opened. */
	if (link->x400 == NULL) {
		client_close(client, "its link is gone");
		return;
	}
	buffer_init(&text, IPC_RECORD_MAX - 1024);
	if (conf_dump_link(conf, link->x400, &text) < 0) {
		buffer_fini(&text);
		client_close(client, "no memory");
		return;
	}
	out->accepted = true;
	out->link = slice_of_string(link->name);
	out->session = opening->session;
	out->token =
	    slice_of(opening->binding.token, opening->binding.token_len);
	out->local_name = slice_of_string(conf_local_name(conf, link->x400));
	out->local_password = conf_local_password(conf, link->x400);
	out->settings = buffer_slice(&text);
	client_send(client, &record);
	buffer_fini(&text);
}

/* opening_accept_called - say yes to a peer that we called */
void
opening_accept_called(struct client *client, uint64_t session)
{
	struct ipc_record record = {.type = IPC_BIND_ANSWER};

	record.bind_answer.accepted = true;
	record.bind_answer.link = slice_of_string(assoc_link(client)->name);
	record.bind_answer.session = session;
	client_send(client, &record);
}

/* opening_init - begin with the references of check, and a token */
int
opening_init(struct opening *opening, struct client *client,
    const struct ipc_bind_check *check)
{
	struct store_binding *binding = &opening->binding;
	char host[CALLER_HOST_MAX];

	*opening =
	    (struct opening){.client = client, .references = check->references};
	/* Sessions that we have opened are recovered by us alone. */
	if (client->role != IPC_ROLE_X400IN)
		return 0;
	caller_host(check->address, host);
	binding->address_len = (uint8_t)strlen(host);
	memcpy(binding->address, host, binding->address_len);
	binding->token_len = STORE_TOKEN_LEN;
	/* Without randomness the token would not be a secret, so the session is
	 * not opened. */
	if (getrandom(binding->token, STORE_TOKEN_LEN, 0) != STORE_TOKEN_LEN)
		return ERR_IO;
	return 0;
}

/* opening_apply - remember the session, and what it is bound to */
int
opening_apply(struct qmgr *qmgr, struct opening *opening)
{
	const struct link *link = opening->link;
	const char *name =
	    link->x400 != NULL ? link->x400->remote_mta : link->name;
	struct store_session before;
	int rc;

	/* Two workers that have one session both go by its token. */
	if (store_session_find(qmgr->store, slice_of_string(name), link->number,
		&opening->references, &before) == 0 &&
	    before.ended == 0 && before.binding.token_len > 0)
		memcpy(opening->binding.token, before.binding.token,
		    STORE_TOKEN_LEN);
	rc = store_session_open(qmgr->store, slice_of_string(name),
	    link->number, &opening->references, &opening->session, NULL,
	    &opening->dropped);
	if (rc == 0)
		rc = store_session_bind(
		    qmgr->store, opening->session, &opening->binding);
	return rc;
}

/* opening_done - answer the bind */
void
opening_done(struct qmgr *qmgr, struct opening *opening,
    const struct ipc_bind_check *check, int result)
{
	struct client *client = opening->client;

	if (opening->dropped > 0)
		LOG_EVENT(EVENT_SESSIONS_DROPPED,
		    LOG_STRING("link", opening->link->name),
		    LOG_INT("count", opening->dropped));
	if (result < 0) {
		/* Nothing was noted, so the peer must not use this
		 * association. */
		if (!client->closing)
			caller_refuse(client, opening->link, check,
			    BIND_ERROR_BUSY, store_reason(qmgr->store));
		return;
	}
	/* A worker that recovers has lost the one it had. */
	session_close(client, STORE_SESSION_LOST);
	client->took = false;
	client->session = opening->session;
	client->recovered = opening->recovered;
	client->recovers = opening->binding.recovers;
	client->link = opening->link;
	if (client->closing)
		session_close(client, STORE_SESSION_LOST);
	else if (client->role == IPC_ROLE_X400IN)
		accept_caller(client, opening);
	else
		opening_accept_called(client, opening->session);
}
