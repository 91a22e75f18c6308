/* SPDX-License-Identifier: ISC */
/*
 * conf_diff.c - show what a reload would change: `x4conf diff`
 */
#include "tools/conf_diff.h"

/* An answer under way. */
struct answer {
	struct output *output;
	bool differs;
};

/* on_row - show one difference */
static int
on_row(void *arg, const struct ipc_row *row)
{
	struct answer *answer = arg;

	answer->differs = true;
	output_row(answer->output, row);
	return 0;
}

/* conf_diff - show what the suite has, and the file */
bool
conf_diff(const struct options *options, struct output *output)
{
	static const struct output_column columns[] = {
	    {"section", "SECTION", OUTPUT_PLAIN},
	    {"name", "NAME", OUTPUT_PLAIN},
	    {"setting", "SETTING", OUTPUT_PLAIN},
	    {"running", "RUNNING", OUTPUT_PLAIN},
	    {"file", "FILE", OUTPUT_PLAIN},
	};
	struct conf *reach = options_reach(options);
	struct answer answer = {.output = output};
	struct client client;
	struct client_done done = {0};
	struct diag diag = {0};
	int error;

	client_open_or_fail(&client, options, reach, CLIENT_MASTER);
	output_table(output, columns, sizeof(columns) / sizeof(columns[0]));
	error = client_request(&client,
	    &(struct client_request){
		.command = "diff", .on_row = on_row, .arg = &answer},
	    &done, &diag);
	client_close(&client);
	conf_free(reach);
	if (error != 0)
		options_fail(
		    options, client_exit_status(error), "%s", diag_text(&diag));
	if (done.status != EXIT_STATUS_DONE)
		options_fail(
		    options, (enum exit_status)done.status, "%s", done.text);
	if (done.text[0] != '\0')
		options_warn(options->tool, "%s", done.text);
	return answer.differs;
}
