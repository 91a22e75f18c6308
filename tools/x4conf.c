/* SPDX-License-Identifier: ISC */
/*
 * x4conf.c - the configuration: validate it, what is set, what could be
 *
 * x4conf check		whether the file is right; where it is not, else
 * x4conf show		what is set, passwords left out
 * x4conf defaults	every setting with its default and meaning
 * x4conf diff		what a reload would change
 * x4conf route ADDRESS	which links an address may take, and why
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_dump.h"
#include "conf/conf_nearest.h"
#include "conf/conf_setting.h"
#include "conf/conf_tls.h"
#include "conf/conf_value.h"
#include "tools/conf_diff.h"
#include "tools/conf_route.h"
#include "tools/conf_warn.h"
#include "tools/options.h"
#include "tools/output.h"

#define DUMP_MAX (2u * CONF_FILE_MAX)

static const struct options_option own_options[] = {
    {'a', "all", NULL, "show: every setting, defaults too"},
    {'\0', "strict", NULL, "check: a warning is an error"},
    {'\0', "originator", "ADDRESS", "route: of a message from there"},
};

/* The things that can be shown. */
struct shown {
	const struct options *options;
	struct output *output;
	enum conf_extent extent;
	const char *only; /* a section, its name, or a setting; NULL: all */
	size_t count;	  /* of values that were shown */
};

/* The findings of check beside errors. */
struct warnings {
	struct output *output;
	enum output_format format;
};

static const struct options_tool tool = {
    .name = "x4conf",
    .synopsis = "[-j] [-c FILE] check [--strict]\n"
		"[-j] [-c FILE] show [-a] [SECTION|NAME|SETTING]\n"
		"[-j] defaults\n"
		"[-j] [-c FILE] diff\n"
		"[-j] [-c FILE] route [--originator ADDRESS] ADDRESS",
    .purpose = "validate and show the configuration",
    .options = own_options,
    .option_count = sizeof(own_options) / sizeof(own_options[0]),
};

/* check_conf - read the configuration, or print all that is wrong and exit
 * 78 */
static struct conf *
check_conf(const struct options *options)
{
	static struct conf_errors errors;
	struct conf *conf = NULL;
	size_t last;

	if (conf_check_file(options->config, &conf, &errors) == 0)
		return conf;
	/* The last error ends the tool, and so is printed by what ends it. */
	last = errors.count - 1;
	for (size_t i = 0; i < last; i++)
		(void)fprintf(stderr, "%s: %s\n", tool.name,
		    diag_text(&errors.items[i].diag));
	options_fail(options, EXIT_STATUS_CONFIG, "%s%s",
	    diag_text(&errors.items[last].diag),
	    errors.count == CONF_ERRORS_MAX ? " (there may be more)" : "");
}

/* print_warning - print a warning: for people on standard error */
static void
print_warning(void *context, const char *file, unsigned line, const char *text)
{
	const struct warnings *warnings = context;
	struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("kind", "warning"),
	    OUTPUT_FIELD_TEXT("file", file),
	    OUTPUT_FIELD_NUMBER("line", line),
	    OUTPUT_FIELD_TEXT("text", text),
	};
	struct ipc_row row = {fields, sizeof(fields) / sizeof(fields[0])};

	if (warnings->format == OUTPUT_JSON)
		output_row(warnings->output, &row);
	else
		options_warn(&tool, "%s:%u: warning: %s", file, line, text);
}

/* check - say that the configuration is right, or all that is wrong */
static void
check(const struct options *options, struct output *output, bool strict)
{
	struct conf *conf = check_conf(options);
	struct warnings warnings = {output, options->format};
	size_t count;
	struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("file", options->config),
	    OUTPUT_FIELD_TRUTH("valid", true),
	    OUTPUT_FIELD_NUMBER("links", conf->link_count),
	    OUTPUT_FIELD_NUMBER("msmails", conf->msmail_count),
	    OUTPUT_FIELD_NUMBER("lists", conf->list_count),
	    OUTPUT_FIELD_NUMBER("applications", conf->application_count),
	};
	struct ipc_row row = {fields, sizeof(fields) / sizeof(fields[0])};
	struct diag diag = {0};
	char lists[48] = "";

	/* Certificates are read as at a start, since a wrong one would be found
	 * only then. */
	if (conf_tls_load(conf, &diag) != 0)
		options_fail(
		    options, EXIT_STATUS_CONFIG, "%s", diag_text(&diag));
	count = conf_warn(conf, print_warning, &warnings);
	if (count > 0 && strict)
		options_fail(options, EXIT_STATUS_CONFIG, "%zu warning%s",
		    count, count == 1 ? "" : "s");
	if (options->format == OUTPUT_JSON)
		output_row(output, &row);
	if (conf->list_count > 0)
		(void)snprintf(lists, sizeof(lists), ", %zu list%s",
		    conf->list_count, conf->list_count == 1 ? "" : "s");
	output_printf(output,
	    "%s: right: MTA %s, %zu link%s, %zu postoffice%s%s",
	    options->config, conf->mta.name, conf->link_count,
	    conf->link_count == 1 ? "" : "s", conf->msmail_count,
	    conf->msmail_count == 1 ? "" : "s", lists);
	conf_free(conf);
}

