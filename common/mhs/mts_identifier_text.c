/* SPDX-License-Identifier: ISC */
/*
 * mts_identifier_text.c - global domain and MTS identifiers as text
 *
 *   C=DE;A=VIAT;P=ACME            labels in any order, any case
 *   [C=DE;A=VIAT;P=ACME;local]    labels in this order
 *
 * The local part is what follows the domain, up to the last "]": it may hold
 * any character.  Without a PRMD a local part that looks like one has "P=;"
 * before it.
 */
#include "mhs/charset.h"
#include "mhs/mts_identifier.h"

#define DOMAIN_NAME_MAX 16

/* trim - take the spaces at the ends; of spaces alone one is left */
static struct slice
trim(struct slice text)
{
	struct slice all = text;

	while (text.len != 0 && text.data[0] == ' ')
		text = slice_of(text.data + 1, text.len - 1);
	while (text.len != 0 && text.data[text.len - 1] == ' ')
		text.len--;
	if (text.len == 0 && all.len != 0)
		text = slice_of(all.data, 1);
	return text;
}

/* is_blank - tell whether there is nothing but spaces */
static bool
is_blank(struct slice text)
{
	text = trim(text);
	return text.len == 0 || slice_equal_string(text, " ");
}

/* is_graphic - tell whether there are graphic characters of ASCII and spaces
 * alone */
static bool
is_graphic(struct slice text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.data[i] < 0x20 || text.data[i] > 0x7e)
			return false;
	return true;
}

/* cut - take what stands before the next ";", which is taken */
static struct slice
cut(struct slice *text)
{
	const uint8_t *at =
	    text->len == 0 ? NULL : memchr(text->data, ';', text->len);
	struct slice part = *text;

	if (at == NULL) {
		*text = slice_of(NULL, 0);
		return part;
	}
	part.len = (size_t)(at - text->data);
	*text = slice_of(at + 1, text->len - part.len - 1);
	return part;
}

/* label - find the letter before "=" in part, and the value after it; 0 if
 * none */
static char
label(struct slice part, struct slice *value)
{
	while (part.len != 0 && part.data[0] == ' ')
		part = slice_of(part.data + 1, part.len - 1);
	if (part.len < 2 || part.data[1] != '=')
		return 0;
	*value = trim(slice_of(part.data + 2, part.len - 2));
	return (char)(part.data[0] & 0xdf);
}

/* set - set one attribute of a domain; 1 if it is none */
static int
set(struct global_domain *domain, char letter, struct slice value,
    struct diag *diag)
{
	const char *name;
	struct slice *to;

	switch (letter) {
	case 'C':
		name = "country";
		to = &domain->country;
		domain->country_numeric = charset_is_numeric(value);
		break;
	case 'A':
		name = "ADMD";
		to = &domain->admd;
		break;
	case 'P':
		name = "PRMD";
		to = &domain->prmd;
		if (slice_equal_string(value, " "))
			value.len = 0;
		break;
	default:
		return 1;
	}
	if (to->data != NULL)
		return diag_set(diag, ERR_SYNTAX, "%s: given twice", name);
	if (value.len > DOMAIN_NAME_MAX)
		return diag_set(diag, ERR_LIMIT,
		    "%s: longer than %d characters", name, DOMAIN_NAME_MAX);
	if (!is_graphic(value) ||
	    (value.len != 0 && memchr(value.data, ']', value.len) != NULL))
		return diag_set(diag, ERR_VALUE,
		    "%s: a character that is not allowed", name);
	*to = value.data != NULL ? value : slice_of("", 0);
	return 0;
}

/* mts_identifier_text_check - tell whether a domain has what it must have */
static int
mts_identifier_text_check(struct global_domain *domain, struct diag *diag)
{
	struct slice c = domain->country;

	if (c.len != (domain->country_numeric ? 3 : 2) ||
	    (c.len != 0 && memchr(c.data, ' ', c.len) != NULL))
		return diag_set(diag, ERR_VALUE,
		    "country: neither two letters nor three digits");
	if (domain->admd.data == NULL && domain->prmd.len == 0)
		return diag_set(diag, ERR_VALUE, "ADMD: missing");
	/* As in an O/R address: P alone means A of one space. */
	if (domain->admd.data == NULL)
		domain->admd = slice_of(" ", 1);
	return 0;
}

/* parse_domain - read the parts of a domain in any order */
static int
parse_domain(struct slice text, struct global_domain *domain, struct diag *diag)
{
	struct slice part, value = {.len = 0};
	int n;

	while (text.len != 0) {
		part = cut(&text);
		if (is_blank(part))
			continue;
		n = label(part, &value);
		n = n == 0 ? 1 : set(domain, (char)n, value, diag);
		if (n < 0)
			return n;
		if (n > 0)
			return diag_set(diag, ERR_SYNTAX,
			    "domain: something other than C, A and P");
	}
	return mts_identifier_text_check(domain, diag);
}

