/* SPDX-License-Identifier: ISC */
/*
 * compose.c - make what x4send submits; see compose.h
 */
#include "tools/compose.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ARENA_MAX     ((size_t)64 * 1024 * 1024)
#define PIECE	      16384
#define CONVERTED_MAX (4 * PIECE) /* no character grows more than that */

/* compose_init - begin without parts */
void
compose_init(struct compose *compose, enum mts_kind kind)
{
	memset(compose, 0, sizeof(*compose));
	arena_init(&compose->arena, ARENA_MAX);
	buffer_init(&compose->encoded, P1_ENVELOPE_MAX);
	buffer_init(&compose->converted, CONVERTED_MAX);
	draft_init(&compose->draft, kind);
}

/* compose_fini - close the files, free all */
void
compose_fini(struct compose *compose)
{
	for (size_t i = 0; i < compose->part_count; i++)
		fclose(compose->parts[i].file);
	if (compose->encoding)
		ipm_encoder_fini(&compose->encoder);
	buffer_fini(&compose->encoded);
	buffer_fini(&compose->converted);
	arena_fini(&compose->arena);
}

/* parse_address - parse an O/R address; the error names it */
static int
parse_address(struct compose *compose, const char *text,
    struct or_address *address, struct diag *diag)
{
	int error = or_address_parse(
	    slice_of_string(text), &compose->arena, address, diag);

	if (error != 0)
		diag_prefix(diag, "%s", text);
	return error;
}

/* compose_originator - set whom it is from */
int
compose_originator(struct compose *compose, const char *text, struct diag *diag)
{
	return parse_address(compose, text, &compose->draft.from, diag);
}

/* compose_alternate - set who gets it where a recipient cannot */
int
compose_alternate(struct compose *compose, const char *text, struct diag *diag)
{
	return parse_address(compose, text, &compose->draft.alternate, diag);
}

/* grow_list - make room for another recipient; the list doubles, because the
 * arena gives no memory back */
static int
grow_list(struct compose *compose)
{
	struct draft *draft = &compose->draft;
	size_t n = draft->to_count, room = n == 0 ? 1 : 2 * n;
	struct draft_recipient *list;

	/* X.411's bound of recipients: more would be refused by the queue
	 * manager. */
	if (n == P1_RECIPIENTS_MAX)
		return ERR_LIMIT;
	/* Doubled where the count is a power of two. */
	if ((n & (n - 1)) != 0)
		return 0;
	list = arena_array(&compose->arena, room, sizeof(*list));
	if (list == NULL)
		return arena_error(&compose->arena);
	if (n > 0)
		memcpy(list, draft->to, n * sizeof(*list));
	draft->to = list;
	return 0;
}

/* compose_recipient - add a recipient */
int
compose_recipient(struct compose *compose, const char *text,
    enum draft_report report, struct diag *diag)
{
	struct draft_recipient recipient = {.report = report};
	int error = grow_list(compose);

	if (error != 0)
		return diag_set(diag, error, "too many recipients");
	error = parse_address(compose, text, &recipient.address, diag);
	if (error == 0)
		compose->draft.to[compose->draft.to_count++] = recipient;
	return error;
}

/* spool - make standard input a file that can be read twice */
static FILE *
spool(void)
{
	FILE *file = tmpfile();
	char piece[PIECE];
	size_t n;

	if (file == NULL)
		return NULL;
	/* Read twice: lengths in the envelope come before the content. */
	while ((n = fread(piece, 1, sizeof(piece), stdin)) > 0)
		if (fwrite(piece, 1, n, file) != n)
			goto fail;
	if (ferror(stdin) == 0 && fflush(file) == 0)
		return file;
fail:
	fclose(file);
	return NULL;
}

/* open_part - open a file, or standard input for NULL, as the next part */
static int
open_part(struct compose *compose, const char *path, uint64_t *length,
    struct diag *diag)
{
	const char *name = path != NULL ? path : "standard input";
	struct stat status;
	FILE *file;

	if (compose->part_count == COMPOSE_PARTS_MAX)
		return diag_set(
		    diag, ERR_LIMIT, "more than %d files", COMPOSE_PARTS_MAX);
	file = path != NULL ? fopen(path, "re") : spool();
	if (file == NULL)
		return diag_set(diag, ERR_IO, "%s: %s", name, strerror(errno));
	/* A FIFO cannot be read twice, and a device has no size. */
	if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) {
		fclose(file);
		return diag_set(diag, ERR_VALUE, "%s: not a file", name);
	}
	*length = (uint64_t)status.st_size;
	rewind(file);
	compose->parts[compose->part_count++] =
	    (struct compose_part){.file = file, .name = name};
	return 0;
}

/* compose_text - add the body */
int
compose_text(struct compose *compose, const char *path, struct diag *diag)
{
	struct compose_part *part = &compose->parts[compose->part_count];
	struct ipm_outgoing *out = &compose->outgoing[compose->part_count];
	uint8_t piece[PIECE];
	uint64_t length;
	size_t n;
	int error = open_part(compose, path, &length, diag);

	if (error != 0)
		return error;
	part->is_text = true;
	ipm_scan_init(&part->scan);
	/* The text is looked at first, since its characters decide how it
	 * travels. */
	while ((n = fread(piece, 1, sizeof(piece), part->file)) > 0)
		ipm_scan_push(&part->scan, slice_of(piece, n));
	rewind(part->file);
	*out = (struct ipm_outgoing){
	    .form = IPM_FORM_TEXT, .modified = IPM_NO_TIME};
	out->repertoire = ipm_scan_finish(&part->scan, &out->length);
	return 0;
}

