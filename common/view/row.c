/* SPDX-License-Identifier: ISC */
/*
 * row.c - a message of the queue as one row of named fields
 */
#include "base/log.h"
#include "store/store.h"
#include "view/view.h"
#include "view/row.h"

#define TRACE_TEXT_MAX 2048

/* view_row_init - begin an empty row */
void
view_row_init(struct view_row *row, struct arena *arena)
{
	row->count = 0;
	row->arena = arena;
}

/* view_add - add one more field */
static struct ipc_field *
view_add(struct view_row *row, const char *name, enum ipc_field_type type)
{
	struct ipc_field *field;

	/* The number of fields is the program's own: beyond it no input can
	 * get. */
	if (row->count == VIEW_FIELDS_MAX)
		panic("a row of more than %d fields", VIEW_FIELDS_MAX);
	field = &row->fields[row->count++];
	*field =
	    (struct ipc_field){.name = slice_of_string(name), .type = type};
	return field;
}

/* view_number - add a number to a row */
void
view_number(struct view_row *row, const char *name, uint64_t number)
{
	view_add(row, name, IPC_FIELD_NUMBER)->number = (int64_t)number;
}

/* view_slice - add a text to a row */
void
view_slice(struct view_row *row, const char *name, struct slice text)
{
	view_add(row, name, IPC_FIELD_TEXT)->octets = text;
}

/* view_text - add a text to a row */
void
view_text(struct view_row *row, const char *name, const char *text)
{
	view_slice(row, name, slice_of_string(text));
}

/* view_time - add a time in milliseconds since 1970 to a row */
void
view_time(struct view_row *row, const char *name, int64_t ms)
{
	view_add(row, name, IPC_FIELD_TIME)->number = ms;
}

/* view_octets - add octets to a row */
void
view_octets(struct view_row *row, const char *name, struct slice octets)
{
	view_add(row, name, IPC_FIELD_OCTETS)->octets = octets;
}

/* view_row_of - make the row as a record has it */
struct ipc_row
view_row_of(const struct view_row *row)
{
	return (struct ipc_row){
	    .fields = row->fields, .field_count = row->count};
}

/* view_address - format an O/R name in the arena */
const char *
view_address(const struct or_name *name, struct arena *arena)
{
	const char *text =
	    or_address_format(&name->address, OR_STYLE_F401, arena);

	return text == NULL ? "" : text;
}

/* link_name - get the name of a link, or "" */
static const char *
link_name(const struct store *store, uint32_t number, struct arena *arena)
{
	struct store_link link;
	const char *name;

	/* The link may have been lost with a damaged record, and the message is
	 * shown all the same. */
	if (number == STORE_LINK_NONE ||
	    store_link_get(store, number, &link) < 0)
		return "";
	name = arena_string(arena, slice_of_string(link.name));
	return name == NULL ? "" : name;
}

/* add_recipient - add address, state and reason of one recipient */
static int
add_recipient(struct arena *arena, const struct or_name *name,
    const char *state, struct slice reason, struct ipc_row *row)
{
	struct view_row fields;
	struct ipc_field *copy;

	view_row_init(&fields, arena);
	view_text(&fields, "address", view_address(name, arena));
	view_text(&fields, "state", state);
	view_slice(&fields, "reason", reason);
	/* Copied, as the row that was filled in lies on the stack. */
	copy = arena_array(arena, fields.count, sizeof(*copy));
	if (copy == NULL)
		return arena_error(arena);
	memcpy(copy, fields.fields, fields.count * sizeof(*copy));
	row->fields = copy;
	row->field_count = fields.count;
	return 0;
}

/* add_recipients - add the recipients that this copy is for; of a report its
 * destination */
static void
add_recipients(struct view_row *row, const struct store_message *message,
    const struct p1_envelope *envelope, const char *state)
{
	struct ipc_field *field = view_add(row, "recipients", IPC_FIELD_ROWS);
	size_t total = 0, count = 0;
	struct ipc_row *rows =
	    arena_array(row->arena, VIEW_RECIPIENTS_MAX, sizeof(*rows));

	/* An envelope that cannot be decoded leaves the field empty: a table
	 * has the same columns in each row. */
	if (rows == NULL || envelope == NULL)
		return;
	if (envelope->kind == MTS_REPORT) {
		/* A report goes to the originator of its subject, whom its
		 * envelope names. */
		total = 1;
		if (add_recipient(row->arena, &envelope->originator, state,
			message->reason, &rows[0]) == 0)
			count = 1;
	}
	for (size_t i = 0; i < envelope->recipient_count; i++) {
		const struct p1_recipient *recipient = &envelope->recipients[i];

		if ((recipient->indicators & P1_RESPONSIBILITY) == 0)
			continue;
		/* The total is counted on, so that a reader sees how many are
		 * not shown. */
		total++;
		if (count < VIEW_RECIPIENTS_MAX &&
		    add_recipient(row->arena, &recipient->name, state,
			message->reason, &rows[count]) == 0)
			count++;
	}
	field->rows = rows;
	field->row_count = count;
	view_number(row, "recipient_count", total);
}

