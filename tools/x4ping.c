/* SPDX-License-Identifier: ISC */
/*
 * x4ping.c - open an association to a link's MTA and release it, or try the
 * relay of a gateway; see x4ping(1)
 *
 * A suite that runs is asked to do it, since it has the passwords and keys that
 * the caller may not read.  Where none runs, or with --direct, this process
 * calls the peer by the configuration file, and then tells a suite that runs of
 * a success.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_tls.h"
#include "relay/relay_ping.h"
#include "tools/client.h"
#include "tools/options.h"
#include "traffic/ping.h"

#define TELL_MS 2000   /* for qmgr to answer */
#define STEP_MS 300000 /* for the longest step of a ping */

/* A ping under way, and where its steps are shown. */
struct pinging {
	struct options options;
	struct output out;
	const char *link;
};

static const struct output_column columns[] = {
    {"step", "STEP", OUTPUT_PLAIN},
    {"ms", "MS", OUTPUT_PLAIN},
    {"result", "RESULT", OUTPUT_STATE},
    {"reason", "REASON", OUTPUT_PLAIN},
};

/* show - show a step of our own */
static void
show(void *arg, const struct ipc_row *row)
{
	struct pinging *pinging = arg;

	output_row(&pinging->out, row);
}

/* on_row - show a step that the suite has done */
static int
on_row(void *arg, const struct ipc_row *row)
{
	show(arg, row);
	return 0;
}

/* ask_suite - have a suite that runs ping the link; false: none runs */
static bool
ask_suite(
    struct pinging *pinging, const struct conf *reach, enum exit_status *status)
{
	const char *arguments[] = {pinging->link};
	const struct client_request request = {.command = "ping",
	    .arguments = arguments,
	    .argument_count = 1,
	    .on_row = on_row,
	    .arg = pinging};
	struct client client;
	struct client_done done = {0};
	struct diag diag = {0};
	int error = client_open(&client, reach, CLIENT_QMGR, "x4ping", &diag);

	if (error == ERR_CLOSED)
		return false;
	if (error == 0) {
		client.timeout_ms = STEP_MS;
		error = client_request(&client, &request, &done, &diag);
		client_close(&client);
	}
	if (error != 0)
		options_fail(&pinging->options, client_exit_status(error), "%s",
		    diag_text(&diag));
	*status = (enum exit_status)done.status;
	/* Steps that failed are in the rows; a text says why there are none. */
	if (done.text[0] != '\0')
		options_warn(pinging->options.tool, "%s", done.text);
	return true;
}

/* make_context - read the keys for a link that has TLS, NULL for a relay */
static struct tls_context *
make_context(const struct options *options, struct conf *conf,
    const struct conf_link *link)
{
	struct tls_context *context = NULL;
	struct tls_material material;
	struct diag diag = {0};
	int error = conf_tls_load(conf, &diag);

	if (error == 0) {
		material = conf_tls_material(conf, link);
		error =
		    tls_context_new(TLS_CALLING, &material, &context, &diag);
	}
	if (error != 0)
		options_fail(
		    options, EXIT_STATUS_CONFIG, "%s", diag_text(&diag));
	return context;
}

/* tell_suite - have a running suite use the link again that was reached; that
 * it does not run, or may not be asked, is no failure of the ping */
static void
tell_suite(const struct conf *conf, const char *link)
{
	const char *arguments[] = {link};
	struct client client;
	struct client_done done;
	struct diag diag = {0};

	/* Nothing is said when no suite runs: the answer was for the person. */
	if (client_open(&client, conf, CLIENT_QMGR, "x4ping", &diag) != 0)
		return;
	client.timeout_ms = TELL_MS;
	(void)!client_request(&client,
	    &(struct client_request){.command = "reached",
		.arguments = arguments,
		.argument_count = 1},
	    &done, &diag);
	client_close(&client);
}

/* The link that this process pings, for judge. */
static const struct conf_link *pinged;

/* judge - say whether the responder is who the configuration says */
static int
judge(void *arg, const struct mta_bind *bind, struct diag *diag)
{
	(void)arg;
	/* The order is that of qmgr, so that the reason is the one that would
	 * be logged. */
	if (bind->credentials != BIND_SIMPLE)
		return diag_set(
		    diag, ERR_DENIED, "the peer did not say who it is");
	if (!slice_equal_string(bind->name, pinged->remote_mta))
		return diag_set(diag, ERR_DENIED, "the peer says it is %.*s",
		    (int)(bind->name.len < 64 ? bind->name.len : 64),
		    (const char *)bind->name.data);
	if (!mta_bind_password_is(bind, pinged->remote_password))
		return diag_set(diag, ERR_DENIED,
		    "the peer's password is not remote-password");
	return 0;
}

