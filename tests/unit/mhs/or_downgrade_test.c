/* SPDX-License-Identifier: ISC */
/*
 * or_downgrade_test.c - O/R addresses to 1984 and back (RFC 1328)
 */
#include "mhs/or_downgrade.h"

#include "mhs/charset.h"
#include "tests/unit/test.h"

static struct arena arena;

/* gateway - make the domain that is ours */
static struct global_domain
gateway(void)
{
	struct global_domain domain;

	ck_assert_int_eq(
	    global_domain_parse(
		slice_of_string("C=DE;A=VIAT;P=ACME"), &arena, &domain, NULL),
	    0);
	return domain;
}

/* name_of - read a name from its text */
static struct or_name
name_of(const char *text)
{
	struct or_name name = {.directory_name = {NULL, 0}};
	struct diag diag = {0};

	ck_assert_msg(or_address_parse(slice_of_string(text), &arena,
			  &name.address, &diag) == 0,
	    "%s: %s", text, diag_text(&diag));
	return name;
}

/* on_wire - read a name again from its octets */
static struct or_name
on_wire(const struct or_name *name)
{
	struct or_name read;
	struct ber_writer writer;
	struct ber_reader reader;
	struct ber_element el;
	struct buffer out;
	struct slice octets;

	buffer_init(&out, 1 << 16);
	ber_writer_init(&writer, &out);
	or_name_encode(&writer, OR_NAME_TAG, name);
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert_int_eq(arena_slice(&arena, buffer_slice(&out), &octets), 0);
	buffer_fini(&out);
	ber_reader_init(&reader, octets, NULL);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ck_assert_int_eq(
	    or_name_decode(&reader, &el, "name", &arena, &read), 0);
	return read;
}

static const struct {
	const char *of_1988, *of_1984;
} pairs[] = {
    /* Nothing to do. */
    {"G=Jo;S=Doe;O=X;OU1=Y;P=BNP;A=ATLAS;C=FR",
	"G=Jo;S=Doe;O=X;OU1=Y;P=BNP;A=ATLAS;C=FR"},
    {"P=BNP;A= ;C=FR;DDA:RFC-822=jo(a)x", "P=BNP;A= ;C=FR;DDA:RFC-822=jo(a)x"},
    /* A common name, beside other attributes of its own. */
    {"CN=Postmaster;O=X;A=ATLAS;C=FR",
	"O=X;A=ATLAS;C=FR;DDA:Common=Postmaster"},
    {"CN=List;O=X;A=ATLAS;C=FR;DDA:ID=7",
	"O=X;A=ATLAS;C=FR;DDA:ID=7;DDA:Common=List"},
    /* What has no other place goes to the gateway as text. */
    {"S=Doe;O=X;A=ATLAS;C=FR;PD-PC=75001",
	"P=ACME;A=VIAT;C=DE;DDA:X400-88=/S=Doe/O=X/ADMD=ATLAS/C=FR/"
	"PD-PC=75001/"},
    {"CN=a;O=X;A=ATLAS;C=FR;DDA:A=1;DDA:B=2;DDA:C=3;DDA:D=4", NULL},
};

START_TEST(there_and_back)
{
	const struct global_domain ours = gateway();
	const char *of_1984 = pairs[_i].of_1984;
	struct or_name name = name_of(pairs[_i].of_1988), was = name, read;

	ck_assert_int_eq(or_name_downgrade(&name, &ours, &arena), 0);
	read = on_wire(&name);
	for (unsigned i = 0; i < OR_ATTRIBUTES; i++)
		ck_assert_uint_eq(
		    read.address.forms[i] & (OR_TELETEX | OR_UNIVERSAL), 0);
	ck_assert_uint_eq(read.address.attribute[OR_COMMON_NAME].len, 0);
	ck_assert_uint_eq(read.address.extension_count, 0);
	ck_assert_uint_le(read.address.dda_count, 4);
	if (of_1984 != NULL && strstr(of_1984, "X400-88") == NULL) {
		struct or_name expected = name_of(of_1984);

		ck_assert_int_eq(
		    or_address_compare(&read.address, &expected.address), 0);
	}
	ck_assert_int_eq(or_name_upgrade(&read, &ours, &arena), 0);
	read = on_wire(&read);
	ck_assert_msg(or_address_compare(&read.address, &was.address) == 0,
	    "%s came back as %s", pairs[_i].of_1988,
	    or_address_format(&read.address, OR_STYLE_F401, &arena));
}
END_TEST

