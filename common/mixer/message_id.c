/* SPDX-License-Identifier: ISC */
/*
 * message_id.c - identifiers of messages: Message-ID and IPMIdentifier
 * (RFC 2156 4.7.3)
 *
 * Contract in message_id.h.  Of the ways to write an identifier of X.400 the
 * first is taken that gives the same one again.
 */
#include "mixer/message_id.h"

#include <stdio.h>

#include "mhs/charset.h"
#include "mime/mime_header.h"
#include "mixer/or_name.h"
#include "tls/tls_digest.h"

#define KEPT_MAX   36 /* octets of a long identifier that are kept */
#define HASH_CHARS 26 /* 130 bits */

/* Characters of a dot-atom besides letters and digits, without those that
 * stand for something here. */
#define ATOM "-/=+?'!#$&^_`{|}~"

/* --- to X.400 --- */

/* split - divide a text at its last "@"; false if there is none */
static bool
split(struct slice text, struct slice *local, struct slice *domain)
{
	size_t at = text.len;

	while (at > 0 && text.data[at - 1] != '@')
		at--;
	if (at == 0)
		return false;
	*local = slice_of(text.data, at - 1);
	*domain = slice_of(text.data + at, text.len - at);
	return true;
}

/* hex - get the value of a hexadecimal digit; -1: none */
static int
hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* decode - turn %XX into octets */
static int
decode(struct slice text, struct arena *arena, struct slice *out)
{
	uint8_t *octets = arena_alloc(arena, text.len + 1);
	size_t len = 0;

	if (octets == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] != '%') {
			octets[len++] = text.data[i];
			continue;
		}
		if (i + 2 >= text.len || hex(text.data[i + 1]) < 0 ||
		    hex(text.data[i + 2]) < 0)
			return ERR_SYNTAX;
		octets[len++] = (uint8_t)(hex(text.data[i + 1]) << 4 |
		    hex(text.data[i + 2]));
		i += 2;
	}
	*out = slice_of(octets, len);
	return 0;
}

/* set_identifier - set local identifier and user, of text.  ERR_SYNTAX: they
 * are none */
static int
set_identifier(struct slice local, struct slice address, struct arena *arena,
    struct ipm_identifier *to)
{
	struct or_name name = {.directory_name = {.len = 0}};
	struct slice user = {.len = 0};
	int error;

	if (local.len > IPM_UB_LOCAL_IDENTIFIER || !charset_is_printable(local))
		return ERR_SYNTAX;
	if (address.len > 0) {
		error = or_address_parse(address, arena, &name.address, NULL);
		if (error == 0)
			error = or_name_octets(&name, arena, &user);
		if (error < 0)
			return error == ERR_NOMEM ? error : ERR_SYNTAX;
	}
	to->user = user;
	to->local = local;
	return 0;
}

/* from_ours - read what message_id_to_internet makes.  ERR_SYNTAX: it is none
 */
static int
from_ours(struct slice text, struct arena *arena, struct ipm_identifier *to)
{
	const uint8_t *star =
	    text.len > 0 ? memchr(text.data, '*', text.len) : NULL;
	struct slice local, address;
	size_t len;
	int error;

	if (star == NULL)
		return ERR_SYNTAX;
	len = (size_t)(star - text.data);
	error = decode(slice_of(text.data, len), arena, &local);
	if (error == 0)
		error = decode(
		    slice_of(star + 1, text.len - len - 1), arena, &address);
	return error == 0 ? set_identifier(local, address, arena, to) : error;
}

/* from_mhs - read RFC 2156's own form, quoted or not.  ERR_SYNTAX: it is none
 */
