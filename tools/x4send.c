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

#include "client/submission.h"
#include "conf/conf_quantity.h"
#include "tools/client.h"
#include "tools/compose.h"
#include "tools/options.h"
#include "tools/send_object.h"
#include "tools/when.h"

/* The command line, parsed. */
struct wanted {
	const char *from, *alternate;
	const char *to[COMPOSE_PARTS_MAX * 16];
	size_t to_count;
	const char *subject, *body, *content, *content_type, *priority;
	const char *attach[COMPOSE_PARTS_MAX];
	size_t attach_count;
	const char *deferred, *latest, *content_length, *json;
	bool report, probe;
};

static const struct options_option own[] = {
    {'f', "from", "ADDRESS", "the originator's O/R address"},
    {'t', "to", "ADDRESS", "a recipient's O/R address; any number of them"},
    {'\0', "alternate", "ADDRESS", "who gets it where a recipient cannot"},
    {'s', "subject", "TEXT", "the subject"},
    {'b', "body", "FILE", "the text, instead of standard input"},
    {'a', "attach", "FILE", "a file to go along; any number of them"},
    {'\0', "content", "FILE", "the whole content, as it is"},
    {'\0', "content-type", "TYPE", "of --content: p2, p22, a number, an OID"},
    {'p', "priority", "P", "urgent, normal or non-urgent"},
    {'\0', "report", NULL, "report a delivery too"},
    {'\0', "probe", NULL, "a probe: asks whether it could be delivered"},
    {'\0', "content-length", "SIZE", "of a probe: what it asks about"},
    {'\0', "deferred", "TIME", "do not deliver before"},
    {'\0', "latest", "TIME", "do not deliver after"},
    {'\0', "json", "FILE", "the whole object, as fourpost-json(5) has it"},
};

/* x4send_add_value - add to a list of the command line */
static void
x4send_add_value(const struct options *options, const char **list,
    size_t *count, size_t max, const char *value)
{
	if (*count == max)
		options_usage(options, "more than %zu", max);
	list[(*count)++] = value;
}

/* check_options - check that the options of a message go together */
static void
check_options(const struct options *options, const struct wanted *wanted)
{
	if (wanted->from == NULL || wanted->to_count == 0)
		options_usage(options, "-f and -t are needed");
	/* Octets without their type could not be read by anybody. */
	if ((wanted->content != NULL) != (wanted->content_type != NULL))
		options_usage(
		    options, "--content and --content-type go together");
	if (wanted->content != NULL &&
	    (wanted->body != NULL || wanted->attach_count > 0 ||
		wanted->subject != NULL))
		options_usage(options,
		    "--content is the whole content: no subject, body, files");
	if (wanted->content_length != NULL &&
	    (!wanted->probe || wanted->content != NULL ||
		wanted->body != NULL || wanted->attach_count > 0))
		options_usage(options,
		    "--content-length is of a probe that names no files");
}

/* read_options - read the tool's own options */
static void
read_options(struct options *options, struct wanted *wanted)
{
	const struct options_option *o;
	const char *value;

	while ((o = options_next(options, &value)) != NULL) {
		if (strcmp(o->name, "from") == 0)
			wanted->from = value;
		else if (strcmp(o->name, "to") == 0)
			x4send_add_value(options, wanted->to, &wanted->to_count,
			    sizeof(wanted->to) / sizeof(wanted->to[0]), value);
		else if (strcmp(o->name, "alternate") == 0)
			wanted->alternate = value;
		else if (strcmp(o->name, "subject") == 0)
			wanted->subject = value;
		else if (strcmp(o->name, "body") == 0)
			wanted->body = value;
		else if (strcmp(o->name, "attach") == 0)
			x4send_add_value(options, wanted->attach,
			    &wanted->attach_count, COMPOSE_PARTS_MAX - 1,
			    value);
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
		else if (strcmp(o->name, "content-length") == 0)
			wanted->content_length = value;
		else if (strcmp(o->name, "deferred") == 0)
			wanted->deferred = value;
		else if (strcmp(o->name, "latest") == 0)
			wanted->latest = value;
		else if (strcmp(o->name, "json") == 0)
			wanted->json = value;
	}
	if (options->operand_count > 0)
		options_usage(
		    options, "%s: not an option", options->operands[0]);
	if (wanted->json != NULL && options->given_count > 1)
		options_usage(options, "--json says all: no other option");
	if (wanted->json == NULL)
		check_options(options, wanted);
}

