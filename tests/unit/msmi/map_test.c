/* SPDX-License-Identifier: ISC */
/*
 * map_test.c - the directory of a postoffice, and addresses both ways
 */
#include "msmi/address.h"
#include "msmi/code_page.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define MAP                                                                \
	"# who is who\n"                                                   \
	"redirect C=DE;A=VIAT;P=ACME;S=Roe -> C=FR;A=ATLAS;S=Bob\n"        \
	"\n"                                                               \
	"C=DE;A=VIAT;P=ACME;O=PO1;S=Doe;G=Jo = ACME/PO1/JDOE\r\n"          \
	"  /G=Eve/S=Smith/O=PO1/PRMD=ACME/ADMD=VIAT/C=DE/ =ACME/PO1/EVE\n" \
	"C=DE;A=VIAT;P=ACME;O=PO1;CN=Info = acme/po1/jdoe\n"               \
	"C=FR;A=ATLAS;P=BETA;S=Bob = OTHER/PO2/BOB"

/* parsed - parse a map from text */
static void
parsed(struct map *map, const char *text)
{
	struct diag diag = {0};

	map_init(map);
	ck_assert_msg(map_parse(map, slice_of_string(text), "map", &diag) == 0,
	    "%s", diag_text(&diag));
}

/* or_of - parse an address from text */
static struct or_address
or_of(const char *text, struct arena *arena)
{
	struct or_address address;
	struct diag diag = {0};

	ck_assert_msg(or_address_parse(
			  slice_of_string(text), arena, &address, &diag) == 0,
	    "%s", diag_text(&diag));
	return address;
}

START_TEST(both_ways)
{
	struct map map;
	struct arena arena;
	struct or_address a;
	struct mailbox box;
	char text[MAILBOX_TEXT];

	arena_init(&arena, 1 << 20);
	parsed(&map, MAP);
	ck_assert_uint_eq(map.count, 4);
	a = or_of("S=DOE;G=jo;O=po1;P=acme;A=viat;C=de", &arena);
	ck_assert_ptr_nonnull(map_mailbox(&map, &a));
	ck_assert_str_eq(
	    mailbox_format(map_mailbox(&map, &a), text), "ACME/PO1/JDOE");
	a = or_of("CN=Info;O=PO1;P=ACME;A=VIAT;C=DE", &arena);
	ck_assert_ptr_nonnull(map_mailbox(&map, &a));
	a = or_of("S=Doe;O=PO1;P=ACME;A=VIAT;C=DE", &arena);
	ck_assert_ptr_null(map_mailbox(&map, &a));
	/* the first line is what its messages bear */
	ck_assert_int_eq(
	    mailbox_parse(slice_of_string("Acme/Po1/JDoe"), &box, NULL), 0);
	a = or_of("S=Doe;G=Jo;O=PO1;P=ACME;A=VIAT;C=DE", &arena);
	ck_assert_ptr_nonnull(map_address(&map, &box));
	ck_assert_int_eq(or_address_compare(map_address(&map, &box), &a), 0);
	ck_assert_int_eq(
	    mailbox_parse(slice_of_string("ACME/PO1/NOBODY"), &box, NULL), 0);
	ck_assert_ptr_null(map_address(&map, &box));
	map_fini(&map);
	arena_fini(&arena);
}
END_TEST

START_TEST(whole_or_not_at_all)
{
	static const struct {
		const char *text, *error;
	} table[] = {
	    {"nonsense\n", "map:1: "},
	    {"# fine\nC=DE;A=V;S=A = N/P/A\nC=DE;A=V;S=B = N/P\n", "map:3: "},
	    {"C=DE;A=V;S=B = N/P/TOOLONGNAME\n", "map:1: mailbox"},
	    {"C=DE;A=V;S=B = N//B\n", "map:1: postoffice"},
	    {"C=;S=B = N/P/B\n", "map:1: "},
	    {"C=DE;A=V;S=B = N/P/A\nC=DE;A=V;S=b = N/P/B\n",
		"map:2: this address has a mailbox in line 1"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct map map;
		struct diag diag = {0};

		map_init(&map);
		ck_assert_msg(map_parse(&map, slice_of_string(table[i].text),
				  "map", &diag) < 0,
		    "%zu passed", i);
		ck_assert_msg(strstr(diag_text(&diag), table[i].error) ==
			diag_text(&diag),
		    "%zu: %s", i, diag_text(&diag));
		map_fini(&map);
	}
}
END_TEST

START_TEST(not_a_file)
{
	struct map map;
	struct diag diag = {0};
	int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	map_init(&map);
	ck_assert_int_eq(map_read_fd(&map, fd, "maps/map", &diag), ERR_IO);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), "maps/map: not a file"));
	map_fini(&map);
	close(fd);
}
END_TEST

