/* SPDX-License-Identifier: ISC */
/*
 * compose_field.c - which option says which member of an object
 */
#include "tools/compose_field.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/conf_quantity.h"
#include "tools/when.h"

/* member_object - get a member that is an object, made if it is missing */
static json_t *
member_object(json_t *object, const char *member)
{
	json_t *value = json_object_get(object, member);

	if (value != NULL || object == NULL)
		return value;
	(void)json_object_set_new(object, member, json_object());
	return json_object_get(object, member);
}

/* nobody - note that no option has named whom this one is about */
static json_t *
nobody(const struct compose_field *field, const char *what, struct diag *diag)
{
	(void)diag_set(
	    diag, ERR_VALUE, "--%s: no %s before it", field->option.name, what);
	return NULL;
}

/* compose_target - get the object in which a member stands */
json_t *
compose_target(struct compose *compose, const struct compose_field *field,
    struct diag *diag)
{
	switch (field->place) {
	case COMPOSE_RECIPIENT:
		return compose->recipient != NULL ? compose->recipient
						  : compose->all;
	case COMPOSE_SENDER:
		return compose->recipient != NULL ? compose->recipient
						  : compose->object;
	case COMPOSE_IPM:
		return member_object(compose->object, "ipm");
	case COMPOSE_READER:
		return compose->reader != NULL ? compose->reader
					       : compose->all_heading;
	case COMPOSE_USER:
		return compose->user != NULL ? compose->user
					     : nobody(field, "address", diag);
	case COMPOSE_PART:
		return compose->part != NULL ? compose->part
					     : nobody(field, "file", diag);
	case COMPOSE_NOTIFICATION:
		return member_object(compose->object, "notification");
	case COMPOSE_OBJECT:
	default:
		return compose->object;
	}
}

/* set - set a member to a value, which it owns from now on */
static int
set(json_t *object, const char *member, json_t *value)
{
	return json_object_set_new(object, member, value) != 0 ? ERR_NOMEM : 0;
}

/* append - append a value to a member that is a list */
static int
append(json_t *object, const char *member, json_t *value)
{
	json_t *list = json_object_get(object, member);

	if (list == NULL) {
		(void)json_object_set_new(object, member, json_array());
		list = json_object_get(object, member);
	}
	return json_array_append_new(list, value) != 0 ? ERR_NOMEM : 0;
}

/* say - set the member of an option, or add to it */
static int
say(struct compose *compose, const struct compose_field *field, json_t *value,
    int (*put)(json_t *, const char *, json_t *), struct diag *diag)
{
	json_t *target =
	    value == NULL ? NULL : compose_target(compose, field, diag);

	if (target != NULL)
		return put(target, field->member, value);
	json_decref(value);
	if (diag->code != 0)
		return diag->code;
	return diag_set(
	    diag, ERR_VALUE, "--%s: no text of UTF-8", field->option.name);
}

/* say_text - set a text, a word, or octets in base64 */
static int
say_text(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	return say(compose, field, json_string(value), set, diag);
}

/* say_more - add a text to a list */
static int
say_more(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	return say(compose, field, json_string(value), append, diag);
}

/* say_yes - set a truth; say_no takes one away */
static int
say_yes(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	(void)value;
	return say(compose, field, json_true(), set, diag);
}
static int
say_no(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	(void)value;
	return say(compose, field, json_false(), set, diag);
}

/* say_number - set an integer */
static int
say_number(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	const char *wrong;
	long long number = strtonum(value, 0, INT64_MAX, &wrong);

	if (wrong != NULL)
		return diag_set(diag, ERR_VALUE, "--%s: %s: %s",
		    field->option.name, value, wrong);
	return say(compose, field, json_integer(number), set, diag);
}

/* say_size - set an integer that may have a unit */
static int
say_size(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	uint64_t size;

	if (conf_size_parse(value, &size) != 0 || size > INT64_MAX)
		return diag_set(diag, ERR_VALUE, "--%s: %s: not a size",
		    field->option.name, value);
	return say(compose, field, json_integer((json_int_t)size), set, diag);
}

