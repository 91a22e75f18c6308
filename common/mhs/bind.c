/* SPDX-License-Identifier: ISC */
/*
 * bind.c - MTABindArgument, MTABindResult, bind errors (X.411 12.1.1)
 */
#include <stdio.h>

#include "ber/reader.h"
#include "ber/writer.h"
#include "mhs/bind.h"
#include "mhs/charset.h"
#include "mhs/mts_identifier.h"

#define TAG_INVOKE BER_CTX(16)
#define TAG_RESULT BER_CTX(17)

/* decode_credentials - read from [1] a password, or what is stronger */
static int
decode_credentials(const struct ber_reader *reader,
    const struct ber_element *el, struct arena *arena, struct mta_bind *bind)
{
	struct ber_reader inner;
	struct ber_element choice;
	int n;

	n = ber_enter(reader, el, &inner);
	if (n == 0)
		n = ber_next(&inner, &choice);
	if (n <= 0)
		return n < 0
		    ? n
		    : ber_error(reader, el, ERR_SYNTAX, "credentials", "empty");
	switch (choice.tag) {
	case BER_UNI(BER_OCTET_STRING):
		/* X.411: 1988 has both types of password, 1984 the IA5String
		 * alone; which one it was does not matter for comparing. */
		bind->form = BIND_OCTET_STRING;
		break;
	case BER_UNI(BER_IA5_STRING):
	case BER_UNI(BER_T61_STRING):
		bind->form = BIND_IA5_STRING;
		break;
	case BER_CTX(0):
	case BER_CTX(1):
		/* Strong credentials cannot be checked here, but their refusal
		 * must say so. */
		bind->credentials = BIND_STRONG;
		return 0;
	default:
		return ber_error(&inner, &choice, ERR_SYNTAX, "credentials",
		    "neither password nor strong");
	}
	bind->credentials = BIND_SIMPLE;
	n = ber_get_octets(&inner, &choice, "password", BIND_PASSWORD_MAX,
	    arena, &bind->password);
	return n != 0 ? n : ber_end(&inner, "credentials");
}

/* decode_name - read an MTAName, without controls */
static int
decode_name(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct mta_bind *bind)
{
	struct slice raw, text;
	int n;

	n = ber_get_octets(
	    reader, el, "MTA name", 2 * MTA_NAME_MAX, arena, &raw);
	if (n != 0)
		return n;
	if (raw.len == 0)
		return ber_error(reader, el, ERR_VALUE, "MTA name", "empty");
	/* Latin-1 accepts any octets: the name is compared and logged, never
	 * run. */
	n = charset_latin1_to_utf8(raw, arena, &text);
	if (n == 0)
		n = charset_no_controls(text, arena, &text);
	if (n != 0)
		return ber_error(reader, el, n, "MTA name", "out of memory");
	bind->name = text;
	return 0;
}

/* decode_authenticated - read the SET of name, credentials, security context */
static int
decode_authenticated(const struct ber_reader *reader,
    const struct ber_element *el, struct arena *arena, struct mta_bind *bind)
{
	struct ber_reader inner;
	struct ber_element part;
	bool named = false, credited = false;
	int n;

	n = ber_enter(reader, el, &inner);
	while (n == 0 && (n = ber_next(&inner, &part)) > 0) {
		/* A SET whose elements may come once each, in any order. */
		if (part.tag == BER_CTX(0) && !named) {
			named = true;
			n = decode_name(&inner, &part, arena, bind);
		} else if (part.tag == BER_CTX(1) && !credited) {
			credited = true;
			n = decode_credentials(&inner, &part, arena, bind);
		} else if (part.tag == BER_CTX(2)) {
			bind->security_context = true;
			n = 0;
		} else {
			n = ber_error(&inner, &part, ERR_SYNTAX, "bind",
			    "element has no place here");
		}
	}
	if (n == 0 && !named)
		n = ber_error(reader, el, ERR_SYNTAX, "MTA name", "missing");
	if (n == 0 && !credited)
		n = ber_error(reader, el, ERR_SYNTAX, "credentials", "missing");
	return n;
}