/* no_memory - end the tool for want of memory */
static _Noreturn void
no_memory(const struct options *options)
{
	options_fail(options, EXIT_STATUS_REFUSED, "out of memory");
}

/* show_value - show one setting as a row; a list is one with a value for
 * each */
static void
show_value(struct shown *shown, enum conf_section section, const char *name,
    const struct conf_setting *setting, const void *values)
{
	size_t count = conf_value_count(setting, values);

	for (size_t i = 0; i < count; i++) {
		struct ipc_field fields[5];
		struct ipc_row row = {fields, 5};
		struct buffer text;

		buffer_init(&text, DUMP_MAX);
		if (conf_value_text(setting, values, i, &text) < 0)
			no_memory(shown->options);
		fields[0] =
		    OUTPUT_FIELD_TEXT("section", conf_settings(section)->name);
		fields[1] = OUTPUT_FIELD_TEXT("name", name);
		fields[2] = OUTPUT_FIELD_TEXT("setting", setting->name);
		fields[3] = OUTPUT_FIELD_SLICE("value", buffer_slice(&text));
		fields[4] = OUTPUT_FIELD_TRUTH(
		    "set", conf_setting_given(section, setting, values));
		output_row(shown->output, &row);
		buffer_fini(&text);
		shown->count++;
	}
}

/* show_section - show the settings of a section, one row each, no password */
static void
show_section(struct shown *shown, enum conf_section section, const char *name,
    const void *values)
{
	const struct conf_settings *settings = conf_settings(section);
	bool whole = shown->only == NULL ||
	    strcmp(shown->only, settings->name) == 0 ||
	    strcmp(shown->only, name) == 0;

	for (size_t i = 0; i < settings->count; i++) {
		const struct conf_setting *s = &settings->items[i];
		bool named =
		    shown->only != NULL && strcmp(shown->only, s->name) == 0;

		/* Passwords are never shown, whoever asks. */
		if (s->type == CONF_TYPE_PASSWORD || !(whole || named) ||
		    (!named && shown->extent == CONF_EXTENT_SET &&
			!conf_setting_given(section, s, values)))
			continue;
		show_value(shown, section, name, s, values);
	}
}

/* show_rows - show a row for each value */
static void
show_rows(struct shown *shown, const struct conf *conf)
{
	show_section(shown, CONF_MTA, "", &conf->mta);
	for (size_t i = 0; i < conf->link_count; i++)
		show_section(
		    shown, CONF_LINK, conf->links[i].name, &conf->links[i]);
	for (size_t i = 0; i < conf->msmail_count; i++)
		show_section(shown, CONF_MSMAIL, conf->msmails[i].name,
		    &conf->msmails[i]);
	for (size_t i = 0; i < conf->list_count; i++)
		show_section(
		    shown, CONF_LIST, conf->lists[i].name, &conf->lists[i]);
	for (size_t i = 0; i < conf->submit_count; i++)
		show_section(shown, CONF_SUBMIT, conf->submits[i].name,
		    &conf->submits[i]);
	if (conf->console.line != 0)
		show_section(shown, CONF_CONSOLE, "", &conf->console);
	for (size_t i = 0; i < conf->application_count; i++)
		show_section(shown, CONF_APPLICATION,
		    conf->applications[i].name, &conf->applications[i]);
	for (size_t i = 0; i < conf->mixer_count; i++)
		show_section(
		    shown, CONF_MIXER, conf->mixers[i].name, &conf->mixers[i]);
}

/* fail_unknown - end the tool because nothing is called so, and say what may
 * have been meant */
static _Noreturn void
fail_unknown(const struct options *options, const char *name)
{
	struct conf_nearest nearest = {.wanted = name};

	for (int i = CONF_MTA; i < CONF_SECTIONS; i++) {
		const struct conf_settings *settings =
		    conf_settings((enum conf_section)i);

		conf_nearest_look(&nearest, settings->name);
		for (size_t j = 0; j < settings->count; j++)
			conf_nearest_look(&nearest, settings->items[j].name);
	}
	/* A name that is nearly right is more likely a slip than an unknown
	 * one. */
	if (nearest.name == NULL)
		options_fail(
		    options, EXIT_STATUS_REFUSED, "%s: nothing is set", name);
	options_fail(options, EXIT_STATUS_REFUSED,
	    "%s: nothing is set; is %s meant?", name, nearest.name);
}

/* show_settings - show what is set: as the file could be written, or a row for
 * each; only: of one section, or one setting in all sections */
static void
show_settings(const struct options *options, struct output *output,
    enum conf_extent extent, const char *only)
{
	static const struct output_column columns[] = {
	    {"section", "SECTION", OUTPUT_PLAIN},
	    {"name", "NAME", OUTPUT_PLAIN},
	    {"setting", "SETTING", OUTPUT_PLAIN},
	    {"value", "VALUE", OUTPUT_PLAIN},
	    {"set", "SET", OUTPUT_PLAIN},
	};
	struct conf *conf = options_conf(options);
	struct shown shown = {options, output, extent, only, 0};
	struct buffer text;

