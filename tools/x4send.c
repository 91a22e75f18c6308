/* SPDX-License-Identifier: ISC */
/*
 * x4send.c - submit a message or a probe to the running suite; see x4send(1)
 *
 * Prints the queue id and the MTS identifier after the commit that holds the
 * message.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/client.h"
#include "tools/compose.h"
#include "tools/options.h"
#include "tools/when.h"

#define SUBMIT_NUMBER 1
#define AHEAD_MAX     (IPC_UNANSWERED_MAX - IPC_PIECE_MAX)

/* What the command line wants. */
struct wanted {
	const char *from;
	const char *to[COMPOSE_PARTS_MAX * 16];
	size_t to_count;
	const char *subject, *body, *content, *content_type, *priority;
	const char *attach[COMPOSE_PARTS_MAX];
	size_t attach_count;
	const char *deferred, *latest;
	bool report, probe;
};

static const struct options_option own[] = {
    {'f', "from", "ADDRESS", "the originator's O/R address"},
    {'t', "to", "ADDRESS", "a recipient's O/R address; any number of them"},
    {'s', "subject", "TEXT", "the subject"},
    {'b', "body", "FILE", "the text, instead of standard input"},
    {'a', "attach", "FILE", "a file to go along; any number of them"},
    {'\0', "content", "FILE", "the whole content, as it is"},
    {'\0', "content-type", "TYPE", "of --content: p2, p22, a number, an OID"},
    {'p', "priority", "P", "urgent, normal or non-urgent"},
    {'\0', "report", NULL, "report a delivery too"},
    {'\0', "probe", NULL, "a probe: asks whether it could be delivered"},
    {'\0', "deferred", "TIME", "do not deliver before"},
    {'\0', "latest", "TIME", "do not deliver after"},
};

/* add - one more of a list of the command line */
static void
add(const struct options *options, const char **list, size_t *count, size_t max,
    const char *value)
{
	if (*count == max)
		options_usage(options, "more than %zu", max);
	list[(*count)++] = value;
}

/* read_options - the tool's own options into wanted */
static void
read_options(struct options *options, struct wanted *wanted)
{
	const struct options_option *o;
	const char *value;

	while ((o = options_next(options, &value)) != NULL) {
		if (strcmp(o->name, "from") == 0)
			wanted->from = value;
		else if (strcmp(o->name, "to") == 0)
			add(options, wanted->to, &wanted->to_count,
			    sizeof(wanted->to) / sizeof(wanted->to[0]), value);
		else if (strcmp(o->name, "subject") == 0)
			wanted->subject = value;
		else if (strcmp(o->name, "body") == 0)
			wanted->body = value;
		else if (strcmp(o->name, "attach") == 0)
			add(options, wanted->attach, &wanted->attach_count,
			    COMPOSE_PARTS_MAX - 1, value);
		else if (strcmp(o->name, "content") == 0)
			wanted->content = value;
		else if (strcmp(o->name, "content-type") == 0)
			wanted->content_type = value;
		else if (strcmp(o->name, "priority") == 0)
			wanted->priority = value;
		else if (strcmp(o->name, "report") == 0)
			wanted->report = true;
		else if (strcmp(o->name, "probe") == 0)
			wanted->probe = true;
		else if (strcmp(o->name, "deferred") == 0)
			wanted->deferred = value;
		else if (strcmp(o->name, "latest") == 0)
			wanted->latest = value;
	}
	if (options->operand_count > 0)
		options_usage(
		    options, "%s: not an option", options->operands[0]);
	if (wanted->from == NULL || wanted->to_count == 0)
		options_usage(options, "-f and -t are needed");
	if ((wanted->content != NULL) != (wanted->content_type != NULL))
		options_usage(
		    options, "--content and --content-type go together");
	if (wanted->content != NULL &&
	    (wanted->body != NULL || wanted->attach_count > 0 ||
		wanted->subject != NULL))
		options_usage(options,
		    "--content is the whole content: no subject, body, files");
}

/* priority_of - by its name, or usage */
static enum p1_priority
priority_of(const struct options *options, const char *name)
{
	for (int p = P1_NORMAL; p <= P1_URGENT; p++)
		if (strcmp(p1_priority_name((enum p1_priority)p), name) == 0)
			return (enum p1_priority)p;
	options_usage(options, "--priority: %s", name);
}