/* A name in letters that 1984 has not is text at the gateway, one that only
 * came as teletex is written in its own. */
START_TEST(letters)
{
	const struct global_domain ours = gateway();
	struct or_name name = name_of("S=M\xc3\xbcller;O=X;A=ATLAS;C=FR");
	struct or_name was = name, plain;

	ck_assert_int_eq(or_name_downgrade(&name, &ours, &arena), 0);
	name = on_wire(&name);
	ck_assert_uint_eq(name.address.attribute[OR_SURNAME].len, 0);
	ck_assert_uint_eq(name.address.dda[0].forms & OR_TELETEX, 0);
	ck_assert_int_eq(or_name_upgrade(&name, &ours, &arena), 0);
	ck_assert_int_eq(or_address_compare(&name.address, &was.address), 0);
	/* The value came as teletex, of printable characters. */
	plain = name_of("S=Doe;O=X;A=ATLAS;C=FR");
	plain.address.forms[OR_SURNAME] = OR_TELETEX;
	ck_assert_int_eq(or_address_seal(&plain.address, &arena, NULL), 0);
	ck_assert_uint_eq(plain.address.forms[OR_SURNAME], OR_TELETEX);
	ck_assert_int_eq(or_name_downgrade(&plain, &ours, &arena), 0);
	plain = on_wire(&plain);
	ck_assert_uint_eq(plain.address.forms[OR_SURNAME], OR_PRINTABLE);
}
END_TEST

/* A text that is longer than four attributes is refused. */
START_TEST(too_long)
{
	const struct global_domain ours = gateway();
	char text[2048], part[64];
	struct or_name name;

	strcpy(text, "S=Doe;A=ATLAS;C=FR");
	for (int i = 1; i <= 6; i++) {
		snprintf(part, sizeof(part), ";PD-A%d=%030d", i, i);
		strlcat(text, part, sizeof(text));
	}
	strlcat(text, ";PD-EA=((((((((((((((((((((((((((((((", sizeof(text));
	strlcat(text, ";PD-ED=((((((((((((((((((((((((((((((", sizeof(text));
	strlcat(text, ";PD-O=((((((((((((((((((((((((((((((", sizeof(text));
	strlcat(text, ";PD-L=((((((((((((((((((((((((((((((", sizeof(text));
	name = name_of(text);
	ck_assert_int_eq(or_name_downgrade(&name, &ours, &arena), ERR_VALUE);
}
END_TEST

/* Addresses that only look like ours stay as they are. */
START_TEST(not_ours)
{
	static const char *const texts[] = {
	    "P=OTHER;A=VIAT;C=DE;DDA:X400-88=/S=Doe/ADMD=ATLAS/C=FR/",
	    "O=X;P=ACME;A=VIAT;C=DE;DDA:X400-88=/S=Doe/ADMD=ATLAS/C=FR/",
	    "P=ACME;A=VIAT;C=DE;DDA:X400-88=rubbish",
	    "P=ACME;A=VIAT;C=DE;DDA:X400-C1=/S=Doe/ADMD=ATLAS/C=FR/",
	};
	const struct global_domain ours = gateway();

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct or_name name = name_of(texts[i]), was = name;

		ck_assert_int_eq(or_name_upgrade(&name, &ours, &arena), 0);
		ck_assert_int_eq(
		    or_address_compare(&name.address, &was.address), 0);
	}
}
END_TEST

static void
setup(void)
{
	arena_init(&arena, 1 << 24);
}

static void
teardown(void)
{
	arena_fini(&arena);
}

/* add - add a test with an arena, for each of count values of _i */
static void
add(Suite *suite, const char *name, const TTest *test, int count)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test, 0, count);
	suite_add_tcase(suite, tcase);
}

TEST_MAIN("mhs/or_downgrade",
    add(suite, "there_and_back", there_and_back,
	sizeof(pairs) / sizeof(pairs[0])),
    add(suite, "letters", letters, 1), add(suite, "too_long", too_long, 1),
    add(suite, "not_ours", not_ours, 1))
