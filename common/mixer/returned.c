/* SPDX-License-Identifier: ISC */
/*
 * returned.c - the message that a notification returns
 *
 * Contract in returned.h.
 */
#include "mixer/returned.h"

#include "mixer/message_in.h"

/* A search for the message. */
struct search {
	struct buffer *out;
	unsigned depth;
	bool is_report, inside, found;
};

/* on_begin - look whether an entity is the message */
static int
on_begin(
    void *arg, const struct mime_entity *entity, enum mime_reading *reading)
{
	struct search *search = arg;

	if (search->depth++ == 0)
		search->is_report =
		    mime_type_is(&entity->type, "multipart", "report");
	if (search->depth != 2 || !search->is_report || search->found ||
	    !mime_type_is(&entity->type, "message", "rfc822"))
		return 0;
	*reading = MIME_READ_WHOLE;
	search->inside = search->found = true;
	return 0;
}

/* on_data - keep octets of the message */
static int
on_data(void *arg, struct slice octets)
{
	struct search *search = arg;

	return search->inside
	    ? buffer_append(search->out, octets.data, octets.len)
	    : 0;
}

/* on_end - end an entity */
static int
on_end(void *arg)
{
	struct search *search = arg;

	search->depth--;
	search->inside = false;
	return 0;
}

/* returned_find - find the message/rfc822 of a multipart/report */
int
returned_find(const struct mapping *mapping, const struct mime_limits *limits,
    struct slice message, struct buffer *out)
{
	struct search search = {.out = out};
	const struct mime_handler handler = {
	    .begin = on_begin, .data = on_data, .end = on_end, .arg = &search};
	struct mime_reader reader;
	int error;

	mime_reader_init(&reader, &handler, limits, mapping->charsets);
	error = mime_reader_push(&reader, message);
	if (error == 0)
		error = mime_reader_finish(&reader);
	mime_reader_fini(&reader);
	if (error == 0 && !search.found)
		error = ERR_NOTFOUND;
	return error;
}

/* gather - collect octets */
static int
gather(void *arg, struct slice octets)
{
	struct buffer *out = arg;

	return buffer_append(out, octets.data, octets.len);
}

/* returned_map - make the content of X.400 of a message */
int
returned_map(const struct mapping *mapping, const struct mime_limits *limits,
    struct slice message, struct buffer *out, int *type)
{
	struct message_plan plan = {.length = 0};
	struct message_in *in;
	int error = message_in_new(mapping, limits, &in);

	if (error != 0)
		return error;
	error = message_in_push(in, message, NULL);
	if (error == 0)
		error = message_in_finish(in, &plan, NULL);
	if (error == 0) {
		*type = plan.type;
		message_in_again(in, gather, out);
		error = message_in_push(in, message, NULL);
	}
	if (error == 0)
		error = message_in_finish(in, NULL, NULL);
	message_in_free(in);
	return error;
}