/* say_time - set a time */
static int
say_time(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	int64_t seconds;

	if (when_parse(value, time(NULL), &seconds) != 0)
		return diag_set(diag, ERR_VALUE,
		    "--%s: %s: neither +2h nor 2026-11-22T10:00:00Z",
		    field->option.name, value);
	return say(compose, field, json_integer(seconds), set, diag);
}

/* say_user - set a user, whom --name and --telephone are about from now on */
static int
say_user(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	json_t *user = json_pack("{s:s}", "address", value);
	int error = say(compose, field, user, set, diag);

	if (error == 0)
		compose->user = user;
	return error;
}

/* say_users - add a user to a list, likewise */
static int
say_users(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	json_t *user = json_pack("{s:s}", "address", value);
	int error = say(compose, field, user, append, diag);

	if (error == 0)
		compose->user = user;
	return error;
}

/* say_reader - add a user to a list of the heading, whom it describes */
static int
say_reader(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	int error = say_users(compose, field, value, diag);

	if (error == 0)
		compose->reader = compose->user;
	return error;
}

/* say_recipient - add a recipient to the envelope, and to a list of the
 * heading */
static int
say_recipient(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	json_t *recipient = json_pack("{s:s}", "address", value);

	if (recipient == NULL)
		return diag_set(diag, ERR_VALUE, "--%s: no text of UTF-8",
		    field->option.name);
	if (append(compose->object, "recipients", recipient) != 0)
		return ERR_NOMEM;
	compose->recipient = recipient;
	return say_reader(compose, field, value, diag);
}

/* say_blind - add a recipient whom no other may know of */
static int
say_blind(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	compose->blind = true;
	return say_recipient(compose, field, value, diag);
}

/* say_open - add a recipient whom all may know of */
static int
say_open(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	compose->open = true;
	return say_recipient(compose, field, value, diag);
}

/* say_sender - set the originator, in the heading too */
static int
say_sender(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	json_t *originator = json_string(value);

	if (originator == NULL)
		return diag_set(diag, ERR_VALUE, "--%s: no text of UTF-8",
		    field->option.name);
	if (set(compose->object, "originator", originator) != 0)
		return ERR_NOMEM;
	return say_user(compose, field, value, diag);
}

/* identifier_of - make an identifier of LOCAL*ADDRESS, of which one may be
 * missing; NULL: no memory, or no text */
static json_t *
identifier_of(const char *value)
{
	const char *star = strchr(value, '*');
	size_t len = star == NULL ? strlen(value) : (size_t)(star - value);
	json_t *identifier = json_object();
	int failed = 0;

	/* A local part is printable (X.420), which a star is not. */
	if (len > 0)
		failed = json_object_set_new(
		    identifier, "local", json_stringn(value, len));
	if (failed == 0 && star != NULL && star[1] != '\0')
		failed = json_object_set_new(
		    identifier, "address", json_string(star + 1));
	if (failed == 0)
		return identifier;
	json_decref(identifier);
	return NULL;
}

/* say_identifier - set the identifier of a message; say_identifiers adds one */
static int
say_identifier(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	return say(compose, field, identifier_of(value), set, diag);
}
static int
say_identifiers(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	return say(compose, field, identifier_of(value), append, diag);
}

/* say_extension - add an extension, TYPE[,CRITICALITY...][=BASE64] */
static int
say_extension(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	char *text = strdup(value), *rest = text, *octets, *word;
	json_t *extension = json_object();
	int failed = text == NULL || extension == NULL;

	if (failed == 0 && (octets = strchr(text, '=')) != NULL) {
		*octets++ = '\0';
		failed = json_object_set_new(
		    extension, "value", json_string(octets));
	}
	if (failed == 0)
		failed = json_object_set_new(
		    extension, "type", json_string(strsep(&rest, ",")));
	while (failed == 0 && (word = strsep(&rest, ",")) != NULL)
		failed = append(extension, "criticality", json_string(word));
	free(text);
	if (failed == 0)
		return say(compose, field, extension, append, diag);
	json_decref(extension);
	return ERR_NOMEM;
}

