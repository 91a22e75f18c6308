/* SPDX-License-Identifier: ISC */
/*
 * body_in.c - what the entities of a message become (RFC 2157 2.1)
 *
 * Contract in body_in.h.
 */
#include "mixer/body_in.h"

#include "mixer/file_application.h"
#include "mixer/file_part.h"
#include "mixer/harpoon.h"
#include "mixer/mime_body.h"

/* body_in_add - add a part to a message */
int
body_in_add(struct body_level_in *level, enum body_kind kind,
    struct arena *arena, struct body_part **part)
{
	struct body_part *p = arena_alloc(arena, sizeof(*p));

	if (p == NULL)
		return arena_error(arena);
	p->kind = kind;
	p->owner = level;
	p->index = level->count++;
	p->modified = IPM_NO_TIME;
	ipm_scan_init(&p->scan);
	if (level->last != NULL)
		level->last->next = p;
	else
		level->first = p;
	level->last = p;
	*part = p;
	return 0;
}

/* body_in_level - add a message */
int
body_in_level(struct body_level_in *outer, struct body_level_in **newest,
    struct arena *arena, struct body_level_in **level)
{
	struct body_level_in *l = arena_alloc(arena, sizeof(*l));

	if (l == NULL)
		return arena_error(arena);
	ipm_heading_init(&l->heading);
	l->depth = outer != NULL ? outer->depth + 1 : 0;
	l->before = *newest;
	*newest = l;
	*level = l;
	return 0;
}

/* is_status - tell whether a type is that of a report for programs */
static bool
is_status(const struct mime_type *type)
{
	return mime_type_is(type, "message", "delivery-status") ||
	    mime_type_is(type, "message", "global-delivery-status") ||
	    mime_type_is(type, "message", "disposition-notification") ||
	    mime_type_is(type, "text", "rfc822-headers");
}

/* body_in_kind - find out what a leaf becomes */
enum body_kind
body_in_kind(const struct mime_charsets *charsets,
    const struct mime_entity *entity, int *charset)
{
	const struct mime_type *type = &entity->type;

	*charset = MIME_CHARSET_UNKNOWN;
	if (entity->defect != MIME_DEFECT_NONE)
		return BODY_FILE;
	if (harpoon_is(entity))
		return BODY_HARPOON;
	/* The part of a report for programs is text, however it is encoded. */
	if (is_status(type)) {
		*charset = MIME_CHARSET_UTF8;
		return BODY_TEXT;
	}
	if (mime_type_is(type, "application", "x400-bp"))
		return BODY_OPAQUE;
	/* A text with a name is a file that somebody attached. */
	if (!mime_type_is(type, "text", "plain") ||
	    mime_name_is(entity->disposition.type, "attachment") ||
	    mime_type_parameter(&entity->disposition, "filename").len > 0 ||
	    mime_type_parameter(type, "name").len > 0)
		return BODY_FILE;
	*charset =
	    mime_charset_find(charsets, mime_type_parameter(type, "charset"));
	return *charset == MIME_CHARSET_UNKNOWN ? BODY_FILE : BODY_TEXT;
}

/* body_in_describe - note what a part is called and what it was */
int
body_in_describe(struct body_part *part, const struct mime_entity *entity,
    struct arena *arena)
{
	int error;

	part->name = file_part_name(entity, arena);
	part->modified = file_part_modified(entity);
	part->created = file_part_time(entity, "creation-date");
	part->read = file_part_time(entity, "read-date");
	if ((error = file_application_environment(
		 entity, arena, &part->environment)) < 0 ||
	    (error = file_application_related(entity, arena, &part->related)) <
		0)
		return error;
	return file_part_extensions(entity, arena, &part->extensions);
}

/* settle - decide what a part is, now that its octets were read */
static int
settle(struct body_part *part, struct arena *arena)
{
	/* A text that lied about its set, or octets that are no body part, are
	 * kept as they are. */
	if (!part->is_false)
		return 0;
	if (part->kind == BODY_HARPOON && part->parameters.len > 0) {
		part->kind = BODY_MIME;
		return mime_body_frame(part->octets, arena, &part->header);
	}
	/* A multipart is kept with its header, which says what it is. */
	if (part->kind == BODY_HARPOON) {
		part->octets += part->header.len;
		part->extensions = part->related = (struct slice){.len = 0};
		part->environment = FILE_APPLICATION_UNKNOWN;
	}
	part->kind = BODY_FILE;
	return 0;
}

