/* SPDX-License-Identifier: ISC */
/*
 * mailbox.c - names of Microsoft Mail mailboxes, NETWORK/POSTOFFICE/MAILBOX
 *
 * Contract in map.h.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "conf/map.h"

/* set_part - set one of the three names */
static int
set_part(char part[MAP_NAME_MAX + 1], struct slice text, const char *what,
    struct diag *diag)
{
	char shown[64];

	(void)escape_text(shown, sizeof(shown), text);
	if (text.len == 0 || text.len > MAP_NAME_MAX)
		return diag_set(diag, ERR_LIMIT,
		    "%s \"%s\": %zu characters, not 1 to %d", what, shown,
		    text.len, MAP_NAME_MAX);
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c <= 0x20 || c >= 0x7f || c == '/' || c == ':' ||
		    c == ';' || c == '[' || c == ']')
			return diag_set(diag, ERR_SYNTAX,
			    "%s \"%s\": a character that no name has", what,
			    shown);
	}
	memcpy(part, text.data, text.len);
	part[text.len] = '\0';
	return 0;
}

/* mailbox_set - set a mailbox from its parts */
int
mailbox_set(struct mailbox *mailbox, const char *network,
    const char *postoffice, struct slice name, struct diag *diag)
{
	struct mailbox box = {.network = ""};
	int error;

	if ((error = set_part(
		 box.network, slice_of_string(network), "network", diag)) < 0 ||
	    (error = set_part(box.postoffice, slice_of_string(postoffice),
		 "postoffice", diag)) < 0 ||
	    (error = set_part(box.name, name, "mailbox", diag)) < 0)
		return error;
	*mailbox = box;
	return 0;
}

/* mailbox_parse - parse "NET/PO/BOX" */
int
mailbox_parse(struct slice text, struct mailbox *mailbox, struct diag *diag)
{
	struct slice part[3];
	struct mailbox box = {.network = ""};
	size_t parts = 0, start = 0;
	int error;

	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.data[i] != '/')
			continue;
		if (parts == 3)
			return diag_set(diag, ERR_SYNTAX,
			    "more than NETWORK/POSTOFFICE/MAILBOX");
		part[parts++] = slice_of(text.data + start, i - start);
		start = i + 1;
	}
	if (parts != 3)
		return diag_set(
		    diag, ERR_SYNTAX, "not NETWORK/POSTOFFICE/MAILBOX");
	if ((error = set_part(box.network, part[0], "network", diag)) < 0 ||
	    (error = set_part(box.postoffice, part[1], "postoffice", diag)) <
		0 ||
	    (error = set_part(box.name, part[2], "mailbox", diag)) < 0)
		return error;
	*mailbox = box;
	return 0;
}

/* mailbox_format - format as "NET/PO/BOX" */
const char *
mailbox_format(const struct mailbox *mailbox, char text[MAILBOX_TEXT])
{
	(void)snprintf(text, MAILBOX_TEXT, "%s/%s/%s", mailbox->network,
	    mailbox->postoffice, mailbox->name);
	return text;
}

/* mailbox_compare - compare without case */
int
mailbox_compare(const struct mailbox *a, const struct mailbox *b)
{
	int order = strcasecmp(a->network, b->network);

	if (order == 0)
		order = strcasecmp(a->postoffice, b->postoffice);
	if (order == 0)
		order = strcasecmp(a->name, b->name);
	return order;
}
