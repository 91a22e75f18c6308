/* SPDX-License-Identifier: ISC */
/*
 * conf.c - read the configuration: one file, one typed and validated struct
 *
 * conf_scan.c cuts a text into tokens, conf_source.c parses them,
 * conf_setting.c has what there is to set, conf_value.c interprets a value,
 * conf_check.c compares values with each other, conf_build.c does all this in
 * turn, and conf_report.c collects what is wrong.
 */
#include "conf/conf.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf_build.h"
#include "conf/conf_file.h"

#define ARENA_MAX (256u * 1024 * 1024)

/* compare_links, compare_msmails - compare by name, for sorting and finding */
static int
compare_links(const void *a, const void *b)
{
	return strcmp((*(const struct conf_link *const *)a)->name,
	    (*(const struct conf_link *const *)b)->name);
}

static int
compare_msmails(const void *a, const void *b)
{
	return strcmp((*(const struct conf_msmail *const *)a)->name,
	    (*(const struct conf_msmail *const *)b)->name);
}

/* sort - sort the tables by which sections are found */
static void
sort(struct conf *conf)
{
	for (size_t i = 0; i < conf->link_count; i++)
		conf->links_sorted[i] = &conf->links[i];
	for (size_t i = 0; i < conf->msmail_count; i++)
		conf->msmails_sorted[i] = &conf->msmails[i];
	if (conf->link_count > 1) {
		qsort(conf->links_sorted, conf->link_count,
		    sizeof(*conf->links_sorted), compare_links);
	}
	if (conf->msmail_count > 1) {
		qsort(conf->msmails_sorted, conf->msmail_count,
		    sizeof(*conf->msmails_sorted), compare_msmails);
	}
}

/* keep_places - keep where lines are, if there are other files */
static int
keep_places(struct conf *conf, const struct conf_report *report)
{
	struct conf_place *places =
	    arena_array(&conf->arena, report->place_count, sizeof(*places));

	if (report->place_count < 2)
		return 0;
	for (size_t i = 0; places != NULL && i < report->place_count; i++) {
		places[i] = report->places[i];
		places[i].file =
		    arena_string(&conf->arena, slice_of_string(places[i].file));
		if (places[i].file == NULL)
			return ERR_NOMEM;
	}
	conf->places = places;
	conf->place_count = places == NULL ? 0 : report->place_count;
	return places == NULL ? ERR_NOMEM : 0;
}

/* parse_into - read and validate a text into a configuration that is empty */
static int
parse_into(struct conf *conf, struct slice text,
    enum conf_completeness completeness, struct conf_report *report)
{
	struct conf_source source;
	struct arena scratch;
	int r;

	/* Tokens and sections of the text are needed until it is built, and
	 * then given back at once, passwords among them. */
	arena_init(&scratch, ARENA_MAX);
	r = conf_source_read(text, &scratch, &source, report);
	if (r == 0)
		r = conf_build(conf, &source, completeness, report);
	if (r == 0 && report->code == 0 && keep_places(conf, report) < 0)
		r = conf_report(report, ERR_NOMEM, 1, "out of memory");
	arena_fini(&scratch);
	if (report->code != 0)
		return report->code;
	/* Sorted at the end: sections are kept in the order of the text, which
	 * x4conf shows. */
	sort(conf);
	return r;
}

/* parse_text - read and validate a text, with what is wrong in a report */
static int
parse_text(struct slice text, enum conf_completeness completeness,
    struct conf **to, struct conf_report *report)
{
	struct conf *conf = calloc(1, sizeof(*conf));
	int r;

	if (conf == NULL) {
		(void)conf_report(report, ERR_NOMEM, 1, "out of memory");
		return report->code;
	}
	report->shared = completeness == CONF_SHARED;
	report->includes = completeness != CONF_HANDED;
	arena_init(&conf->arena, ARENA_MAX);
	conf->file = arena_string(&conf->arena, slice_of_string(report->file));
	if (conf->file != NULL)
		r = parse_into(conf, text, completeness, report);
	else
		r = conf_report(report, ERR_NOMEM, 1, "out of memory");
	conf_report_fini(report);
	if (r < 0)
		conf_free(conf);
	else
		*to = conf;
	return r;
}

/* conf_parse_text - read and validate a configuration in memory */
int
conf_parse_text(struct slice text, const char *name,
    enum conf_completeness completeness, struct conf **conf, struct diag *diag)
{
	struct conf_report report = {.file = name, .first = diag};

	return parse_text(text, completeness, conf, &report);
}

/* parse_file - read and validate a file: why it cannot be read goes to diag,
 * what is wrong in it to the report */
static int
parse_file(const char *path, struct conf **conf, struct conf_report *report,
    struct diag *diag)
{
	struct conf_text text;
	int r = conf_file_read(path, &text, diag);

	if (r < 0)
		return r;
	r = parse_text(slice_of(text.octets, text.len),
	    text.shared ? CONF_SHARED : CONF_COMPLETE, conf, report);
	conf_file_free(&text);
	return r;
}

