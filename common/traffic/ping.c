/* SPDX-License-Identifier: ISC */
/*
 * ping.c - open an association to a link's MTA step by step, and release it
 */
#include "traffic/ping.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "conf/conf_call.h"
#include "conf/conf_tls.h"

#define SECONDS_DAY 86400

/* text_field, number_field - make a field of a row */
static struct ipc_field
text_field(const char *name, const char *text)
{
	return (struct ipc_field){.name = slice_of_string(name),
	    .type = IPC_FIELD_TEXT,
	    .octets = slice_of_string(text)};
}

static struct ipc_field
number_field(const char *name, int64_t number)
{
	return (struct ipc_field){.name = slice_of_string(name),
	    .type = IPC_FIELD_NUMBER,
	    .number = number};
}

/* show_step - show one step and what became of it; reason is "" when all is
 * well */
static void
show_step(struct ping *ping, const char *step, uint64_t ms, const char *reason)
{
	const bool well = reason[0] == '\0';
	const struct ipc_field fields[] = {
	    text_field("link", ping->wishes.link->name),
	    text_field("step", step),
	    number_field("ms", (int64_t)ms),
	    text_field("result", well ? "ok" : "failed"),
	    text_field("reason", reason),
	};
	const struct ipc_row row = {fields, sizeof(fields) / sizeof(fields[0])};

	ping->wishes.show(ping->wishes.arg, &row);
	/* The first failure decides how the ping ends, whatever follows. */
	if (!well)
		ping->failed = true;
}

/* show_tls - show what was agreed upon, and whose certificate it is */
static void
show_tls(struct ping *ping, uint64_t ms)
{
	const struct tls_identity *identity =
	    association_tls_identity(&ping->association);
	int64_t left = (identity->expires - clock_wall() / 1000) / SECONDS_DAY;
	char words[400];
	struct ipc_field fields[] = {
	    text_field("link", ping->wishes.link->name),
	    text_field("step", "tls"),
	    number_field("ms", (int64_t)ms),
	    text_field("result", "ok"),
	    text_field("reason", ""),
	    text_field("version", identity->version),
	    text_field("cipher", identity->cipher),
	    text_field("subject", identity->subject),
	    number_field("days_left", left),
	};
	const struct ipc_row row = {fields, sizeof(fields) / sizeof(fields[0])};

	(void)snprintf(words, sizeof(words), "%s %s, %s, %lld days left",
	    identity->version, identity->cipher, identity->subject,
	    (long long)left);
	fields[4].octets = slice_of_string(words);
	ping->wishes.show(ping->wishes.arg, &row);
}

/* on_step - show that a layer was reached */
static void
on_step(void *arg, enum association_layer layer, uint32_t ms)
{
	struct ping *ping = arg;

	if (layer == ASSOCIATION_LAYER_TLS)
		show_tls(ping, ms - ping->step_ms);
	else
		show_step(ping, association_layer_name(layer),
		    ms - ping->step_ms, "");
	ping->step_ms = ms;
}

/* ping_init - begin with nothing done */
void
ping_init(struct ping *ping, const struct ping_wishes *wishes)
{
	*ping = (struct ping){.wishes = *wishes, .fd = -1};
	ping->expectation = conf_tls_expectation(wishes->link);
}

/* ping_fail - show a step that the caller did itself, and that failed */
void
ping_fail(struct ping *ping, const char *step, const char *reason)
{
	show_step(ping, step, 0, reason);
}

/* ping_resolve - look up the addresses of the link */
void
ping_resolve(struct ping *ping)
{
	const struct conf_endpoints *list = &ping->wishes.link->address;

	for (size_t i = 0; i < list->count; i++) {
		uint64_t begun = clock_monotonic();
		struct diag diag = {0};
		char port[8];

		(void)snprintf(port, sizeof(port), "%u", list->items[i].port);
		/* A name that is not found does not hide the next address. */
		if (connect_resolve(list->items[i].host, port, ping->addresses,
			&ping->address_count, &diag) != 0)
			show_step(ping, "name", clock_monotonic() - begun,
			    diag_text(&diag));
	}
	if (list->count == 0)
		show_step(ping, "tcp", 0, "the link has no address to call");
}

/* connect_link - connect by TCP to the first address that answers */
static int
connect_link(struct ping *ping)
{
	uint64_t limit = conf_call_tcp_timeout(ping->wishes.link);
	char step[CONNECT_TEXT_MAX + 8];

	for (size_t i = 0; i < ping->address_count; i++) {
		const struct connect_address *to = &ping->addresses[i];
		uint64_t begun = clock_monotonic();
		struct diag diag = {0};
		int error;

		(void)snprintf(step, sizeof(step), "tcp %s", to->text);
		error = connect_tcp(
		    to, ping->wishes.io, clock_after(limit), &ping->fd, &diag);
		/* An address before may have failed; one that answers is
		 * enough. */
		if (error == 0)
			ping->failed = false;
		show_step(ping, step, clock_monotonic() - begun,
		    error == 0 ? "" : diag_text(&diag));
		if (error == 0 || error == ERR_CANCELLED)
			return error;
	}
	return ERR_NOTFOUND;
}

/* check_responder - check that the responder is who the configuration says */
static void
check_responder(struct ping *ping, struct slice result)
{
	struct mta_bind bind;
	struct diag diag = {0};
	struct arena arena;
	int error;

	arena_init(&arena, BIND_OCTETS_MAX);
	error = mta_bind_decode(result, &arena, &bind, &diag);
	if (error == 0)
		error = ping->wishes.judge(ping->wishes.arg, &bind, &diag);
	/* An error that nobody explained must not look like a success. */
	if (error != 0 && diag.code == 0)
		(void)diag_set(&diag, error, "%s", error_strerror(error));
	show_step(ping, "responder", 0, error == 0 ? "" : diag_text(&diag));
	arena_fini(&arena);
}

/* bind_and_release - open the association and release it */
static void
bind_and_release(struct ping *ping)
{
	struct association *association = &ping->association;
	struct association_parameters p =
	    conf_call_parameters(ping->wishes.conf, ping->wishes.link);
	uint64_t begun = clock_monotonic();
	struct buffer argument;
	struct slice result;
	int error;

	p.tls = ping->tls;
	p.tls_expectation = &ping->expectation;
	p.step = on_step;
	p.step_arg = ping;
	buffer_init(&argument, BIND_OCTETS_MAX);
	error = conf_call_bind(ping->wishes.conf, ping->wishes.link, &argument);
	if (error == 0)
		error = association_open(association, ping->fd, &p,
		    buffer_slice(&argument), &result);
	buffer_fini(&argument);
	if (error != 0) {
		const struct association_failure *failure =
		    &association->failure;

		show_step(ping, association_layer_name(failure->layer),
		    clock_monotonic() - begun - ping->step_ms,
		    failure->text[0] != '\0' ? failure->text
					     : error_strerror(error));
		return;
	}
	check_responder(ping, result);
	begun = clock_monotonic();
	error = association_release(association);
	show_step(ping, "release", clock_monotonic() - begun,
	    error == 0 ? "" : association->failure.text);
}

/* ping_run - connect, bind and release */
bool
ping_run(struct ping *ping)
{
	if (association_init(&ping->association, ping->wishes.io) != 0)
		show_step(ping, "start", 0, error_strerror(ERR_NOMEM));
	else if (connect_link(ping) == 0)
		bind_and_release(ping);
	association_fini(&ping->association);
	if (ping->fd != -1)
		close(ping->fd);
	ping->fd = -1;
	return !ping->failed;
}
