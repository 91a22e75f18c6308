/* SPDX-License-Identifier: ISC */
/*
 * object_history.c - who else a message was for, in the one form
 *
 * Contract in object_history.h.  An entry that cannot be read is left out: the
 * histories are written by other domains.
 */
#include "json/object_history.h"

#include "json/object_name.h"
#include "json/object_x420.h"
#include "mhs/dl_history.h"

/* put_entry - put an entry of a history */
static void
put_entry(
    struct json_put *put, json_t *list, const struct dl_history_entry *entry)
{
	json_t *one = json_put_object(put, list, NULL);

	object_name_put(put, one, "address", &entry->name, OBJECT_NAME_FULL);
	if (entry->time != TRACE_NO_TIME)
		json_put_integer(put, one, "time", entry->time);
	if (entry->reason >= 0)
		json_put_integer(put, one, "reason", entry->reason);
}

/* put_history - put the entries of a history; false: there is none */
static bool
put_history(struct json_put *put, json_t *object, const char *name,
    const struct extension_list *extensions, int number,
    struct dl_history_entry *first)
{
	struct dl_history_walk walk;
	struct dl_history_entry entry;
	json_t *list = NULL;
	int n;

	if (dl_history_walk_init(&walk, extensions, number) != 0)
		return false;
	while ((n = dl_history_walk_next(&walk, put->arena, &entry)) > 0) {
		if (list == NULL) {
			list = json_put_array(put, object, name);
			*first = entry;
		}
		put_entry(put, list, &entry);
	}
	if (n < 0)
		put->error = n;
	return list != NULL;
}

/* object_history_put_redirections - put whom a recipient was before */
void
object_history_put_redirections(struct json_put *put, json_t *object,
    const struct extension_list *extensions)
{
	struct dl_history_entry first;
	json_t *one;

	if (put->error != 0 ||
	    !put_history(put, object, "redirections", extensions,
		EXTENSION_REDIRECTION_HISTORY, &first))
		return;
	one = json_put_object(put, object, "originally_intended");
	object_name_put(put, one, "address", &first.name, OBJECT_NAME_FULL);
}

/* object_history_put_lists - put at which lists a message was expanded */
void
object_history_put_lists(struct json_put *put, json_t *object,
    const struct extension_list *extensions)
{
	struct dl_history_entry first;

	if (put->error == 0)
		(void)put_history(put, object, "dl_history", extensions,
		    EXTENSION_DL_EXPANSION_HISTORY, &first);
}

/* object_history_alternate - make the extension of an alternate recipient */
int
object_history_alternate(const char *text, struct arena *arena,
    struct extension_list *extensions, struct diag *diag)
{
	struct or_name name = {.directory_name = {.len = 0}};
	struct slice octets;
	int error =
	    or_address_parse(slice_of_string(text), arena, &name.address, diag);

	if (error == 0)
		error = object_x420_name(&name, arena, &octets);
	if (error == 0)
		error = extension_set(extensions, arena,
		    EXTENSION_ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT,
		    CRITICAL_FOR_SUBMISSION, octets);
	return error;
}