/* priority_of - find a priority by its name, or show the usage */
static enum p1_priority
priority_of(const struct options *options, const char *name)
{
	for (int p = P1_NORMAL; p <= P1_URGENT; p++)
		if (strcmp(p1_priority_name((enum p1_priority)p), name) == 0)
			return (enum p1_priority)p;
	options_usage(options, "--priority: %s", name);
}

/* parse_moment - parse a TIME of the command line, or show the usage */
static int64_t
parse_moment(const struct options *options, const char *name, const char *text)
{
	int64_t seconds;

	if (when_parse(text, time(NULL), &seconds) != 0)
		options_usage(options,
		    "%s: %s: neither +2h nor 2026-11-22T10:00:00Z", name, text);
	return seconds;
}

/* envelope_options - put subject, priority and times into the draft */
static void
envelope_options(const struct options *options, const struct wanted *wanted,
    struct draft *draft)
{
	if (wanted->subject != NULL)
		draft->subject = slice_of_string(wanted->subject);
	if (wanted->priority != NULL)
		draft->priority = priority_of(options, wanted->priority);
	if (wanted->deferred != NULL)
		draft->deferred =
		    parse_moment(options, "--deferred", wanted->deferred);
	if (wanted->latest != NULL)
		draft->latest =
		    parse_moment(options, "--latest", wanted->latest);
	if (wanted->content_length != NULL &&
	    conf_size_parse(wanted->content_length, &draft->content_length) !=
		0)
		options_usage(options, "--content-length: %s: not a size",
		    wanted->content_length);
}

/* compose_all - compose what the command line says */
static int
compose_all(const struct options *options, const struct wanted *wanted,
    const struct conf *conf, struct compose *compose, struct diag *diag)
{
	int error;

	if ((error = compose_originator(compose, wanted->from, diag)) != 0)
		return error;
	for (size_t i = 0; i < wanted->to_count; i++)
		if ((error = compose_recipient(compose, wanted->to[i],
			 wanted->report ? DRAFT_DELIVERY : DRAFT_NON_DELIVERY,
			 diag)) != 0)
			return error;
	if (wanted->alternate != NULL &&
	    (error = compose_alternate(compose, wanted->alternate, diag)) != 0)
		return error;
	envelope_options(options, wanted, &compose->draft);
	if (wanted->content != NULL)
		error = compose_content(
		    compose, wanted->content, wanted->content_type, diag);
	else if (!wanted->probe || wanted->body != NULL)
		error = compose_text(compose, wanted->body, diag);
	for (size_t i = 0; error == 0 && i < wanted->attach_count; i++)
		error = compose_attach(compose, wanted->attach[i], diag);
	return error != 0 ? error : compose_finish(compose, conf, diag);
}

/* The source of a submission: options, or an object of JSON. */
struct made {
	enum mts_kind kind;
	struct slice envelope;
	uint64_t length; /* of the content; 0 of a probe */
	int64_t (*read)(
	    void *arg, uint8_t *room, size_t size, struct diag *diag);
	void *arg;
};

/* read_composed - read octets of the content that options make */
static int64_t
read_composed(void *arg, uint8_t *room, size_t size, struct diag *diag)
{
	return compose_read(arg, room, size, diag);
}

/* read_object - read octets of the content of an object */
static int64_t
read_object(void *arg, uint8_t *room, size_t size, struct diag *diag)
{
	return send_object_read(arg, room, size, diag);
}

