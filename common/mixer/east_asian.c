/* SPDX-License-Identifier: ISC */
/*
 * east_asian.c - general text in sets of two octets a character
 *
 * Contract in east_asian.h.
 */
#include "mixer/east_asian.h"

#include "mixer/external.h"

/* Registrations of ISO-2022-JP-2 with two octets a character, and of those that
 * it has beside them: controls, ASCII, JIS X 0201. */
static const int64_t wide[] = {42, 58, 87, 149, 159, 168};
static const int64_t narrow[] = {1, 2, 6, 14};

/* has - tell whether a list has a number */
static bool
has(const int64_t *list, size_t count, int64_t number)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == number)
			return true;
	return false;
}

/* east_asian_is - tell whether a general text has such sets, and no others */
bool
east_asian_is(struct slice parameters)
{
	struct ber_reader sets;
	struct ber_element el;
	bool any = false;
	int64_t number;

	if (!external_open(parameters, &sets))
		return false;
	while (ber_next(&sets, &el) > 0) {
		if (ber_get_integer(
			&sets, &el, "character-set", 1, 32767, &number) != 0)
			return false;
		if (has(wide, sizeof(wide) / sizeof(wide[0]), number))
			any = true;
		else if (!has(narrow, sizeof(narrow) / sizeof(narrow[0]),
			     number))
			return false;
	}
	return any;
}
