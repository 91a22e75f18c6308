/* SPDX-License-Identifier: ISC */
/*
 * mime_address.c - mailboxes in address fields (RFC 5322 3.4, 4.4)
 *
 * Contract in mime_address.h.
 */
#include "mime/mime_address.h"

#include "mhs/charset.h"
#include "mime/mime_header.h"
#include "mime/mime_lex.h"
#include "mime/mime_word.h"

#define SPECIALS "()<>[]:;@\\,\""

/* An address that is being read. */
struct reading {
	struct mime_charsets *charsets;
	struct arena *arena;
	struct mime_lex lex;
	struct buffer local;   /* an addr-spec up to "@" */
	struct buffer phrase;  /* words, encoded */
	struct buffer comment; /* all of them, "; " between */
	bool group;	       /* within a group */
	struct mime_mailboxes out;
};

/* count_bound - count how many addresses a value can have at most */
static size_t
count_bound(struct slice value)
{
	size_t count = 1;

	for (size_t i = 0; i < value.len; i++)
		if (strchr(",;:@<", value.data[i]) != NULL)
			count++;
	return count;
}

/* put_word - append a word to a phrase, behind a blank */
static int
put_word(struct buffer *phrase, struct slice word)
{
	int error = 0;

	if (buffer_length(phrase) > 0)
		error = buffer_append(phrase, " ", 1);
	return error == 0 ? buffer_append(phrase, word.data, word.len) : error;
}

/* skip - go past blanks and comments, and keep these */
static void
skip(struct reading *r)
{
	struct slice comment;

	/* Comments have room, for they come from the text itself. */
	while (mime_lex_comment(&r->lex, &comment)) {
		comment = mime_trim(comment);
		if (buffer_length(&r->comment) > 0 &&
		    buffer_append(&r->comment, "; ", 2) < 0)
			return;
		if (buffer_append(&r->comment, comment.data, comment.len) < 0)
			return;
	}
}

/* is_dot_atom - tell whether a local part needs no quotes */
static bool
is_dot_atom(struct slice local)
{
	for (size_t i = 0; i < local.len; i++) {
		uint8_t c = local.data[i];

		if (c <= ' ' || c == 0x7f || strchr(SPECIALS, c) != NULL)
			return false;
		if (c == '.' &&
		    (i == 0 || i + 1 == local.len || local.data[i - 1] == '.'))
			return false;
	}
	return local.len > 0;
}

/* put_local - append a local part, quoted where it must be */
static int
put_local(struct buffer *out, struct slice local)
{
	int error;

	if (is_dot_atom(local))
		return buffer_append(out, local.data, local.len);
	error = buffer_append(out, "\"", 1);
	for (size_t i = 0; i < local.len && error == 0; i++) {
		if (local.data[i] == '"' || local.data[i] == '\\')
			error = buffer_append(out, "\\", 1);
		if (error == 0)
			error = buffer_append(out, local.data + i, 1);
	}
	return error == 0 ? buffer_append(out, "\"", 1) : error;
}

/* decode - decode a phrase or a comment */
static int
decode(struct reading *r, struct slice text, struct slice *utf8)
{
	return mime_word_decode(r->charsets, text, r->arena, utf8);
}

/* finish - note an address that is complete */
static int
finish(struct reading *r, struct slice address)
{
	struct mime_mailbox *m = &r->out.list[r->out.count];
	struct slice phrase = buffer_slice(&r->phrase), copy;
	int error = 0;

	if (address.len == 0 && phrase.len == 0)
		return 0;
	if (r->out.count >= MIME_MAILBOXES_MAX)
		return ERR_LIMIT;
	*m = (struct mime_mailbox){.address = address};
	if ((error = arena_slice(r->arena, phrase, &copy)) == 0 &&
	    (error = decode(r, copy, &m->phrase)) == 0)
		error = decode(r, buffer_slice(&r->comment), &m->comment);
	if (error == 0)
		r->out.count++;
	buffer_reset(&r->phrase);
	buffer_reset(&r->comment);
	return error;
}

/* encoded_length - count the octets of the encoded word that comes, or 0: many
 * write specials in one, which RFC 2047 5 (3) forbids */
static size_t
encoded_length(const struct mime_lex *lex)
{
	const uint8_t *at = lex->text.data + lex->pos;
	size_t left = lex->text.len - lex->pos, marks = 0;

	if (left < 2 || at[0] != '=' || at[1] != '?')
		return 0;
	for (size_t i = 1; i < left && at[i] > ' '; i++) {
		marks += at[i] == '?';
		if (marks == 4)
			return i + 1 < left && at[i + 1] == '=' ? i + 2 : 0;
	}
	return 0;
}

