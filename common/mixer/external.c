/* SPDX-License-Identifier: ISC */
/*
 * external.c - the value in the EXTERNAL that parameters are
 *
 * Contract in external.h.
 */
#include "mixer/external.h"

/* external_open - read the elements of the SET or SEQUENCE in an EXTERNAL */
bool
external_open(struct slice parameters, struct ber_reader *elements)
{
	struct ber_reader reader, inner;
	struct ber_element el;

	ber_reader_init(&reader, parameters, NULL);
	if (ber_next(&reader, &el) <= 0 || !el.constructed ||
	    ber_enter(&reader, &el, &inner) < 0)
		return false;
	do {
		if (ber_next(&inner, &el) <= 0)
			return false;
	} while (el.tag != BER_CTX(0) || !el.constructed);
	return ber_enter(&inner, &el, &reader) == 0 &&
	    ber_next(&reader, &el) > 0 && el.constructed &&
	    ber_enter(&reader, &el, elements) == 0;
}