/* moment - a TIME of the command line, or usage */
static int64_t
moment(const struct options *options, const char *name, const char *text)
{
	int64_t seconds;

	if (when_parse(text, time(NULL), &seconds) != 0)
		options_usage(options,
		    "%s: %s: neither +2h nor 2026-11-22T10:00:00Z", name, text);
	return seconds;
}

/* envelope_options - priority and times */
static int
envelope_options(const struct options *options, const struct wanted *wanted,
    struct compose *compose)
{
	struct p1_envelope *envelope = &compose->envelope;

	if (wanted->priority != NULL)
		envelope->priority = priority_of(options, wanted->priority);
	if (wanted->deferred != NULL)
		envelope->deferred_time =
		    moment(options, "--deferred", wanted->deferred);
	if (wanted->latest == NULL)
		return 0;
	return p1_set_latest_delivery_time(envelope, &compose->arena,
	    moment(options, "--latest", wanted->latest));
}

/* compose_all - everything that the command line says */
static int
compose_all(const struct options *options, const struct wanted *wanted,
    const struct conf *conf, struct compose *compose, struct diag *diag)
{
	int error;

	if ((error = compose_originator(compose, wanted->from, diag)) != 0)
		return error;
	for (size_t i = 0; i < wanted->to_count; i++)
		if ((error = compose_recipient(
			 compose, wanted->to[i], wanted->report, diag)) != 0)
			return error;
	if (wanted->subject != NULL) {
		compose->heading.has_subject = true;
		compose->heading.subject = slice_of_string(wanted->subject);
	}
	if (wanted->content != NULL)
		error = compose_content(
		    compose, wanted->content, wanted->content_type, diag);
	else if (!wanted->probe)
		error = compose_text(compose, wanted->body, diag);
	for (size_t i = 0; error == 0 && i < wanted->attach_count; i++)
		error = compose_attach(compose, wanted->attach[i], diag);
	if (error == 0)
		error = envelope_options(options, wanted, compose);
	if (error != 0)
		return error;
	return compose_finish(compose, conf, diag);
}

/* give - one piece of the body; waits while qmgr has too much unanswered */
static int
give(struct client *client, struct slice octets, uint64_t *sent,
    uint64_t *committed, struct diag *diag)
{
	struct ipc_record record = {.type = IPC_SUBMIT_DATA,
	    .submit_data = {.submit = SUBMIT_NUMBER, .data = octets}};
	int error;

	while (*sent + octets.len - *committed > AHEAD_MAX) {
		struct ipc_record answer;

		error = client_receive(client, &answer, diag);
		if (error != 0)
			return error;
		if (answer.type == IPC_SUBMIT_PROGRESS)
			*committed = answer.submit_progress.offset;
		else if (answer.type == IPC_SUBMIT_ANSWER)
			return diag_set(diag, ERR_REFUSED, "%.*s",
			    (int)answer.submit_answer.text.len,
			    (const char *)answer.submit_answer.text.data);
	}
	*sent += octets.len;
	return client_send(client, &record, diag);
}

/* give_body - envelope and content */
static int
give_body(struct client *client, struct compose *compose, struct diag *diag)
{
	struct slice envelope = buffer_slice(&compose->encoded);
	uint64_t sent = 0, committed = 0, whole = compose->content_length;
	uint8_t piece[IPC_PIECE_MAX];
	int64_t n;
	int error = 0;

	while (error == 0 && envelope.len > 0) {
		size_t len =
		    envelope.len < sizeof(piece) ? envelope.len : sizeof(piece);

		error = give(client, slice_of(envelope.data, len), &sent,
		    &committed, diag);
		envelope = slice_of(envelope.data + len, envelope.len - len);
	}
	while (error == 0 &&
	    (n = compose_read(compose, piece, sizeof(piece), diag)) != 0) {
		if (n < 0)
			return (int)n;
		error = give(client, slice_of(piece, (size_t)n), &sent,
		    &committed, diag);
		output_progress(
		    "sent", sent - buffer_length(&compose->encoded), whole);
	}
	output_progress_end();
	if (error == 0 && sent != buffer_length(&compose->encoded) + whole)
		error = diag_set(
		    diag, ERR_IO, "a file changed its size while it was read");
	return error;
}

