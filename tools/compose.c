/* SPDX-License-Identifier: ISC */
/*
 * compose.c - make the object that x4send submits of the command line
 */
#include "tools/compose.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "client/draft.h"
#include "tools/compose_field.h"

#define RETURN_MAX ((off_t)32 * 1024)

/* compose_options - list the options that say members */
size_t
compose_options(struct options_option options[COMPOSE_OPTIONS])
{
	size_t count = 0;

	while (compose_fields[count].option.name != NULL) {
		options[count] = compose_fields[count].option;
		count++;
	}
	return count;
}

/* compose_init - begin with a message that says nothing */
int
compose_init(struct compose *compose)
{
	*compose = (struct compose){
	    .object = json_pack("{s:s, s:[]}", "kind", "message", "recipients"),
	    .all = json_object(),
	    .all_heading = json_object()};
	return compose->object == NULL || compose->all == NULL ||
		compose->all_heading == NULL
	    ? ERR_NOMEM
	    : 0;
}

/* compose_fini - free all */
void
compose_fini(struct compose *compose)
{
	json_decref(compose->object);
	json_decref(compose->all);
	json_decref(compose->all_heading);
	send_file_close(&compose->files);
}

/* compose_add - have an option say what it says */
int
compose_add(struct compose *compose, const char *name, const char *value,
    struct diag *diag)
{
	const struct compose_field *field = compose_fields;
	int error;

	while (
	    field->option.name != NULL && strcmp(field->option.name, name) != 0)
		field++;
	if (field->option.name == NULL)
		return ERR_NOTFOUND;
	error = field->say(compose, field, value, diag);
	return error == 0 || diag->code != 0
	    ? error
	    : diag_set(diag, error, "--%s: %s", name, error_strerror(error));
}

/* is_kind - tell whether the object is of a kind */
static bool
is_kind(const struct compose *compose, const char *kind)
{
	return strcmp(
		   json_string_value(json_object_get(compose->object, "kind")),
		   kind) == 0;
}

/* spread - give each element of a list the members that it lacks */
static int
spread(json_t *list, json_t *all)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one) if (json_object_update_missing(one,
						 all) != 0) return ERR_NOMEM;
	return 0;
}

/* is_reported - tell whether a report is wanted of any recipient */
static bool
is_reported(const json_t *recipients)
{
	const json_t *one;
	size_t i;

	json_array_foreach(recipients, i, one)
	{
		const char *request =
		    json_string_value(json_object_get(one, "report_request"));

		if (request == NULL || strcmp(request, "none") != 0)
			return true;
	}
	return false;
}

/* is_small - tell whether a report may well return the content */
static bool
is_small(const struct compose *compose)
{
	off_t total = 0;
	struct stat status;

	for (size_t i = 0; i < compose->files.count; i++)
		if (fstat(fileno(compose->files.file[i]), &status) == 0)
			total += status.st_size;
	return total <= RETURN_MAX;
}

/* add_flags - ask for the services of the whole that are usual */
static int
add_flags(struct compose *compose)
{
	/* Recipients may know of each other, as the heading names them
	 * anyway. */
	json_t *flags = json_pack("[s]", "disclosure-of-recipients");
	int failed = 0;

	if (json_object_get(compose->object, "flags") != NULL) {
		json_decref(flags);
		return 0;
	}
	/* A report with its content is of use to people, but not by
	 * megabytes. */
	if (!is_kind(compose, "probe") && is_small(compose) &&
	    is_reported(json_object_get(compose->object, "recipients")))
		failed = json_array_append_new(
		    flags, json_string("content-return-request"));
	return json_object_set_new(compose->object, "flags", flags) != 0 ||
		failed != 0
	    ? ERR_NOMEM
	    : 0;
}

/* add_identifier - make a content identifier of the subject, which comes back
 * in reports, also where the content does not */
static int
add_identifier(struct compose *compose)
{
	const char *given = json_string_value(json_object_get(
	    json_object_get(compose->object, "ipm"), "subject"));
	struct slice subject = slice_of_string(given != NULL ? given : "");
	uint8_t text[DRAFT_IDENTIFIER_MAX];

	if (subject.len == 0 ||
	    json_object_get(compose->object, "content_identifier") != NULL)
		return 0;
	return json_object_set_new(compose->object, "content_identifier",
		   json_stringn((const char *)text,
		       draft_identifier(subject, text))) != 0
	    ? ERR_NOMEM
	    : 0;
}

/* add_text - read the text from standard input, where nothing else is said */
static int
add_text(struct compose *compose, struct diag *diag)
{
	if (compose->body || !is_kind(compose, "message") ||
	    json_object_get(compose->object, "content") != NULL)
		return 0;
	return compose_add(compose, "body", "-", diag);
}

/* drop_heading - leave the heading out where there is none */
static void
drop_heading(struct compose *compose)
{
	/* Without parts a probe asks about a length alone. */
	if (json_object_get(compose->object, "content") != NULL ||
	    is_kind(compose, "notification") ||
	    (is_kind(compose, "probe") &&
		json_object_get(compose->object, "parts") == NULL))
		(void)json_object_del(compose->object, "ipm");
}

/* compose_finish - fill in what the options left open, and write the text */
int
compose_finish(struct compose *compose, char **text, struct diag *diag)
{
	static const char *const lists[] = {"to", "cc", "bcc"};
	json_t *ipm = json_object_get(compose->object, "ipm");
	int error;

	/* All get the same heading, which names the blind copies. */
	if (compose->open && compose->blind)
		return diag_set(diag, ERR_VALUE,
		    "blind copies are a message of their own: submit that with "
		    "--bcc, and name the others in it by --heading-to");
	error = add_text(compose, diag);
	if (error == 0)
		error = spread(json_object_get(compose->object, "recipients"),
		    compose->all);
	for (size_t i = 0; error == 0 && i < 3; i++)
		error = spread(
		    json_object_get(ipm, lists[i]), compose->all_heading);
	if (error == 0)
		error = add_identifier(compose);
	if (error == 0)
		error = add_flags(compose);
	if (error < 0)
		return error;
	drop_heading(compose);
	*text = json_dumps(compose->object, JSON_COMPACT);
	return *text == NULL ? ERR_NOMEM : 0;
}
