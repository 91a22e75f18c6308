/* SPDX-License-Identifier: ISC */
/*
 * conf_value.c - the value of one setting: set, written, compared
 */
#include "conf/conf_value.h"

#include <ctype.h>
#include <stdio.h>

#include "conf/conf_address.h"
#include "conf/conf_group.h"
#include "conf/conf_items.h"
#include "conf/conf_quantity.h"
#include "conf/conf_schedule.h"
#include "postgresql/postgresql_url.h"

/* field - return where the setting's value is */
static void *
field(const struct conf_setting *setting, void *values)
{
	return (char *)values + setting->offset;
}

/* const_field - return where the setting's value is, to look at */
static const void *
const_field(const struct conf_setting *setting, const void *values)
{
	return (const char *)values + setting->offset;
}

/* no_room - say why an arena gives nothing */
static int
no_room(const struct arena *arena, struct diag *diag)
{
	return diag_set(diag, arena_error(arena), "%s", arena_reason(arena));
}

/* format_quantity - format a value as the setting's type writes it */
static int
format_quantity(
    const struct conf_setting *setting, uint64_t value, struct buffer *out)
{
	if (setting->type == CONF_TYPE_INTERVAL)
		return conf_interval_format(value, out);
	if (setting->type == CONF_TYPE_SIZE)
		return conf_size_format(value, out);
	return conf_number_format(value, out);
}

/* refuse_range - say what the range is, in the setting's own units */
static int
refuse_range(
    const struct conf_setting *setting, const char *text, struct diag *diag)
{
	struct buffer out;
	struct slice range;

	buffer_init(&out, 256);
	if (format_quantity(setting, setting->min, &out) == 0 &&
	    buffer_append(&out, " to ", 4) == 0 &&
	    format_quantity(setting, setting->max, &out) == 0) {
		range = buffer_slice(&out);
		(void)diag_set(diag, ERR_VALUE, "\"%s\" is out of range, %.*s",
		    text, (int)range.len, (const char *)range.data);
	}
	buffer_fini(&out);
	return diag_set(diag, ERR_VALUE, "\"%s\" is out of range", text);
}

/* parse_quantity - parse a number, interval or size in the setting's range */
static int
parse_quantity(const struct conf_setting *setting, const char *text,
    uint64_t *value, struct diag *diag)
{
	uint64_t result = 0;
	int r;

	if (setting->type == CONF_TYPE_INTERVAL)
		r = conf_interval_parse(text, &result);
	else if (setting->type == CONF_TYPE_SIZE)
		r = conf_size_parse(text, &result);
	else
		r = conf_number_parse(text, &result);
	if (r == ERR_SYNTAX) {
		return diag_set(diag, r, "\"%s\" is not %s", text,
		    setting->type == CONF_TYPE_INTERVAL
			? "an interval, as 600, 0.5, 90s, 10m, 24h or 7d"
			: setting->type == CONF_TYPE_SIZE
			? "a size, as 500, 30K, 10M or 16G"
			: "a number");
	}
	/* A number too large for 64 bits is out of range as well. */
	if (r < 0 || result < setting->min || result > setting->max)
		return refuse_range(setting, text, diag);
	if (setting->step != 0 && result % setting->step != 0) {
		return diag_set(diag, ERR_VALUE,
		    "\"%s\" is not a multiple of %llu", text,
		    (unsigned long long)setting->step);
	}
	*value = result;
	return 0;
}

/* check_length - check that a text's octets are within the setting's bounds */
static int
check_length(const struct conf_setting *setting, size_t len, struct diag *diag)
{
	if (len < setting->min)
		return diag_set(diag, ERR_VALUE, "must not be empty");
	if (len > setting->max) {
		return diag_set(diag, ERR_VALUE, "longer than %llu octets",
		    (unsigned long long)setting->max);
	}
	return 0;
}

