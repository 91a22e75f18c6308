/* SPDX-License-Identifier: ISC */
/*
 * conf_reach.c - where the running suite is, of a file that need not be right
 */
#include "conf/conf_reach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf_scan.h"
#include "conf/conf_setting.h"

#define VALUE_MAX 256 /* longer than any path that the settings take */

enum reach_name {
	REACH_RUN,
	REACH_STATE,
	REACH_NAMES
};

static const char *const names[REACH_NAMES] = {
    [REACH_RUN] = "run-directory", [REACH_STATE] = "state-directory"};

/* The walk through the tokens of a text. */
struct reaching {
	struct conf_scanner scanner;
	struct conf_token token;
	char word[VALUE_MAX];	 /* the text before this token */
	enum reach_name setting; /* whose value comes next; REACH_NAMES: none */
	char value[REACH_NAMES][VALUE_MAX];
};

/* take_text - take a text: the value of a setting, or a word */
static void
take_text(struct reaching *r)
{
	if (r->setting != REACH_NAMES)
		(void)strlcpy(r->value[r->setting], r->token.text, VALUE_MAX);
	r->setting = REACH_NAMES;
	(void)strlcpy(r->word, r->token.text, sizeof(r->word));
}

/* take_equals - note which setting the word before the sign names: in whatever
 * section, for no other has these names, and a brace may be missing */
static void
take_equals(struct reaching *r)
{
	r->setting = REACH_NAMES;
	/* The section does not matter: tools must find the suite even where the
	 * text has errors. */
	for (int i = 0; i < REACH_NAMES; i++)
		if (strcmp(r->word, names[i]) == 0)
			r->setting = (enum reach_name)i;
}

/* take_token - go on by one token */
static void
take_token(struct reaching *r)
{
	switch (r->token.kind) {
	case CONF_TOKEN_TEXT:
		take_text(r);
		return;
	case CONF_TOKEN_EQUALS:
		take_equals(r);
		return;
	case CONF_TOKEN_OPEN:
	case CONF_TOKEN_CLOSE:
	case CONF_TOKEN_APPEND:
	case CONF_TOKEN_COMMA:
	case CONF_TOKEN_STRAY:
	case CONF_TOKEN_BAD:
	case CONF_TOKEN_END:
		break;
	}
	r->word[0] = '\0';
	r->setting = REACH_NAMES;
}

/* read_values - find the two settings of a text */
static int
read_values(struct reaching *r, struct slice text)
{
	int rc;

	r->setting = REACH_NAMES;
	conf_scan_init(&r->scanner, text);
	do {
		rc = conf_scan_next(&r->scanner, &r->token);
		if (rc == 0)
			take_token(r);
	} while (rc == 0 && r->token.kind != CONF_TOKEN_END);
	conf_scan_fini(&r->scanner);
	return rc;
}

/* is_path - tell whether a value can be written between double quotes, and is
 * a path that its setting takes */
static bool
is_path(const char *value, enum reach_name name)
{
	return value[0] == '/' && strpbrk(value, "\"\\$\n") == NULL &&
	    strlen(value) <= conf_setting_find(CONF_MTA, names[name])->max;
}

/* conf_reach_text - make a configuration of what a text sets */
int
conf_reach_text(
    struct slice text, const char *run, struct conf **conf, struct diag *diag)
{
	struct reaching r = {0};
	char out[2 * VALUE_MAX + 64] = "mta {";
	int rc = read_values(&r, text);

	if (rc < 0)
		return diag_set(diag, rc, "%s", error_strerror(rc));
	if (!is_path(r.value[REACH_RUN], REACH_RUN))
		(void)strlcpy(
		    r.value[REACH_RUN], run == NULL ? "" : run, VALUE_MAX);
	if (run != NULL && strcmp(r.value[REACH_RUN], run) == 0 &&
	    !is_path(run, REACH_RUN))
		return diag_set(diag, ERR_VALUE,
		    CONF_REACH_RUN ": \"%s\" is no run directory", run);
	for (int i = 0; i < REACH_NAMES; i++)
		if (is_path(r.value[i], (enum reach_name)i))
			(void)snprintf(out + strlen(out),
			    sizeof(out) - strlen(out), " %s = \"%s\"", names[i],
			    r.value[i]);
	(void)strlcat(out, " }\n", sizeof(out));
	return conf_parse_text(
	    slice_of_string(out), "", CONF_HANDED, conf, diag);
}

/* read_all - read a file up to what is too large, to be freed */
static int
read_all(int fd, const char *path, char **text, size_t *len, struct diag *diag)
{
	size_t room = 0;
	ssize_t n = 1;

	/* A pipe tells no size. */
	for (*len = 0; n != 0; *len += n > 0 ? (size_t)n : 0) {
		if (*len == room) {
			char *more;

			if (room >= CONF_FILE_MAX)
				return diag_set(
				    diag, ERR_LIMIT, "%s: too large", path);
			room = room == 0 ? 16384 : 2 * room;
			more = realloc(*text, room);
			if (more == NULL)
				return diag_set(
				    diag, ERR_NOMEM, "out of memory");
			*text = more;
		}
		n = read(fd, *text + *len, room - *len);
		if (n < 0 && errno != EINTR)
			return diag_set(
			    diag, ERR_IO, "%s: %s", path, strerror(errno));
	}
	return 0;
}

/* conf_reach_file - make a configuration of what a file sets */
int
conf_reach_file(
    const char *path, const char *run, struct conf **conf, struct diag *diag)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *text = NULL;
	size_t len = 0;
	int rc = 0;

	if (fd < 0 && errno == ENOENT && strcmp(path, CONF_DEFAULT_FILE) != 0)
		return diag_set(
		    diag, ERR_NOTFOUND, "%s: %s", path, strerror(errno));
	/* A file that may not be read still has a default run directory. */
	if (fd < 0 && errno != ENOENT && errno != EACCES && errno != EPERM)
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	if (fd >= 0) {
		rc = read_all(fd, path, &text, &len, diag);
		(void)close(fd);
	}
	if (rc == 0)
		rc = conf_reach_text(slice_of(text, len), run, conf, diag);
	/* Passwords may stand in the file. */
	if (text != NULL)
		explicit_bzero(text, len);
	free(text);
	return rc;
}
