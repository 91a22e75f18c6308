/* SPDX-License-Identifier: ISC */
/*
 * send_object.c - make what x4send submits out of the one JSON form; see
 * send_object.h
 */
#include "tools/send_object.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* open_listed - open a file of the command line again, from its beginning */
static int
open_listed(const struct send_files *files, const char *name)
{
	FILE *file = send_file_find(files, name);
	int fd = file == NULL ? -1 : dup(fileno(file));

	/* The other descriptor has read on from where this one begins. */
	if (fd >= 0 && lseek(fd, 0, SEEK_SET) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* open_file - open the file of a source; it is left open for reading */
static int
open_file(struct send_object *o, size_t part,
    const struct object_source *source, struct diag *diag)
{
	char *name = arena_string(&o->arena, source->file);
	struct stat status;
	int fd;

	if (source->place != OBJECT_FILE)
		return diag_set(diag, ERR_UNSUPPORTED,
		    "octets that follow the object: give a file or base64");
	if (name == NULL)
		return arena_error(&o->arena);
	if (o->file != NULL)
		fclose(o->file);
	o->file = NULL;
	fd = o->files != NULL
	    ? open_listed(o->files, name)
	    : openat(o->directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return diag_set(diag, ERR_IO, "%s: %s", name, strerror(errno));
	/* A FIFO cannot be read twice, and a device has no size. */
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		close(fd);
		return diag_set(diag, ERR_VALUE, "%s: not a file", name);
	}
	if ((o->file = fdopen(fd, "r")) == NULL) {
		close(fd);
		return diag_set(diag, ERR_IO, "%s: %s", name, strerror(errno));
	}
	o->part = part;
	o->offset = 0;
	return 0;
}

/* file_length - find how many octets a source has */
static int
file_length(void *arg, size_t part, const struct object_source *source,
    uint64_t *length, struct diag *diag)
{
	struct send_object *o = arg;
	struct stat status;
	int error = open_file(o, part, source, diag);

	if (error != 0)
		return error;
	if (fstat(fileno(o->file), &status) != 0)
		return diag_set(diag, ERR_IO, "%s", strerror(errno));
	*length = (uint64_t)status.st_size;
	return 0;
}

/* file_read - read octets of a source */
static int64_t
file_read(void *arg, size_t part, const struct object_source *source,
    uint64_t offset, uint8_t *room, size_t size, struct diag *diag)
{
	struct send_object *o = arg;
	int error;
	size_t n;

	if (o->file == NULL || o->part != part || o->offset != offset) {
		if ((error = open_file(o, part, source, diag)) != 0)
			return error;
		if (fseeko(o->file, (off_t)offset, SEEK_SET) != 0)
			return diag_set(diag, ERR_IO, "%s", strerror(errno));
		o->offset = offset;
	}
	n = fread(room, 1, size, o->file);
	if (n == 0 && ferror(o->file))
		return diag_set(diag, ERR_IO, "%s", strerror(errno));
	o->offset += n;
	return (int64_t)n;
}

/* read_file - read the whole file of the object */
static int
read_file(struct send_object *o, const char *path, struct diag *diag)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char piece[16384];
	int error = 0;
	size_t n;

	if (file == NULL)
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	while (error == 0 && (n = fread(piece, 1, sizeof(piece), file)) > 0)
		error = buffer_append(&o->text, piece, n);
	if (error == 0 && ferror(file))
		error = diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	if (file != stdin)
		fclose(file);
	return error == 0 || diag->code != 0
	    ? error
	    : diag_set(diag, error, "%s: more than %d octets", path,
		  OBJECT_TEXT_MAX);
}

/* open_directory - open the directory in which the files of an object are */
static int
open_directory(struct send_object *o, const char *path, struct diag *diag)
{
	char *copy = arena_string(&o->arena, slice_of_string(path));
	const char *name;

	if (copy == NULL)
		return arena_error(&o->arena);
	name = strcmp(path, "-") == 0 ? "." : dirname(copy);
	o->directory = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return o->directory < 0
	    ? diag_set(diag, ERR_IO, "%s: %s", name, strerror(errno))
	    : 0;
}

/* make_defaults - fill in what the object need not say */
static int
make_defaults(struct send_object *o, const struct conf *conf,
    struct object_defaults *defaults, struct diag *diag)
{
	struct timespec now;

	/* Time and process: two messages of one second differ. */
	clock_gettime(CLOCK_REALTIME, &now);
	defaults->id = arena_printf(&o->arena, "%llX.%08lX.%lX",
	    (unsigned long long)now.tv_sec, (unsigned long)now.tv_nsec,
	    (unsigned long)getpid());
	if (defaults->id == NULL)
		return arena_error(&o->arena);
	return global_domain_parse(slice_of_string(conf->mta.domain.text),
	    &o->arena, &defaults->domain, diag);
}

/* make_content - read the object, and prepare its content */
static int
make_content(struct send_object *o, const char *path,
    const struct object_defaults *defaults, struct diag *diag)
{
	const struct object_supply supply = {file_length, file_read, o};
	struct object_fault fault = {.error = 0};
	const char *colon;
	int error = object_read(
	    buffer_slice(&o->text), defaults, &o->arena, &o->object, &fault);

	if (error == 0)
		error = object_content_begin(
		    &o->object, &o->arena, &supply, &o->content, &fault);
	if (error == 0)
		return 0;
	colon = fault.pointer[0] != '\0' ? ": " : "";
	/* Whoever gave options has seen no lines. */
	if (o->files != NULL)
		return diag_set(
		    diag, error, "%s%s%s", fault.pointer, colon, fault.text);
	object_fault_locate(&fault, buffer_slice(&o->text));
	return diag_set(diag, error, "%s:%u: %s%s%s", path, fault.line,
	    fault.pointer, colon, fault.text);
}

/* begin - begin with an object of which nothing is known */
static void
begin(struct send_object *o)
{
	*o = (struct send_object){.directory = -1};
	arena_init(&o->arena, OBJECT_ARENA_MAX);
	buffer_init(&o->text, OBJECT_TEXT_MAX);
	buffer_init(&o->encoded, P1_ENVELOPE_MAX);
}

/* make_object - make envelope and content of the text */
static int
make_object(struct send_object *o, const char *path, const struct conf *conf,
    struct diag *diag)
{
	struct object_defaults defaults;
	int error;

	if ((error = make_defaults(o, conf, &defaults, diag)) != 0 ||
	    (error = make_content(o, path, &defaults, diag)) != 0)
		return error;
	/* Reports are made by who got a message, not by a person. */
	if (o->object.kind == OBJECT_REPORT)
		return diag_set(diag, ERR_UNSUPPORTED,
		    "%s: a report cannot be submitted", path);
	error = p1_encode(&o->object.envelope, EXTENSION_IMPLICIT, &o->encoded);
	return error == 0 ? 0
			  : diag_set(diag, error, "%s: envelope: %s", path,
				error_strerror(error));
}

/* send_object_open - read an object and encode its envelope */
int
send_object_open(struct send_object *o, const char *path,
    const struct conf *conf, struct diag *diag)
{
	int error;

	begin(o);
	if ((error = read_file(o, path, diag)) != 0 ||
	    (error = open_directory(o, path, diag)) != 0)
		return error;
	return make_object(o, path, conf, diag);
}

/* send_object_make - likewise, of the text of an object */
int
send_object_make(struct send_object *o, struct slice text,
    const struct send_files *files, const struct conf *conf, struct diag *diag)
{
	int error;

	begin(o);
	o->files = files;
	error = buffer_append(&o->text, text.data, text.len);
	return error == 0 ? make_object(o, "options", conf, diag)
			  : diag_set(diag, error, "%s", error_strerror(error));
}

/* send_object_read - read the next octets of the content */
int64_t
send_object_read(
    struct send_object *o, uint8_t *room, size_t size, struct diag *diag)
{
	struct object_fault fault = {.error = 0};
	int64_t n = object_content_read(o->content, room, size, &fault);

	return n >= 0
	    ? n
	    : diag_set(diag, (int)n, "%s: %s", fault.pointer, fault.text);
}

/* send_object_close - close the files, free all */
void
send_object_close(struct send_object *o)
{
	if (o->file != NULL)
		fclose(o->file);
	if (o->directory >= 0)
		close(o->directory);
	object_content_end(o->content);
	buffer_fini(&o->text);
	buffer_fini(&o->encoded);
	arena_fini(&o->arena);
}