/* check_string - check for printable ASCII within bounds; a path is absolute */
static int
check_string(
    const struct conf_setting *setting, const char *text, struct diag *diag)
{
	bool path = setting->type != CONF_TYPE_STRING &&
	    setting->type != CONF_TYPE_DATABASE;

	for (const char *c = text; *c != '\0'; c++) {
		/* Paths may have any characters but controls, as file names
		 * have. */
		if (path ? iscntrl((unsigned char)*c)
			 : !isprint((unsigned char)*c)) {
			return diag_set(diag, ERR_VALUE,
			    "\"%s\" has characters that are not printable%s",
			    text, path ? "" : " ASCII");
		}
	}
	if (path && *text != '/' && *text != '\0') {
		return diag_set(
		    diag, ERR_VALUE, "\"%s\" does not begin with /", text);
	}
	return check_length(setting, strlen(text), diag);
}

/* set_string - set a text that stays text */
static int
set_string(const struct conf_setting *setting, const char *text,
    struct arena *arena, const char **to, struct diag *diag)
{
	int r = check_string(setting, text, diag);
	char *copy;

	if (r < 0)
		return r;
	copy = arena_string(arena, slice_of_string(text));
	if (copy == NULL)
		return no_room(arena, diag);
	*to = copy;
	return 0;
}

/* set_octets - set a password or, decoded before, a selector */
static int
set_octets(const struct conf_setting *setting, struct slice octets,
    struct arena *arena, struct slice *to, struct diag *diag)
{
	int r = check_length(setting, octets.len, diag);

	if (r < 0)
		return r;
	if (arena_slice(arena, octets, to) < 0)
		return no_room(arena, diag);
	return 0;
}

/* set_selector - set a text as it is, or the octets that 0x hex stands for */
static int
set_selector(const struct conf_setting *setting, const char *text,
    struct arena *arena, struct slice *to, struct diag *diag)
{
	uint8_t octets[CONF_TSEL_MAX + CONF_PSEL_MAX];
	size_t len = strlen(text);
	unsigned value;

	/* Selectors are octets: text is the usual case, hexadecimal the general
	 * one. */
	if (strncmp(text, "0x", 2) != 0) {
		return set_octets(
		    setting, slice_of(text, len), arena, to, diag);
	}
	text += 2;
	len -= 2;
	if (len == 0 || len % 2 != 0 ||
	    strspn(text, "0123456789abcdefABCDEF") != len) {
		return diag_set(diag, ERR_SYNTAX,
		    "\"0x%s\" is not an even number of hexadecimal digits",
		    text);
	}
	/* Longer than any selector may be; the check says how long it may
	 * be. */
	if (len / 2 > sizeof(octets))
		return check_length(setting, len / 2, diag);
	for (size_t i = 0; i < len / 2; i++) {
		if (sscanf(text + 2 * i, "%2x", &value) != 1)
			return diag_set(diag, ERR_SYNTAX, "not hexadecimal");
		octets[i] = (uint8_t)value;
	}
	return set_octets(setting, slice_of(octets, len / 2), arena, to, diag);
}

/* set_choice - set one of the words */
static int
set_choice(const struct conf_setting *setting, const char *text, int *to,
    struct diag *diag)
{
	char all[128] = "";

	for (int i = 0; setting->choices[i] != NULL; i++) {
		if (strcmp(setting->choices[i], text) == 0) {
			*to = i;
			return 0;
		}
		(void)strlcat(all, i == 0 ? "" : ", ", sizeof(all));
		(void)strlcat(all, setting->choices[i], sizeof(all));
	}
	return diag_set(diag, ERR_VALUE, "\"%s\" is none of %s", text, all);
}

/* set_quantity - set a number, interval or size in its field */
static int
set_quantity(const struct conf_setting *setting, const char *text, void *to,
    struct diag *diag)
{
	uint64_t value = 0;
	int r = parse_quantity(setting, text, &value, diag);

	if (r < 0)
		return r;
	if (setting->type == CONF_TYPE_NUMBER)
		*(uint32_t *)to = (uint32_t)value;
	else
		*(uint64_t *)to = value;
	return 0;
}

