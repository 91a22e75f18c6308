/* SPDX-License-Identifier: ISC */
/*
 * p1_field.c - the elements of a SET of P1 while it is read: which were there
 */
#include "mhs/p1_field.h"

#include "ber/header.h"

/* p1_no_place - refuse an element that has no place here */
int
p1_no_place(const struct ber_reader *reader, const struct ber_element *el,
    const char *where)
{
	char tag[BER_TAG_TEXT_MAX];

	return ber_error(reader, el, ERR_SYNTAX, where,
	    "element %s has no place here", ber_tag_format(el->tag, tag));
}

/* p1_once - note a field that was read; an error if it was there before */
int
p1_once(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, unsigned field, unsigned *fields)
{
	if ((*fields & field) != 0)
		return ber_error(reader, el, ERR_SYNTAX, name, "comes twice");
	*fields |= field;
	return 0;
}
