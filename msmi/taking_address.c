/* SPDX-License-Identifier: ISC */
/*
 * taking_address.c - sender and recipients of a message file
 */
#include <sys/tree.h>

#include <stdio.h>

#include "base/escape.h"
#include "msmi/taking.h"

/* A recipient that is listed already. */
struct listed {
	const struct or_address *address;
	RB_ENTRY(listed) entry;
};

RB_HEAD(listed_tree, listed);

/* listed_compare - order recipients by their address */
static int
listed_compare(const struct listed *a, const struct listed *b)
{
	return or_address_compare(a->address, b->address);
}

/* RB_GENERATE_STATIC asks for an __unused that Linux has no room for. */
RB_GENERATE_INTERNAL(
    listed_tree, listed, entry, listed_compare, static __attribute__((unused)))

/* refuse_address - say which address cannot be one, and why */
static int
refuse_address(const struct arena *arena, const struct mmff_address *address,
    int error, const struct diag *why, struct mmff_diag *diag)
{
	char shown[128];

	/* Some values have limits of their own, which are the address's fault.
	 */
	if (error == ERR_NOMEM ||
	    (error == ERR_LIMIT && arena->error == ERR_LIMIT))
		return error;
	(void)escape_text(shown, sizeof(shown), address->text);
	return mmff_fail(
	    diag, MMFF_ADDRESS, address->line, "%s: %s", shown, diag_text(why));
}

/* taking_recipient - make the O/R address of a TO line */
int
taking_recipient(struct pickup *pickup, const struct mmff_address *to,
    struct or_address *address, struct mmff_diag *diag)
{
	struct diag why = {0};
	int error = mmff_address_check(to, MMFF_TO, diag);

	if (error < 0)
		return error;
	error = address_from_mmff(
	    &pickup->msmi.addressing, to, &pickup->arena, address, &why);
	return error < 0 ? refuse_address(&pickup->arena, to, error, &why, diag)
			 : 0;
}

/* note_left_out - note a recipient that is no address; the first is the file's
 * error should it have no other */
static void
note_left_out(struct taking *t, const struct mmff_diag *diag)
{
	struct pickup_submission *s = t->submission;
	size_t len = s->left_out == 0 ? 0 : strlen(s->why);

	if (s->left_out++ == 0)
		t->diag = *diag;
	(void)snprintf(s->why + len, sizeof(s->why) - len, "%s%s",
	    len == 0 ? "" : "; ", diag->text);
}

/* find_recipients - list each of the TO lines once; registered mail asks for
 * receipts */
static int
find_recipients(struct taking *t)
{
	const struct mmff *m = &t->mmff;
	struct arena *arena = &t->pickup->arena;
	struct listed_tree tree = RB_INITIALIZER(&tree);
	struct draft_recipient *list =
	    arena_array(arena, m->to_count, sizeof(*list));
	struct listed *seen = arena_array(arena, m->to_count, sizeof(*seen));
	bool registered = m->priority == 'R';
	size_t count = 0;

	if (list == NULL || seen == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < m->to_count; i++) {
		struct mmff_diag diag = {0};
		int error = taking_recipient(
		    t->pickup, &m->to[i], &list[count].address, &diag);

		if (error < 0 && error != ERR_SYNTAX)
			return error;
		if (error < 0) {
			note_left_out(t, &diag);
			continue;
		}
		seen[count].address = &list[count].address;
		if (RB_INSERT(listed_tree, &tree, &seen[count]) != NULL)
			continue;
		list[count].report =
		    registered ? DRAFT_DELIVERY : DRAFT_NON_DELIVERY;
		list[count].receipt = registered;
		list[count++].name = m->to[i].name;
	}
	if (count == 0)
		return ERR_SYNTAX;
	t->diag = (struct mmff_diag){0};
	t->draft.to = list;
	t->draft.to_count = count;
	return 0;
}

/* taking_addresses - find sender and recipients */
int
taking_addresses(struct taking *t)
{
	struct arena *arena = &t->pickup->arena;
	struct diag why = {0};
	int error = address_from_mmff(&t->pickup->msmi.addressing,
	    &t->mmff.from, arena, &t->draft.from, &why);

	return error < 0
	    ? refuse_address(arena, &t->mmff.from, error, &why, &t->diag)
	    : find_recipients(t);
}
