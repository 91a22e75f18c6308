/* SPDX-License-Identifier: ISC */
/*
 * true_ids.h - identifiers as they were before a heading cut them
 * (message_id.h), which its field list keeps
 */
#ifndef FOURPOST_MIXER_TRUE_IDS_H
#define FOURPOST_MIXER_TRUE_IDS_H

#include "mhs/ipm.h"
#include "mime/mime_header.h"
#include "mixer/mapping.h"

#define TRUE_IDS_MAX 100

struct true_id {
	struct slice text; /* between < and > */
	struct ipm_identifier cut;
};

struct true_ids {
	struct true_id list[TRUE_IDS_MAX];
	size_t count;
};

/* true_ids_fields - read the field list of a heading, if it has one */
void true_ids_fields(const struct ipm_heading *heading, struct arena *arena,
    struct mime_header *fields);

/* true_ids_read - add the identifiers that a field list keeps */
void
true_ids_read(const struct mapping *mapping, const struct mime_header *fields,
    struct arena *arena, struct true_ids *ids);

/* true_ids_recall - add those that a heading names, were cut, are not among ids
 * yet, and are remembered */
void true_ids_recall(const struct mapping *mapping,
    const struct ipm_heading *heading, struct arena *arena,
    struct true_ids *ids);

/* true_ids_find - find the text of an identifier; false: it is not there */
bool true_ids_find(const struct true_ids *ids,
    const struct ipm_identifier *identifier, struct slice *text);

#endif