/* open_source - open a file, and make the object that names it */
static json_t *
open_source(struct compose *compose, const char *path, struct diag *diag)
{
	char name[24];

	if (send_file_open(&compose->files, path, diag) != 0)
		return NULL;
	send_file_name(name, compose->files.count - 1);
	return json_pack("{s:s}", "file", name);
}

/* say_content - set the whole content to a file */
static int
say_content(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	return say(
	    compose, field, open_source(compose, value, diag), set, diag);
}

/* add_part - add a part of a type that is in a file; further options are about
 * it from now on */
static int
add_part(struct compose *compose, const struct compose_field *field,
    const char *type, const char *path, struct diag *diag)
{
	json_t *part = open_source(compose, path, diag);
	int error;

	if (part != NULL && set(part, "type", json_string(type)) != 0) {
		json_decref(part);
		return ERR_NOMEM;
	}
	error = say(compose, field, part, append, diag);
	if (error == 0)
		compose->part = part;
	return error;
}

/* say_body - make a text the first part */
static int
say_body(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	json_t *parts;
	int error;

	if (compose->body)
		return diag_set(diag, ERR_VALUE,
		    "one --body is the text; others are --part text=FILE");
	error = add_part(compose, field, "text", value, diag);
	if (error != 0)
		return error;
	compose->body = true;
	parts = json_object_get(compose->object, "parts");
	/* Held here while it moves to the front. */
	json_incref(compose->part);
	(void)json_array_remove(parts, json_array_size(parts) - 1);
	return json_array_insert_new(parts, 0, compose->part) != 0 ? ERR_NOMEM
								   : 0;
}

/* say_attachment - add a file under the last part of its name */
static int
say_attachment(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	const char *slash = strrchr(value, '/');
	int error = add_part(compose, field, "file", value, diag);

	return error != 0 ? error
			  : set(compose->part, "name",
				json_string(slash != NULL ? slash + 1 : value));
}

/* say_part - add a part, TYPE=FILE */
static int
say_part(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	const char *path = strchr(value, '=');
	char *type;
	int error;

	if (path == NULL)
		return diag_set(
		    diag, ERR_VALUE, "--%s: no TYPE=FILE", field->option.name);
	type = strndup(value, (size_t)(path - value));
	if (type == NULL)
		return ERR_NOMEM;
	error = add_part(compose, field, type, path + 1, diag);
	free(type);
	return error;
}

/* say_probe - make it a probe */
static int
say_probe(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	(void)value;
	return say(compose, field, json_string("probe"), set, diag);
}

/* say_notification - make it a notification of this kind */
static int
say_notification(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	int error = set(compose->object, "kind", json_string("notification"));

	return error != 0 ? error
			  : say(compose, field, json_string(value), set, diag);
}

/* say_for_all - set a text of all recipients that have none of their own */
static int
say_for_all(struct compose *compose, const struct compose_field *field,
    const char *value, struct diag *diag)
{
	(void)diag;
	return set(compose->all, field->member,
	    json_string(value != NULL ? value : "report"));
}

