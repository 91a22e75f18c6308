/* SPDX-License-Identifier: ISC */
/*
 * conf.c - the configuration: one file, one typed and validated struct
 *
 * conf_source.c gives what the text sets, conf_setting.c what there is to
 * set, conf_value.c interprets a value, conf_check.c compares the whole.
 */
#include "conf/conf.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf_address.h"
#include "conf/conf_check.h"
#include "conf/conf_secret.h"
#include "conf/conf_source.h"
#include "conf/conf_value.h"

#define ARENA_MAX (256u * 1024 * 1024)

/* One text being made into a configuration. */
struct building {
	struct conf *conf;
	enum conf_completeness completeness;
	struct diag *diag;
	struct conf_link link;	   /* all defaults */
	struct conf_msmail msmail; /* all defaults */
};

/* no_room - say why an arena gives nothing */
static int
no_room(const struct arena *arena, struct diag *diag)
{
	return diag_set(diag, arena_error(arena), "%s", arena_reason(arena));
}

/* out_of_memory - say that the system has none */
static int
out_of_memory(struct diag *diag)
{
	return diag_set(diag, ERR_NOMEM, "out of memory");
}

/* defaults - give every setting of a section its default */
static int
defaults(struct building *b, enum conf_section section, void *values)
{
	const struct conf_settings *settings = conf_settings(section);

	for (size_t i = 0; i < settings->count; i++) {
		struct conf_setting s = settings->items[i];
		const char *text = s.fallback;
		int r;

		if (*text == '\0' &&
		    (conf_setting_is_list(&s) || s.type == CONF_TYPE_DOMAIN))
			continue;
		s.min = *text == '\0' ? 0 : s.min;
		r = conf_value_set(&s, text, &b->conf->arena, values, b->diag);
		if (r < 0) {
			diag_prefix(b->diag, "default of %s", s.name);
			return r;
		}
	}
	return 0;
}

/* read_secret - the password in a file just named */
static int
read_secret(struct building *b, enum conf_section section,
    const struct conf_setting *s, void *values)
{
	const struct conf_setting *password =
	    conf_setting_find(section, s->partner);
	struct slice *octets = (void *)((char *)values + password->offset);
	const char *path = *(const char **)(void *)((char *)values + s->offset);

	if (*path == '\0' || b->completeness == CONF_HANDED)
		return 0;
	if (octets->len > 0) {
		return diag_set(
		    b->diag, ERR_VALUE, "%s is given as well", password->name);
	}
	return conf_secret_read(path, &b->conf->arena, octets, b->diag);
}

/* set_one - one value of a section */
static int
set_one(struct building *b, enum conf_section section,
    const struct conf_assignment *a, void *values)
{
	const struct conf_setting *s = a->setting;
	int r;

	if (s->type == CONF_TYPE_PASSWORD && *a->text != '\0' &&
	    b->completeness == CONF_SHARED) {
		return diag_set(b->diag, ERR_DENIED,
		    "a password in a file that others can read or write: "
		    "chmod o-rw, or use %s-file",
		    s->name);
	}
	if (s->type == CONF_TYPE_PASSWORD && *a->text != '\0' &&
	    b->completeness != CONF_HANDED &&
	    ((struct slice *)(void *)((char *)values + s->offset))->len > 0) {
		return diag_set(
		    b->diag, ERR_VALUE, "%s-file is given as well", s->name);
	}
	r = conf_value_set(s, a->text, &b->conf->arena, values, b->diag);
	if (r == 0 && s->type == CONF_TYPE_PASSWORD_FILE)
		r = read_secret(b, section, s, values);
	return r;
}

/* set_all - every value of a section; *set tells which settings */
static int
set_all(struct building *b, const struct conf_source_section *from,
    void *values, uint64_t *set)
{
	for (const struct conf_assignment *a = from->first; a != NULL;
	     a = a->next) {
		const struct conf_setting *s = a->setting;
		uint64_t bit = UINT64_C(1)
		    << (s - conf_settings(from->kind)->items);
		int r = 0;

		/* the first item of a list replaces the default */
		if (conf_setting_is_list(s) && (*set & bit) == 0) {
			r = conf_value_set(
			    s, NULL, &b->conf->arena, values, b->diag);
		}
		*set |= bit;
		if (r == 0)
			r = set_one(b, from->kind, a, values);
		if (r < 0) {
			diag_prefix(b->diag, "%s:%u: %s", b->conf->file,
			    a->line, s->name);
			return r;
		}
	}
	return 0;
}