/* mta_bind_decode - read an argument or a result, with its wrapper or bare */
int
mta_bind_decode(struct slice octets, struct arena *arena, struct mta_bind *bind,
    struct diag *diag)
{
	struct mta_bind got = {.credentials = BIND_UNAUTHENTICATED};
	struct ber_reader reader, inner, *at = &reader;
	struct ber_element el;
	int n;

	if (octets.len > BIND_OCTETS_MAX)
		return diag_set(diag, ERR_LIMIT, "bind: too long");
	ber_reader_init(&reader, octets, diag);
	n = ber_next(&reader, &el);
	/* X.228 has a wrapper around the argument in normal mode; X.410 mode
	 * has none. */
	if (n > 0 && (el.tag == TAG_INVOKE || el.tag == TAG_RESULT)) {
		n = ber_end(&reader, "bind");
		if (n == 0)
			n = ber_enter(&reader, &el, &inner);
		if (n == 0)
			n = ber_next(&inner, &el);
		at = &inner;
	}
	if (n <= 0)
		return n < 0 ? n : diag_set(diag, ERR_TRUNCATED, "bind: empty");
	if (el.tag == BER_UNI(BER_NULL))
		n = ber_get_null(at, &el, "bind");
	else if (el.tag == BER_CTX(1))
		n = decode_authenticated(at, &el, arena, &got);
	else
		n = ber_error(at, &el, ERR_SYNTAX, "bind",
		    "neither authenticated nor unauthenticated");
	if (n == 0)
		n = ber_end(at, "bind");
	if (n == 0)
		*bind = got;
	return n;
}

/* put_authenticated - name and password */
static void
put_authenticated(struct ber_writer *writer, const struct mta_bind *bind)
{
	ber_begin(writer, BER_CTX(1));
	ber_put(writer, BER_CTX(0), bind->name);
	ber_begin(writer, BER_CTX(1));
	ber_put(writer,
	    bind->form == BIND_IA5_STRING ? BER_UNI(BER_IA5_STRING)
					  : BER_UNI(BER_OCTET_STRING),
	    bind->password);
	ber_end_element(writer);
	ber_end_element(writer);
}

/* mta_bind_encode - append it */
int
mta_bind_encode(
    const struct mta_bind *bind, enum bind_wrapper wrapper, struct buffer *out)
{
	struct ber_writer writer;

	/* We have no keys to make them with. */
	if (bind->credentials == BIND_STRONG)
		return ERR_UNSUPPORTED;
	if (bind->credentials == BIND_SIMPLE &&
	    (bind->name.len == 0 || bind->name.len > 2 * MTA_NAME_MAX ||
		bind->password.len > BIND_PASSWORD_MAX))
		return ERR_VALUE;
	ber_writer_init(&writer, out);
	if (wrapper != BIND_BARE)
		ber_begin(
		    &writer, wrapper == BIND_INVOKE ? TAG_INVOKE : TAG_RESULT);
	if (bind->credentials == BIND_SIMPLE)
		put_authenticated(&writer, bind);
	else
		ber_put_null(&writer, BER_UNI(BER_NULL));
	if (wrapper != BIND_BARE)
		ber_end_element(&writer);
	return ber_finish(&writer);
}

/* mta_bind_password_is - compare in time that does not tell how much fits */
bool
mta_bind_password_is(const struct mta_bind *bind, struct slice expected)
{
	uint8_t differ;
	size_t i, len = bind->password.len;

	if (bind->credentials != BIND_SIMPLE)
		return false;
	/* Every octet is compared, so that the time tells nothing of how many
	 * were right. */
	differ = len == expected.len ? 0 : 1;
	for (i = 0; i < len && i < expected.len; i++)
		differ |= (uint8_t)(bind->password.data[i] ^ expected.data[i]);
	return differ == 0;
}