/* global_domain_parse - read "C=DE;A=VIAT;P=ACME" */
int
global_domain_parse(struct slice text, struct arena *arena,
    struct global_domain *domain, struct diag *diag)
{
	struct global_domain got = {.country_numeric = false};
	int error;

	if (text.len >= GLOBAL_DOMAIN_TEXT)
		return diag_set(diag, ERR_LIMIT, "domain: too long");
	error = parse_domain(text, &got, diag);
	if (error == 0 && global_domain_dup(&got, arena, &got) != 0)
		error = diag_set(diag, arena_error(arena), "domain: %s",
		    arena_reason(arena));
	if (error == 0)
		*domain = got;
	return error;
}

/* cut_domain - cut what an identifier begins with, the domain, from its local
 * part */
static struct slice
cut_domain(struct slice *text)
{
	struct slice all = *text, before = *text, value;
	char expected[] = "CAP";

	for (size_t i = 0; expected[i] != '\0'; i++) {
		struct slice rest = before;

		/* "P=;" before a local part says that there is no PRMD. */
		if (label(cut(&rest), &value) != expected[i])
			break;
		before = rest;
	}
	*text = before;
	return slice_of(all.data, all.len - before.len);
}

/* mts_identifier_parse - read "[C=DE;A=VIAT;P=ACME;local]" */
int
mts_identifier_parse(struct slice text, struct arena *arena,
    struct mts_identifier *identifier, struct diag *diag)
{
	struct mts_identifier got;
	struct slice domain;
	int error;

	if (text.len < 2 || text.data[0] != '[' ||
	    text.data[text.len - 1] != ']')
		return diag_set(diag, ERR_SYNTAX,
		    "MTS identifier: not [C=..;A=..;P=..;local]");
	text = slice_of(text.data + 1, text.len - 2);
	domain = cut_domain(&text);
	if (text.len == 0 || text.len > (size_t)2 * MTS_LOCAL_MAX ||
	    !charset_is_ascii(text))
		return diag_set(diag, ERR_VALUE,
		    "MTS identifier: a local part of 1 to %d characters",
		    2 * MTS_LOCAL_MAX);
	error = global_domain_parse(domain, arena, &got.domain, diag);
	if (error == 0 && arena_slice(arena, text, &got.local) != 0)
		error = diag_set(diag, arena_error(arena), "MTS identifier: %s",
		    arena_reason(arena));
	if (error == 0)
		*identifier = got;
	return error;
}

struct writing {
	char *text;
	size_t size;
	size_t len;
};

/* mts_identifier_text_put - write octets, "?" for what is not graphic */
static void
mts_identifier_text_put(struct writing *to, struct slice octets)
{
	size_t i;

	for (i = 0; i < octets.len && to->len + 1 < to->size; i++)
		to->text[to->len++] = is_graphic(slice_of(octets.data + i, 1))
		    ? (char)octets.data[i]
		    : '?';
	to->text[to->len] = '\0';
}

/* put_domain - write "C=DE;A=VIAT;P=ACME" */
static void
put_domain(struct writing *to, const struct global_domain *domain)
{
	mts_identifier_text_put(to, slice_of("C=", 2));
	mts_identifier_text_put(to, domain->country);
	mts_identifier_text_put(to, slice_of(";A=", 3));
	mts_identifier_text_put(to, domain->admd);
	if (domain->prmd.len == 0)
		return;
	mts_identifier_text_put(to, slice_of(";P=", 3));
	mts_identifier_text_put(to, domain->prmd);
}

/* global_domain_format - write "C=DE;A=VIAT;P=ACME" */
void
global_domain_format(
    const struct global_domain *domain, char text[GLOBAL_DOMAIN_TEXT])
{
	struct writing to = {.text = text, .size = GLOBAL_DOMAIN_TEXT};

	put_domain(&to, domain);
}

/* mts_identifier_format - write "[C=DE;A=VIAT;P=ACME;local]" */
void
mts_identifier_format(
    const struct mts_identifier *identifier, char text[MTS_IDENTIFIER_TEXT])
{
	struct writing to = {.text = text, .size = MTS_IDENTIFIER_TEXT};
	struct slice local = identifier->local;

	mts_identifier_text_put(&to, slice_of("[", 1));
	put_domain(&to, &identifier->domain);
	mts_identifier_text_put(&to, slice_of(";", 1));
	if (identifier->domain.prmd.len == 0 && local.len >= 2 &&
	    local.data[1] == '=')
		mts_identifier_text_put(&to, slice_of("P=;", 3));
	mts_identifier_text_put(&to, local);
	mts_identifier_text_put(&to, slice_of("]", 1));
}