/* copy_name - the name of a link or postoffice */
static int
copy_name(struct building *b, const struct conf_source_section *from,
    const char **name)
{
	char *copy;
	int r = conf_check_name(from->title, b->diag);

	if (r < 0) {
		diag_prefix(b->diag, "%s:%u: %s \"%s\"", b->conf->file,
		    from->line, conf_settings(from->kind)->name, from->title);
		return r;
	}
	copy = arena_string(&b->conf->arena, slice_of_string(from->title));
	if (copy == NULL)
		return no_room(&b->conf->arena, b->diag);
	*name = copy;
	return 0;
}

/* add_section - what one section of the text says */
static int
add_section(struct building *b, const struct conf_source_section *from)
{
	struct conf *conf = b->conf;
	struct conf_link *link;
	struct conf_msmail *msmail;
	int r;

	switch (from->kind) {
	case CONF_MTA:
		conf->mta.line = from->line;
		return set_all(b, from, &conf->mta, &conf->mta.set);
	case CONF_LINK:
		link = &conf->links[conf->link_count++];
		*link = b->link;
		link->line = from->line;
		r = copy_name(b, from, &link->name);
		return r < 0 ? r : set_all(b, from, link, &link->set);
	case CONF_MSMAIL:
		msmail = &conf->msmails[conf->msmail_count++];
		*msmail = b->msmail;
		msmail->line = from->line;
		r = copy_name(b, from, &msmail->name);
		return r < 0 ? r : set_all(b, from, msmail, &msmail->set);
	}
	return diag_set(b->diag, ERR_UNSUPPORTED, "unknown section");
}

/* compare_links, compare_msmails - by name, for sorting and finding */
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

/* allocate - room for the sections that the text has */
static int
allocate(struct conf *conf, const struct conf_source *source)
{
	size_t links = source->count[CONF_LINK];
	size_t msmails = source->count[CONF_MSMAIL];

	conf->links = arena_array(&conf->arena, links, sizeof(*conf->links));
	conf->links_sorted =
	    arena_array(&conf->arena, links, sizeof(*conf->links_sorted));
	conf->msmails =
	    arena_array(&conf->arena, msmails, sizeof(*conf->msmails));
	conf->msmails_sorted =
	    arena_array(&conf->arena, msmails, sizeof(*conf->msmails_sorted));
	if ((links > 0 &&
		(conf->links == NULL || conf->links_sorted == NULL)) ||
	    (msmails > 0 &&
		(conf->msmails == NULL || conf->msmails_sorted == NULL)))
		return arena_error(&conf->arena);
	return 0;
}

/* sort - the tables by which sections are found */
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

/* build - from what the text sets to the typed struct */
static int
build(struct building *b, const struct conf_source *source)
{
	struct conf *conf = b->conf;
	int r = defaults(b, CONF_MTA, &conf->mta);

	conf->mta.domain.text = "";
	if (r == 0)
		r = defaults(b, CONF_LINK, &b->link);
	if (r == 0)
		r = defaults(b, CONF_MSMAIL, &b->msmail);
	if (r == 0 && allocate(conf, source) < 0)
		r = no_room(&conf->arena, b->diag);
	for (const struct conf_source_section *s = source->first;
	     r == 0 && s != NULL; s = s->next)
		r = add_section(b, s);
	if (r == 0 && b->completeness != CONF_HANDED)
		r = conf_check(conf, b->diag);
	if (r == 0 && conf->mta.postmaster.address == NULL &&
	    conf->mta.domain.address != NULL) {
		r = conf_address_postmaster(&conf->mta.domain, &conf->arena,
		    &conf->mta.postmaster, b->diag);
	}
	if (r == 0)
		sort(conf);
	return r;
}

