/* SPDX-License-Identifier: ISC */
/*
 * address_pair.c - a pair of domain and O/R address, read from text
 *
 * RFC 2156 appendix F; RFC 2163 4.1 and 4.2.  Contract in address_pair.h.
 */
#include "mixer/address_pair.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "conf/conf_pair.h"
#include "mhs/charset.h"

#define PART_MAX 256 /* octets of one part of an address */

/* A syntax of beginnings of O/R addresses. */
enum form {
	FORM_TABLE, /* RFC 2156: PRMD$UK\.AC */
	FORM_ZONE   /* RFC 2163: PRMD-UK-d-AC */
};

/* A beginning of O/R addresses being read, from the right. */
struct reading {
	struct slice value[ADDRESS_MAP_LEVELS];
	unsigned levels; /* behind the last that was named */
	enum form form;
	struct arena *arena;
};

static const char *const labels[] = {"C", "ADMD", "PRMD", "O", "OU"};

#define LABELS (sizeof(labels) / sizeof(labels[0]))

/* find_level - find the level of a label, in the order from C down */
static int
find_level(const struct reading *reading, struct slice label)
{
	for (unsigned i = 0; i < LABELS; i++) {
		/* The first OU is at least OU1, each further one is one
		 * below. */
		unsigned level =
		    i == 4 && reading->levels > 4 ? reading->levels : i;

		if (label.len == strlen(labels[i]) &&
		    strncasecmp(
			(const char *)label.data, labels[i], label.len) == 0)
			return level < reading->levels ||
				level >= ADDRESS_MAP_LEVELS
			    ? -1
			    : (int)level;
	}
	return -1;
}

/* zone_escape - read an escape of RFC 2163 4.2; how long it is, or 0 */
static size_t
zone_escape(struct slice text, uint8_t *c)
{
	/* At the end of a value the second hyphen is left out. */
	if (text.len >= 2 && (text.len == 2 || text.data[2] == '-') &&
	    strchr("dbhDBH", text.data[1]) != NULL && text.data[1] != '\0') {
		int letter = tolower(text.data[1]);

		*c = letter == 'd' ? '.' : letter == 'b' ? ' ' : '-';
		return text.len == 2 ? 2 : 3;
	}
	if (text.len >= 4 && (text.len == 4 || text.data[4] == '-') &&
	    isdigit(text.data[1]) && isdigit(text.data[2]) &&
	    isdigit(text.data[3])) {
		int code = (text.data[1] - '0') * 100 +
		    (text.data[2] - '0') * 10 + (text.data[3] - '0');

		*c = (uint8_t)code;
		if (code >= 128)
			return 0;
		return text.len == 4 ? 4 : 5;
	}
	return 0;
}

/* unescape - take the escapes out of a value */
static int
unescape(const struct reading *reading, struct slice text, struct slice *value)
{
	uint8_t *out = arena_alloc(reading->arena, text.len + 1);
	size_t len = 0;

	if (out == NULL)
		return arena_error(reading->arena);
	for (size_t i = 0; i < text.len; i++) {
		size_t used = reading->form == FORM_ZONE && text.data[i] == '-'
		    ? zone_escape(
			  slice_of(text.data + i, text.len - i), &out[len])
		    : 0;

		if (used > 0) {
			i += used - 1;
		} else {
			i += reading->form == FORM_TABLE &&
			    text.data[i] == '\\' && i + 1 < text.len;
			out[len] = text.data[i];
		}
		len++;
	}
	*value = slice_of(out, len);
	return 0;
}

/* take_part - take one part of a beginning, as "PRMD$ACME" */
static int
take_part(struct reading *reading, struct slice part, struct diag *diag)
{
	int sign = reading->form == FORM_TABLE ? '$' : '-';
	const uint8_t *end =
	    part.len == 0 ? NULL : memchr(part.data, sign, part.len);
	struct slice label = part, value = {0};
	int level, error;

	if (end != NULL) {
		label.len = (size_t)(end - part.data);
		value = slice_of(end + 1, part.len - label.len - 1);
	} else if (reading->form == FORM_ZONE) {
		/* RFC 2163 4.2: a label alone is one without a value, and
		 * the letter behind it stands for a blank. */
		bool blank = part.len > 1 && part.data[part.len - 1] == 'b';

		label.len -= blank;
		value = slice_of_string(blank ? " " : "@");
	}
	level = find_level(reading, label);
	if (level < 0 || value.len == 0)
		return diag_set(diag, ERR_SYNTAX,
		    "\"%.*s\" is no C, ADMD, PRMD, O or OU at its place",
		    (int)part.len, (const char *)part.data);
	reading->levels = (unsigned)level + 1;
	if (slice_equal_string(value, "@"))
		return 0;
	error = unescape(reading, value, &reading->value[level]);
	if (error == 0 && reading->value[level].len > PART_MAX)
		error = ERR_LIMIT;
	if (error != 0)
		return diag_set(diag, error, "%s", error_strerror(error));
	return charset_is_ascii(reading->value[level])
	    ? 0
	    : diag_set(diag, ERR_VALUE, "\"%.*s\" is not ASCII", (int)part.len,
		  (const char *)part.data);
}

