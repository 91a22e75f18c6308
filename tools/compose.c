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

/* compose_init - nothing yet */
void
compose_init(struct compose *compose, enum p1_kind kind)
{
	memset(compose, 0, sizeof(*compose));
	arena_init(&compose->arena, ARENA_MAX);
	buffer_init(&compose->encoded, P1_ENVELOPE_MAX);
	buffer_init(&compose->converted, CONVERTED_MAX);
	p1_init(&compose->envelope, kind);
	compose->envelope.content_type.built_in = P1_CONTENT_P22;
	ipm_heading_init(&compose->heading);
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

/* name_octets - an O/R name as BER, for the heading */
static int
name_octets(
    struct compose *compose, const struct or_name *name, struct slice *octets)
{
	struct ber_writer writer;
	struct buffer out;
	int error;

	buffer_init(&out, OR_ADDRESS_MAX + 64);
	ber_writer_init(&writer, &out);
	or_name_encode(&writer, OR_NAME_TAG, name);
	error = ber_finish(&writer);
	if (error == 0)
		error =
		    arena_slice(&compose->arena, buffer_slice(&out), octets);
	buffer_fini(&out);
	return error;
}

/* compose_originator - who it is from */
int
compose_originator(struct compose *compose, const char *text, struct diag *diag)
{
	struct ipm_heading *heading = &compose->heading;
	int error = or_address_parse(slice_of_string(text), &compose->arena,
	    &compose->envelope.originator.address, diag);

	if (error != 0) {
		diag_prefix(diag, "%s", text);
		return error;
	}
	heading->has_originator = true;
	error = name_octets(
	    compose, &compose->envelope.originator, &heading->originator.name);
	heading->this_ipm.user = heading->originator.name;
	return error;
}

/* one_more - room for another recipient; it doubles, the arena gives no
 * memory back */
static int
one_more(struct compose *compose)
{
	struct p1_envelope *envelope = &compose->envelope;
	struct ipm_recipients *primary = &compose->heading.primary;
	size_t n = envelope->recipient_count, room = n == 0 ? 1 : 2 * n;
	struct p1_recipient *recipients;
	struct ipm_recipient *list;

	if (n == P1_RECIPIENTS_MAX)
		return ERR_LIMIT;
	if ((n & (n - 1)) != 0)
		return 0;
	recipients = arena_array(&compose->arena, room, sizeof(*recipients));
	list = arena_array(&compose->arena, room, sizeof(*list));
	if (recipients == NULL || list == NULL)
		return arena_error(&compose->arena);
	if (n > 0) {
		memcpy(
		    recipients, envelope->recipients, n * sizeof(*recipients));
		memcpy(list, primary->list, n * sizeof(*list));
	}
	envelope->recipients = recipients;
	primary->list = compose->list = list;
	return 0;
}

/* compose_recipient - who it is for */
int
compose_recipient(
    struct compose *compose, const char *text, bool report, struct diag *diag)
{
	struct p1_envelope *envelope = &compose->envelope;
	struct ipm_recipients *primary = &compose->heading.primary;
	size_t n = envelope->recipient_count;
	struct p1_recipient *recipients;
	struct ipm_recipient *list;
	int error = one_more(compose);

	if (error != 0)
		return diag_set(diag, error, "too many recipients");
	recipients = envelope->recipients;
	list = compose->list;
	memset(&recipients[n], 0, sizeof(recipients[n]));
	memset(&list[n], 0, sizeof(list[n]));
	error = or_address_parse(slice_of_string(text), &compose->arena,
	    &recipients[n].name.address, diag);
	if (error != 0) {
		diag_prefix(diag, "%s", text);
		return error;
	}
	recipients[n].number = (int)n + 1;
	recipients[n].explicit_conversion = -1;
	recipients[n].indicators = P1_RESPONSIBILITY |
	    (report ? P1_MTA_REPORT | P1_ORIGINATOR_REPORT
		    : P1_MTA_NON_DELIVERY_REPORT |
			P1_ORIGINATOR_NON_DELIVERY_REPORT);
	error =
	    name_octets(compose, &recipients[n].name, &list[n].descriptor.name);
	if (error != 0)
		return error;
	envelope->recipient_count = n + 1;
	primary->count = n + 1;
	return 0;
}

/* spool - standard input as a file that can be read twice */
static FILE *
spool(void)
{
	FILE *file = tmpfile();
	char piece[PIECE];
	size_t n;

	if (file == NULL)
		return NULL;
	while ((n = fread(piece, 1, sizeof(piece), stdin)) > 0)
		if (fwrite(piece, 1, n, file) != n)
			goto fail;
	if (ferror(stdin) == 0 && fflush(file) == 0)
		return file;
fail:
	fclose(file);
	return NULL;
}

/* open_part - a file, or standard input for NULL, as the next part */
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

/* compose_text - the body */
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
	while ((n = fread(piece, 1, sizeof(piece), part->file)) > 0)
		ipm_scan_push(&part->scan, slice_of(piece, n));
	rewind(part->file);
	*out = (struct ipm_outgoing){
	    .form = IPM_FORM_TEXT, .modified = IPM_NO_TIME};
	out->repertoire = ipm_scan_finish(&part->scan, &out->length);
	return 0;
}