/* conf_parse_text - read and validate a configuration in memory */
int
conf_parse_text(struct slice text, const char *name,
    enum conf_completeness completeness, struct conf **conf, struct diag *diag)
{
	struct building b = {.completeness = completeness, .diag = diag};
	struct conf_source source;
	struct arena scratch;
	int r;

	b.conf = calloc(1, sizeof(*b.conf));
	if (b.conf == NULL)
		return out_of_memory(diag);
	arena_init(&scratch, ARENA_MAX);
	arena_init(&b.conf->arena, ARENA_MAX);
	b.conf->file = arena_string(&b.conf->arena, slice_of_string(name));
	if (b.conf->file == NULL)
		r = no_room(&b.conf->arena, diag);
	else
		r = conf_source_read(text, name, &scratch, &source, diag);
	if (r == 0)
		r = build(&b, &source);
	arena_fini(&scratch);
	if (r < 0) {
		conf_free(b.conf);
		return r;
	}
	*conf = b.conf;
	return 0;
}

/* read_file - the octets of a file, to be freed; *shared: others can read it */
static int
read_file(int fd, const char *path, char **text, size_t *len, bool *shared,
    struct diag *diag)
{
	struct stat st;
	size_t size;
	char *octets;
	ssize_t n = 1;

	if (fstat(fd, &st) < 0)
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return diag_set(diag, ERR_IO, "%s: is a directory", path);
	if (st.st_size > CONF_FILE_MAX)
		return diag_set(diag, ERR_LIMIT, "%s: too large", path);
	*shared =
	    S_ISREG(st.st_mode) && (st.st_mode & (S_IROTH | S_IWOTH)) != 0;
	/* a pipe tells no size: read up to what is too large */
	size = S_ISREG(st.st_mode) ? (size_t)st.st_size + 1
				   : (size_t)CONF_FILE_MAX + 1;
	octets = malloc(size);
	if (octets == NULL)
		return out_of_memory(diag);
	for (*len = 0; n != 0 && *len<size; *len += n> 0 ? (size_t)n : 0) {
		n = read(fd, octets + *len, size - *len);
		if (n < 0 && errno != EINTR) {
			free(octets);
			return diag_set(
			    diag, ERR_IO, "%s: %s", path, strerror(errno));
		}
	}
	*text = octets;
	return 0;
}

/* conf_parse_file - read and validate a configuration file */
int
conf_parse_file(const char *path, struct conf **conf, struct diag *diag)
{
	char *text = NULL;
	bool shared = false;
	size_t len = 0;
	int fd, r;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		return diag_set(diag, errno == ENOENT ? ERR_NOTFOUND : ERR_IO,
		    "%s: %s", path, strerror(errno));
	}
	r = read_file(fd, path, &text, &len, &shared, diag);
	(void)close(fd);
	if (r < 0)
		return r;
	r = conf_parse_text(slice_of(text, len), path,
	    shared ? CONF_SHARED : CONF_COMPLETE, conf, diag);
	explicit_bzero(text, len);
	free(text);
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
	wipe(conf->mta.password);
	for (size_t i = 0; i < conf->link_count; i++) {
		wipe(conf->links[i].remote_password);
		wipe(conf->links[i].local_password);
	}
	arena_fini(&conf->arena);
	free(conf);
}

/* conf_link_find - the link of that name, or NULL */
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

/* conf_msmail_find - the postoffice of that name, or NULL */
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

/* conf_incoming_associations - tell how many the peer of a link may open */
uint32_t
conf_incoming_associations(const struct conf_link *link)
{
	return link->incoming_associations != 0 ? link->incoming_associations
						: link->associations + 1;
}

/* conf_local_name - the name that we bind with on a link */
const char *
conf_local_name(const struct conf *conf, const struct conf_link *link)
{
	return *link->local_name != '\0' ? link->local_name : conf->mta.name;
}

/* conf_local_password - the password that we bind with on a link */
struct slice
conf_local_password(const struct conf *conf, const struct conf_link *link)
{
	return link->local_password.len > 0 ? link->local_password
					    : conf->mta.password;
}