/* set_database - store the URL of a database, or none */
static int
set_database(const struct conf_setting *setting, const char *text,
    struct arena *arena, void *to, struct diag *diag)
{
	struct postgresql_url url;
	int r = *text == '\0'
	    ? 0
	    : postgresql_url_parse(slice_of_string(text), &url, diag);

	return r < 0 ? r : set_string(setting, text, arena, to, diag);
}

/* conf_value_set - interpret text and store it; a list gets one item more */
int
conf_value_set(const struct conf_setting *setting, const char *text,
    struct arena *arena, void *values, struct diag *diag)
{
	void *to = field(setting, values);

	if (text == NULL) {
		conf_items_clear(setting, to);
		return 0;
	}
	switch (setting->type) {
	case CONF_TYPE_STRING:
	case CONF_TYPE_PATH:
	case CONF_TYPE_PASSWORD_FILE:
		return set_string(setting, text, arena, to, diag);
	case CONF_TYPE_PASSWORD:
		return set_octets(
		    setting, slice_of_string(text), arena, to, diag);
	case CONF_TYPE_SELECTOR:
		return set_selector(setting, text, arena, to, diag);
	case CONF_TYPE_NUMBER:
	case CONF_TYPE_INTERVAL:
	case CONF_TYPE_SIZE:
		return set_quantity(setting, text, to, diag);
	case CONF_TYPE_CHOICE:
		return set_choice(setting, text, to, diag);
	case CONF_TYPE_SCHEDULE:
		return conf_schedule_parse(text, to, diag);
	case CONF_TYPE_DOMAIN:
		if (*text == '\0' && setting->need == CONF_OPTIONAL) {
			*(struct conf_address *)to =
			    (struct conf_address){.text = ""};
			return 0;
		}
		return conf_address_parse(
		    text, CONF_ADDRESS_DOMAIN, arena, to, diag);
	case CONF_TYPE_ADDRESS:
		return conf_address_parse(
		    text, CONF_ADDRESS_WHOLE, arena, to, diag);
	case CONF_TYPE_ADDRESS_SPACE:
	case CONF_TYPE_ENDPOINTS:
	case CONF_TYPE_LISTEN:
	case CONF_TYPE_LISTEN_LOCAL:
	case CONF_TYPE_NETWORKS:
	case CONF_TYPE_MEMBERS:
	case CONF_TYPE_REDIRECTS:
	case CONF_TYPE_PINS:
	case CONF_TYPE_CONTENTS:
	case CONF_TYPE_PAIRS:
	case CONF_TYPE_NAMES:
		return conf_items_add(setting, text, arena, to, diag);
	case CONF_TYPE_PEM_FILE:
		return set_string(
		    setting, text, arena, &((struct conf_pem *)to)->path, diag);
	case CONF_TYPE_GROUP:
		return conf_group_set(text, arena, to, diag);
	case CONF_TYPE_DATABASE:
		return set_database(setting, text, arena, to, diag);
	}
	return diag_set(diag, ERR_UNSUPPORTED, "unknown type");
}

/* conf_value_count - count items of a list; 1 for anything else */
size_t
conf_value_count(const struct conf_setting *setting, const void *values)
{
	return conf_setting_is_list(setting)
	    ? conf_items_count(setting, const_field(setting, values))
	    : 1;
}

/* append_string - append a string, NULL as if empty */
static int
append_string(const char *text, struct buffer *out)
{
	return text == NULL ? 0 : buffer_append(out, text, strlen(text));
}

/* selector_text - write a selector as text if it is printable and not like
 * hex */
static int
selector_text(struct slice selector, struct buffer *out)
{
	/* Text that begins with 0x would be read back as octets. */
	bool plain = selector.len < 2 || memcmp(selector.data, "0x", 2) != 0;
	char hex[3];
	int r;

	for (size_t i = 0; i < selector.len; i++)
		plain = plain && isprint(selector.data[i]);
	if (plain)
		return buffer_append(out, selector.data, selector.len);
	r = buffer_append(out, "0x", 2);
	for (size_t i = 0; r == 0 && i < selector.len; i++) {
		(void)snprintf(hex, sizeof(hex), "%02x", selector.data[i]);
		r = buffer_append(out, hex, 2);
	}
	return r;
}

