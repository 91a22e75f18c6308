/* SPDX-License-Identifier: ISC */
/*
 * in_supply.c - the files that an object in in/new names
 */
#include "app/in_supply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* in_supply_init - begin with no file */
void
in_supply_init(
    struct in_supply *supply, struct in *in, struct in_object *object)
{
	*supply = (struct in_supply){.in = in, .object = object, .fd = -1};
}

/* in_supply_fini - close and free */
void
in_supply_fini(struct in_supply *supply)
{
	if (supply->fd >= 0)
		close(supply->fd);
	free(supply->seen);
	free(supply->parts);
}

/* add_file - note a file of a part, as it is now */
static int
add_file(struct in_supply *supply, size_t part, const char *file,
    const struct stat *st)
{
	struct in_object *object = supply->object;
	size_t count = object->file_count + 1;
	char(*files)[ENTRY_FILE_MAX] =
	    reallocarray(object->files, count, ENTRY_FILE_MAX);
	struct stat *seen;
	size_t *parts;

	if (files != NULL)
		object->files = files;
	seen = reallocarray(supply->seen, count, sizeof(*seen));
	if (seen != NULL)
		supply->seen = seen;
	parts = reallocarray(supply->parts, count, sizeof(*parts));
	if (parts != NULL)
		supply->parts = parts;
	if (files == NULL || seen == NULL || parts == NULL)
		return ERR_NOMEM;
	(void)strlcpy(files[count - 1], file, ENTRY_FILE_MAX);
	seen[count - 1] = *st;
	parts[count - 1] = part;
	object->file_count = count;
	return 0;
}

/* supply_length - look at the file of a part, and say how long it is */
static int
supply_length(void *arg, size_t part, const struct object_source *source,
    uint64_t *length, struct diag *diag)
{
	struct in_supply *supply = arg;
	int directory = supply->in->app.directory.fd[DIRECTORY_IN_NEW];
	char file[ENTRY_FILE_MAX];
	struct stat st;
	int fd, error;

	if (source->place != OBJECT_FILE || source->file.len >= sizeof(file))
		return diag_set(
		    diag, ERR_VALUE, "here octets come from files alone");
	memcpy(file, source->file.data, source->file.len);
	file[source->file.len] = '\0';
	/* A file of another object must not be taken away with this one. */
	if (!entry_is_of(file, supply->object->name))
		return diag_set(diag, ERR_VALUE,
		    "the name of a file must begin with %s.",
		    supply->object->name);
	error = entry_open(directory, file, &fd, &st, diag);
	if (error < 0)
		return error;
	close(fd);
	*length = (uint64_t)st.st_size;
	return add_file(supply, part, file, &st);
}

/* is_unchanged - tell whether two looks at a file saw the same */
static bool
is_unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* open_part - open the file of a part again, unless it is open */
static int
open_part(struct in_supply *supply, size_t part, struct diag *diag)
{
	const struct in_object *object = supply->object;
	struct stat st;
	size_t i = 0;
	int error;

	if (supply->fd >= 0 && supply->part == part)
		return 0;
	if (supply->fd >= 0)
		close(supply->fd);
	supply->fd = -1;
	while (i < object->file_count && supply->parts[i] != part)
		i++;
	if (i == object->file_count)
		return diag_set(diag, ERR_VALUE, "no file of this part");
	error = entry_open(supply->in->app.directory.fd[DIRECTORY_IN_NEW],
	    object->files[i], &supply->fd, &st, diag);
	supply->part = part;
	supply->at = i;
	if (error == 0 && !is_unchanged(&st, &supply->seen[i]))
		error = diag_set(diag, ERR_VALUE,
		    "%s: it was changed while it was read", object->files[i]);
	return error;
}

/* supply_read - read octets of a part */
static int64_t
supply_read(void *arg, size_t part, const struct object_source *source,
    uint64_t offset, uint8_t *room, size_t size, struct diag *diag)
{
	struct in_supply *supply = arg;
	ssize_t n;
	int error = open_part(supply, part, diag);

	(void)source;
	if (error < 0)
		return error;
	do
		n = pread(supply->fd, room, size, (off_t)offset);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return n;
	return diag_set(diag, n < 0 ? ERR_IO : ERR_VALUE, "%s: %s",
	    supply->object->files[supply->at],
	    n < 0 ? strerror(errno) : "it became shorter while it was read");
}

/* in_supply_of - make the functions by which object_content.h asks */
struct object_supply
in_supply_of(struct in_supply *supply)
{
	return (struct object_supply){
	    .length = supply_length, .read = supply_read, .arg = supply};
}
