/* SPDX-License-Identifier: ISC */
/*
 * object_part.c - the types of body parts in the one form
 *
 * Contract in object_part.h.
 */
#include "json/object_part.h"

#include <string.h>

#include "ber/oid.h"
#include "mhs/ipm_part.h"

/* A notification that was forwarded (X.420 B.15) is an extended body alone. */
#define NOTIFICATION_NAME "notification"
#define NOTIFICATION_OID  "2.6.1.4.15"

/* object_part_form - find the form of a type */
bool
object_part_form(const char *type, enum ipm_form *form)
{
	if (strcmp(type, "text") == 0) {
		*form = IPM_FORM_TEXT;
		return true;
	}
	if (strcmp(type, "file") == 0) {
		*form = IPM_FORM_FILE;
		return true;
	}
	if (strcmp(type, ipm_kind_name(IPM_KIND_BILATERALLY)) == 0) {
		*form = IPM_FORM_BILATERALLY;
		return true;
	}
	for (int kind = IPM_KIND_MESSAGE; kind <= IPM_KIND_OTHER; kind++) {
		if (strcmp(type, ipm_kind_name((enum ipm_kind)kind)) == 0) {
			*form = IPM_FORM_RAW;
			return true;
		}
	}
	return false;
}

/* object_part_oid - get the object identifier of a type */
const char *
object_part_oid(const char *type)
{
	return strcmp(type, NOTIFICATION_NAME) == 0 ? NOTIFICATION_OID : type;
}

/* object_part_type - name the type of a part that was decoded */
void
object_part_type(const struct ipm_part *part, char text[OBJECT_PART_TYPE])
{
	if (part->text)
		(void)strlcpy(text, "text", OBJECT_PART_TYPE);
	else if (part->kind == IPM_KIND_FILE)
		(void)strlcpy(text, "file", OBJECT_PART_TYPE);
	else if (part->kind == IPM_KIND_BILATERALLY || part->oid.len == 0 ||
	    oid_format(part->oid, text) < 0)
		(void)strlcpy(
		    text, ipm_kind_name(part->kind), OBJECT_PART_TYPE);
	else if (strcmp(text, NOTIFICATION_OID) == 0)
		(void)strlcpy(text, NOTIFICATION_NAME, OBJECT_PART_TYPE);
}

/* object_part_charset - name the character set in which a text travelled */
const char *
object_part_charset(const struct ipm_part *part)
{
	bool whole = true;
	enum ipm_set set;

	if (part->kind == IPM_KIND_IA5_TEXT)
		return "us-ascii";
	if (part->kind == IPM_KIND_TELETEX)
		return "t.61";
	set = ipm_part_sets(part->parameters, &whole);
	if (!whole)
		return "unknown";
	switch (set) {
	case IPM_SET_ASCII:
		return "us-ascii";
	case IPM_SET_LATIN1:
		return "iso-8859-1";
	case IPM_SET_LATIN2:
		return "iso-8859-2";
	case IPM_SET_T61:
		return "t.61";
	case IPM_SET_GREEK:
		return "iso-8859-7";
	case IPM_SET_CYRILLIC:
		return "iso-8859-5";
	case IPM_SET_LATIN5:
		return "iso-8859-9";
	case IPM_SET_UTF8:
		return "utf-8";
	case IPM_SET_LATIN9:
		return "iso-8859-15";
	case IPM_SET_LATIN3:
		return "iso-8859-3";
	case IPM_SET_LATIN4:
		return "iso-8859-4";
	case IPM_SET_ARABIC:
		return "iso-8859-6";
	case IPM_SET_HEBREW:
		return "iso-8859-8";
	case IPM_SET_LATIN6:
		return "iso-8859-10";
	case IPM_SET_THAI:
		return "iso-8859-11";
	case IPM_SET_LATIN7:
		return "iso-8859-13";
	case IPM_SET_LATIN8:
		return "iso-8859-14";
	case IPM_SET_LATIN10:
		return "iso-8859-16";
	case IPM_SET_UNKNOWN:
		break;
	}
	return "unknown";
}
