/* SPDX-License-Identifier: ISC */
/*
 * envelope_in.c - what the header of a message says for the envelope (RFC 2156
 * 5.1)
 *
 * Contract in envelope_in.h.
 */
#include "mixer/envelope_in.h"

#include <stdlib.h>

#include "mime/mime_date.h"
#include "mime/mime_header.h"
#include "mixer/trace_text.h"

#define IDENTIFIER_MAX 16	  /* ub-content-id-length */
#define PROHIBITED     1	  /* of ConversionWithLossProhibited */
#define TIME_END       3155760000 /* the beginning of 2070 */

/* value_of - find the value of a field, or an empty slice */
static struct slice
value_of(const struct mime_header *header, const char *name)
{
	const struct mime_field *field = mime_header_find(header, name);

	return field == NULL ? slice_of(NULL, 0) : mime_trim(field->value);
}

/* number_of - read the number that a field begins with; false: none */
static bool
number_of(const struct mime_header *header, const char *name, long *number)
{
	struct slice value = value_of(header, name);
	char text[8], *end;

	if (value.len == 0)
		return false;
	if (value.len >= sizeof(text))
		value.len = sizeof(text) - 1;
	memcpy(text, value.data, value.len);
	text[value.len] = '\0';
	*number = strtol(text, &end, 10);
	return end != text;
}

/* read_priority - find how urgent a message is */
static enum p1_priority
read_priority(const struct mime_header *header)
{
	struct slice word = value_of(header, "Priority");
	long number;

	if (mime_name_is(word, "urgent"))
		return P1_URGENT;
	if (mime_name_is(word, "non-urgent"))
		return P1_NON_URGENT;
	if (mime_name_is(word, "normal"))
		return P1_NORMAL;
	/* RFC 6710 appendix B has 4, 0 and -4. */
	if (number_of(header, "MT-Priority", &number))
		return number >= 2 ? P1_URGENT
		    : number <= -2 ? P1_NON_URGENT
				   : P1_NORMAL;
	/* 1 and 2 are what people call high, 4 and 5 low. */
	if (number_of(header, "X-Priority", &number) && number >= 1 &&
	    number <= 5)
		return number <= 2 ? P1_URGENT
		    : number >= 4  ? P1_NON_URGENT
				   : P1_NORMAL;
	return P1_NORMAL;
}

/* read_indicators - find what may be done with a message */
static uint32_t
read_indicators(const struct mime_header *header)
{
	uint32_t indicators = 0;

	if (mime_name_is(value_of(header, "Conversion"), "prohibited"))
		indicators |= P1_IMPLICIT_CONVERSION_PROHIBITED;
	/* RFC 2156 5.1.5: a message had better arrive somewhere. */
	if (!mime_name_is(
		value_of(header, "Alternate-Recipient"), "prohibited"))
		indicators |= P1_ALTERNATE_RECIPIENT_ALLOWED;
	return indicators;
}

/* read_time - read a date; P1_NO_TIME: none can be read */
static int64_t
read_time(const struct mime_header *header, const char *name)
{
	struct slice value = value_of(header, name);
	int64_t seconds;

	/* UTCTime ends with 2069. */
	return value.len > 0 && mime_date_parse(value, &seconds) == 0 &&
		seconds >= 0 && seconds < TIME_END
	    ? seconds
	    : P1_NO_TIME;
}

/* read_identifier - make the identifier by which the originator finds his
 * message in reports */
static int
read_identifier(const struct mime_header *header, struct arena *arena,
    struct slice *identifier)
{
	struct slice text = value_of(header, "X400-Content-Identifier");
	char *made;

	/* As RFC 1327 called it. */
	if (text.len == 0)
		text = value_of(header, "Content-Identifier");
	if (text.len == 0)
		text = value_of(header, "Subject");
	if (text.len == 0)
		return 0;
	made = arena_printf(arena, "%.*s%s",
	    text.len > IDENTIFIER_MAX ? IDENTIFIER_MAX - 3 : (int)text.len,
	    (const char *)text.data, text.len > IDENTIFIER_MAX ? "..." : "");
	if (made == NULL)
		return arena_error(arena);
	/* The content identifier is a PrintableString. */
	for (char *c = made; *c != '\0'; c++)
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
			(*c >= '0' && *c <= '9') ||
			strchr(" '()+,-./:=?", *c) != NULL))
			*c = '?';
	*identifier = slice_of_string(made);
	return 0;
}

/* prohibit_loss - set that no conversion with a loss may be done */
static int
prohibit_loss(struct arena *arena, struct p1_envelope *envelope)
{
	static const uint8_t value[] = {0x0a, 1, PROHIBITED}; /* ENUMERATED */

	return extension_set(&envelope->extensions, arena,
	    EXTENSION_CONVERSION_WITH_LOSS_PROHIBITED, CRITICAL_FOR_DELIVERY,
	    slice_of(value, sizeof(value)));
}

/* fill - fill in what the fields say */
static int
fill(const struct mime_header *header, struct arena *arena,
    struct p1_envelope *envelope)
{
	int64_t latest = read_time(header, "Latest-Delivery-Time");
	int error = 0;

	envelope->priority = read_priority(header);
	envelope->indicators |= read_indicators(header);
	envelope->deferred_time = read_time(header, "Deferred-Delivery");
	if (latest != P1_NO_TIME)
		error = p1_set_latest_delivery_time(
		    &envelope->extensions, arena, latest);
	if (error == 0 &&
	    mime_name_is(
		value_of(header, "Conversion-With-Loss"), "prohibited"))
		error = prohibit_loss(arena, envelope);
	if (error == 0)
		error = read_identifier(
		    header, arena, &envelope->content_identifier);
	return error == 0
	    ? trace_text_get(header, &envelope->identifier.domain, arena,
		  &envelope->trace, &envelope->internal_trace)
	    : error;
}

/* envelope_from_internet - fill in what the header of a message says */
int
envelope_from_internet(
    struct slice message, struct arena *arena, struct p1_envelope *envelope)
{
	struct slice octets = mime_header_cut(message);
	struct mime_header header;
	int error = mime_header_parse(octets, arena, &header);

	/* Whatever cannot be read says nothing: the message was taken. */
	if (error == 0)
		error = fill(&header, arena, envelope);
	else if (error != ERR_NOMEM)
		error = 0;
	return error;
}
