/* SPDX-License-Identifier: ISC */
/*
 * x4ping.c - open an association to a link's MTA and release it; see x4ping(1)
 *
 * The same way that x400out goes, step by step, each with its time; on
 * failure the peer's own reason in words.  No message is sent.  It reads the
 * configuration alone and needs no running suite; one that runs is told of a
 * success.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/conf_call.h"
#include "conf/conf_tls.h"
#include "mhs/bind.h"
#include "osi/connect.h"
#include "tools/client.h"
#include "tools/options.h"

#define TELL_MS	    2000 /* for qmgr to answer */
#define SECONDS_DAY 86400

/* The state of a ping. */
struct ping {
	struct output out;
	const struct conf *conf;
	const struct conf_link *link;
	struct association association;
	struct tls_context *tls; /* NULL: not spoken */
	struct tls_expectation expectation;
	int fd;
	uint32_t step_ms; /* since the association began, at the last step */
	bool failed;
};

static const struct output_column columns[] = {
    {"step", "STEP", OUTPUT_PLAIN},
    {"ms", "MS", OUTPUT_PLAIN},
    {"result", "RESULT", OUTPUT_STATE},
    {"reason", "REASON", OUTPUT_PLAIN},
};

/* show_step - show one step and what became of it; reason is "" when all is
 * well */
static void
show_step(struct ping *ping, const char *step, uint64_t ms, const char *reason)
{
	const bool well = reason[0] == '\0';
	const struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("link", ping->link->name),
	    OUTPUT_FIELD_TEXT("step", step),
	    OUTPUT_FIELD_NUMBER("ms", ms),
	    OUTPUT_FIELD_TEXT("result", well ? "ok" : "failed"),
	    OUTPUT_FIELD_TEXT("reason", reason),
	};
	const struct ipc_row row = {fields, sizeof(fields) / sizeof(fields[0])};

	output_row(&ping->out, &row);
	/* The first failure decides the exit status, whatever follows. */
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
	struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("link", ping->link->name),
	    OUTPUT_FIELD_TEXT("step", "tls"),
	    OUTPUT_FIELD_NUMBER("ms", ms),
	    OUTPUT_FIELD_TEXT("result", "ok"),
	    OUTPUT_FIELD_TEXT("reason", ""),
	    OUTPUT_FIELD_TEXT("version", identity->version),
	    OUTPUT_FIELD_TEXT("cipher", identity->cipher),
	    OUTPUT_FIELD_TEXT("subject", identity->subject),
	    OUTPUT_FIELD_NUMBER("days_left", left),
	};
	const struct ipc_row row = {fields, sizeof(fields) / sizeof(fields[0])};
	char words[400];

	(void)snprintf(words, sizeof(words), "%s %s, %s, %lld days left",
	    identity->version, identity->cipher, identity->subject,
	    (long long)left);
	fields[4].octets = slice_of_string(words);
	output_row(&ping->out, &row);
}