/* last_part - find where the last part of a text begins, at a dot that no "\"
 * precedes */
static size_t
last_part(struct slice text, enum form form)
{
	for (size_t i = text.len; i > 0; i--)
		if (text.data[i - 1] == '.' &&
		    (form == FORM_ZONE || i < 2 || text.data[i - 2] != '\\'))
			return i;
	return 0;
}

/* parse_value - read a beginning of O/R addresses */
static int
parse_value(struct slice text, enum form form, struct arena *arena,
    struct address_pair *pair, struct diag *diag)
{
	struct reading reading = {.form = form, .arena = arena};
	int error = 0;

	/* The most significant stands on the right. */
	for (;;) {
		size_t from = last_part(text, form);

		error = take_part(&reading,
		    slice_of(text.data + from, text.len - from), diag);
		if (error != 0)
			return error;
		if (from == 0)
			break;
		text.len = from - 1;
	}
	if (reading.value[0].len == 0)
		return diag_set(diag, ERR_VALUE, "no country");
	memcpy(pair->value, reading.value, sizeof(pair->value));
	pair->levels = reading.levels;
	return 0;
}

/* parse_domain - read a domain, and check that it may have a pair */
static int
parse_domain(struct slice text, struct arena *arena, struct address_pair *pair,
    struct diag *diag)
{
	char *domain = arena_string(arena, text);

	if (domain == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	pair->domain = slice_of_string(domain);
	return conf_pair_check_domain(domain, diag);
}

/* without_dot - take the dot from the end of a name of a zone */
static struct slice
without_dot(const char *name)
{
	size_t len = strlen(name);

	return slice_of(name, len > 0 && name[len - 1] == '.' ? len - 1 : len);
}

/* parse_record - read a record of a zone */
static int
parse_record(char *line, struct arena *arena, struct address_pair *pair,
    struct diag *diag)
{
	char *rest = NULL, *word = strtok_r(line, " \t", &rest);
	char *preference, *domain, *value;
	int error;

	while (word != NULL && strcasecmp(word, "PX") != 0)
		word = strtok_r(NULL, " \t", &rest);
	preference = strtok_r(NULL, " \t", &rest);
	domain = strtok_r(NULL, " \t", &rest);
	value = strtok_r(NULL, " \t", &rest);
	if (word == NULL || preference == NULL || domain == NULL ||
	    value == NULL ||
	    strspn(preference, "0123456789") != strlen(preference))
		return diag_set(diag, ERR_SYNTAX,
		    "neither DOMAIN#O/R ADDRESS# nor a record PX");
	error = parse_domain(without_dot(domain), arena, pair, diag);
	return error != 0
	    ? error
	    : parse_value(without_dot(value), FORM_ZONE, arena, pair, diag);
}

/* address_pair_parse - read a line of a file */
int
address_pair_parse(const char *line, struct arena *arena,
    struct address_pair *pair, struct diag *diag)
{
	char *copy = arena_string(arena, slice_of_string(line));
	char *middle, *end;
	bool turned;
	int error;

	if (copy == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	middle = strchr(copy, '#');
	if (middle == NULL)
		return parse_record(copy, arena, pair, diag);
	*middle++ = '\0';
	end = strchr(middle, '#');
	if (end == NULL || end[1] != '\0')
		return diag_set(diag, ERR_SYNTAX, "no # at its end");
	*end = '\0';
	/* Both tables of the appendix are read: domains have no "$". */
	turned = strchr(copy, '$') != NULL;
	error = parse_domain(
	    slice_of_string(turned ? middle : copy), arena, pair, diag);
	return error != 0 ? error
			  : parse_value(slice_of_string(turned ? copy : middle),
				FORM_TABLE, arena, pair, diag);
}

/* address_pair_make - make a pair of the parts of a setting */
void
address_pair_make(const struct conf_pair *from, struct address_pair *pair)
{
	pair->domain = slice_of_string(from->domain);
	pair->levels = 0;
	for (unsigned i = 0; i < ADDRESS_MAP_LEVELS; i++) {
		pair->value[i] = from->prefix->attribute[OR_COUNTRY + i];
		if (pair->value[i].len > 0)
			pair->levels = i + 1;
	}
	/* RFC 2156 4.1: without one an ADMD is a blank. */
	if (pair->levels > 1 && pair->value[1].len == 0)
		pair->value[1] = slice_of_string(" ");
}
