/* SPDX-License-Identifier: ISC */
/*
 * trace_text.c - trace of X.400 in the header of a message (RFC 2156 5.3.7,
 * 5.1.6)
 *
 * Contract in trace_text.h.
 */
#include "mixer/trace_text.h"

#include <stdio.h>
#include <strings.h>

#include "mhs/charset.h"
#include "mhs/or_address.h"
#include "mime/mime_date.h"
#include "mixer/eits_text.h"

#define FIELD	  "X400-Received"
#define FIELD_MAX 2048 /* octets of one, unfolded */
#define HOST_MARK "/smtp"

/* --- to the Internet --- */

/* domain_text - write a domain; NULL: no memory */
static const char *
domain_text(const struct global_domain *domain, struct arena *arena)
{
	struct or_address address = {.dda_count = 0};

	address.attribute[OR_COUNTRY] = domain->country;
	address.attribute[OR_ADMD] = domain->admd;
	address.attribute[OR_PRMD] = domain->prmd;
	return or_address_format(&address, OR_STYLE_RFC2156, arena);
}

/* put_mta - write the name of an MTA as a word */
static void
put_mta(struct mime_writer *writer, struct slice name)
{
	char word[2 * 2 * MTA_NAME_MAX + 3];
	size_t len = 0;
	bool atom = name.len > 0;

	if (name.len > (size_t)2 * MTA_NAME_MAX)
		name.len = (size_t)2 * MTA_NAME_MAX;
	for (size_t i = 0; i < name.len && atom; i++)
		atom = name.data[i] > ' ' && name.data[i] <= '~' &&
		    strchr("()<>@,;:\\\".[]/", name.data[i]) == NULL;
	if (atom) {
		mime_word(writer, name);
		return;
	}
	word[len++] = '"';
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] == '"' || name.data[i] == '\\')
			word[len++] = '\\';
		word[len++] = (char)name.data[i];
	}
	word[len++] = '"';
	mime_word(writer, slice_of(word, len));
}

/* put_attempt - write whom the message was offered before this one */
static void
put_attempt(struct mime_writer *writer, const struct trace_element *element,
    struct arena *arena)
{
	const char *domain;

	if (!element->attempted)
		return;
	mime_words(writer, "attempted");
	if (element->attempted_domain.country.len > 0) {
		domain = domain_text(&element->attempted_domain, arena);
		mime_words(writer, "MD");
		mime_words(writer, domain != NULL ? domain : "/");
	} else {
		mime_words(writer, "MTA");
		put_mta(writer, element->attempted_mta);
	}
	mime_join(writer, ";");
}

/* put_actions - write what was done */
static void
put_actions(struct mime_writer *writer, const struct trace_element *element)
{
	mime_words(
	    writer, element->action == TRACE_REROUTED ? "Rerouted" : "Relayed");
	if ((element->other_actions & TRACE_DL_OPERATION) != 0)
		mime_join(writer, ",");
	if ((element->other_actions & TRACE_DL_OPERATION) != 0)
		mime_words(writer, "Expanded");
	if ((element->other_actions & TRACE_REDIRECTED) != 0)
		mime_join(writer, ",");
	if ((element->other_actions & TRACE_REDIRECTED) != 0)
		mime_words(writer, "Redirected");
	mime_join(writer, ";");
}

/* put_conversion - write what the message became */
static void
put_conversion(struct mime_writer *writer, struct slice eits)
{
	if (eits.len == 0)
		return;
	mime_words(writer, "converted");
	(void)eits_text_list(writer, eits);
	mime_join(writer, ";");
}

/* trace_text_point - write where something was done */
bool
trace_text_point(struct mime_writer *writer, const struct global_domain *domain,
    struct slice mta, struct arena *arena)
{
	const char *text = domain_text(domain, arena);

	if (text == NULL)
		return false;
	if (mta.len > 0) {
		mime_words(writer, "mta");
		put_mta(writer, mta);
		mime_words(writer, "in");
	}
	mime_words(writer, text);
	return true;
}

/* put_element - write the field of one element */
static void
put_element(struct mime_writer *writer, const char *field,
    const struct trace_element *element, struct arena *arena)
{
	char date[MIME_DATE_MAX];

	if (element->arrival == TRACE_NO_TIME)
		return;
	mime_field(writer, field);
	mime_words(writer, "by");
	(void)trace_text_point(writer, &element->domain, element->mta, arena);
	mime_join(writer, ";");
	if (element->deferred != TRACE_NO_TIME) {
		mime_words(writer, "deferred until");
		mime_words(writer, mime_date_format(element->deferred, date));
		mime_join(writer, ";");
	}
	put_conversion(writer, element->converted_eits);
	put_attempt(writer, element, arena);
	put_actions(writer, element);
	mime_words(writer, mime_date_format(element->arrival, date));
	mime_field_end(writer);
}

/* trace_text_list - write the elements of one trace, the newest first */
void
trace_text_list(struct mime_writer *writer, const char *field,
    const struct trace *trace, struct arena *arena)
{
	size_t until = writer->header + TRACE_TEXT_MAX;

	for (size_t i = trace->count; i > 0 && writer->header <= until; i--)
		put_element(writer, field, &trace->elements[i - 1], arena);
}