/* take_keys - take the keys for a link that requires TLS */
static void
take_keys(struct ping *ping, struct options *options, struct conf *conf)
{
	struct tls_material material;
	struct diag diag = {0};

	/* Keys are read only where the link needs them. */
	if (ping->link->tls != CONF_TLS_REQUIRE)
		return;
	if (conf_tls_load(conf, &diag) != 0)
		options_fail(
		    options, EXIT_STATUS_CONFIG, "%s", diag_text(&diag));
	material = conf_tls_material(conf, ping->link);
	ping->expectation = conf_tls_expectation(ping->link);
	if (tls_context_new(TLS_CALLING, &material, &ping->tls, &diag) != 0)
		options_fail(
		    options, EXIT_STATUS_CONFIG, "%s", diag_text(&diag));
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

/* connect_link - connect by TCP to the first address of the link that
 * answers */
static int
connect_link(struct ping *ping)
{
	const struct association_io io = {association_poll, NULL};
	struct connect_address list[CONNECT_ADDRESSES_MAX];
	char step[CONNECT_TEXT_MAX + 8];
	size_t count = 0;

	for (size_t i = 0; i < ping->link->address.count; i++) {
		const struct conf_endpoint *to = &ping->link->address.items[i];
		uint64_t begun = clock_monotonic();
		struct diag diag = {0};
		char port[8];

		(void)snprintf(port, sizeof(port), "%u", to->port);
		/* A name that is not found does not hide the next address. */
		if (connect_resolve(to->host, port, list, &count, &diag) != 0)
			show_step(ping, "name", clock_monotonic() - begun,
			    diag_text(&diag));
	}
	for (size_t i = 0; i < count; i++) {
		uint64_t begun = clock_monotonic();
		struct diag diag = {0};

		(void)snprintf(step, sizeof(step), "tcp %s", list[i].text);
		if (connect_tcp(&list[i], io,
			clock_after(conf_call_tcp_timeout(ping->link)),
			&ping->fd, &diag) == 0) {
			/* An address before may have failed; one that answers
			 * is enough. */
			ping->failed = false;
			show_step(ping, step, clock_monotonic() - begun, "");
			return 0;
		}
		show_step(
		    ping, step, clock_monotonic() - begun, diag_text(&diag));
	}
	if (ping->link->address.count == 0)
		show_step(ping, "tcp", 0, "the link has no address to call");
	return ERR_NOTFOUND;
}

/* check_responder - check that the responder is who the configuration says */
static void
check_responder(struct ping *ping, struct slice result)
{
	struct mta_bind bind;
	struct diag diag = {0};
	struct arena arena;
	const char *reason = "";
	char other[128];

	arena_init(&arena, BIND_OCTETS_MAX);
	/* The order is that of a worker, so that the reason is the one that
	 * would be logged. */
	if (mta_bind_decode(result, &arena, &bind, &diag) != 0) {
		reason = diag_text(&diag);
	} else if (bind.credentials != BIND_SIMPLE) {
		reason = "the peer did not say who it is";
	} else if (!slice_equal_string(bind.name, ping->link->remote_mta)) {
		(void)snprintf(other, sizeof(other), "the peer says it is %.*s",
		    (int)(bind.name.len < 64 ? bind.name.len : 64),
		    (const char *)bind.name.data);
		reason = other;
	} else if (!mta_bind_password_is(&bind, ping->link->remote_password)) {
		reason = "the peer's password is not remote-password";
	}
	show_step(ping, "responder", 0, reason);
	arena_fini(&arena);
}

/* bind_and_release - open the association and release it */
static void
bind_and_release(struct ping *ping)
{
	struct association *association = &ping->association;
	struct association_parameters p =
	    conf_call_parameters(ping->conf, ping->link);
	uint64_t begun = clock_monotonic();
	struct buffer argument;
	struct slice result;
	int error;

	p.tls = ping->tls;
	p.tls_expectation = &ping->expectation;
	p.step = on_step;
	p.step_arg = ping;
	buffer_init(&argument, BIND_OCTETS_MAX);
	error = conf_call_bind(ping->conf, ping->link, &argument);
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

/* tell_suite - have a running suite use the link again that was reached; that
 * it does not run, or may not be asked, is no failure of the ping */
static void
tell_suite(const struct ping *ping)
{
	const char *arguments[] = {ping->link->name};
	struct client client;
	struct client_done done;
	struct diag diag = {0};

	/* Nothing is said when no suite runs: the answer was for the person. */
	if (client_open(&client, ping->conf, CLIENT_QMGR, "x4ping", &diag) != 0)
		return;
	client.timeout_ms = TELL_MS;
	(void)!client_request(&client,
	    &(struct client_request){.command = "reached",
		.arguments = arguments,
		.argument_count = 1},
	    &done, &diag);
	client_close(&client);
}

int
main(int argc, char **argv)
{
	static const struct options_tool tool = {.name = "x4ping",
	    .synopsis = "LINK",
	    .purpose =
		"open an association to a link's MTA and release it again"};
	struct options options;
	struct ping ping = {.fd = -1};
	struct conf *conf;
	int status;

	options_parse(&options, &tool, argc, argv);
	if (options.operand_count != 1)
		options_usage(&options, "one link is needed");
	conf = options_conf(&options);
	ping.conf = conf;
	ping.link = conf_link_find(conf, options.operands[0]);
	if (ping.link == NULL)
		options_fail(&options, EXIT_STATUS_REFUSED, "%s: no such link",
		    options.operands[0]);
	take_keys(&ping, &options, conf);
	/* A peer that closes must not end the tool by a signal. */
	signal(SIGPIPE, SIG_IGN);
	if (association_init(&ping.association,
		(struct association_io){association_poll, NULL}) != 0)
		options_fail(&options, EXIT_STATUS_REFUSED, "out of memory");
	output_init(&ping.out, options.format, stdout);
	output_table(&ping.out, columns, sizeof(columns) / sizeof(columns[0]));
	if (connect_link(&ping) == 0)
		bind_and_release(&ping);
	association_fini(&ping.association);
	tls_context_free(ping.tls);
	if (ping.fd != -1)
		close(ping.fd);
	/* A suite that waits for this link need not wait any longer. */
	if (!ping.failed)
		tell_suite(&ping);
	status = ping.failed ? EXIT_STATUS_REFUSED : EXIT_STATUS_DONE;
	if (output_finish(&ping.out) != 0)
		status = EXIT_STATUS_REFUSED;
	conf_free(conf);
	return status;
}