	if (options->format == OUTPUT_JSON || only != NULL) {
		output_table(output, columns, 5);
		show_rows(&shown, conf);
	} else {
		buffer_init(&text, DUMP_MAX);
		if (conf_dump(conf, CONF_SECRETS_OMIT, extent, &text) < 0)
			no_memory(options);
		/* tabs are ours, all else was escaped by the dump */
		if (fwrite(buffer_slice(&text).data, 1, buffer_length(&text),
			stdout) != buffer_length(&text))
			output->failed = true;
		buffer_fini(&text);
	}
	conf_free(conf);
	if (only != NULL && shown.count == 0)
		fail_unknown(options, only);
}

/* default_row - show what there is to know of one setting */
static void
default_row(const struct options *options, struct output *output,
    enum conf_section section, const struct conf_setting *s)
{
	struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("section", conf_settings(section)->name),
	    OUTPUT_FIELD_TEXT("setting", s->name),
	    OUTPUT_FIELD_TEXT("type", conf_type_name(s->type)),
	    OUTPUT_FIELD_TEXT("default",
		s->need == CONF_REQUIRED ? "(required)" : s->fallback),
	    OUTPUT_FIELD_TEXT("meaning", s->meaning),
	};
	struct ipc_field json_fields[] = {fields[0], fields[1], fields[2],
	    OUTPUT_FIELD_TEXT("default", s->fallback),
	    OUTPUT_FIELD_TRUTH("required", s->need == CONF_REQUIRED),
	    fields[4]};
	struct ipc_row row = {fields, 5};
	struct ipc_row json_row = {json_fields, 6};

	output_row(output, options->format == OUTPUT_TEXT ? &row : &json_row);
}

/* defaults - show every setting with its default and meaning */
static void
defaults(const struct options *options, struct output *output)
{
	static const struct output_column columns[] = {
	    {"section", "SECTION", OUTPUT_PLAIN},
	    {"setting", "SETTING", OUTPUT_PLAIN},
	    {"type", "TYPE", OUTPUT_PLAIN},
	    {"default", "DEFAULT", OUTPUT_PLAIN},
	    {"meaning", "MEANING", OUTPUT_PLAIN},
	};

	if (options->format == OUTPUT_TEXT)
		output_table(output, columns, 5);
	for (int i = CONF_MTA; i < CONF_SECTIONS; i++) {
		const struct conf_settings *settings =
		    conf_settings((enum conf_section)i);

		for (size_t j = 0; j < settings->count; j++) {
			default_row(options, output, (enum conf_section)i,
			    &settings->items[j]);
		}
	}
}

/* The options and operands of a command. */
struct given {
	enum conf_extent extent;
	bool strict;
	const char *originator; /* or NULL */
	const char *operand;	/* or NULL */
};

/* read_options - read the options, which belong to one command each */
static struct given
read_options(struct options *options, const char *command)
{
	struct given given = {.extent = CONF_EXTENT_SET};
	const struct options_option *o;
	const char *value;

	while ((o = options_next(options, &value)) != NULL) {
		const char *of = o == &own_options[0] ? "show"
		    : o == &own_options[1]	      ? "check"
						      : "route";

		if (strcmp(command, of) != 0)
			options_usage(options, "--%s is for %s", o->name, of);
		if (o == &own_options[0])
			given.extent = CONF_EXTENT_ALL;
		else if (o == &own_options[1])
			given.strict = true;
		else
			given.originator = value;
	}
	if (options->operand_count > 1)
		given.operand = options->operands[1];
	return given;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct output output;
	struct given given;
	const char *command;
	enum exit_status status = EXIT_STATUS_DONE;
	size_t count;

	options_parse(&options, &tool, argc, argv);
	if (options.operand_count == 0)
		options_usage(&options,
		    "a command is needed: check, show, defaults, diff or "
		    "route");
	command = options.operands[0];
	count = options.operand_count - 1;
	given = read_options(&options, command);
	if (strcmp(command, "route") == 0      ? count != 1
		: strcmp(command, "show") == 0 ? count > 1
					       : count > 0)
		options_usage(
		    &options, "%s: wrong number of arguments", command);
	output_init(&output, options.format, stdout);
	if (strcmp(command, "check") == 0)
		check(&options, &output, given.strict);
	else if (strcmp(command, "show") == 0)
		show_settings(&options, &output, given.extent, given.operand);
	else if (strcmp(command, "defaults") == 0)
		defaults(&options, &output);
	else if (strcmp(command, "diff") == 0)
		status = conf_diff(&options, &output) ? EXIT_STATUS_REFUSED
						      : EXIT_STATUS_DONE;
	else if (strcmp(command, "route") == 0)
		conf_route(&options, &output, given.operand, given.originator);
	else
		options_usage(&options, "%s: no such command", command);
	if (output_finish(&output) < 0)
		options_fail(&options, EXIT_STATUS_REFUSED, "cannot write");
	return status;
}