/* first_within - find the first element of internal trace, of those before end,
 * that belongs to an element of trace */
static size_t
first_within(
    const struct trace *internal, size_t end, const struct trace_element *of)
{
	while (end > 0 &&
	    global_domain_compare(
		&internal->elements[end - 1].domain, &of->domain) == 0 &&
	    internal->elements[end - 1].arrival >= of->arrival)
		end--;
	return end;
}

/* put_internal - write elements of internal trace, from end down to first, as
 * far as there is room */
static void
put_internal(struct mime_writer *writer, const struct trace *internal,
    size_t first, size_t end, size_t until, struct arena *arena)
{
	while (end > first && writer->header <= until)
		put_element(writer, FIELD, &internal->elements[--end], arena);
}

/* trace_text_put - write a field for each element, the newest first, by which
 * it is found where a message goes round */
void
trace_text_put(struct mime_writer *writer, const struct trace *trace,
    const struct trace *internal, struct arena *arena)
{
	size_t end = internal->count, until = writer->header + TRACE_TEXT_MAX;

	for (size_t i = trace->count; i > 0 && writer->header <= until; i--) {
		const struct trace_element *of = &trace->elements[i - 1];
		size_t first = first_within(internal, end, of);
		bool same = first < end &&
		    internal->elements[first].arrival == of->arrival;

		put_internal(writer, internal, first, end, until, arena);
		end = first;
		if (!same)
			put_element(writer, FIELD, of, arena);
	}
	put_internal(writer, internal, 0, end, until, arena);
}

/* --- to X.400 --- */

/* A header that is being read, from its end on. */
struct reading {
	const struct global_domain *here;
	struct arena *arena;
	struct trace *trace, *internal;
	size_t hops;  /* of internal trace that are still to come */
	bool outside; /* the message was on the Internet after the last field */
};

/* find_word - find a word in a text, outside of comments, or NULL: what stands
 * behind it */
static const char *
find_word(const char *text, const char *word)
{
	size_t len = strlen(word);
	unsigned depth = 0;

	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '(')
			depth++;
		else if (*at == ')' && depth > 0)
			depth--;
		else if (depth == 0 && (at == text || at[-1] == ' ') &&
		    strncasecmp(at, word, len) == 0 && at[len] == ' ')
			return at + len + 1;
	}
	return NULL;
}

/* read_domain - read the domain of a field: the text from "/" to "/;" */
static bool
read_domain(const char *text, struct arena *arena, struct global_domain *domain)
{
	const char *from, *to = strchr(text, ';');
	struct or_address address;

	from = strchr(text, '/');
	while (to != NULL && to > text && to[-1] == ' ')
		to--;
	if (from == NULL || to == NULL || to <= from || to[-1] != '/' ||
	    or_address_parse_prefix(slice_of(from, (size_t)(to - from)), arena,
		&address, NULL) != 0)
		return false;
	*domain =
	    (struct global_domain){.country = address.attribute[OR_COUNTRY],
		.admd = address.attribute[OR_ADMD],
		.prmd = address.attribute[OR_PRMD]};
	return domain->country.len > 0 && domain->admd.len > 0;
}

/* read_mta - read the name of an MTA, a word behind "mta"; *rest is what stands
 * behind it */
static bool
read_mta(const char *text, struct arena *arena, struct slice *name,
    const char **rest)
{
	char word[2 * MTA_NAME_MAX];
	bool quoted = *text == '"';
	size_t len = 0;

	if (quoted)
		text++;
	while (*text != '\0' && *text != (quoted ? '"' : ' ')) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		if (len == sizeof(word))
			return false;
		word[len++] = *text++;
	}
	*rest = text;
	return len > 0 && arena_slice(arena, slice_of(word, len), name) == 0;
}

/* read_actions - read what was done, if that is not simply passed on */
static void
read_actions(const char *text, struct trace_element *element)
{
	if (strcasestr(text, "Rerouted") != NULL)
		element->action = TRACE_REROUTED;
	if (strcasestr(text, "Redirected") != NULL)
		element->other_actions |= TRACE_REDIRECTED;
	if (strcasestr(text, "Expanded") != NULL)
		element->other_actions |= TRACE_DL_OPERATION;
}

/* read_element - read X400-Received; false: it cannot be read */
static bool
read_element(
    const char *text, struct arena *arena, struct trace_element *element)
{
	const char *date = strrchr(text, ';'), *domain = text, *actions;

	*element = (struct trace_element){
	    .action = TRACE_RELAYED, .deferred = TRACE_NO_TIME};
	if (strncasecmp(text, "by mta ", 7) == 0 &&
	    !read_mta(text + 7, arena, &element->mta, &domain))
		return false;
	if (date == NULL ||
	    mime_date_parse(slice_of_string(date + 1), &element->arrival) < 0 ||
	    !read_domain(domain, arena, &element->domain))
		return false;
	actions = strchr(domain, ';');
	if (actions != NULL)
		read_actions(actions, element);
	return true;
}