/* clang-format off */
const struct compose_field compose_fields[] = {
	{{'f', "from", "ADDRESS", "the originator's O/R address"},
	    COMPOSE_IPM, "from", say_sender},
	{{'t', "to", "ADDRESS", "a recipient's; any number of them"},
	    COMPOSE_IPM, "to", say_open},
	{{'\0', "cc", "ADDRESS", "one who gets a copy"},
	    COMPOSE_IPM, "cc", say_open},
	{{'\0', "bcc", "ADDRESS", "one who gets a blind copy; no -t, --cc then"},
	    COMPOSE_IPM, "bcc", say_blind},
	{{'\0', "alternate", "ADDRESS", "who gets it where a recipient cannot"},
	    COMPOSE_RECIPIENT, "alternate_recipient", say_for_all},
	{{'s', "subject", "TEXT", "the subject"},
	    COMPOSE_IPM, "subject", say_text},
	{{'b', "body", "FILE", "the text, instead of standard input"},
	    COMPOSE_OBJECT, "parts", say_body},
	{{'a', "attach", "FILE", "a file to go along; any number of them"},
	    COMPOSE_OBJECT, "parts", say_attachment},
	{{'\0', "part", "TYPE=FILE", "another body part"},
	    COMPOSE_OBJECT, "parts", say_part},
	{{'\0', "file-name", "NAME", "of the file before: its name"},
	    COMPOSE_PART, "name", say_text},
	{{'\0', "modified", "TIME", "of the file before: when it was"},
	    COMPOSE_PART, "modified", say_time},
	{{'\0', "parameters", "BASE64", "of the part before"},
	    COMPOSE_PART, "parameters", say_text},
	{{'\0', "aligned", NULL, "of the part before: octets, no BER"},
	    COMPOSE_PART, "aligned", say_yes},
	{{'\0', "content", "FILE", "the whole content, as it is"},
	    COMPOSE_OBJECT, "content", say_content},
	{{'\0', "content-type", "TYPE", "of it: p2, p22, a number, an OID"},
	    COMPOSE_OBJECT, "content_type", say_text},
	{{'\0', "eits", "BASE64", "the encoded information types"},
	    COMPOSE_OBJECT, "eits", say_text},
	{{'p', "priority", "P", "urgent, normal or non-urgent"},
	    COMPOSE_OBJECT, "priority", say_text},
	{{'\0', "report", NULL, "report a delivery too"},
	    COMPOSE_RECIPIENT, "report_request", say_for_all},
	{{'\0', "report-request", "WORD", "none, non-delivery or report"},
	    COMPOSE_RECIPIENT, "report_request", say_text},
	{{'\0', "mta-report-request", "WORD", "likewise, or audited"},
	    COMPOSE_RECIPIENT, "mta_report_request", say_text},
	{{'\0', "alternate-recipient", "ADDRESS", "of the recipient before"},
	    COMPOSE_RECIPIENT, "alternate_recipient", say_text},
	{{'\0', "original-number", "N", "of the recipient before"},
	    COMPOSE_RECIPIENT, "original_number", say_number},
	{{'\0', "not-responsible", NULL, "somebody else delivers to him"},
	    COMPOSE_RECIPIENT, "responsible", say_no},
	{{'\0', "explicit-conversion", "N", "the conversion that is asked for"},
	    COMPOSE_RECIPIENT, "explicit_conversion", say_number},
	{{'\0', "recipient-extension", "EXTENSION", "of the recipient before"},
	    COMPOSE_RECIPIENT, "extensions", say_extension},
	{{'\0', "directory-name", "BASE64", "beside the address before"},
	    COMPOSE_SENDER, "directory_name", say_text},
	{{'\0', "probe", NULL, "a probe: asks whether it could be delivered"},
	    COMPOSE_OBJECT, "kind", say_probe},
	{{'\0', "content-length", "SIZE", "of a probe: what it asks about"},
	    COMPOSE_OBJECT, "content_length", say_size},
	{{'\0', "content-identifier", "TEXT", "comes back in reports"},
	    COMPOSE_OBJECT, "content_identifier", say_text},
	{{'\0', "correlator", "TEXT", "likewise, of ASCII"},
	    COMPOSE_OBJECT, "correlator", say_text},
	{{'\0', "correlator-octets", "BASE64", "likewise, of octets"},
	    COMPOSE_OBJECT, "correlator_octets", say_text},
	{{'\0', "deferred", "TIME", "do not deliver before"},
	    COMPOSE_OBJECT, "deferred", say_time},
	{{'\0', "latest", "TIME", "do not deliver after"},
	    COMPOSE_OBJECT, "latest", say_time},
	{{'\0', "flag", "WORD", "a service of the whole message"},
	    COMPOSE_OBJECT, "flags", say_more},
	{{'\0', "extension", "EXTENSION", "of the message"},
	    COMPOSE_OBJECT, "extensions", say_extension},
	{{'\0', "heading-from", "ADDRESS", "whom the heading names instead"},
	    COMPOSE_IPM, "from", say_user},
	{{'\0', "heading-to", "ADDRESS", "one whom the heading alone names"},
	    COMPOSE_IPM, "to", say_reader},
	{{'\0', "heading-cc", "ADDRESS", "likewise, as one who gets a copy"},
	    COMPOSE_IPM, "cc", say_reader},
	{{'\0', "name", "TEXT", "of the user before: in free form"},
	    COMPOSE_USER, "name", say_text},
	{{'\0', "telephone", "TEXT", "of the user before"},
	    COMPOSE_USER, "telephone", say_text},
	{{'\0', "request", "WORD", "receipt, non-receipt or return"},
	    COMPOSE_READER, "requests", say_more},
	{{'\0', "reply-requested", NULL, "the recipient before is to reply"},
	    COMPOSE_READER, "reply_requested", say_yes},
	{{'\0', "precedence", "N", "of the recipient before"},
	    COMPOSE_READER, "precedence", say_number},
	{{'\0', "heading-recipient-extensions", "BASE64", "likewise"},
	    COMPOSE_READER, "extensions", say_text},
	{{'\0', "ipm-id", "ID", "the identifier of the message"},
	    COMPOSE_IPM, "id", say_identifier},
	{{'\0', "authorizing", "ADDRESS", "who has authorized it"},
	    COMPOSE_IPM, "authorizing", say_users},
	{{'\0', "in-reply-to", "ID", "the message that it answers"},
	    COMPOSE_IPM, "in_reply_to", say_identifier},
	{{'\0', "related", "ID", "one that it has to do with"},
	    COMPOSE_IPM, "related", say_identifiers},
	{{'\0', "obsoletes", "ID", "one that it replaces"},
	    COMPOSE_IPM, "obsoletes", say_identifiers},
	{{'\0', "importance", "WORD", "low, normal or high"},
	    COMPOSE_IPM, "importance", say_text},
	{{'\0', "sensitivity", "WORD", "personal, private ..."},
	    COMPOSE_IPM, "sensitivity", say_text},
	{{'\0', "expiry", "TIME", "when it is worth nothing any more"},
	    COMPOSE_IPM, "expiry", say_time},
	{{'\0', "reply-time", "TIME", "until when to reply"},
	    COMPOSE_IPM, "reply_time", say_time},
	{{'\0', "reply-to", "ADDRESS", "who gets the reply"},
	    COMPOSE_IPM, "reply_recipients", say_users},
	{{'\0', "auto-forwarded", NULL, "it was forwarded automatically"},
	    COMPOSE_IPM, "auto_forwarded", say_yes},
	{{'\0', "authorization-time", "TIME", "when it was authorized"},
	    COMPOSE_IPM, "authorization_time", say_time},
	{{'\0', "originators-reference", "TEXT", "the originator's reference"},
	    COMPOSE_IPM, "originators_reference", say_text},
	{{'\0', "heading-extension", "OID=BASE64", "of the heading"},
	    COMPOSE_IPM, "extensions", say_extension},
	{{'\0', "notification", "KIND", "receipt, non-receipt or other"},
	    COMPOSE_NOTIFICATION, "kind", say_notification},
	{{'\0', "subject-ipm", "ID", "the message that it is about"},
	    COMPOSE_NOTIFICATION, "subject_ipm", say_identifier},
	{{'\0', "notified-by", "ADDRESS", "who tells it"},
	    COMPOSE_NOTIFICATION, "originator", say_user},
	{{'\0', "intended", "ADDRESS", "for whom the message was"},
	    COMPOSE_NOTIFICATION, "intended", say_user},
	{{'\0', "receipt-time", "TIME", "when it was received"},
	    COMPOSE_NOTIFICATION, "receipt_time", say_time},
	{{'\0', "automatic", NULL, "it was acknowledged automatically"},
	    COMPOSE_NOTIFICATION, "automatic", say_yes},
	{{'\0', "reason", "N", "of a non-receipt: 0 discarded, 1 forwarded"},
	    COMPOSE_NOTIFICATION, "reason", say_number},
	{{'\0', "discard-reason", "N", "why it was discarded"},
	    COMPOSE_NOTIFICATION, "discard_reason", say_number},
	{{'\0', "comment", "TEXT", "of an automatic forward"},
	    COMPOSE_NOTIFICATION, "comment", say_text},
	{.option = {.name = NULL}}
};
/* clang-format on */
