/* SPDX-License-Identifier: ISC */
/*
 * named.c - who sent a message to whom, for the lines of the log
 */
#include "qmgr/queue/named.h"

#include <stdio.h>
#include <string.h>

#define ADDRESS_MAX ((size_t)120) /* octets of one */
#define MORE_MAX    32		  /* of what tells how many more there are */

/* append - append a text, cut between two characters where it is too long */
static void
append(struct named *named, const char *text, size_t most)
{
	size_t len = strlen(text);

	if (most > sizeof(named->text) - named->len)
		most = sizeof(named->text) - named->len;
	if (len > most) {
		len = most;
		while (len > 0 && ((uint8_t)text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(named->text + named->len, text, len);
	named->len += len;
}

/* append_address - append an address */
static void
append_address(
    struct qmgr *qmgr, struct named *named, const struct or_address *address)
{
	const char *text =
	    or_address_format(address, OR_STYLE_F401, &qmgr->arena);

	/* Without memory the line has no name; the message goes on. */
	append(named, text == NULL ? "" : text, ADDRESS_MAX);
}

/* append_recipient - append one more recipient, if there is room */
static bool
append_recipient(struct qmgr *qmgr, struct named *named,
    const struct or_address *address, bool first)
{
	if (named->len + ADDRESS_MAX + MORE_MAX > sizeof(named->text))
		return false;
	if (!first)
		append(named, ", ", 2);
	append_address(qmgr, named, address);
	return true;
}

/* append_recipients - append the first recipients, and count the others */
static void
append_recipients(struct qmgr *qmgr, const struct p1_envelope *envelope,
    const uint32_t *indexes, size_t count, struct named *named)
{
	size_t shown = 0, all = indexes != NULL ? count : 0;
	char more[MORE_MAX];
	bool full = false;

	if (indexes == NULL)
		count = envelope->recipient_count;
	for (size_t i = 0; i < count; i++) {
		const struct p1_recipient *to =
		    &envelope->recipients[indexes == NULL ? i : indexes[i]];

		if (indexes == NULL) {
			if ((to->indicators & P1_RESPONSIBILITY) == 0)
				continue;
			all++;
		} else if (full)
			break;
		full = full ||
		    !append_recipient(
			qmgr, named, &to->name.address, shown == 0);
		shown += !full;
	}
	if (shown == all)
		return;
	(void)snprintf(more, sizeof(more), " and %zu more", all - shown);
	append(named, more, sizeof(more));
}

/* named_set - name the originator and recipients of an envelope */
void
named_set(struct qmgr *qmgr, const struct p1_envelope *envelope,
    const uint32_t *indexes, size_t count, struct named *named)
{
	named->len = 0;
	if (envelope->kind != MTS_REPORT)
		append_address(qmgr, named, &envelope->originator.address);
	named->text[named->len++] = '\0';
	if (envelope->kind == MTS_REPORT)
		append_address(qmgr, named, &envelope->originator.address);
	else
		append_recipients(qmgr, envelope, indexes, count, named);
}

/* split - divide names at the octet 0 */
static void
split(struct slice names, struct slice *originator, struct slice *recipients)
{
	const uint8_t *end =
	    names.len == 0 ? NULL : memchr(names.data, '\0', names.len);
	size_t len = end == NULL ? 0 : (size_t)(end - names.data);

	*originator = slice_of(names.data, len);
	*recipients = end == NULL ? slice_of(NULL, 0)
				  : slice_of(end + 1, names.len - len - 1);
}

/* field - make a field, which is left out if it has no value */
static struct log_field
field(const char *name, struct slice value)
{
	return value.len == 0 ? LOG_STRING(name, NULL) : LOG_SLICE(name, value);
}

/* named_originator - get the originator as a field of the log */
struct log_field
named_originator(struct slice names)
{
	struct slice originator, recipients;

	split(names, &originator, &recipients);
	return field("originator", originator);
}

/* named_recipients - get the recipients as a field of the log */
struct log_field
named_recipients(struct slice names)
{
	struct slice originator, recipients;

	split(names, &originator, &recipients);
	return field("recipients", recipients);
}