/* compose_attach - a file to go along */
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

/* compose_content - a file that is the whole content */
int
compose_content(struct compose *compose, const char *path, const char *type,
    struct diag *diag)
{
	int error;

	error = p1_content_type_parse(
	    type, &compose->arena, &compose->envelope.content_type);
	if (error != 0)
		return diag_set(diag, error, "%s: not a content type", type);
	compose->raw = true;
	return open_part(compose, path, &compose->content_length, diag);
}

/* identify - an identifier for the interpersonal message, unlike any other */
static int
identify(struct compose *compose)
{
	struct timespec now;
	char *text;

	clock_gettime(CLOCK_REALTIME, &now);
	text = arena_printf(&compose->arena, "%llX.%lX.%lX",
	    (unsigned long long)now.tv_sec, (unsigned long)now.tv_nsec,
	    (unsigned long)getpid());
	if (text == NULL)
		return arena_error(&compose->arena);
	compose->heading.this_ipm.local = slice_of_string(text);
	return 0;
}

/* placeholders - what qmgr replaces, but an envelope must have */
static int
placeholders(struct compose *compose, const struct conf *conf)
{
	struct p1_envelope *envelope = &compose->envelope;
	struct global_domain *domain = &envelope->identifier.domain;
	const struct or_address *ours = conf->mta.domain.address;

	domain->country = ours->attribute[OR_COUNTRY];
	domain->admd = ours->attribute[OR_ADMD];
	domain->prmd = ours->attribute[OR_PRMD];
	envelope->identifier.local = slice_of_string("x");
	return p1_trace_append(
	    envelope, &compose->arena, domain, time(NULL), TRACE_RELAYED, NULL);
}

/* compose_finish - compute lengths, encode the envelope */
int
compose_finish(
    struct compose *compose, const struct conf *conf, struct diag *diag)
{
	struct p1_envelope *envelope = &compose->envelope;
	int error;

	if (!compose->raw && envelope->kind == P1_MESSAGE) {
		int type = ipm_type(
		    &compose->heading, compose->outgoing, compose->part_count);

		envelope->content_type.built_in = type;
		if ((error = identify(compose)) != 0)
			return error;
		error = ipm_encoder_init(&compose->encoder, &compose->heading,
		    compose->outgoing, compose->part_count, type, diag);
		if (error != 0)
			return error;
		compose->encoding = true;
		compose->content_length = ipm_encoder_length(&compose->encoder);
	}
	if (envelope->kind == P1_PROBE)
		envelope->content_length = 0;
	if ((error = placeholders(compose, conf)) != 0)
		return error;
	error = p1_encode(envelope, EXTENSION_IMPLICIT, &compose->encoded);
	return error == 0 ? 0 : diag_set(diag, error, "envelope");
}

/* convert - more of a text's octets as they travel, into compose->converted */
static int
convert(struct compose *compose, struct compose_part *part)
{
	uint8_t piece[PIECE];
	size_t n = fread(piece, 1, sizeof(piece), part->file);

	buffer_reset(&compose->converted);
	if (n == 0)
		return 0;
	return ipm_scan_convert(
	    &part->scan, &part->state, slice_of(piece, n), &compose->converted);
}

/* take - move what fits from a slice to room */
static size_t
take(struct slice from, uint8_t *room, size_t size)
{
	size_t n = from.len < size ? from.len : size;

	memcpy(room, from.data, n);
	return n;
}

/* read_part - octets of the contents of one part; 0 at its end */
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
	if (buffer_length(&compose->converted) == 0 &&
	    (error = convert(compose, part)) != 0)
		return diag_set(diag, error, "%s", part->name);
	n = take(buffer_slice(&compose->converted), room, size);
	buffer_consume(&compose->converted, n);
	return (int64_t)n;
}

/* read_prefix - what stands before the part's contents; 0 when it is done */
static size_t
read_prefix(struct compose *compose, uint8_t *room, size_t size)
{
	if (compose->raw || compose->prefix_done)
		return 0;
	if (buffer_length(&compose->converted) == 0) {
		struct slice prefix =
		    ipm_encoder_prefix(&compose->encoder, compose->part);

		if (prefix.len <= size) {
			compose->prefix_done = true;
			return take(prefix, room, size);
		}
		if (buffer_append(
			&compose->converted, prefix.data, prefix.len) != 0)
			return 0; /* too long: the length will tell */
	}
	size = take(buffer_slice(&compose->converted), room, size);
	buffer_consume(&compose->converted, size);
	compose->prefix_done = buffer_length(&compose->converted) == 0;
	return size;
}

/* compose_read - the next octets of the content */
int64_t
compose_read(
    struct compose *compose, uint8_t *room, size_t size, struct diag *diag)
{
	/* An interpersonal message without parts is one prefix. */
	size_t parts = compose->encoding && compose->part_count == 0
	    ? 1
	    : compose->part_count;

	if (compose->envelope.kind == P1_PROBE)
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