/* A submission over a tool's connection to qmgr. */
struct sending {
	struct client *client;
	const struct made *made;
	struct submitter submitter;
	struct submission submission;
	struct diag *diag;
};

/* give_record - send a record */
static int
give_record(void *arg, const struct ipc_record *record)
{
	struct sending *sending = arg;

	return client_send(sending->client, record, sending->diag);
}

/* wait_for_qmgr - receive a record about the submission */
static int
wait_for_qmgr(void *arg)
{
	struct sending *sending = arg;
	struct ipc_record record;
	int error = client_receive(sending->client, &record, sending->diag);

	if (error == 0 && submission_number(&record) == 0)
		return diag_set(sending->diag, ERR_PROTOCOL, "unexpected %s",
		    ipc_type_name(record.type));
	if (error == 0)
		submission_take(&sending->submission, &record);
	return error;
}

/* send_content - submit the content, and show how far it has come */
static int
send_content(struct sending *sending)
{
	const struct made *made = sending->made;
	uint64_t sent = 0;
	uint8_t piece[IPC_PIECE_MAX];
	int64_t n;
	int error = 0;

	while (error == 0 &&
	    (n = made->read(made->arg, piece, sizeof(piece), sending->diag)) !=
		0) {
		if (n < 0)
			return (int)n;
		error = submission_body(&sending->submitter,
		    &sending->submission, slice_of(piece, (size_t)n));
		sent += (uint64_t)n;
		output_progress("sent", sent, made->length);
	}
	output_progress_end();
	/* Lengths in the envelope were made of the files' sizes, before they
	 * were read. */
	if (error == 0 && sent != made->length)
		error = diag_set(sending->diag, ERR_IO,
		    "a file changed its size while it was read");
	return error;
}

/* send_all - submit envelope and content, and await the answer */
static int
send_all(struct sending *sending)
{
	struct submission *s = &sending->submission;
	const struct made *made = sending->made;
	const struct ipc_submit_start start = {.kind = made->kind,
	    .origin = IPC_SUBMISSION,
	    .envelope_length = made->envelope.len};
	int error;

	submission_init(&sending->submitter, s);
	error = submission_start(&sending->submitter, s, &start);
	if (error == 0)
		error = submission_body(&sending->submitter, s, made->envelope);
	if (error == 0)
		error = send_content(sending);
	if (error == 0)
		error = submission_end(
		    &sending->submitter, s, made->length, (struct slice){0});
	while (error == 0 && s->state != SUBMISSION_ANSWERED)
		error = wait_for_qmgr(sending);
	/* A refusal during the content is an answer, as one after the end
	 * is. */
	if (error == ERR_REFUSED)
		error = 0;
	if (error == 0 && s->result != IPC_SUBMIT_ACCEPTED)
		error = diag_set(sending->diag, ERR_REFUSED, "%s", s->text);
	return error;
}

/* take_domain - take our domain from a row of the answer */
static int
take_domain(void *arg, const struct ipc_row *row)
{
	struct conf *conf = arg;

	for (size_t i = 0; i < row->field_count; i++)
		if (slice_equal_string(row->fields[i].name, "domain"))
			conf->mta.domain.text =
			    arena_string(&conf->arena, row->fields[i].octets);
	return conf->mta.domain.text != NULL ? 0 : ERR_NOMEM;
}

/* ask_domain - ask qmgr for the domain of the MTA, which is in the envelope */
static void
ask_domain(
    const struct options *options, struct client *client, struct conf *conf)
{
	struct client_done done = {0};
	struct diag diag = {0};
	int error = client_request(client,
	    &(struct client_request){
		.command = "domain", .on_row = take_domain, .arg = conf},
	    &done, &diag);

	if (error != 0)
		options_fail(
		    options, client_exit_status(error), "%s", diag_text(&diag));
	if (done.status != EXIT_STATUS_DONE)
		options_fail(
		    options, (enum exit_status)done.status, "%s", done.text);
}

