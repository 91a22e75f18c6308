/* SPDX-License-Identifier: ISC */
/*
 * trace_text.c - trace of X.400 in the header of a message (RFC 2156 5.3.7)
 *
 * Contract in trace_text.h.
 */
#include "mixer/trace_text.h"

#include <strings.h>

#include "mhs/or_address.h"
#include "mime/mime_date.h"

#define FIELD	  "X400-Received:"
#define FIELD_MAX 2048 /* octets of one, unfolded */

/* put_element - write the field of one element */
static void
put_element(struct mime_writer *writer, const struct trace_element *element,
    struct arena *arena)
{
	struct or_address domain = {.dda_count = 0};
	char date[MIME_DATE_MAX], *text;

	domain.attribute[OR_COUNTRY] = element->domain.country;
	domain.attribute[OR_ADMD] = element->domain.admd;
	domain.attribute[OR_PRMD] = element->domain.prmd;
	text = or_address_format(&domain, OR_STYLE_RFC2156, arena);
	if (text == NULL || element->arrival == TRACE_NO_TIME)
		return;
	mime_field(writer, "X400-Received");
	mime_words(writer, "by");
	mime_words(writer, text);
	mime_join(writer, ";");
	mime_words(writer,
	    element->action == TRACE_REROUTED ? "Rerouted;" : "Relayed;");
	mime_words(writer, mime_date_format(element->arrival, date));
	mime_field_end(writer);
}

/* trace_text_put - write a field for each element */
void
trace_text_put(
    struct mime_writer *writer, const struct trace *trace, struct arena *arena)
{
	for (size_t i = trace->count; i > 0; i--)
		put_element(writer, &trace->elements[i - 1], arena);
}

/* take_field - take a field off a header, unfolded into text; its length, or 0
 * at the end of the header */
static size_t
take_field(struct slice *rest, char text[FIELD_MAX])
{
	size_t len = 0;

	for (;;) {
		const uint8_t *end =
		    rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);
		size_t line =
		    end == NULL ? rest->len : (size_t)(end - rest->data) + 1;

		for (size_t i = 0; i < line && len < FIELD_MAX - 1; i++)
			if (rest->data[i] >= ' ' && rest->data[i] <= '~')
				text[len++] = (char)rest->data[i];
		*rest = slice_of(rest->data + line, rest->len - line);
		/* An empty line ends the header, whatever follows. */
		if (line == 0 || len == 0 || rest->len == 0 ||
		    (rest->data[0] != ' ' && rest->data[0] != '\t'))
			break;
	}
	text[len] = '\0';
	return len;
}

/* read_domain - read the domain of a field: the text from "/" to "/;" */
static bool
read_domain(const char *text, struct arena *arena, struct global_domain *domain)
{
	const char *from = strchr(text, '/');
	const char *to = from == NULL ? NULL : strstr(from, "/;");
	struct or_address address;

	if (to == NULL ||
	    or_address_parse_prefix(slice_of(from, (size_t)(to + 1 - from)),
		arena, &address, NULL) != 0)
		return false;
	*domain =
	    (struct global_domain){.country = address.attribute[OR_COUNTRY],
		.admd = address.attribute[OR_ADMD],
		.prmd = address.attribute[OR_PRMD]};
	return domain->country.len > 0 && domain->admd.len > 0;
}

/* read_element - read a field; false: it cannot be read */
static bool
read_element(
    const char *text, struct arena *arena, struct trace_element *element)
{
	const char *date = strrchr(text, ';');

	*element = (struct trace_element){.deferred = TRACE_NO_TIME};
	element->action = strcasestr(text, "; Rerouted;") != NULL
	    ? TRACE_REROUTED
	    : TRACE_RELAYED;
	return date != NULL &&
	    mime_date_parse(slice_of_string(date + 1), &element->arrival) ==
	    0 &&
	    read_domain(text, arena, &element->domain);
}

/* turn - put the elements behind the first ones in reverse */
static void
turn(struct trace *trace, size_t first)
{
	size_t last = trace->count;

	while (last > first + 1) {
		struct trace_element element = trace->elements[first];

		trace->elements[first++] = trace->elements[--last];
		trace->elements[last] = element;
	}
}

/* trace_text_get - append the elements that the header of a message has */
int
trace_text_get(struct slice message, struct arena *arena, struct trace *trace)
{
	struct trace_element element;
	size_t first = trace->count;
	char text[FIELD_MAX];
	int error = 0;

	while (error == 0 && take_field(&message, text) > 0)
		if (strncasecmp(text, FIELD, strlen(FIELD)) == 0 &&
		    read_element(text + strlen(FIELD), arena, &element))
			error = trace_append(trace, arena, &element);
	turn(trace, first);
	return error;
}