/* read_word - take an atom or a quoted string */
static int
read_word(struct reading *r, struct slice *word)
{
	size_t len = encoded_length(&r->lex);

	if (len > 0) {
		*word = slice_of(r->lex.text.data + r->lex.pos, len);
		r->lex.pos += len;
		return 0;
	}
	if (mime_lex_peek(&r->lex) == '"')
		return mime_lex_quoted(&r->lex, r->arena, word);
	*word = mime_lex_token(&r->lex, SPECIALS);
	return 0;
}

/* read_domain - take a domain or a literal, without blanks in it */
static int
read_domain(struct reading *r, struct buffer *out)
{
	int error = 0;

	for (;;) {
		struct slice part;

		skip(r);
		if (mime_lex_peek(&r->lex) == '[') {
			size_t start = r->lex.pos;

			while (r->lex.pos < r->lex.text.len &&
			    mime_lex_peek(&r->lex) != ']')
				r->lex.pos++;
			if (r->lex.pos < r->lex.text.len)
				r->lex.pos++;
			part = slice_of(
			    r->lex.text.data + start, r->lex.pos - start);
		} else {
			part = mime_lex_token(&r->lex, SPECIALS);
		}
		if (part.len == 0)
			return error;
		if ((error = buffer_append(out, part.data, part.len)) < 0)
			return error;
	}
}

/* read_local - take a local part: words, of which dots may be apart */
static int
read_local(struct reading *r, struct buffer *local)
{
	struct slice word;
	int error = 0;

	for (;;) {
		uint8_t octet;

		skip(r);
		octet = mime_lex_peek(&r->lex);
		if (octet == 0 ||
		    (octet != '"' && strchr(SPECIALS, octet) != NULL))
			return error;
		if ((error = read_word(r, &word)) < 0 ||
		    (error = buffer_append(local, word.data, word.len)) < 0)
			return error;
	}
}

/* make_address - put local part and domain together */
static int
make_address(struct reading *r, struct slice local, struct slice domain,
    struct slice *address)
{
	struct buffer out;
	int error;

	*address = (struct slice){.len = 0};
	/* Either alone is no address, and text beyond ASCII is none yet. */
	if (local.len == 0 || domain.len == 0 || !charset_is_ascii(local) ||
	    !charset_is_ascii(domain))
		return 0;
	buffer_init(&out, 2 * (local.len + domain.len) + 16);
	if ((error = put_local(&out, local)) == 0 &&
	    (error = buffer_append(&out, "@", 1)) == 0 &&
	    (error = buffer_append(&out, domain.data, domain.len)) == 0)
		error = arena_slice(r->arena, buffer_slice(&out), address);
	buffer_fini(&out);
	return error;
}

/* read_angle - take "<…>" with the route that may stand before the address */
static int
read_angle(struct reading *r)
{
	size_t start = ++r->lex.pos, end;
	struct slice address;
	struct buffer domain;
	const uint8_t *colon;
	int error;

	buffer_init(&domain, r->lex.text.len + 1);
	mime_lex_skip(&r->lex);
	/* "<@a,@b:c@d>": only the last address counts. */
	if (mime_lex_peek(&r->lex) == '@') {
		colon = memchr(r->lex.text.data + r->lex.pos, ':',
		    r->lex.text.len - r->lex.pos);
		if (colon != NULL)
			r->lex.pos = (size_t)(colon - r->lex.text.data) + 1;
	}
	buffer_reset(&r->local);
	error = read_local(r, &r->local);
	if (error == 0 && mime_lex_peek(&r->lex) == '@') {
		r->lex.pos++;
		error = read_domain(r, &domain);
	}
	if (error == 0)
		error = make_address(r, buffer_slice(&r->local),
		    buffer_slice(&domain), &address);
	buffer_fini(&domain);
	if (error < 0)
		return error;
	while (r->lex.pos < r->lex.text.len && mime_lex_peek(&r->lex) != '>')
		r->lex.pos++;
	end = r->lex.pos;
	if (r->lex.pos < r->lex.text.len)
		r->lex.pos++;
	skip(r);
	/* Text between the brackets that is no address is kept as text. */
	if (address.len == 0 && end > start)
		error = put_word(&r->phrase,
		    slice_of(r->lex.text.data + start, end - start));
	return error == 0 ? finish(r, address) : error;
}