/* submit_message - hand a message to qmgr */
static int
submit_message(struct client *client, const struct made *made,
    struct submission *submission, struct diag *diag)
{
	struct sending sending = {.client = client, .made = made, .diag = diag};
	int error;

	submitter_init(
	    &sending.submitter, give_record, wait_for_qmgr, &sending);
	error = send_all(&sending);
	submitter_fini(&sending.submitter);
	*submission = sending.submission;
	return error;
}

/* print_answer - print queue id and MTS identifier */
static int
print_answer(const struct options *options, const struct submission *submission)
{
	static const struct output_column columns[] = {
	    {"id", "ID", OUTPUT_PLAIN}, {"mts_id", "MTS-ID", OUTPUT_PLAIN}};
	const struct ipc_field fields[] = {
	    OUTPUT_FIELD_NUMBER("id", submission->message),
	    OUTPUT_FIELD_SLICE("mts_id", slice_of_string(submission->mts_id))};
	const struct ipc_row row = {fields, 2};
	struct output out;

	output_init(&out, options->format, stdout);
	output_details(&out, columns, 2, &row);
	return output_finish(&out) == 0 ? EXIT_STATUS_DONE
					: EXIT_STATUS_REFUSED;
}

/* make_message - compose what the options say, and submit it */
static int
make_message(const struct options *options, const struct wanted *wanted,
    struct client *client, const struct conf *conf,
    struct submission *submission, struct diag *diag)
{
	static struct compose compose;
	const struct draft *draft = &compose.draft;
	struct made made;
	int error;

	compose_init(&compose, wanted->probe ? MTS_PROBE : MTS_MESSAGE);
	error = compose_all(options, wanted, conf, &compose, diag);
	made = (struct made){.kind = draft->kind,
	    .envelope = buffer_slice(&compose.encoded),
	    .length = draft->kind == MTS_PROBE ? 0 : draft->content_length,
	    .read = read_composed,
	    .arg = &compose};
	if (error == 0)
		error = submit_message(client, &made, submission, diag);
	compose_fini(&compose);
	return error;
}

/* make_object - read the object of --json, and submit it */
static int
make_object(const char *path, struct client *client, const struct conf *conf,
    struct submission *submission, struct diag *diag)
{
	struct send_object object;
	struct made made;
	int error = send_object_open(&object, path, conf, diag);

	if (error == 0) {
		made = (struct made){.kind = object.object.envelope.kind,
		    .envelope = buffer_slice(&object.encoded),
		    .length = object_content_length(object.content),
		    .read = read_object,
		    .arg = &object};
		error = submit_message(client, &made, submission, diag);
	}
	send_object_close(&object);
	return error;
}

int
main(int argc, char **argv)
{
	static const struct options_tool tool = {.name = "x4send",
	    .synopsis = "-f FROM -t TO... [-s SUBJECT] [-b FILE] [-a FILE]...\n"
			"-f FROM -t TO... --content FILE --content-type TYPE\n"
			"-f FROM -t TO... --probe [-b FILE] [-a FILE]... "
			"[--content-length SIZE]\n"
			"--json FILE",
	    .purpose = "submit a message or a probe",
	    .options = own,
	    .option_count = sizeof(own) / sizeof(own[0])};
	static struct wanted wanted;
	struct submission submission;
	struct options options;
	struct client client;
	struct diag diag = {0};
	struct conf *conf;
	int error, status;

	options_parse(&options, &tool, argc, argv);
	read_options(&options, &wanted);
	conf = options_reach(&options);
	client_open_or_fail(&client, &options, conf, CLIENT_QMGR);
	ask_domain(&options, &client, conf);
	error = wanted.json != NULL
	    ? make_object(wanted.json, &client, conf, &submission, &diag)
	    : make_message(
		  &options, &wanted, &client, conf, &submission, &diag);
	if (error != 0)
		options_fail(
		    &options, EXIT_STATUS_REFUSED, "%s", diag_text(&diag));
	status = print_answer(&options, &submission);
	client_close(&client);
	conf_free(conf);
	return status;
}
