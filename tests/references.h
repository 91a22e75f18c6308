/* SPDX-License-Identifier: ISC */
/*
 * references.h - session references for tests, from and to text
 */
#ifndef FOURPOST_TESTS_REFERENCES_H
#define FOURPOST_TESTS_REFERENCES_H

#include <check.h>

#include "osi/session_references.h"

/* references_of - make references of three texts, each within its cap */
static inline struct session_references
references_of(const char *calling, const char *common, const char *additional)
{
	struct session_references r = {.calling_len = 0};

	ck_assert_int_eq(session_references_set(
			     &r, SESSION_CALLING, slice_of_string(calling)),
	    0);
	ck_assert_int_eq(
	    session_references_set(&r, SESSION_COMMON, slice_of_string(common)),
	    0);
	ck_assert_int_eq(session_references_set(&r, SESSION_ADDITIONAL,
			     slice_of_string(additional)),
	    0);
	return r;
}

/* reference_is - tell whether one of the references is this text */
static inline bool
reference_is(const struct session_references *references,
    enum session_reference which, const char *text)
{
	return slice_equal_string(
	    session_references_get(references, which), text);
}

#endif
