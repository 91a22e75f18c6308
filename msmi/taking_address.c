/* SPDX-License-Identifier: ISC */
/*
 * taking_address.c - sender and recipients of a message file
 */
#include <sys/tree.h>

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
refuse_address(struct taking *t, const struct mmff_address *address, int error,
    const struct diag *diag)
{
	char shown[128];

	if (error == ERR_NOMEM)
		return error;
	(void)escape_text(shown, sizeof(shown), address->text);
	return mmff_fail(&t->diag, MMFF_ADDRESS, address->line, "%s: %s", shown,
	    diag_text(diag));
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
		struct diag diag = {0};
		int error = address_from_mmff(&t->pickup->msmi.addressing,
		    &m->to[i], arena, &list[count].address, &diag);

		if (error < 0)
			return refuse_address(t, &m->to[i], error, &diag);
		seen[count].address = &list[count].address;
		if (RB_INSERT(listed_tree, &tree, &seen[count]) != NULL)
			continue;
		list[count].report =
		    registered ? DRAFT_DELIVERY : DRAFT_NON_DELIVERY;
		list[count].receipt = registered;
		list[count++].name = m->to[i].name;
	}
	t->draft.to = list;
	t->draft.to_count = count;
	return 0;
}

/* taking_addresses - find sender and recipients */
int
taking_addresses(struct taking *t)
{
	struct diag diag = {0};
	int error = address_from_mmff(&t->pickup->msmi.addressing,
	    &t->mmff.from, &t->pickup->arena, &t->draft.from, &diag);

	return error < 0 ? refuse_address(t, &t->mmff.from, error, &diag)
			 : find_recipients(t);
}