/* add_internal - append an element of internal trace, if it is one of the
 * newest */
static int
add_internal(struct reading *r, const struct trace_element *element)
{
	return r->hops-- <= TRACE_TEXT_HOPS
	    ? trace_append(r->internal, r->arena, element)
	    : 0;
}

/* take_x400 - take X400-Received */
static int
take_x400(struct reading *r, const char *text)
{
	const struct trace_element *last = r->trace->count > 0
	    ? &r->trace->elements[r->trace->count - 1]
	    : NULL;
	struct trace_element element;
	struct slice mta;
	int error = 0;

	if (!read_element(text, r->arena, &element)) {
		r->hops--;
		return 0;
	}
	mta = element.mta;
	element.mta = (struct slice){.len = 0};
	/* An MTA of the domain that had the message before adds nothing to the
	 * trace of domains. */
	if (mta.len == 0 || r->outside || last == NULL ||
	    global_domain_compare(&last->domain, &element.domain) != 0)
		error = trace_append(r->trace, r->arena, &element);
	r->outside = false;
	element.mta = mta;
	if (mta.len == 0)
		r->hops--;
	else if (error == 0)
		error = add_internal(r, &element);
	return error;
}

/* add_host - append a host that had the message, by its name and a date */
static int
add_host(struct reading *r, struct slice name, struct slice date)
{
	struct trace_element element = {.domain = *r->here,
	    .action = TRACE_RELAYED,
	    .deferred = TRACE_NO_TIME};
	const size_t room = MTA_NAME_MAX - (sizeof(HOST_MARK) - 1);
	char *text;

	if (name.len > room)
		name.len = room;
	if (name.len == 0 || !charset_is_ascii(name) ||
	    charset_has_control(name) ||
	    mime_date_parse(date, &element.arrival) < 0 ||
	    element.arrival < 0) {
		r->hops--;
		return 0;
	}
	text = arena_printf(
	    r->arena, "%.*s" HOST_MARK, (int)name.len, (const char *)name.data);
	if (text == NULL)
		return arena_error(r->arena);
	element.mta = slice_of_string(text);
	return add_internal(r, &element);
}

/* take_host - take Received */
static int
take_host(struct reading *r, const char *text)
{
	const char *name = find_word(text, "by"), *date = strrchr(text, ';');

	r->outside = true;
	if (name == NULL || date == NULL) {
		r->hops--;
		return 0;
	}
	return add_host(
	    r, slice_of(name, strcspn(name, " ;(")), slice_of_string(date + 1));
}

/* domain_of - find the domain of the author's address */
static struct slice
domain_of(const struct mime_header *header)
{
	const struct mime_field *from = mime_header_find(header, "From");
	struct slice value = from != NULL ? from->value : slice_of(NULL, 0);
	size_t at = value.len, end;

	while (at > 0 && value.data[at - 1] != '@')
		at--;
	for (end = at; at > 0 && end < value.len &&
	     strchr(" >,;()\"", value.data[end]) == NULL;
	     end++)
		;
	return slice_of(value.data + at, end - at);
}

/* take_date - take the date of a message that was never in X.400, that of the
 * last who sent it on if any did */
static int
take_date(struct reading *r, const struct mime_header *header)
{
	const struct mime_field *date = mime_header_find(header, "Resent-Date");

	if (date == NULL)
		date = mime_header_find(header, "Date");
	if (date != NULL)
		return add_host(r, domain_of(header), date->value);
	r->hops--;
	return 0;
}

/* take_field - take a field, if it is one of trace */
static int
take_field(struct reading *r, const struct mime_field *field)
{
	bool x400 = mime_name_is(field->name, "X400-Received");
	char text[FIELD_MAX];

	if (!x400 && !mime_name_is(field->name, "Received"))
		return 0;
	if (field->value.len >= sizeof(text)) {
		r->hops--;
		return 0;
	}
	memcpy(text, field->value.data, field->value.len);
	text[field->value.len] = '\0';
	return x400 ? take_x400(r, text) : take_host(r, text);
}

/* count_hops - count the fields of trace, with the date; *x400: whether any is
 * of X.400 */
static size_t
count_hops(const struct mime_header *header, bool *x400)
{
	size_t count = 1;

	*x400 = false;
	for (size_t i = 0; i < header->count; i++) {
		if (mime_name_is(header->fields[i].name, "X400-Received"))
			*x400 = true;
		else if (!mime_name_is(header->fields[i].name, "Received"))
			continue;
		count++;
	}
	return count;
}

/* trace_text_get - append the elements that the header of a message has */
int
trace_text_get(const struct mime_header *header,
    const struct global_domain *here, struct arena *arena, struct trace *trace,
    struct trace *internal)
{
	struct reading r = {
	    .here = here, .arena = arena, .trace = trace, .internal = internal};
	bool x400;
	int error = 0;

	r.hops = count_hops(header, &x400);
	if (!x400)
		error = take_date(&r, header);
	else
		r.hops--;
	for (size_t i = header->count; i > 0 && error == 0; i--)
		error = take_field(&r, &header->fields[i - 1]);
	return error;
}