/* format_trace - format the domains that a message came through */
static const char *
format_trace(const struct p1_envelope *envelope, struct arena *arena)
{
	char *text = arena_alloc(arena, TRACE_TEXT_MAX);
	char domain[GLOBAL_DOMAIN_TEXT];

	if (text == NULL)
		return "";
	for (size_t i = 0; i < envelope->trace.count; i++) {
		global_domain_format(
		    &envelope->trace.elements[i].domain, domain);
		if (i > 0)
			(void)strlcat(text, ", ", TRACE_TEXT_MAX);
		(void)strlcat(text, domain, TRACE_TEXT_MAX);
	}
	return text;
}

/* format_content_type - format a content type, such as "p22" */
static void
format_content_type(struct view_row *row, const struct p1_envelope *envelope)
{
	char *text = arena_alloc(row->arena, P1_CONTENT_TYPE_TEXT);

	if (text == NULL || envelope == NULL || envelope->kind == MTS_REPORT) {
		view_text(row, "content_type", "");
		return;
	}
	p1_content_type_format(&envelope->content_type, text);
	view_text(row, "content_type", text);
}

/* add_details - add what show has beyond list */
static void
add_details(struct view_row *row, struct store *store,
    const struct store_message *message, const struct p1_envelope *envelope)
{
	view_text(
	    row, "from_link", link_name(store, message->from_link, row->arena));
	view_number(row, "open_attempts", message->attempts);
	view_number(row, "crashes", message->crashes);
	/* Fields behind this one need the envelope. */
	if (envelope == NULL) {
		view_text(row, "envelope", "cannot be decoded");
		return;
	}
	view_text(row, "trace", format_trace(envelope, row->arena));
	if (envelope->content_identifier.len > 0)
		view_slice(
		    row, "content_identifier", envelope->content_identifier);
}

/* view_message - add the fields of a message */
void
view_message(struct view_row *row, struct store *store,
    const struct store_message *message, const struct p1_envelope *envelope,
    const char *state, enum view_detail detail)
{
	bool has_originator = envelope != NULL && envelope->kind != MTS_REPORT;

	view_number(row, "id", message->id);
	view_slice(row, "mts_id", message->mts_id);
	view_text(row, "kind", mts_kind_name(message->kind));
	view_text(row, "state", state);
	view_text(row, "link", link_name(store, message->link, row->arena));
	view_text(row, "priority", store_priority_name(message->priority));
	view_text(row, "originator",
	    has_originator ? view_address(&envelope->originator, row->arena)
			   : "");
	add_recipients(row, message, envelope, state);
	format_content_type(row, envelope);
	view_number(row, "size", message->content_length);
	view_time(row, "arrival", message->arrival);
	/* Other states may have kept the time of an earlier try. */
	view_time(row, "next_try",
	    message->state == STORE_DEFERRED ? message->next_try : 0);
	view_number(row, "attempts",
	    (uint64_t)message->attempts + message->transfer_attempts);
	view_time(row, "expires", message->expires);
	view_slice(row, "reason", message->reason);
	if (detail == VIEW_SHOW)
		add_details(row, store, message, envelope);
}

/* view_brief - add the fields that a list for people shows, from the head */
bool
view_brief(struct view_row *row, struct store *store,
    const struct store_message *message, const char *state)
{
	struct slice names = message->names;
	/* Originator, an octet 0, recipients: qmgr's own text for the log. */
	const uint8_t *end =
	    names.len == 0 ? NULL : memchr(names.data, '\0', names.len);
	size_t len;

	if (end == NULL)
		return false;
	len = (size_t)(end - names.data);
	view_number(row, "id", message->id);
	view_text(row, "state", state);
	view_text(row, "link", link_name(store, message->link, row->arena));
	view_number(row, "size", message->content_length);
	view_time(row, "arrival", message->arrival);
	view_slice(row, "originator", slice_of(names.data, len));
	view_slice(row, "recipients", slice_of(end + 1, names.len - len - 1));
	return true;
}

/* view_damaged - add the fields of a message that cannot be read */
void
view_damaged(struct view_row *row, uint64_t id, const char *reason)
{
	/* All fields of view_message, empty: readers find the same names in
	 * each row. */
	view_number(row, "id", id);
	view_text(row, "mts_id", "");
	view_text(row, "kind", "");
	view_text(row, "state", "damaged");
	view_text(row, "link", "");
	view_text(row, "priority", "");
	view_text(row, "originator", "");
	view_add(row, "recipients", IPC_FIELD_ROWS);
	view_text(row, "content_type", "");
	view_number(row, "size", 0);
	view_time(row, "arrival", 0);
	view_time(row, "next_try", 0);
	view_number(row, "attempts", 0);
	view_time(row, "expires", 0);
	view_text(row, "reason", reason);
}

/* view_source - add the fields of what a source has in the queue:
 * source_octets of */
void
view_source(struct view_row *row, const struct store *store, uint32_t source,
    const struct store_partial_total *partial)
{
	view_number(
	    row, "source_octets", store_source_total(store, source).octets);
	view_number(row, "partials", partial->contents);
	view_number(row, "partial_octets", partial->octets);
	view_time(row, "partial_oldest", partial->oldest);
}