/* outgoing_of - describe a part to the encoder */
static struct ipm_outgoing
outgoing_of(const struct mapping *mapping, struct body_part *part)
{
	struct ipm_outgoing out = {.form = IPM_FORM_RAW,
	    .length = part->octets,
	    .modified = part->modified};

	switch (part->kind) {
	case BODY_TEXT:
		out.form = IPM_FORM_TEXT;
		out.repertoire = ipm_scan_finish(&part->scan, &out.length);
		break;
	case BODY_HARPOON:
		out.form = IPM_FORM_TEXT;
		out.repertoire = IPM_IA5;
		out.length =
		    (uint64_t)((int64_t)(part->header.len + part->octets) +
			part->growth);
		break;
	case BODY_MIME:
		out.form = IPM_FORM_EXTENDED;
		out.oid = MIME_BODY_OID;
		out.parameters = part->parameters;
		out.length = part->header.len + part->octets;
		break;
	case BODY_FILE:
		if (mapping->attachments == CONF_ATTACHMENTS_BP14) {
			out.form = IPM_FORM_BILATERALLY;
			break;
		}
		out.form = IPM_FORM_FILE;
		out.filename = part->name;
		out.created = part->created;
		out.read = part->read;
		out.related = part->related;
		out.environment = part->environment;
		out.extensions = part->extensions;
		break;
	case BODY_OPAQUE:
	case BODY_LEVEL:
		break;
	}
	return out;
}

/* describe_level - describe all parts of a message; its content type */
static int
describe_level(const struct mapping *mapping, struct body_level_in *level,
    struct arena *arena, int *type)
{
	size_t i = 0;
	int error;

	level->outgoing =
	    arena_array(arena, level->count + 1, sizeof(*level->outgoing));
	if (level->outgoing == NULL)
		return arena_error(arena);
	for (struct body_part *p = level->first; p != NULL; p = p->next) {
		if ((error = settle(p, arena)) < 0)
			return error;
		level->outgoing[i++] = outgoing_of(mapping, p);
		if (p->kind == BODY_OPAQUE && p->extended)
			*type = IPM_P22;
	}
	if (ipm_type(&level->heading, level->outgoing, level->count) == IPM_P22)
		*type = IPM_P22;
	return 0;
}

/* find_lengths - set the lengths of the messages within a message */
static void
find_lengths(struct body_level_in *level)
{
	for (struct body_part *p = level->first; p != NULL; p = p->next)
		if (p->kind == BODY_LEVEL)
			level->outgoing[p->index].length =
			    ipm_encoder_length(&p->level->encoder);
}

/* body_in_encode - prepare the encoders of all messages */
int
body_in_encode(const struct mapping *mapping, struct body_level_in *newest,
    struct arena *arena, int *type, struct diag *diag)
{
	int error;

	*type = IPM_P2;
	/* All messages have the type that one needs: it is one content. */
	for (struct body_level_in *l = newest; l != NULL; l = l->before)
		if ((error = describe_level(mapping, l, arena, type)) < 0)
			return error;
	/* A message within was begun later, so its length is known first. */
	for (struct body_level_in *l = newest; l != NULL; l = l->before) {
		find_lengths(l);
		error = ipm_encoder_init_framed(&l->encoder,
		    l->depth == 0 ? IPM_FRAME_CONTENT : IPM_FRAME_FORWARDED,
		    &l->heading, l->outgoing, l->count, *type, diag);
		if (error < 0)
			return error;
		l->encoded = true;
	}
	return 0;
}

/* body_in_fini - give back what the encoders hold */
void
body_in_fini(struct body_level_in *newest)
{
	for (struct body_level_in *l = newest; l != NULL; l = l->before)
		if (l->encoded)
			ipm_encoder_fini(&l->encoder);
}