/* A configuration as qmgr hands it. */
#define SETTINGS                                                     \
	"mta { name = \"MTA\" domain = \"C=DE;A=VIAT;P=ACME\" }\n"   \
	"msmail \"po1\" { postoffice = \"/po\" network = \"ACME\"\n" \
	"  name = \"PO1\" address-space = {\"C=DE;A=VIAT;P=ACME;O=PO1\"} }\n"

struct setting {
	struct conf *conf;
	struct map map;
	struct addressing addressing;
	struct arena arena;
};

static void
setting_init(struct setting *s, const char *map)
{
	struct diag diag = {0};

	arena_init(&s->arena, 1 << 20);
	ck_assert_msg(conf_parse_text(slice_of_string(SETTINGS), "test",
			  CONF_HANDED, &s->conf, &diag) == 0,
	    "%s", diag_text(&diag));
	parsed(&s->map, map);
	s->addressing = (struct addressing){
	    s->conf, conf_msmail_find(s->conf, "po1"), &s->map};
}

static void
setting_fini(struct setting *s)
{
	map_fini(&s->map);
	conf_free(s->conf);
	arena_fini(&s->arena);
}

/* expect_or - expect an address of a file to be this O/R address, or none
 * (NULL) */
static void
expect_or(
    struct setting *s, const char *type, const char *text, const char *expected)
{
	struct mmff_address from = {
	    .type = slice_of_string(type), .text = slice_of_string(text)};
	struct or_address address;
	struct diag diag = {0};
	int error = address_from_mmff(
	    &s->addressing, &from, &s->arena, &address, &diag);
	const char *got;

	if (expected == NULL) {
		ck_assert_msg(error < 0, "%s:%s passed", type, text);
		ck_assert_str_ne(diag_text(&diag), "");
		return;
	}
	ck_assert_msg(error == 0, "%s:%s: %s", type, text, diag_text(&diag));
	got = or_address_format(&address, OR_STYLE_F401, &s->arena);
	ck_assert_str_eq(got, expected);
}

START_TEST(addresses_in)
{
	struct setting s;

	setting_init(&s, MAP);
	expect_or(
	    &s, "", "ACME/PO1/JDOE", "G=Jo;S=Doe;O=PO1;P=ACME;A=VIAT;C=DE");
	expect_or(
	    &s, "ms", "acme/po1/jdoe", "G=Jo;S=Doe;O=PO1;P=ACME;A=VIAT;C=DE");
	expect_or(&s, "CSI", "OTHER/PO2/BOB", "S=Bob;P=BETA;A=ATLAS;C=FR");
	/* of ours, without an entry: below the address-space */
	expect_or(&s, "", "ACME/PO1/NEW", "S=NEW;O=PO1;P=ACME;A=VIAT;C=DE");
	/* of others, without an entry */
	expect_or(
	    &s, "", "FAR/AWAY/JOE", "P=ACME;A=VIAT;C=DE;DDA:MS=FAR/AWAY/JOE");
	expect_or(&s, "X400", "c=FR;a=ATLAS;p=BETA;s=Bob",
	    "S=Bob;P=BETA;A=ATLAS;C=FR");
	expect_or(&s, "", "/S=Bob/PRMD=BETA/ADMD=ATLAS/C=FR/",
	    "S=Bob;P=BETA;A=ATLAS;C=FR");
	expect_or(
	    &s, "", "S=Bob;P=BETA;A=ATLAS;C=FR", "S=Bob;P=BETA;A=ATLAS;C=FR");
	expect_or(&s, "FAX", "+49 30 1", "P=ACME;A=VIAT;C=DE;DDA:FAX=+49 30 1");
	expect_or(&s, "SMTP", "a@b.example",
	    "P=ACME;A=VIAT;C=DE;DDA:RFC-822=a(a)b.example");
	/* Q176425: "$" keeps the slash from ending the value */
	expect_or(&s, "X400",
	    "/c=de/a=viat/p=acme/dda.type=ms/dda.value=net$/po$/mailbox/",
	    "P=acme;A=viat;C=de;DDA:ms=net/po/mailbox");
	/* Q162841: what begins as ours does is not ours */
	expect_or(
	    &s, "", "ACME/PO10/NEW", "P=ACME;A=VIAT;C=DE;DDA:MS=ACME/PO10/NEW");
	expect_or(
	    &s, "", "ACM/PO1/NEW", "P=ACME;A=VIAT;C=DE;DDA:MS=ACM/PO1/NEW");
	expect_or(&s, "", "nobody", NULL);
	expect_or(&s, "", "ACME/PO1/", NULL);
	expect_or(&s, "", "ACME/PO1/MORETHANTEN", NULL);
	expect_or(&s, "", "A/B/C/D", NULL);
	expect_or(&s, "X400", "S=Bob", NULL);
	expect_or(&s, "X400", "nonsense", NULL);
	expect_or(&s, "SOMETHINGELSE", "x", NULL);
	setting_fini(&s);
}
END_TEST

