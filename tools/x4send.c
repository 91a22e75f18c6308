/* SPDX-License-Identifier: ISC */
/*
 * x4send.c - submit an object to the running suite; see x4send(1)
 *
 * Prints the queue id and the MTS identifier after the commit that holds the
 * message.
 */
#include <stdlib.h>
#include <string.h>

#include "client/submission.h"
#include "tools/client.h"
#include "tools/compose.h"
#include "tools/options.h"
#include "tools/send_object.h"

static const struct options_option json_option = {
    '\0', "json", "FILE", "the whole object, as fourpost-json(5) has it"};

/* given - tell whether an object has a member */
static bool
given(const json_t *object, const char *member)
{
	return json_object_get(object, member) != NULL;
}

/* check_options - check that the options of a message go together */
static void
check_options(const struct options *options, const struct compose *compose)
{
	const json_t *object = compose->object;
	const json_t *ipm = json_object_get(object, "ipm");
	bool content = given(object, "content"), parts = given(object, "parts");

	if (!given(object, "originator") ||
	    json_array_size(json_object_get(object, "recipients")) == 0)
		options_usage(options, "-f and -t are needed");
	/* Octets without their type could not be read by anybody. */
	if (content && !given(object, "content_type"))
		options_usage(options, "--content needs --content-type");
	if (content && (parts || given(ipm, "subject")))
		options_usage(options,
		    "--content is the whole content: no subject, body, files");
	if (given(object, "content_length") &&
	    (strcmp(json_string_value(json_object_get(object, "kind")),
		 "probe") != 0 ||
		content || parts))
		options_usage(options,
		    "--content-length is of a probe that names no files");
}

/* read_options - have the options say what they say, or name the file of
 * --json */
static const char *
read_options(struct options *options, struct compose *compose)
{
	const struct options_option *o;
	const char *value, *json = NULL;
	struct diag diag = {0};

	while ((o = options_next(options, &value)) != NULL)
		if (strcmp(o->name, json_option.name) == 0)
			json = value;
		else if (compose_add(compose, o->name, value, &diag) != 0)
			options_usage(options, "%s", diag_text(&diag));
	if (options->operand_count > 0)
		options_usage(
		    options, "%s: not an option", options->operands[0]);
	if (json != NULL && options->given_count > 1)
		options_usage(options, "--json says all: no other option");
	if (json == NULL)
		check_options(options, compose);
	return json;
}

/* A submission over a tool's connection to qmgr. */
struct sending {
	struct client *client;
	struct send_object *object;
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
	uint64_t length = object_content_length(sending->object->content);
	uint64_t sent = 0;
	uint8_t piece[IPC_PIECE_MAX];
	int64_t n;
	int error = 0;

	while (error == 0 &&
	    (n = send_object_read(
		 sending->object, piece, sizeof(piece), sending->diag)) != 0) {
		if (n < 0)
			return (int)n;
		error = submission_body(&sending->submitter,
		    &sending->submission, slice_of(piece, (size_t)n));
		sent += (uint64_t)n;
		output_progress("sent", sent, length);
	}
	output_progress_end();
	/* Lengths in the envelope were made of the files' sizes, before they
	 * were read. */
	if (error == 0 && sent != length)
		error = diag_set(sending->diag, ERR_IO,
		    "a file changed its size while it was read");
	return error;
}

/* send_all - submit envelope and content, and await the answer */
static int
send_all(struct sending *sending)
{
	struct submission *s = &sending->submission;
	const struct slice envelope = buffer_slice(&sending->object->encoded);
	const struct ipc_submit_start start = {
	    .kind = sending->object->object.envelope.kind,
	    .origin = IPC_SUBMISSION,
	    .envelope_length = envelope.len};
	int error;

	submission_init(&sending->submitter, s);
	error = submission_start(&sending->submitter, s, &start);
	if (error == 0)
		error = submission_body(&sending->submitter, s, envelope);
	if (error == 0)
		error = send_content(sending);
	if (error == 0)
		error = submission_end(&sending->submitter, s,
		    object_content_length(sending->object->content),
		    (struct slice){0});
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
submit_message(struct client *client, struct send_object *object,
    struct submission *submission, struct diag *diag)
{
	struct sending sending = {
	    .client = client, .object = object, .diag = diag};
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

/* open_object - make the object of the options, or of the file of --json */
static int
open_object(struct send_object *object, const char *json,
    struct compose *compose, const struct conf *conf, struct diag *diag)
{
	char *text;
	int error;

	if (json != NULL)
		return send_object_open(object, json, conf, diag);
	error = compose_finish(compose, &text, diag);
	if (error != 0)
		return error;
	error = send_object_make(
	    object, slice_of_string(text), &compose->files, conf, diag);
	free(text);
	return error;
}

int
main(int argc, char **argv)
{
	static struct options_option own[COMPOSE_OPTIONS + 1];
	struct options_tool tool = {.name = "x4send",
	    .synopsis = "-f FROM -t TO... [-s SUBJECT] [-b FILE] [-a FILE]...\n"
			"-f FROM -t TO... --content FILE --content-type TYPE\n"
			"-f FROM -t TO... --probe [-b FILE] [-a FILE]... "
			"[--content-length SIZE]\n"
			"-f FROM -t TO... --notification KIND\n"
			"--json FILE",
	    .purpose = "submit a message, a probe or a notification",
	    .options = own};
	struct send_object object = {.directory = -1};
	struct submission submission;
	struct options options;
	struct compose compose;
	struct client client;
	struct diag diag = {0};
	const char *json;
	struct conf *conf;
	int error, status;

	tool.option_count = compose_options(own);
	own[tool.option_count++] = json_option;
	options_parse(&options, &tool, argc, argv);
	if (compose_init(&compose) != 0)
		options_fail(&options, EXIT_STATUS_REFUSED, "out of memory");
	json = read_options(&options, &compose);
	conf = options_reach(&options);
	client_open_or_fail(&client, &options, conf, CLIENT_QMGR);
	ask_domain(&options, &client, conf);
	error = open_object(&object, json, &compose, conf, &diag);
	if (error == 0)
		error = submit_message(&client, &object, &submission, &diag);
	if (error != 0)
		options_fail(
		    &options, EXIT_STATUS_REFUSED, "%s", diag_text(&diag));
	status = print_answer(&options, &submission);
	send_object_close(&object);
	compose_fini(&compose);
	client_close(&client);
	conf_free(conf);
	return status;
}