/* conf_value_text - append item n as conf_value_set would read it */
int
conf_value_text(const struct conf_setting *setting, const void *values,
    size_t n, struct buffer *out)
{
	const void *from = const_field(setting, values);
	struct slice octets;

	switch (setting->type) {
	case CONF_TYPE_STRING:
	case CONF_TYPE_PATH:
	case CONF_TYPE_PASSWORD_FILE:
	case CONF_TYPE_DATABASE:
		return append_string(*(const char *const *)from, out);
	case CONF_TYPE_PASSWORD:
		octets = *(const struct slice *)from;
		return buffer_append(out, octets.data, octets.len);
	case CONF_TYPE_SELECTOR:
		return selector_text(*(const struct slice *)from, out);
	case CONF_TYPE_NUMBER:
		return conf_number_format(*(const uint32_t *)from, out);
	case CONF_TYPE_INTERVAL:
	case CONF_TYPE_SIZE:
		return format_quantity(setting, *(const uint64_t *)from, out);
	case CONF_TYPE_CHOICE:
		return append_string(setting->choices[*(const int *)from], out);
	case CONF_TYPE_SCHEDULE:
		return conf_schedule_format(from, out);
	case CONF_TYPE_DOMAIN:
	case CONF_TYPE_ADDRESS:
		return append_string(
		    ((const struct conf_address *)from)->text, out);
	case CONF_TYPE_ADDRESS_SPACE:
	case CONF_TYPE_ENDPOINTS:
	case CONF_TYPE_LISTEN:
	case CONF_TYPE_LISTEN_LOCAL:
	case CONF_TYPE_NETWORKS:
	case CONF_TYPE_MEMBERS:
	case CONF_TYPE_REDIRECTS:
	case CONF_TYPE_PINS:
	case CONF_TYPE_CONTENTS:
	case CONF_TYPE_PAIRS:
	case CONF_TYPE_NAMES:
		return conf_items_text(setting, from, n, out);
	case CONF_TYPE_PEM_FILE:
		return append_string(
		    ((const struct conf_pem *)from)->path, out);
	case CONF_TYPE_GROUP:
		return append_string(
		    ((const struct conf_group *)from)->name, out);
	}
	return ERR_UNSUPPORTED;
}

/* all_text - write every item, each ended by NUL */
static int
all_text(
    const struct conf_setting *setting, const void *values, struct buffer *out)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < conf_value_count(setting, values);
	     i++) {
		r = conf_value_text(setting, values, i, out);
		if (r == 0)
			r = buffer_append(out, "", 1);
	}
	return r;
}

/* conf_value_equal - compare two values: 1 if equal, else 0; ERR_NOMEM */
int
conf_value_equal(
    const struct conf_setting *setting, const void *a, const void *b)
{
	struct buffer one, other;
	int r;

	/* The content counts, not where the file is. */
	if (setting->type == CONF_TYPE_PEM_FILE)
		return slice_equal(
		    ((const struct conf_pem *)const_field(setting, a))->octets,
		    ((const struct conf_pem *)const_field(setting, b))->octets);
	/* A group may get another number, and keep its name. */
	if (setting->type == CONF_TYPE_GROUP &&
	    ((const struct conf_group *)const_field(setting, a))->id !=
		((const struct conf_group *)const_field(setting, b))->id)
		return 0;
	buffer_init(&one, CONF_FILE_MAX);
	buffer_init(&other, CONF_FILE_MAX);
	r = all_text(setting, a, &one);
	if (r == 0)
		r = all_text(setting, b, &other);
	if (r == 0)
		r = slice_equal(buffer_slice(&one), buffer_slice(&other));
	buffer_fini(&one);
	buffer_fini(&other);
	return r;
}