/* expect_box - expect an O/R address to be this mailbox, or none (NULL) */
static void
expect_box(struct setting *s, const char *text, const char *expected)
{
	struct or_address address = or_of(text, &s->arena);
	struct mailbox box;
	struct diag diag = {0};
	char got[MAILBOX_TEXT];
	int error = address_to_mailbox(&s->addressing, &address, &box, &diag);

	if (expected == NULL) {
		ck_assert_msg(error == ERR_NOTFOUND, "%s passed", text);
		ck_assert_str_ne(diag_text(&diag), "");
		return;
	}
	ck_assert_msg(error == 0, "%s: %s", text, diag_text(&diag));
	ck_assert_str_eq(mailbox_format(&box, got), expected);
}

START_TEST(addresses_out)
{
	struct setting s;

	setting_init(&s, MAP);
	expect_box(&s, "S=Doe;G=Jo;O=PO1;P=ACME;A=VIAT;C=DE", "ACME/PO1/JDOE");
	expect_box(&s, "CN=Info;O=PO1;P=ACME;A=VIAT;C=DE", "acme/po1/jdoe");
	expect_box(&s, "S=EVE;O=PO1;P=ACME;A=VIAT;C=DE", "ACME/PO1/EVE");
	expect_box(
	    &s, "C=DE;A=VIAT;P=ACME;DDA:MS=acme/po1/eve", "acme/po1/eve");
	/* where there is a map only its mailboxes exist */
	expect_box(&s, "S=NOBODY;O=PO1;P=ACME;A=VIAT;C=DE", NULL);
	expect_box(&s, "C=DE;A=VIAT;P=ACME;DDA:MS=ACME/PO1/NOBODY", NULL);
	/* not of this postoffice */
	expect_box(&s, "S=Bob;P=BETA;A=ATLAS;C=FR", NULL);
	expect_box(&s, "S=EVE;O=PO2;P=ACME;A=VIAT;C=DE", NULL);
	expect_box(&s, "S=EVE;G=Other;O=PO1;P=ACME;A=VIAT;C=DE", NULL);
	setting_fini(&s);
	/* without a map any name is a mailbox */
	setting_init(&s, "");
	expect_box(&s, "S=NEW;O=PO1;P=ACME;A=VIAT;C=DE", "ACME/PO1/NEW");
	expect_box(&s, "S=MuchTooLongAName;O=PO1;P=ACME;A=VIAT;C=DE", NULL);
	expect_box(&s, "C=DE;A=VIAT;P=ACME;DDA:MS=ACME/PO1/X", "ACME/PO1/X");
	expect_box(&s, "C=DE;A=VIAT;P=ACME;DDA:MS=ACME/PO2/X", NULL);
	expect_box(&s, "C=DE;A=VIAT;P=ACME;DDA:MS=ACME/PO10/X", NULL);
	expect_box(&s, "C=DE;A=VIAT;P=ACME;DDA:MS=ACME/PO/X", NULL);
	expect_box(&s, "S=NEW;O=PO10;P=ACME;A=VIAT;C=DE", NULL);
	expect_box(&s,
	    "/c=de/a=viat/p=acme/dda.type=ms/dda.value=acme$/po1$/new/",
	    "acme/po1/new");
	setting_fini(&s);
}
END_TEST

START_TEST(addresses_shown)
{
	struct setting s;
	struct or_address a;

	setting_init(&s, MAP);
	a = or_of("S=Bob;P=BETA;A=ATLAS;C=FR", &s.arena);
	ck_assert_str_eq(
	    address_for_mmff(&s.addressing, &a, &s.arena), "OTHER/PO2/BOB");
	a = or_of("S=Tom;P=BETA;A=ATLAS;C=FR", &s.arena);
	ck_assert_str_eq(address_for_mmff(&s.addressing, &a, &s.arena),
	    "X400:S=Tom;P=BETA;A=ATLAS;C=FR");
	a = or_of("C=DE;A=VIAT;P=ACME;DDA:MS=FAR/AWAY/JOE", &s.arena);
	ck_assert_str_eq(
	    address_for_mmff(&s.addressing, &a, &s.arena), "FAR/AWAY/JOE");
	setting_fini(&s);
}
END_TEST

