/* SPDX-License-Identifier: ISC */
/*
 * p2_heading.c - headings and fields of 1988 as those of 1984
 */
#include "mhs/ipm.h"
#include "mhs/or_address.h"
#include "mhs/or_downgrade.h"
#include "mhs/p2_heading.h"

#define HEADING_MAX ((size_t)4 * 1024 * 1024)
#define NAME_TEXT   64 /* ub-free-form-name */

/* fix_name - make a name, a whole ORName, one of 1984; what cannot be becomes
 * empty, and its text is in *text.  ERR_NOMEM */
static int
fix_name(const struct global_domain *gateway, struct slice *name,
    struct arena *arena, struct slice *text)
{
	struct ber_reader reader;
	struct ber_writer writer;
	struct ber_element el;
	struct or_name read;
	struct buffer out;
	char *shown;
	int error;

	*text = slice_of(NULL, 0);
	if (name->len == 0)
		return 0;
	ber_reader_init(&reader, *name, NULL);
	error = ber_next(&reader, &el) > 0
	    ? or_name_decode(&reader, &el, "name", arena, &read)
	    : ERR_SYNTAX;
	if (error < 0) {
		*name = slice_of(NULL, 0);
		return error == ERR_NOMEM ? error : 0;
	}
	error = or_name_downgrade(&read, gateway, arena);
	if (error == ERR_VALUE) {
		shown = or_address_format(&read.address, OR_STYLE_F401, arena);
		*name = slice_of(NULL, 0);
		if (shown == NULL)
			return arena_error(arena);
		*text = slice_of_string(shown);
		return 0;
	}
	buffer_init(&out, OR_ADDRESS_MAX * 2);
	ber_writer_init(&writer, &out);
	or_name_encode(&writer, OR_NAME_TAG, &read);
	if (error == 0 && (error = ber_finish(&writer)) == 0)
		error = arena_slice(arena, buffer_slice(&out), name);
	buffer_fini(&out);
	return error;
}

/* fix_identifier - fix the name in an identifier, which may be without one */
static int
fix_identifier(const struct global_domain *gateway,
    struct ipm_identifier *identifier, struct arena *arena)
{
	struct slice text;

	return fix_name(gateway, &identifier->user, arena, &text);
}

/* fix_descriptor - fix the name in a descriptor; text stands for one that
 * cannot be expressed */
static int
fix_descriptor(const struct global_domain *gateway,
    struct ipm_descriptor *descriptor, struct arena *arena)
{
	struct slice text;
	int error = fix_name(gateway, &descriptor->name, arena, &text);

	if (error == 0 && descriptor->name.len == 0 &&
	    descriptor->free_form.len == 0)
		descriptor->free_form = slice_of(
		    text.data, text.len < NAME_TEXT ? text.len : NAME_TEXT);
	return error;
}

/* fix_descriptors - fix those of a list */
static int
fix_descriptors(const struct global_domain *gateway,
    struct ipm_descriptors *list, struct arena *arena)
{
	int error = 0;

	for (size_t i = 0; i < list->count && error == 0; i++)
		error = fix_descriptor(gateway, &list->list[i], arena);
	return error;
}

/* fix_recipients - fix those of a list, which have no extensions in 1984 */
static int
fix_recipients(const struct global_domain *gateway, struct ipm_recipients *list,
    struct arena *arena)
{
	int error = 0;

	for (size_t i = 0; i < list->count && error == 0; i++) {
		list->list[i].extensions = slice_of(NULL, 0);
		error =
		    fix_descriptor(gateway, &list->list[i].descriptor, arena);
	}
	return error;
}

/* fix_identifiers - fix those of a list */
static int
fix_identifiers(const struct global_domain *gateway,
    struct ipm_identifiers *list, struct arena *arena)
{
	int error = 0;

	for (size_t i = 0; i < list->count && error == 0; i++)
		error = fix_identifier(gateway, &list->list[i], arena);
	return error;
}

/* fix_heading - make all names of a heading those of 1984 */
static int
fix_heading(const struct global_domain *gateway, struct ipm_heading *h,
    struct arena *arena)
{
	int error = fix_identifier(gateway, &h->this_ipm, arena);