static int
from_mhs(struct slice text, struct arena *arena, struct ipm_identifier *to)
{
	uint8_t *out = arena_alloc(arena, text.len + 1), *star;
	size_t len = 0;

	if (out == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\\' && i + 1 < text.len)
			i++;
		else if (text.data[i] == '"')
			continue;
		out[len++] = text.data[i];
	}
	star = memchr(out, '*', len);
	if (star == NULL)
		return ERR_SYNTAX;
	return set_identifier(slice_of(out, (size_t)(star - out)),
	    slice_of(star + 1, len - (size_t)(star - out) - 1), arena, to);
}

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* put_hash - write 26 characters of base32 of the digest of a text */
static int
put_hash(struct slice text, uint8_t out[HASH_CHARS])
{
	uint8_t digest[TLS_DIGEST_LEN];
	int error = tls_digest(text, digest);

	for (unsigned i = 0; error == 0 && i < HASH_CHARS; i++) {
		unsigned bit = 5 * i, octet = bit / 8;
		unsigned pair =
		    (unsigned)digest[octet] << 8 | digest[octet + 1];

		out[i] = (uint8_t)base32[pair >> (11 - bit % 8) & 31];
	}
	return error;
}

/* kept_length - find how many octets can be kept without cutting an escape
 * "(nnn)" */
static size_t
kept_length(struct slice printable)
{
	size_t len = printable.len < KEPT_MAX ? printable.len : KEPT_MAX;

	for (size_t back = 1; back <= 4 && back <= len; back++) {
		if (printable.data[len - back] == ')')
			break;
		if (printable.data[len - back] == '(')
			return len - back;
	}
	return len;
}

/* from_internet - take a text for what it is, cut if it must be */
static int
from_internet(struct slice text, struct arena *arena, struct ipm_identifier *to)
{
	uint8_t *out = arena_alloc(arena, IPM_UB_LOCAL_IDENTIFIER);
	struct slice printable = {.len = 0};
	size_t len;
	int error = 0;

	if (out == NULL)
		return arena_error(arena);
	if (charset_is_ascii(text) && !charset_has_control(text))
		error = charset_ascii_to_printable(text, arena, &printable);
	if (error < 0)
		return error;
	to->user = (struct slice){.len = 0};
	if (printable.len > 0 && printable.len <= IPM_UB_LOCAL_IDENTIFIER) {
		to->local = printable;
		return 0;
	}
	len = kept_length(printable);
	if (len > 0)
		memcpy(out, printable.data, len);
	out[len++] = '.';
	error = put_hash(text, out + len);
	to->local = slice_of(out, len + HASH_CHARS);
	return error;
}

/* message_id_to_x400 - make the identifier of a text between < and > */
int
message_id_to_x400(const struct mapping *mapping, struct slice text,
    struct arena *arena, struct ipm_identifier *to)
{
	struct slice local, domain;
	int error = ERR_SYNTAX;

	if (split(text, &local, &domain)) {
		if (address_map_same_domain(
			domain, mapping->addresses->mail_domain))
			error = from_ours(local, arena, to);
		else if (mime_name_is(domain, "MHS"))
			error = from_mhs(local, arena, to);
	}
	return error == ERR_SYNTAX ? from_internet(text, arena, to) : error;
}

/* message_id_is_cut - tell whether an identifier looks as if it was cut */
bool
message_id_is_cut(const struct ipm_identifier *identifier)
{
	struct slice local = identifier->local;
	size_t at = local.len - HASH_CHARS;

	if (identifier->user.len > 0 || local.len <= HASH_CHARS ||
	    local.len > KEPT_MAX + 1 + HASH_CHARS || local.data[at - 1] != '.')
		return false;
	for (; at < local.len; at++)
		if (local.data[at] == '\0' ||
		    strchr(base32, local.data[at]) == NULL)
			return false;
	return true;
}

/* --- to the Internet --- */

/* same_identifier - tell whether two identifiers are one */
static bool
same_identifier(const struct ipm_identifier *a, const struct ipm_identifier *b)
{
	return slice_equal(a->local, b->local) && slice_equal(a->user, b->user);
}