/* expect_shown - expect an address to be shown so, and to read back as itself
 * or none */
static void
expect_shown(struct setting *s, const char *text, const char *expected)
{
	struct or_address a = or_of(text, &s->arena), again;
	const char *shown = address_for_mmff(&s->addressing, &a, &s->arena);
	struct mmff_address from = {.type = slice_of_string("")};
	struct diag diag = {0};

	ck_assert_str_eq(shown, expected);
	from.text = slice_of_string(shown);
	if (strncmp(shown, "X400:", 5) == 0) {
		from.type = slice_of_string("X400");
		from.text = slice_of_string(shown + 5);
	}
	if (address_from_mmff(
		&s->addressing, &from, &s->arena, &again, &diag) == 0)
		ck_assert_int_eq(or_address_compare(&a, &again), 0);
}

/* Another domain's DDA of type MS names its mailboxes, not ours. */
START_TEST(foreign_mailboxes)
{
	struct setting s;

	setting_init(&s, MAP);
	expect_shown(&s, "C=GB;A=GOLD;P=DST;DDA:MS=NET9/PO9/ANN",
	    "X400:P=DST;A=GOLD;C=GB;DDA:MS=NET9/PO9/ANN");
	expect_shown(&s, "C=GB;A=GOLD;P=DST;DDA:MS=ACME/PO1/EVE",
	    "X400:P=DST;A=GOLD;C=GB;DDA:MS=ACME/PO1/EVE");
	expect_shown(&s, "C=GB;A=GOLD;P=DST;S=x;DDA:FAX=1;DDA:MS=ACME/PO1/EVE",
	    "X400:S=x;P=DST;A=GOLD;C=GB;DDA:FAX=1;DDA:MS=ACME/PO1/EVE");
	/* of ours, but with more than the mailbox says */
	expect_shown(&s, "C=DE;A=VIAT;P=ACME;O=z;DDA:MS=FAR/AWAY/JOE",
	    "X400:O=z;P=ACME;A=VIAT;C=DE;DDA:MS=FAR/AWAY/JOE");
	/* the second address of a mailbox */
	expect_shown(&s, "CN=Info;O=PO1;P=ACME;A=VIAT;C=DE",
	    "X400:CN=Info;O=PO1;P=ACME;A=VIAT;C=DE");
	/* UTF-8 has all, code page 437 has no Cyrillic */
	expect_shown(&s, "S=\xd0\x98;A=x;C=ru", "X400:S=\xd0\x98;A=x;C=ru");
	ck_assert_int_eq(code_page_load(NULL), 0);
	((struct conf_msmail *)(uintptr_t)s.addressing.msmail)->code_page =
	    CONF_CODE_PAGE_437;
	expect_shown(&s, "S=\xd0\x98;A=x;C=ru",
	    "X400:S=\xd0\x98;A=x;C=ru" ADDRESS_UNANSWERABLE);
	/* a recipient abroad is no mailbox here */
	expect_box(&s, "C=GB;A=GOLD;P=DST;DDA:MS=ACME/PO1/EVE", NULL);
	setting_fini(&s);
}
END_TEST

/* An address space of "*" makes no foreign mailbox ours. */
START_TEST(any_address_space)
{
	struct setting s;
	struct diag diag = {0};

	setting_init(&s, "");
	conf_free(s.conf);
	ck_assert_msg(
	    conf_parse_text(
		slice_of_string(
		    "mta { name = \"M\" domain = \"C=DE;A=VIAT;P=ACME\" }\n"
		    "msmail \"po1\" { postoffice = \"/po\"\n"
		    "  network = \"ACME\" name = \"PO1\"\n"
		    "  address-space = {\"*\"} }\n"),
		"test", CONF_HANDED, &s.conf, &diag) == 0,
	    "%s", diag_text(&diag));
	s.addressing.conf = s.conf;
	s.addressing.msmail = conf_msmail_find(s.conf, "po1");
	expect_box(&s, "C=GB;A=GOLD;P=DST;DDA:MS=ACME/PO1/X", NULL);
	expect_box(&s, "S=X;P=DST;A=GOLD;C=GB", NULL);
	expect_box(&s, "C=DE;A=VIAT;P=ACME;DDA:MS=ACME/PO1/X", "ACME/PO1/X");
	setting_fini(&s);
}
END_TEST

TEST_MAIN("msmi/map", TEST(both_ways), TEST(whole_or_not_at_all),
    TEST(not_a_file), TEST(addresses_in), TEST(addresses_out),
    TEST(addresses_shown), TEST(foreign_mailboxes), TEST(any_address_space))
