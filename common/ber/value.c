/* SPDX-License-Identifier: ISC */
/*
 * value.c - the values of simple elements (X.690 8.2, 8.3, 8.8, 8.19)
 *
 * The functions that reader.h declares as ber_get_*, but strings, which are
 * in string.c.
 */
#include <inttypes.h>

#include "ber/oid.h"
#include "ber/reader.h"

/* ber_get_integer - read an INTEGER or ENUMERATED of min to max */
int
ber_get_integer(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, int64_t min, int64_t max, int64_t *value)
{
	const uint8_t *p = el->contents.data;
	size_t i, len = el->contents.len;
	uint64_t bits;
	int64_t got;

	if (el->constructed || len == 0)
		return ber_error(
		    reader, el, ERR_SYNTAX, name, "malformed integer");
	/* 8.3.2: the first nine bits are neither all ones nor all zero. */
	if (len > 1 &&
	    ((p[0] == 0 && p[1] < 0x80) || (p[0] == 0xff && p[1] >= 0x80)))
		return ber_error(reader, el, ERR_SYNTAX, name,
		    "integer in more octets than needed");
	if (len > sizeof(bits))
		return ber_error(
		    reader, el, ERR_VALUE, name, "integer of %zu octets", len);
	bits = p[0] >= 0x80 ? UINT64_MAX : 0;
	for (i = 0; i < len; i++)
		bits = bits << 8 | p[i];
	memcpy(&got, &bits, sizeof(got));
	if (got < min || got > max)
		return ber_error(reader, el, ERR_VALUE, name,
		    "%" PRId64 " is not from %" PRId64 " to %" PRId64, got, min,
		    max);
	*value = got;
	return 0;
}

/* ber_get_boolean - read a BOOLEAN; any octet but zero is true */
int
ber_get_boolean(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, bool *value)
{
	if (el->constructed || el->contents.len != 1)
		return ber_error(
		    reader, el, ERR_SYNTAX, name, "malformed boolean");
	*value = el->contents.data[0] != 0;
	return 0;
}

/* ber_get_null - read a NULL, which must be empty */
int
ber_get_null(const struct ber_reader *reader, const struct ber_element *el,
    const char *name)
{
	if (el->constructed || el->contents.len != 0)
		return ber_error(
		    reader, el, ERR_SYNTAX, name, "malformed null");
	return 0;
}

/* ber_get_oid - read the contents octets of an OBJECT IDENTIFIER */
int
ber_get_oid(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct slice *value)
{
	if (el->constructed || oid_check(el->contents) != 0)
		return ber_error(reader, el, ERR_SYNTAX, name,
		    "malformed object identifier");
	*value = el->contents;
	return 0;
}