/* read_bare - take "@domain" behind words that were a local part */
static int
read_bare(struct reading *r)
{
	struct slice address = {0}, local;
	struct buffer domain;
	int error;

	r->lex.pos++;
	buffer_init(&domain, r->lex.text.len + 1);
	error = read_domain(r, &domain);
	if (error == 0)
		error = make_address(r, buffer_slice(&r->local),
		    buffer_slice(&domain), &address);
	if (error == 0 && address.len == 0) {
		/* The words are in the phrase already. */
		local = buffer_slice(&domain);
		if (local.len > 0)
			error = put_word(&r->phrase, local);
	} else if (error == 0) {
		buffer_reset(&r->phrase);
	}
	buffer_fini(&domain);
	return error == 0 ? finish(r, address) : error;
}

/* read_special - act on an octet that ends an address or begins its other
 * part */
static int
read_special(struct reading *r, uint8_t octet)
{
	const struct slice none = {.len = 0};
	int error = 0;

	switch (octet) {
	case '<':
		error = read_angle(r);
		buffer_reset(&r->local);
		return error;
	case '@':
		error = read_bare(r);
		buffer_reset(&r->local);
		return error;
	case ':':
		/* A group's name; an empty group is an entry of its own. */
		r->lex.pos++;
		skip(r);
		r->group = true;
		if (mime_lex_peek(&r->lex) != ';') {
			buffer_reset(&r->phrase);
			buffer_reset(&r->local);
			return 0;
		}
		/* FALLTHROUGH */
	case ';':
	case ',':
		r->lex.pos++;
		if (octet != ',')
			r->group = false;
		skip(r);
		error = finish(r, none);
		buffer_reset(&r->local);
		return error;
	default:
		r->lex.pos++;
		return 0;
	}
}

/* read_list - read all addresses */
static int
read_list(struct reading *r)
{
	const struct slice none = {.len = 0};
	struct slice word;
	int error;

	for (;;) {
		uint8_t octet;

		skip(r);
		if (r->lex.pos >= r->lex.text.len)
			return finish(r, none);
		octet = mime_lex_peek(&r->lex);
		if (octet != '"' &&
		    (octet == 0 || strchr(SPECIALS, octet) != NULL)) {
			if ((error = read_special(r, octet)) < 0)
				return error;
			continue;
		}
		/* Whether words are a phrase or a local part is known when
		 * what follows them is. */
		if ((error = read_word(r, &word)) < 0 ||
		    (error = put_word(&r->phrase, word)) < 0 ||
		    (error = buffer_append(&r->local, word.data, word.len)) < 0)
			return error;
	}
}

/* mime_address_parse - read a list of addresses */
int
mime_address_parse(struct mime_charsets *charsets, struct slice value,
    struct arena *arena, struct mime_mailboxes *mailboxes)
{
	struct reading r = {
	    .charsets = charsets, .arena = arena, .lex = {value, 0}};
	size_t bound = count_bound(value);
	int error;

	/* A "<" and an "@" end an address as a comma does. */
	if (bound > 3 * MIME_MAILBOXES_MAX)
		return ERR_LIMIT;
	r.out.list = arena_array(arena, bound + 1, sizeof(*r.out.list));
	if (r.out.list == NULL)
		return arena_error(arena);
	buffer_init(&r.local, value.len + 1);
	buffer_init(&r.phrase, 2 * value.len + 16);
	buffer_init(&r.comment, 2 * value.len + 16);
	if ((error = read_list(&r)) == 0)
		*mailboxes = r.out;
	buffer_fini(&r.local);
	buffer_fini(&r.phrase);
	buffer_fini(&r.comment);
	return error;
}

/* mime_address_ids - read the message identifiers in a value */
int
mime_address_ids(
    struct slice value, struct arena *arena, struct slice **ids, size_t *count)
{
	size_t bound = 1, n = 0;
	struct slice *list;
	bool quoted = false;
	size_t start = 0;

	for (size_t i = 0; i < value.len; i++)
		bound += value.data[i] == '<';
	list = arena_array(arena, bound, sizeof(*list));
	if (list == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < value.len; i++) {
		/* A quoted local part may hold brackets. */
		if (value.data[i] == '"')
			quoted = !quoted;
		else if (quoted && value.data[i] == '\\')
			i++;
		else if (!quoted && value.data[i] == '<')
			start = i + 1;
		else if (!quoted && value.data[i] == '>' && start > 0) {
			if (i > start)
				list[n++] =
				    slice_of(value.data + start, i - start);
			start = 0;
		}
	}
	*ids = list;
	*count = n;
	return 0;
}