/* comes_back - tell whether a text gives this identifier again */
static bool
comes_back(const struct mapping *mapping, struct slice text,
    const struct ipm_identifier *from, struct arena *arena)
{
	struct ipm_identifier again;

	return text.len <= MESSAGE_ID_MAX &&
	    message_id_to_x400(mapping, text, arena, &again) == 0 &&
	    same_identifier(&again, from);
}

/* is_dot_atoms - tell whether text is atoms and dots around one "@" */
static bool
is_dot_atoms(struct slice text)
{
	size_t ats = 0;
	uint8_t before = '.';

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c == '.' || c == '@') {
			if (before == '.' || before == '@')
				return false;
			ats += c == '@';
		} else if (c <= ' ' || c > '~' ||
		    strchr("()<>[]:;\\,\"", c) != NULL) {
			return false;
		}
		before = c;
	}
	return ats == 1 && before != '.' && before != '@';
}

/* encode - append text as part of a dot-atom */
static int
encode(struct slice text, struct buffer *out)
{
	char code[4];
	int error = 0;

	for (size_t i = 0; i < text.len && error == 0; i++) {
		uint8_t c = text.data[i];

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') ||
		    (c != 0 && strchr(ATOM, c) != NULL)) {
			error = buffer_append(out, &c, 1);
		} else {
			snprintf(code, sizeof(code), "%%%02X", c);
			error = buffer_append(out, code, 3);
		}
	}
	return error;
}

/* make - make a text of local identifier and address, at our domain */
static int
make(const struct mapping *mapping, struct slice local, struct slice address,
    struct arena *arena, struct slice *text)
{
	struct slice domain = mapping->addresses->mail_domain;
	struct buffer out;
	int error;

	buffer_init(
	    &out, 3 * (local.len + address.len) + domain.len + sizeof("*@"));
	if ((error = encode(local, &out)) == 0 &&
	    (error = buffer_append(&out, "*", 1)) == 0 &&
	    (error = encode(address, &out)) == 0 &&
	    (error = buffer_append(&out, "@", 1)) == 0 &&
	    (error = buffer_append(&out, domain.data, domain.len)) == 0)
		error = arena_slice(arena, buffer_slice(&out), text);
	buffer_fini(&out);
	return error;
}

/* message_id_to_internet - make the text between < and > */
int
message_id_to_internet(const struct mapping *mapping,
    const struct ipm_identifier *from, struct arena *arena, struct slice *text)
{
	struct slice local = from->local, address = {.len = 0}, made;
	struct or_name name;
	const char *slash;
	int error;

	if (from->user.len == 0 &&
	    charset_printable_to_ascii(local, arena, &made) == 0 &&
	    is_dot_atoms(made) && comes_back(mapping, made, from, arena)) {
		*text = made;
		return 0;
	}
	if (from->user.len > 0 && or_name_of(from->user, arena, &name) == 0) {
		slash =
		    or_address_format(&name.address, OR_STYLE_RFC2156, arena);
		if (slash == NULL)
			return arena_error(arena);
		address = slice_of_string(slash);
	}
	error = make(mapping, local, address, arena, &made);
	if (error < 0)
		return error;
	/* A user that text cannot say is left out: the local identifier alone
	 * names the message as well as it can. */
	if (made.len > MESSAGE_ID_MAX) {
		address.len = 0;
		if (local.len > IPM_UB_LOCAL_IDENTIFIER)
			local.len = IPM_UB_LOCAL_IDENTIFIER;
		error = make(mapping, local, address, arena, &made);
	}
	if (error == 0)
		*text = made;
	return error;
}

/* message_id_any_is_long - tell whether a field has an identifier that is too
 * long */
bool
message_id_any_is_long(struct slice value)
{
	size_t len = 0;

	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = value.data[i];

		if (c == '<' || c == '>')
			len = 0;
		else if (charset_is_printable(slice_of(&c, 1)) && c != '(' &&
		    c != ')')
			len++;
		else
			len += strchr("@%!\"_()", c) != NULL ? 3 : 5;
		if (len > IPM_UB_LOCAL_IDENTIFIER)
			return true;
	}
	return false;
}