/* compose_attach - add a file to go along */
int
compose_attach(struct compose *compose, const char *path, struct diag *diag)
{
	struct ipm_outgoing *out = &compose->outgoing[compose->part_count];
	const char *slash = strrchr(path, '/');
	uint64_t length;
	int error = open_part(compose, path, &length, diag);

	if (error != 0)
		return error;
	*out = (struct ipm_outgoing){.form = IPM_FORM_FILE,
	    .length = length,
	    .filename = slice_of_string(slash != NULL ? slash + 1 : path),
	    .modified = IPM_NO_TIME};
	return 0;
}

/* compose_content - take a file as the whole content */
int
compose_content(struct compose *compose, const char *path, const char *type,
    struct diag *diag)
{
	int error;

	error = p1_content_type_parse(
	    type, &compose->arena, &compose->draft.content_type);
	if (error != 0)
		return diag_set(diag, error, "%s: not a content type", type);
	compose->draft.raw = true;
	return open_part(compose, path, &compose->draft.content_length, diag);
}

/* identify - give the message an identifier unlike any other; its length does
 * not depend on the time, so that a probe declares what the message has */
static int
identify(struct compose *compose)
{
	struct timespec now;

	/* Time and process: two messages of one second differ. */
	clock_gettime(CLOCK_REALTIME, &now);
	compose->draft.id = arena_printf(&compose->arena, "%llX.%08lX.%lX",
	    (unsigned long long)now.tv_sec, (unsigned long)now.tv_nsec,
	    (unsigned long)getpid());
	return compose->draft.id == NULL ? arena_error(&compose->arena) : 0;
}

/* compose_finish - compute lengths, encode the envelope */
int
compose_finish(
    struct compose *compose, const struct conf *conf, struct diag *diag)
{
	struct draft *draft = &compose->draft;
	int error = identify(compose);

	if (error != 0)
		return error;
	draft->parts = compose->outgoing;
	draft->part_count = draft->raw ? 0 : compose->part_count;
	error = draft_encode(draft, conf, &compose->arena, &compose->encoded,
	    &compose->encoder, diag);
	if (error == 0 && draft_has_heading(draft)) {
		compose->encoding = true;
		draft->content_length = ipm_encoder_length(&compose->encoder);
	}
	return error;
}

/* convert_text - convert more of a text as it travels, into
 * compose->converted */
static int
convert_text(struct compose *compose, struct compose_part *part)
{
	uint8_t piece[PIECE];
	size_t n = fread(piece, 1, sizeof(piece), part->file);

	buffer_reset(&compose->converted);
	if (n == 0)
		return 0;
	return ipm_scan_convert(
	    &part->scan, &part->state, slice_of(piece, n), &compose->converted);
}

/* take_fitting - move what fits from a slice to room */
static size_t
take_fitting(struct slice from, uint8_t *room, size_t size)
{
	size_t n = from.len < size ? from.len : size;

	/* An empty slice may point nowhere, which memcpy does not allow. */
	if (n > 0)
		memcpy(room, from.data, n);
	return n;
}

/* read_part - read octets of the contents of one part; 0 at its end */
static int64_t
read_part(struct compose *compose, struct compose_part *part, uint8_t *room,
    size_t size, struct diag *diag)
{
	size_t n;
	int error;

	if (!part->is_text) {
		n = fread(room, 1, size, part->file);
		if (n == 0 && ferror(part->file))
			return diag_set(diag, ERR_IO, "%s", part->name);
		return (int64_t)n;
	}
	/* Octets that had no room before come first. */
	if (buffer_length(&compose->converted) == 0 &&
	    (error = convert_text(compose, part)) != 0)
		return diag_set(diag, error, "%s", part->name);
	n = take_fitting(buffer_slice(&compose->converted), room, size);
	buffer_consume(&compose->converted, n);
	return (int64_t)n;
}

/* read_prefix - read what stands before the part's contents; 0 when it is
 * done */
static size_t
read_prefix(struct compose *compose, uint8_t *room, size_t size)
{
	if (compose->draft.raw || compose->prefix_done)
		return 0;
	if (buffer_length(&compose->converted) == 0) {
		struct slice prefix =
		    ipm_encoder_prefix(&compose->encoder, compose->part);

		/* A prefix that fits is copied at once. */
		if (prefix.len <= size) {
			compose->prefix_done = true;
			return take_fitting(prefix, room, size);
		}
		if (buffer_append(
			&compose->converted, prefix.data, prefix.len) != 0)
			return 0; /* too long: the length will tell */
	}
	size = take_fitting(buffer_slice(&compose->converted), room, size);
	buffer_consume(&compose->converted, size);
	compose->prefix_done = buffer_length(&compose->converted) == 0;
	return size;
}

/* compose_read - read the next octets of the content */
int64_t
compose_read(
    struct compose *compose, uint8_t *room, size_t size, struct diag *diag)
{
	/* An interpersonal message without parts is one prefix. */
	size_t parts = compose->encoding && compose->part_count == 0
	    ? 1
	    : compose->part_count;

	/* A probe has no content. */
	if (compose->draft.kind == MTS_PROBE)
		return 0;
	for (; compose->part < parts; compose->part++) {
		int64_t n = (int64_t)read_prefix(compose, room, size);

		if (n == 0 && compose->part < compose->part_count)
			n = read_part(compose, &compose->parts[compose->part],
			    room, size, diag);
		if (n != 0)
			return n;
		compose->prefix_done = false;
	}
	return 0;
}
