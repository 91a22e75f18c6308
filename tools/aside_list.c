/* SPDX-License-Identifier: ISC */
/*
 * aside_list.c - what the interchange has set aside, as rows
 *
 * Contract in aside_list.h.  NAME.why beside NAME has lines "field: value".
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/aside_list.h"

#define WHY_MAX 4096

struct listing {
	const char *postoffice;
	int fd; /* of BAD */
	int (*on_row)(void *arg, const struct ipc_row *row);
	void *arg;
};

/* is_reason - tell whether a name is that of a reason */
static bool
is_reason(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".why") == 0;
}

/* is_file - choose for scandir what is neither hidden nor a reason */
static int
is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && !is_reason(entry->d_name);
}

/* read_why - read the reason beside a file; empty if there is none */
static void
read_why(const struct listing *listing, const char *name, char why[WHY_MAX])
{
	char path[NAME_MAX + 8];
	ssize_t len = 0;
	int fd;

	(void)snprintf(path, sizeof(path), "%s.why", name);
	/* Opened without following links: the sender has access to the
	 * postoffice. */
	fd = openat(
	    listing->fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, why, WHY_MAX - 1);
		(void)close(fd);
	}
	why[len > 0 ? len : 0] = '\0';
}

/* value_of - find what a line of a reason says */
static struct slice
value_of(const char *why, const char *field)
{
	size_t len = strlen(field);

	for (const char *line = why; line != NULL && *line != '\0';) {
		if (strncmp(line, field, len) == 0 && line[len] == ':' &&
		    line[len + 1] == ' ')
			return slice_of(
			    line + len + 2, strcspn(line + len + 2, "\n"));
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
	return slice_of_string("");
}

/* text_field - make a field of text */
static struct ipc_field
text_field(const char *name, struct slice text)
{
	return (struct ipc_field){.name = slice_of_string(name),
	    .type = IPC_FIELD_TEXT,
	    .octets = text};
}

/* number_field - make a field of a number or a time */
static struct ipc_field
number_field(const char *name, enum ipc_field_type type, int64_t number)
{
	return (struct ipc_field){
	    .name = slice_of_string(name), .type = type, .number = number};
}

/* list_file - make the row of one file */
static int
list_file(const struct listing *listing, const char *name)
{
	char why[WHY_MAX];
	struct stat st;

	if (fstatat(listing->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return 0; /* taken back meanwhile */
	read_why(listing, name, why);
	/* Moving it there is what changed it last. */
	const struct ipc_field fields[] = {
	    text_field("postoffice", slice_of_string(listing->postoffice)),
	    text_field("file", slice_of_string(name)),
	    number_field("size", IPC_FIELD_NUMBER, st.st_size),
	    number_field(
		"time", IPC_FIELD_TIME, (int64_t)st.st_ctim.tv_sec * 1000),
	    text_field("event", value_of(why, "event")),
	    text_field("sender", value_of(why, "sender")),
	    text_field("reason", value_of(why, "reason")),
	};
	const struct ipc_row row = {.fields = fields,
	    .field_count = sizeof(fields) / sizeof(fields[0])};

	return listing->on_row(listing->arg, &row);
}

/* list_postoffice - list the files in BAD of one postoffice */
static int
list_postoffice(const struct conf_msmail *msmail, struct listing *listing,
    struct diag *diag)
{
	struct dirent **names;
	char path[512];
	int count, error = 0;

	if ((size_t)snprintf(path, sizeof(path), "%s/BAD",
		msmail->postoffice) >= sizeof(path))
		return diag_set(diag, ERR_LIMIT, "postoffice: too long");
	listing->postoffice = msmail->name;
	listing->fd =
	    open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	count =
	    listing->fd < 0 ? -1 : scandir(path, &names, is_file, alphasort);
	if (count < 0) {
		error = diag_set(diag, errno == EACCES ? ERR_DENIED : ERR_IO,
		    "%s: %s", path, strerror(errno));
		if (listing->fd >= 0)
			(void)close(listing->fd);
		return error;
	}
	for (int i = 0; i < count; i++) {
		if (error == 0)
			error = list_file(listing, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	(void)close(listing->fd);
	return error;
}

/* aside_list - list the files that were set aside */
int
aside_list(const struct conf *conf, const char *postoffice,
    int (*on_row)(void *arg, const struct ipc_row *row), void *arg,
    struct diag *diag)
{
	struct listing listing = {.fd = -1, .on_row = on_row, .arg = arg};
	int error = 0;

	/* Links are shown as msmail/NAME, and people copy that. */
	if (postoffice != NULL && strncmp(postoffice, "msmail/", 7) == 0)
		postoffice += 7;
	if (postoffice != NULL && conf_msmail_find(conf, postoffice) == NULL)
		return diag_set(
		    diag, ERR_NOTFOUND, "%s: no such postoffice", postoffice);
	for (size_t i = 0; i < conf->msmail_count; i++) {
		int result;

		if (postoffice != NULL &&
		    strcmp(conf->msmails[i].name, postoffice) != 0)
			continue;
		/* A postoffice that cannot be reached does not hide others. */
		result = list_postoffice(&conf->msmails[i], &listing, diag);
		if (error == 0)
			error = result;
	}
	return error;
}