	if (error == 0 && h->has_originator)
		error = fix_descriptor(gateway, &h->originator, arena);
	if (error == 0)
		error = fix_descriptors(gateway, &h->authorizing, arena);
	if (error == 0)
		error = fix_recipients(gateway, &h->primary, arena);
	if (error == 0)
		error = fix_recipients(gateway, &h->copy, arena);
	if (error == 0)
		error = fix_recipients(gateway, &h->blind, arena);
	if (error == 0 && h->has_replied_to)
		error = fix_identifier(gateway, &h->replied_to, arena);
	if (error == 0)
		error = fix_identifiers(gateway, &h->obsoleted, arena);
	if (error == 0)
		error = fix_identifiers(gateway, &h->related, arena);
	if (error == 0)
		error = fix_descriptors(gateway, &h->reply_recipients, arena);
	return error;
}

/* p2_heading_put - write a heading */
int
p2_heading_put(struct p2_plan *plan, const struct global_domain *gateway,
    struct slice octets, struct diag *diag)
{
	struct ipm_heading heading;
	struct ber_writer writer;
	struct buffer out;
	struct arena arena;
	int error;

	arena_init(&arena, IPM_ARENA_MAX);
	buffer_init(&out, HEADING_MAX);
	error = ipm_heading_decode(octets, &arena, &heading, diag);
	if (error == 0)
		error = fix_heading(gateway, &heading, &arena);
	if (error == 0) {
		ber_writer_init(&writer, &out);
		ipm_heading_encode(&writer, &heading, IPM_P2);
		error = ber_finish(&writer);
	}
	if (error == 0)
		error = p2_plan_own(plan, buffer_slice(&out));
	buffer_fini(&out);
	arena_fini(&arena);
	return error;
}

/* p2_parameters_put - write those of a message within: of the delivery its time
 * alone, for the envelope is one of 1988 */
int
p2_parameters_put(struct p2_plan *plan, struct slice octets, struct diag *diag)
{
	struct ber_reader reader, in;
	struct ber_element el;
	int error;

	ber_reader_init(&reader, octets, diag);
	if ((error = ber_next(&reader, &el)) <= 0 ||
	    (error = ber_enter(&reader, &el, &in)) < 0 ||
	    (error = p2_plan_open(plan, 0x31)) < 0)
		return error < 0 ? error : ERR_SYNTAX;
	while ((error = ber_next(&in, &el)) > 0)
		if (el.tag == BER_CTX(0) && !el.constructed &&
		    (error = p2_plan_own(plan, el.whole)) < 0)
			return error;
	return error < 0 ? error : p2_plan_close(plan);
}

/* The state of put_fixed. */
struct fixing {
	struct p2_plan *plan;
	const struct global_domain *gateway;
	struct arena arena;
};

/* put_fixed - write an element of a notification, the names in it fixed */
static int
put_fixed(struct fixing *f, const struct ber_reader *reader,
    const struct ber_element *el, unsigned depth)
{
	struct slice name = el->whole, text;
	struct ber_reader in;
	struct ber_element inner;
	int error;

	if (el->tag == OR_NAME_TAG) {
		error = fix_name(f->gateway, &name, &f->arena, &text);
		return error < 0 || name.len == 0 ? error
						  : p2_plan_own(f->plan, name);
	}
	if (!el->constructed || depth == 4 || (name.data[0] & 0x1f) == 0x1f)
		return p2_plan_own(f->plan, el->whole);
	if ((error = ber_enter(reader, el, &in)) < 0 ||
	    (error = p2_plan_open(f->plan, el->whole.data[0])) < 0)
		return error;
	while ((error = ber_next(&in, &inner)) > 0)
		if ((error = put_fixed(f, &in, &inner, depth + 1)) < 0)
			return error;
	return error < 0 ? error : p2_plan_close(f->plan);
}

/* p2_field_put - write a field of a notification */
int
p2_field_put(struct p2_plan *plan, const struct global_domain *gateway,
    struct slice octets, struct diag *diag)
{
	struct fixing f = {.plan = plan, .gateway = gateway};
	struct ber_reader reader;
	struct ber_element el;
	int error;

	arena_init(&f.arena, IPM_ARENA_MAX);
	ber_reader_init(&reader, octets, diag);
	error = ber_next(&reader, &el);
	if (error > 0)
		error = put_fixed(&f, &reader, &el, 0);
	arena_fini(&f.arena);
	return error;
}