/* submit - hand it to qmgr; *answer is valid until the client is used again */
static int
submit(struct client *client, struct compose *compose,
    struct ipc_submit_answer *answer, struct diag *diag)
{
	struct ipc_record record = {.type = IPC_SUBMIT_START,
	    .submit_start = {.submit = SUBMIT_NUMBER,
		.kind = compose->envelope.kind == P1_PROBE ? IPC_PROBE
							   : IPC_MESSAGE,
		.origin = IPC_SUBMISSION,
		.envelope_length = buffer_length(&compose->encoded)}};
	int error = client_send(client, &record, diag);

	if (error == 0)
		error = give_body(client, compose, diag);
	if (error != 0)
		return error;
	record = (struct ipc_record){.type = IPC_SUBMIT_END,
	    .submit_end = {.submit = SUBMIT_NUMBER,
		.content_length = compose->content_length}};
	if ((error = client_send(client, &record, diag)) != 0)
		return error;
	do
		error = client_receive(client, &record, diag);
	while (error == 0 && record.type == IPC_SUBMIT_PROGRESS);
	if (error != 0)
		return error;
	if (record.type != IPC_SUBMIT_ANSWER)
		return diag_set(diag, ERR_PROTOCOL, "unexpected %s",
		    ipc_type_name(record.type));
	*answer = record.submit_answer;
	if (answer->result == IPC_SUBMIT_ACCEPTED)
		return 0;
	return diag_set(diag, ERR_REFUSED, "%.*s", (int)answer->text.len,
	    (const char *)answer->text.data);
}

/* print - what it was given */
static int
print(const struct options *options, const struct ipc_submit_answer *answer)
{
	static const struct output_column columns[] = {
	    {"id", "ID", OUTPUT_PLAIN}, {"mts_id", "MTS-ID", OUTPUT_PLAIN}};
	const struct ipc_field fields[] = {
	    OUTPUT_FIELD_NUMBER("id", answer->message),
	    OUTPUT_FIELD_SLICE("mts_id", answer->mts_id)};
	const struct ipc_row row = {fields, 2};
	struct output out;

	output_init(&out, options->format, stdout);
	output_details(&out, columns, 2, &row);
	return output_finish(&out) == 0 ? OPTIONS_DONE : OPTIONS_REFUSED;
}

int
main(int argc, char **argv)
{
	static const struct options_tool tool = {.name = "x4send",
	    .synopsis = "-f FROM -t TO... [-s SUBJECT] [-b FILE] [-a FILE]...\n"
			"-f FROM -t TO... --content FILE --content-type TYPE\n"
			"-f FROM -t TO... --probe",
	    .purpose = "submit a message or a probe",
	    .options = own,
	    .option_count = sizeof(own) / sizeof(own[0])};
	static struct compose compose;
	static struct wanted wanted;
	struct ipc_submit_answer answer = {0};
	struct options options;
	struct client client;
	struct diag diag = {0};
	struct conf *conf;
	int error, status;

	options_parse(&options, &tool, argc, argv);
	read_options(&options, &wanted);
	conf = options_conf(&options);
	compose_init(&compose, wanted.probe ? P1_PROBE : P1_MESSAGE);
	if (compose_all(&options, &wanted, conf, &compose, &diag) != 0)
		options_fail(&options, OPTIONS_REFUSED, "%s", diag_text(&diag));
	error = client_open(&client, conf, CLIENT_QMGR, "x4send", &diag);
	if (error != 0)
		options_fail(&options,
		    error == ERR_CLOSED ? OPTIONS_NOT_RUNNING : OPTIONS_REFUSED,
		    "%s", diag_text(&diag));
	if (submit(&client, &compose, &answer, &diag) != 0)
		options_fail(&options, OPTIONS_REFUSED, "%s", diag_text(&diag));
	status = print(&options, &answer);
	client_close(&client);
	compose_fini(&compose);
	conf_free(conf);
	return status;
}
