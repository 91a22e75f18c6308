/* SPDX-License-Identifier: ISC */
/*
 * compose_field.h - private to compose.c: which option says which member
 */
#ifndef FOURPOST_TOOLS_COMPOSE_FIELD_H
#define FOURPOST_TOOLS_COMPOSE_FIELD_H

#include "tools/compose.h"

/* Where a member stands. */
enum compose_place {
	COMPOSE_OBJECT,
	COMPOSE_RECIPIENT, /* of the envelope: the last one, or all */
	COMPOSE_SENDER,	   /* whom -f names, or the last recipient */
	COMPOSE_IPM,
	COMPOSE_READER, /* of the heading: the last one, or all */
	COMPOSE_USER,	/* of the heading: whom the last option names */
	COMPOSE_PART,	/* the last one */
	COMPOSE_NOTIFICATION
};

struct compose_field {
	struct options_option option;
	enum compose_place place;
	const char *member;
	/* has the object say what the value of the option says */
	int (*say)(struct compose *compose, const struct compose_field *field,
	    const char *value, struct diag *diag);
};

/* The last one has no name. */
extern const struct compose_field compose_fields[];

/* compose_target - get the object in which a member stands, made if need be;
 * NULL and diag: there is nobody yet whom it could be about */
json_t *compose_target(struct compose *compose,
    const struct compose_field *field, struct diag *diag);

#endif
