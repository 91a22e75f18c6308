/* SPDX-License-Identifier: ISC */
/*
 * address_random_test.c - any originator through FROM of a file and its reply
 *
 * 10,000 cases, 1,000,000 where FOURPOST_TEST_LONG is set, in each code page.
 * What a user answers goes to the O/R address that wrote, or is refused; never
 * to another.
 */
#include <stdio.h>

#include "msmi/address.h"
#include "msmi/code_page.h"
#include "tests/unit/mhs/or_random.h"
#include "tests/unit/test.h"

#define SETTINGS                                                     \
	"mta { name = \"MTA\" domain = \"C=DE;A=VIAT;P=ACME\" }\n"   \
	"msmail \"po1\" { postoffice = \"/po\" network = \"ACME\"\n" \
	"  name = \"PO1\" code-page = %s\n"                          \
	"  address-space = {\"C=DE;A=VIAT;P=ACME;O=PO1\"} }\n"

/* draw - draw an address; some are of our domain or name mailboxes */
static bool
draw(struct or_random *random, struct arena *arena, struct or_address *address)
{
	static const char *const near[] = {"C=DE;A=VIAT;P=ACME;O=PO1;S=EVE",
	    "C=DE;A=VIAT;P=ACME;O=PO1;S=EVE;G=x",
	    "C=DE;A=VIAT;P=ACME;DDA:MS=ACME/PO1/EVE",
	    "C=DE;A=VIAT;P=ACME;DDA:MS=FAR/AWAY/JOE",
	    "C=DE;A=VIAT;P=ACME;DDA:MS=FAR/AWAY/JOE;DDA:FAX=1",
	    "C=GB;A=GOLD;P=DST;DDA:MS=ACME/PO1/EVE",
	    "C=DE;A=VIAT;P=ACME;O=PO1;DDA:MS=ACME/PO1/EVE",
	    "C=DE;A=VIAT;P=ACME;DDA:RFC-822=a(a)b"};

	switch (or_random_below(random, 4)) {
	case 0:
		return or_address_parse(
			   slice_of_string(near[or_random_below(
			       random, sizeof(near) / sizeof(near[0]))]),
			   arena, address, NULL) == 0;
	case 1:
		return or_random_ber(random, arena, address);
	default:
		return or_random_address(random, arena, address);
	}
}

/* through_file - write an address into a file, read it as who is answered:
 * false if it is refused */
static bool
through_file(const struct addressing *a, const struct or_address *address,
    struct arena *arena, struct or_address *again)
{
	const char *to = "ACME/PO1/EVE";
	struct mmff_out m = {.to = &to,
	    .to_count = 1,
	    .from = address_for_mmff(a, address, arena),
	    .priority = '3'};
	struct mmff_diag mmff_diag;
	struct buffer out;
	struct diag diag = {0};
	struct mmff mmff;
	bool same;

	ck_assert_ptr_nonnull(m.from);
	if (strlen(m.from) > MMFF_LINE_MAX / 2)
		return false;
	buffer_init(&out, 1 << 20);
	ck_assert_int_eq(mmff_write(&m, a->msmail->code_page, &out), 0);
	same = mmff_read(a->msmail->code_page, buffer_slice(&out),
		   buffer_length(&out), arena, &mmff, &mmff_diag) == 0 &&
	    address_from_mmff(a, &mmff.from, arena, again, &diag) == 0;
	buffer_fini(&out);
	return same;
}

/* answers - try a code page */
static void
answers(const char *page)
{
	struct or_random random = {.state = 19961130};
	unsigned count = or_random_count(), tried = 0, back = 0;
	struct map map;
	struct conf *conf;
	struct diag diag = {0};
	char settings[512];

	snprintf(settings, sizeof(settings), SETTINGS, page);
	ck_assert_msg(conf_parse_text(slice_of_string(settings), "test",
			  CONF_HANDED, &conf, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_int_eq(code_page_load(NULL), 0);
	map_init(&map);
	for (unsigned n = 0; n < count; n++) {
		const struct addressing a = {
		    conf, conf_msmail_find(conf, "po1"), &map};
		struct or_address address, again;
		struct arena arena;

		arena_init(&arena, 1 << 22);
		if (draw(&random, &arena, &address)) {
			tried++;
			if (through_file(&a, &address, &arena, &again)) {
				back++;
				ck_assert_msg(
				    or_address_compare(&address, &again) == 0,
				    "case %u: %s", n,
				    address_for_mmff(&a, &address, &arena));
			}
		}
		arena_fini(&arena);
	}
	ck_assert_uint_gt(back, count / 4);
	printf("figure: code page %s: %u of %u addresses can be answered\n",
	    page, back, tried);
	map_fini(&map);
	conf_free(conf);
}

START_TEST(utf8)
{
	answers("utf-8");
}
END_TEST

START_TEST(page_437)
{
	answers("437");
}
END_TEST

START_TEST(page_1252)
{
	answers("1252");
}
END_TEST

TEST_MAIN("msmi/address_random", TEST_LONG(utf8, 900); TEST_LONG(page_437, 900);
	  TEST_LONG(page_1252, 900))