/* ping_relay - try the relay of a gateway from this process, by the file */
static enum exit_status
ping_relay(struct pinging *pinging, struct conf *conf,
    const struct conf_mixer *section)
{
	static struct relay_ping ping = {.show = show};
	bool reached;

	ping.arg = pinging;
	relay_init(&ping.relay, section,
	    (struct association_io){association_poll, NULL});
	if (section->tls != SMTP_TLS_NONE)
		ping.relay.tls = make_context(&pinging->options, conf, NULL);
	relay_ping_resolve(&ping);
	reached = relay_ping_run(&ping);
	tls_context_free(ping.relay.tls);
	if (reached)
		tell_suite(conf, pinging->link);
	return reached ? EXIT_STATUS_DONE : EXIT_STATUS_REFUSED;
}

/* find_relay - find the gateway that mixer/NAME is, or NULL */
static const struct conf_mixer *
find_relay(const struct conf *conf, const char *name)
{
	static const char prefix[] = "mixer/";
	size_t len = strlen(prefix);

	return strncmp(name, prefix, len) == 0
	    ? conf_mixer_find(conf, name + len)
	    : NULL;
}

/* ping_directly - call the peer from this process, by the file */
static enum exit_status
ping_directly(struct pinging *pinging)
{
	struct conf *conf = options_conf(&pinging->options);
	struct ping_wishes wishes = {.conf = conf,
	    .io = {association_poll, NULL},
	    .judge = judge,
	    .show = show,
	    .arg = pinging};
	static struct ping ping;
	const struct conf_mixer *relay = find_relay(conf, pinging->link);
	enum exit_status status;
	bool reached;

	if (relay != NULL) {
		status = ping_relay(pinging, conf, relay);
		conf_free(conf);
		return status;
	}
	pinged = conf_link_find(conf, pinging->link);
	if (pinged == NULL)
		options_fail(&pinging->options, EXIT_STATUS_REFUSED,
		    "%s: no such link", pinging->link);
	wishes.link = pinged;
	ping_init(&ping, &wishes);
	/* Keys are read only where the link needs them. */
	if (pinged->tls == CONF_TLS_REQUIRE)
		ping.tls = make_context(&pinging->options, conf, pinged);
	ping_resolve(&ping);
	reached = ping_run(&ping);
	tls_context_free(ping.tls);
	/* A suite that waits for this link need not wait any longer. */
	if (reached)
		tell_suite(conf, pinging->link);
	conf_free(conf);
	return reached ? EXIT_STATUS_DONE : EXIT_STATUS_REFUSED;
}

int
main(int argc, char **argv)
{
	static const struct options_option own[] = {
	    {'d', "direct", NULL, "by the file, even if a suite runs"},
	};
	static const struct options_tool tool = {.name = "x4ping",
	    .synopsis = "LINK",
	    .purpose =
		"open an association to a link's MTA and release it again, or "
		"try the relay of a gateway",
	    .options = own,
	    .option_count = sizeof(own) / sizeof(own[0])};
	static struct pinging pinging;
	enum exit_status status;
	const char *value;
	bool direct;

	options_parse(&pinging.options, &tool, argc, argv);
	direct = options_next(&pinging.options, &value) != NULL;
	if (pinging.options.operand_count != 1)
		options_usage(&pinging.options, "one link is needed");
	pinging.link = pinging.options.operands[0];
	/* A peer that closes must not end the tool by a signal. */
	signal(SIGPIPE, SIG_IGN);
	output_init(&pinging.out, pinging.options.format, stdout);
	output_table(
	    &pinging.out, columns, sizeof(columns) / sizeof(columns[0]));
	if (!direct) {
		struct conf *reach = options_reach(&pinging.options);

		direct = !ask_suite(&pinging, reach, &status);
		conf_free(reach);
	}
	if (direct)
		status = ping_directly(&pinging);
	if (output_finish(&pinging.out) != 0)
		status = EXIT_STATUS_REFUSED;
	return status;
}
