/* SPDX-License-Identifier: ISC */
/*
 * conf_pair.c - a domain and the O/R addresses that it stands for
 */
#include "conf/conf_pair.h"

#include <ctype.h>
#include <string.h>

#include "conf/conf_append.h"
#include "mhs/or_address.h"

#define LABEL_MAX  63
#define DOMAIN_MAX 255
#define DIVIDER	   '='

/* label_length - measure the label that a text begins with; 0: it is none */
static size_t
label_length(const char *text)
{
	size_t len = strcspn(text, ".");

	for (size_t i = 0; i < len; i++)
		if ((!isalnum((unsigned char)text[i]) && text[i] != '-') ||
		    (unsigned char)text[i] >= 0x80)
			return 0;
	return len <= LABEL_MAX && text[0] != '-' &&
		(len == 0 || text[len - 1] != '-')
	    ? len
	    : 0;
}

/* conf_pair_check_domain - check a domain of two labels or more */
int
conf_pair_check_domain(const char *domain, struct diag *diag)
{
	const char *rest = domain;
	size_t len = label_length(rest);
	unsigned labels = 0;

	while (len > 0) {
		labels++;
		rest += len;
		len = *rest == '.' ? label_length(rest + 1) : 0;
		rest += len > 0;
	}
	/* RFC 2156 4.2: one label alone would be all of a country. */
	if (*rest == '\0' && labels > 1 && strlen(domain) <= DOMAIN_MAX)
		return 0;
	return diag_set(diag, ERR_VALUE,
	    "\"%s\" is no domain of two labels or more", domain);
}

/* check_prefix - check that a beginning has only what pairs look at */
static int
check_prefix(
    const struct or_address *prefix, const char *text, struct diag *diag)
{
	bool other = prefix->dda_count > 0 || prefix->extension_count > 0;

	for (unsigned i = 0; i < OR_ATTRIBUTES; i++) {
		if (slice_equal_string(prefix->attribute[i], "*"))
			return diag_set(
			    diag, ERR_VALUE, "\"%s\": \"*\" is no value", text);
		other = other || (i > OR_OU4 && prefix->attribute[i].len > 0);
	}
	if (other)
		return diag_set(diag, ERR_VALUE,
		    "\"%s\": other attributes than C, A, P, O, OU1 to OU4",
		    text);
	return prefix->attribute[OR_COUNTRY].len > 0
	    ? 0
	    : diag_set(diag, ERR_VALUE, "\"%s\": no country", text);
}

/* parse_sides - read both sides of a text */
static int
parse_sides(const char *text, struct arena *arena, struct conf_pair *pair,
    struct diag *diag)
{
	const char *divider = strchr(text, DIVIDER);
	struct or_address *prefix = arena_alloc(arena, sizeof(*prefix));
	size_t len = divider == NULL ? 0 : (size_t)(divider - text);
	char *domain;
	int r;

	while (len > 0 && text[len - 1] == ' ')
		len--;
	domain = arena_string(arena, slice_of(text, len));
	pair->text = arena_string(arena, slice_of_string(text));
	if (prefix == NULL || domain == NULL || pair->text == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	if (divider == NULL)
		return diag_set(diag, ERR_SYNTAX,
		    "\"%s\" is not DOMAIN = BEGINNING OF O/R ADDRESSES", text);
	r = conf_pair_check_domain(domain, diag);
	if (r == 0)
		r = or_address_parse_prefix(
		    slice_of_string(divider + 1), arena, prefix, diag);
	if (r == 0)
		r = check_prefix(prefix, text, diag);
	pair->domain = domain;
	pair->prefix = prefix;
	return r;
}

/* conf_pair_add - add one more */
int
conf_pair_add(struct conf_pairs *to, const char *text, struct arena *arena,
    struct diag *diag)
{
	struct conf_pair one;
	int r = parse_sides(text, arena, &one, diag);

	if (r < 0)
		return r;
	return conf_append(
	    arena, &to->items, &to->count, &one, sizeof(one), diag);
}
