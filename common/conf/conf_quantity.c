/* SPDX-License-Identifier: ISC */
/*
 * conf_quantity.c - numbers, intervals and sizes as text
 */
#include "conf/conf_quantity.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#define FRACTION_DIGITS_MAX 9 /* with a day's ms still within 64 bits */

struct unit {
	char letter;
	uint64_t factor;
};

/* The largest first, so that formatting takes the first that divides. */
static const struct unit interval_units[] = {
    {'d', 86400000}, {'h', 3600000}, {'m', 60000}, {'s', 1000}, {'\0', 0}};
static const struct unit size_units[] = {{'T', UINT64_C(1) << 40},
    {'G', 1 << 30}, {'M', 1 << 20}, {'K', 1 << 10}, {'\0', 0}};

/* digits - parse the number that *at begins with; *at moves behind it */
static int
digits(const char **at, uint64_t *number)
{
	uint64_t value = 0;

	if (!isdigit((unsigned char)**at))
		return ERR_SYNTAX;
	for (; isdigit((unsigned char)**at); (*at)++) {
		/* Overflow is found before it happens: a wrapped number would
		 * be a small one. */
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(
			value, (uint64_t)(**at - '0'), &value))
			return ERR_VALUE;
	}
	*number = value;
	return 0;
}

/* unit - return the factor of the unit that is all of text; none: the
 * default */
static int
unit(const char *text, const struct unit *units, uint64_t plain,
    uint64_t *factor)
{
	if (*text == '\0') {
		*factor = plain;
		return 0;
	}
	for (; units->letter != '\0'; units++) {
		if (text[0] == units->letter && text[1] == '\0') {
			*factor = units->factor;
			return 0;
		}
	}
	return ERR_SYNTAX;
}

/* conf_number_parse - parse digits alone */
int
conf_number_parse(const char *text, uint64_t *number)
{
	uint64_t value;
	int r = digits(&text, &value);

	if (r < 0)
		return r;
	/* Trailing characters are most likely a unit that this setting has
	 * not. */
	if (*text != '\0')
		return ERR_SYNTAX;
	*number = value;
	return 0;
}

/* fraction - parse the digits after a point, in units of 1/scale */
static int
fraction(const char **at, uint64_t *number, uint64_t *scale)
{
	const char *start = *at;
	int r = digits(at, number);

	if (r < 0)
		return r;
	/* More digits than these say nothing within a millisecond. */
	if (*at - start > FRACTION_DIGITS_MAX)
		return ERR_SYNTAX;
	for (; start < *at; start++)
		*scale *= 10;
	return 0;
}

/* conf_interval_parse - parse "600", "0.5", "1.5h" as milliseconds */
int
conf_interval_parse(const char *text, uint64_t *milliseconds)
{
	uint64_t whole = 0, part = 0, scale = 1, factor = 0, value;
	int r = digits(&text, &whole);

	if (r == 0 && *text == '.') {
		text++;
		r = fraction(&text, &part, &scale);
	}
	if (r == 0)
		r = unit(text, interval_units, 1000, &factor);
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(whole, factor, &value) ||
	    __builtin_add_overflow(value, part * factor / scale, &value))
		return ERR_VALUE;
	*milliseconds = value;
	return 0;
}

/* conf_size_parse - parse "30K" as octets */
int
conf_size_parse(const char *text, uint64_t *octets)
{
	uint64_t whole = 0, factor = 0, value;
	int r = digits(&text, &whole);

	if (r == 0)
		r = unit(text, size_units, 1, &factor);
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(whole, factor, &value))
		return ERR_VALUE;
	*octets = value;
	return 0;
}

/* append - number and unit */
static int
append(uint64_t number, char letter, struct buffer *out)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%" PRIu64 "%c", number, letter);

	return buffer_append(out, text, (size_t)len - (letter == '\0' ? 1 : 0));
}

/* conf_number_format - format a number as digits */
int
conf_number_format(uint64_t number, struct buffer *out)
{
	return append(number, '\0', out);
}

/* conf_interval_format - format days, hours, else seconds with their
 * fraction */
int
conf_interval_format(uint64_t milliseconds, struct buffer *out)
{
	char text[32];
	int len;

	for (const struct unit *u = interval_units; u->letter != 's'; u++) {
		/* Minutes are not used: the manuals say 600, not 10m, for an
		 * open interval. */
		if (milliseconds == 0 || u->letter == 'm')
			continue;
		if (milliseconds % u->factor == 0)
			return append(milliseconds / u->factor, u->letter, out);
	}
	/* The decimals that are needed, and no more. */
	len = snprintf(text, sizeof(text), "%" PRIu64 ".%03u",
	    milliseconds / 1000, (unsigned)(milliseconds % 1000));
	while (text[len - 1] == '0')
		len--;
	if (text[len - 1] == '.')
		len--;
	return buffer_append(out, text, (size_t)len);
}

/* conf_size_format - format a size in the largest unit that divides it */
int
conf_size_format(uint64_t octets, struct buffer *out)
{
	for (const struct unit *u = size_units; u->letter != '\0'; u++) {
		/* Zero has no unit: every one divides it. */
		if (octets != 0 && octets % u->factor == 0)
			return append(octets / u->factor, u->letter, out);
	}
	return append(octets, '\0', out);
}