/* conf_parse_file - read and validate a configuration file */
int
conf_parse_file(const char *path, struct conf **conf, struct diag *diag)
{
	struct conf_report report = {.file = path, .first = diag};

	return parse_file(path, conf, &report, diag);
}

/* conf_check_file - read and validate a file, telling all that is wrong */
int
conf_check_file(
    const char *path, struct conf **conf, struct conf_errors *errors)
{
	struct conf_report report = {.file = path, .errors = errors};
	struct diag diag = {0};
	int r;

	errors->count = 0;
	r = parse_file(path, conf, &report, &diag);
	/* A file that could not be read has no lines to complain of. */
	if (r < 0 && errors->count == 0)
		errors->items[errors->count++].diag = diag;
	return r;
}

/* wipe - overwrite a password */
static void
wipe(struct slice password)
{
	if (password.len > 0)
		explicit_bzero((void *)(uintptr_t)password.data, password.len);
}

/* conf_free - give back everything, with passwords wiped */
void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	/* Passwords do not remain in freed memory, which a core dump would
	 * show. */
	wipe(conf->mta.password);
	wipe(conf->mta.tls_key.octets);
	for (size_t i = 0; i < conf->link_count; i++) {
		wipe(conf->links[i].remote_password);
		wipe(conf->links[i].local_password);
		wipe(conf->links[i].tls_key.octets);
	}
	arena_fini(&conf->arena);
	free(conf);
}

/* conf_where - find the file that a line of a section is in */
const char *
conf_where(const struct conf *conf, unsigned line, unsigned *file_line)
{
	const struct conf_place place =
	    conf_place_of(conf->places, conf->place_count, line, conf->file);

	*file_line = place.line;
	return place.file;
}

/* conf_link_find - find the link of that name, or NULL */
const struct conf_link *
conf_link_find(const struct conf *conf, const char *name)
{
	const struct conf_link key = {.name = name}, *want = &key;
	const struct conf_link **found;

	if (conf->link_count == 0)
		return NULL;
	found = bsearch(&want, conf->links_sorted, conf->link_count,
	    sizeof(*conf->links_sorted), compare_links);
	return found == NULL ? NULL : *found;
}

/* conf_msmail_find - find the postoffice of that name, or NULL */
const struct conf_msmail *
conf_msmail_find(const struct conf *conf, const char *name)
{
	const struct conf_msmail key = {.name = name}, *want = &key;
	const struct conf_msmail **found;

	if (conf->msmail_count == 0)
		return NULL;
	found = bsearch(&want, conf->msmails_sorted, conf->msmail_count,
	    sizeof(*conf->msmails_sorted), compare_msmails);
	return found == NULL ? NULL : *found;
}

/* conf_list_find - find the distribution list of that name, or NULL */
const struct conf_list *
conf_list_find(const struct conf *conf, const char *name)
{
	/* Lists are few, and only a reload looks for them by name. */
	for (size_t i = 0; i < conf->list_count; i++)
		if (strcmp(conf->lists[i].name, name) == 0)
			return &conf->lists[i];
	return NULL;
}

/* conf_submit_find - find the submit section of that name, or NULL */
const struct conf_submit *
conf_submit_find(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->submit_count; i++)
		if (strcmp(conf->submits[i].name, name) == 0)
			return &conf->submits[i];
	return NULL;
}

/* conf_application_find - find the application of that name, or NULL */
const struct conf_application *
conf_application_find(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->application_count; i++)
		if (strcmp(conf->applications[i].name, name) == 0)
			return &conf->applications[i];
	return NULL;
}

/* conf_mixer_find - find the section mixer of that name, or NULL */
const struct conf_mixer *
conf_mixer_find(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->mixer_count; i++)
		if (strcmp(conf->mixers[i].name, name) == 0)
			return &conf->mixers[i];
	return NULL;
}

/* conf_incoming_associations - tell how many the peer of a link may open */
uint32_t
conf_incoming_associations(const struct conf_link *link)
{
	return link->incoming_associations != 0 ? link->incoming_associations
						: link->associations + 1;
}

/* conf_local_name - return the name that we bind with on a link */
const char *
conf_local_name(const struct conf *conf, const struct conf_link *link)
{
	return *link->local_name != '\0' ? link->local_name : conf->mta.name;
}

/* conf_local_password - return the password that we bind with on a link */
struct slice
conf_local_password(const struct conf *conf, const struct conf_link *link)
{
	return link->local_password.len > 0 ? link->local_password
					    : conf->mta.password;
}

/* conf_tls_expectation - return what the peer of a link must prove */
struct tls_expectation
conf_tls_expectation(const struct conf_link *link)
{
	return (struct tls_expectation){.name = link->tls_name,
	    .pins = (const uint8_t(*)[TLS_PIN_LEN])link->tls_pins.items,
	    .pin_count = link->tls_pins.count};
}
