/* SPDX-License-Identifier: ISC */
/*
 * or_address_test.c - O/R addresses in BER, and compared
 */
#include <stdio.h>

#include "mhs/charset.h"
#include "tests/unit/mhs/or_fixture.h"
#include "tests/unit/test.h"

/* prefix - parse an address space that must be one */
static struct or_address
prefix(const char *text)
{
	struct or_address address;
	struct diag diag;

	diag_clear(&diag);
	memset(&address, 0, sizeof(address));
	ck_assert_msg(or_address_parse_prefix(slice_of_string(text),
			  &or_fixture_arena, &address, &diag) == 0,
	    "\"%s\": %s", text, diag.text);
	return address;
}

#define VALUE(address, which, string)                                         \
	ck_assert_msg(slice_equal_string((address).attribute[which], string), \
	    "%s is \"%.*s\"", #which, (int)(address).attribute[which].len,    \
	    (const char *)(address).attribute[which].data)

/* decode - decode an ORName from octets; the address must be one */
static struct or_address
decode(const uint8_t *octets, size_t len)
{
	struct or_name name;
	struct ber_reader reader;
	struct ber_element el;
	struct diag diag;

	diag_clear(&diag);
	memset(&name, 0, sizeof(name));
	ber_reader_init(&reader, slice_of(octets, len), &diag);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ck_assert_msg(
	    or_name_decode(&reader, &el, "name", &or_fixture_arena, &name) == 0,
	    "%s", diag.text);
	return name.address;
}

/* Printable, teletex and BMP forms of one name are one name. */
START_TEST(forms)
{
	/* C=DE A=x, surname Doe: printable, teletex, universal */
	static const uint8_t printable[] = {0x60, 0x19, 0x30, 0x17, 0x61, 0x04,
	    0x13, 0x02, 'D', 'E', 0x62, 0x03, 0x13, 0x01, 'x', 0xa5, 0x05, 0x80,
	    0x03, 'D', 'o', 'e', 0x83, 0x01, 'O', 0x00, 0x00};
	static const uint8_t teletex[] = {0x60, 0x1d, 0x30, 0x0b, 0x61, 0x04,
	    0x13, 0x02, 'd', 'e', 0x62, 0x03, 0x13, 0x01, 'X', 0x31, 0x0e, 0x30,
	    0x0c, 0x80, 0x01, 0x04, 0xa1, 0x07, 0x31, 0x05, 0x80, 0x03, 'd',
	    'O', 'E'};
	static const uint8_t universal[] = {0x60, 0x80, 0x30, 0x80, 0x61, 0x04,
	    0x13, 0x02, 'd', 'e', 0x62, 0x03, 0x13, 0x01, 'X', 0x00, 0x00, 0x31,
	    0x80, 0x30, 0x80, 0x80, 0x01, 0x1a, 0xa1, 0x80, 0x31, 0x80, 0xa0,
	    0x80, 0x1e, 0x06, 0, 'D', 0, 'o', 0, 'e', 0x00, 0x00, 0x00, 0x00,
	    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
	uint8_t plain[sizeof(printable)];
	struct or_address one, two, three;

	/* Without the organization: 0x14 and 0x12 octets. */
	memcpy(plain, printable, sizeof(plain));
	plain[1] = 0x14;
	plain[3] = 0x12;
	one = decode(plain, 22);
	two = decode(teletex, sizeof(teletex));
	three = decode(universal, sizeof(universal));
	VALUE(one, OR_SURNAME, "Doe");
	VALUE(two, OR_SURNAME, "dOE");
	VALUE(three, OR_SURNAME, "Doe");
	ck_assert_uint_eq(one.forms[OR_SURNAME], OR_PRINTABLE);
	ck_assert_uint_eq(two.forms[OR_SURNAME], OR_TELETEX);
	ck_assert_uint_eq(three.forms[OR_SURNAME], OR_UNIVERSAL);
	ck_assert_int_eq(or_address_compare(&one, &two), 0);
	ck_assert_int_eq(or_address_compare(&one, &three), 0);
	ck_assert_uint_eq(or_address_hash(&one), or_address_hash(&two));
	ck_assert_uint_eq(or_address_hash(&one), or_address_hash(&three));
	/* A relay sends the octets that came, with definite lengths. */
	ck_assert(slice_equal(
	    two.encoded, slice_of(teletex + 2, sizeof(teletex) - 2)));
	ck_assert_uint_eq(three.encoded.len, 34);
	ck_assert_ptr_null(
	    memmem(three.encoded.data, three.encoded.len, "\x00\x00", 2));
}
END_TEST

/* Text of any alphabet goes into the form that has it. */
START_TEST(natural_forms)
{
	struct or_address address;

	address = or_fixture_parse("S=Doe;O=Gr\xc3\xbcn;A=x;C=de");
	ck_assert_uint_eq(address.forms[OR_SURNAME], OR_PRINTABLE);
	ck_assert_uint_eq(address.forms[OR_ORGANIZATION], OR_TELETEX);
	address = or_fixture_through(&address);
	VALUE(address, OR_ORGANIZATION, "Gr\xc3\xbcn");
	/* The parts of a name go together. */
	address = or_fixture_parse("G=Jo;S=M\xc3\xbcller;A=x;C=de");
	ck_assert_uint_eq(address.forms[OR_GIVEN], OR_TELETEX);
	address = or_fixture_parse("G=Jo;S=\xce\xa9\xce\xbc\xce\xad;A=x;C=gr");
	ck_assert_uint_eq(address.forms[OR_GIVEN], OR_UNIVERSAL);
	address = or_fixture_through(&address);
	VALUE(address, OR_GIVEN, "Jo");
	VALUE(address, OR_SURNAME, "\xce\xa9\xce\xbc\xce\xad");
}
END_TEST

/* Equal addresses compare as equal, others do not. */
START_TEST(comparison)
{
	static const struct {
		const char *a, *b;
		bool same;
	} pairs[] = {
	    {"S=Doe;A=x;C=de", "s=DOE;a=X;c=DE", true},
	    {"S=van  der Doe;A=x;C=de", "S= Van der doe ;A=x;C=DE", true},
	    {"S=M\xc3\x9cLLER;A=x;C=de", "S=m\xc3\xbcller;A=x;C=de", true},
	    {"S=a;P=p;A= ;C=de", "S=a;P=p;C=de", true},
	    {"S=a;P=p;A= ;C=de", "S=a;P=p;A=;C=de", false},
	    {"S=a;P=p;A= ;C=de", "S=a;P=p;A=x;C=de", false},
	    {"S=a;A=x;C=de", "S=a;A=x;C=276", false},
	    {"S=a;A=x;C=de", "S=a;A=x;C=fr", false},
	    {"S=a;G=b;A=x;C=de", "S=a;A=x;C=de", false},
	    {"S=ab;A=x;C=de", "S=a b;A=x;C=de", false},
	    {"DDA:a=1;DDA:b=2;A=x;C=de", "DDA:A=1;DDA:B=2;A=x;C=de", true},
	    {"DDA:a=1;DDA:b=2;A=x;C=de", "DDA:b=2;DDA:a=1;A=x;C=de", false},
	    {"DDA:a=1;A=x;C=de", "DDA:a=1;DDA:a=1;A=x;C=de", false},
	    {"T-TY=3;A=x;C=de", "T-TY=tlx;A=x;C=de", true},
	    {"PD-BOX=1 a;A=x;C=de", "PD-BOX=1 A;A=x;C=de", true},
	    {"EXT:77=0400;A=x;C=de", "EXT:77=0500;A=x;C=de", false},
	};
	struct or_address a, b;
	size_t i;
	int n;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		a = or_fixture_parse(pairs[i].a);
		b = or_fixture_parse(pairs[i].b);
		n = or_address_compare(&a, &b);
		ck_assert_msg((n == 0) == pairs[i].same, "%s and %s",
		    pairs[i].a, pairs[i].b);
		ck_assert_int_eq((n > 0) - (n < 0),
		    (or_address_compare(&b, &a) < 0) -
			(or_address_compare(&b, &a) > 0));
		if (pairs[i].same)
			ck_assert_uint_eq(
			    or_address_hash(&a), or_address_hash(&b));
	}
}
END_TEST

/* Address spaces: each covers the address more closely than the one before. */
START_TEST(matching)
{
	static const char *const closer[] = {
	    "",
	    "S=Doe",
	    "DDA:MS",
	    "DDA:MS=*",
	    "DDA:ms=a/b/c",
	    "C=*",
	    "C=DE",
	    "C=DE;S=Doe",
	    "C=DE;A=*",
	    "C=DE;A=VIAT",
	    "C=DE;A=VIAT;DDA:MS",
	    "C=DE;A=VIAT;P=acme",
	    "C=DE;A=VIAT;P=ACME;O=X",
	    "C=DE;A=VIAT;P=ACME;O=X;OU1=a",
	    "C=DE;A=VIAT;P=ACME;O=X;OU1=a;S=Doe",
	};
	static const char *const others[] = {
	    "C=FR",
	    "C=DE;A= ",
	    "C=DE;A=VIAT;P=OTHER",
	    "C=DE;A=VIAT;P=ACME;OU2=*",
	    "C=DE;A=VIAT;P=ACME;DDA:SMTP",
	    "C=DE;A=VIAT;P=ACME;DDA:MS=z",
	    "C=DE;A=VIAT;P=ACME;S=Do",
	};
	struct or_address address =
	    or_fixture_parse("S=Doe;OU1=A;O=x;P=ACME;A=VIAT;C=DE;DDA:MS=A/B/C");
	struct or_address space;
	int last = -1, n;
	size_t i;

	for (i = 0; i < sizeof(closer) / sizeof(closer[0]); i++) {
		space = prefix(closer[i]);
		n = or_address_matches(&space, &address);
		if (strcmp(closer[i], "DDA:MS=*") == 0)
			ck_assert_int_eq(n, last);
		else
			ck_assert_msg(n > last, "%s: %d", closer[i], n);
		last = n;
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		space = prefix(others[i]);
		ck_assert_msg(or_address_matches(&space, &address) == -1, "%s",
		    others[i]);
	}
	/* A missing ADMD of an address space is any, not one space. */
	space = prefix("C=DE;P=ACME");
	ck_assert_int_gt(or_address_matches(&space, &address), 0);
}
END_TEST

/* Built from its attributes. */
START_TEST(by_hand)
{
	struct or_address address;
	struct diag diag;

	diag_clear(&diag);
	memset(&address, 0, sizeof(address));
	ck_assert_int_eq(
	    or_address_set(&address, OR_COUNTRY, "DE", &or_fixture_arena), 0);
	ck_assert_int_eq(
	    or_address_set(&address, OR_ADMD, " ", &or_fixture_arena), 0);
	ck_assert_int_eq(
	    or_address_set_dda(&address, "MS", "NET/PO/BOX", &or_fixture_arena),
	    0);
	ck_assert_int_eq(
	    or_address_seal(&address, &or_fixture_arena, &diag), 0);
	ck_assert_str_eq(
	    or_address_format(&address, OR_STYLE_F401, &or_fixture_arena),
	    "A= ;C=DE;DDA:MS=NET/PO/BOX");
	address.attribute[OR_GIVEN] = slice_of_string("Jo");
	ck_assert_int_eq(
	    or_address_seal(&address, &or_fixture_arena, &diag), ERR_VALUE);
	ck_assert_ptr_nonnull(strstr(diag.text, "surname"));
}
END_TEST

/* An O/R name keeps its directory name; one without address is read. */
START_TEST(directory_name)
{
	static const uint8_t octets[] = {0x60, 0x14, 0x30, 0x0b, 0x61, 0x04,
	    0x13, 0x02, 'D', 'E', 0x62, 0x03, 0x13, 0x01, 'x', 0xa0, 0x05, 0x30,
	    0x03, 0x04, 0x01, 0x00};
	static const uint8_t nothing[] = {0xa4, 0x04, 0x30, 0x00, 0xa0, 0x00};
	struct or_name name;
	struct ber_reader reader;
	struct ber_writer writer;
	struct ber_element el;
	struct buffer buffer;

	memset(&name, 0, sizeof(name));
	buffer_init(&buffer, 1024);
	ber_reader_init(&reader, slice_of(octets, sizeof(octets)), NULL);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ck_assert_int_eq(
	    or_name_decode(&reader, &el, "name", &or_fixture_arena, &name), 0);
	ck_assert_uint_eq(name.directory_name.len, 7);
	ber_writer_init(&writer, &buffer);
	or_name_encode(&writer, OR_NAME_TAG, &name);
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert(slice_equal(
	    buffer_slice(&buffer), slice_of(octets, sizeof(octets))));
	ber_reader_init(&reader, slice_of(nothing, sizeof(nothing)), NULL);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ck_assert_int_eq(
	    or_name_decode(&reader, &el, "name", &or_fixture_arena, &name), 0);
	ck_assert_uint_eq(name.address.attribute[OR_COUNTRY].len, 0);
	buffer_fini(&buffer);
}
END_TEST

/* Addresses beyond X.411's bounds and alphabets, as peers send them, are read
 * and kept. */
START_TEST(tolerant)
{
	/* P=FOO_BAR&CO_MORE_THAN_16, given name without surname */
	static const uint8_t octets[] = {0x60, 0x2e, 0x30, 0x2c, 0x61, 0x04,
	    0x13, 0x02, 'D', 'E', 0x62, 0x02, 0x13, 0x00, 0xa2, 0x1a, 0x13,
	    0x18, 'F', 'O', 'O', '_', 'B', 'A', 'R', '&', 'C', 'O', '_', 'M',
	    'O', 'R', 'E', '_', 'T', 'H', 'A', 'N', '_', '1', '6', 0x01, 0xa5,
	    0x04, 0x81, 0x02, 'J', 0x07};
	struct or_address address = decode(octets, 48);

	VALUE(address, OR_ADMD, "");
	VALUE(address, OR_PRMD, "FOO_BAR&CO_MORE_THAN_16\xef\xbf\xbd");
	VALUE(address, OR_GIVEN, "J\xef\xbf\xbd");
	VALUE(address, OR_SURNAME, "");
	ck_assert(slice_equal(address.encoded, slice_of(octets + 2, 46)));
}
END_TEST

/* An RFC-822 DDA in teletex form is the one that its text gives. */
START_TEST(rfc822_teletex)
{
	static const uint8_t octets[] = {0x60, 0x2a, 0x30, 0x0b, 0x61, 0x04,
	    0x13, 0x02, 'D', 'E', 0x62, 0x03, 0x13, 0x01, 'x', 0x31, 0x1b, 0x30,
	    0x19, 0x80, 0x01, 0x06, 0xa1, 0x14, 0x30, 0x12, 0x30, 0x10, 0x14,
	    0x07, 'R', 'F', 'C', '-', '8', '2', '2', 0x14, 0x05, 'j', 'o', '@',
	    'x', 'y'};
	struct or_address address = decode(octets, sizeof(octets));
	struct or_address again;

	again = or_fixture_parse(
	    or_address_format(&address, OR_STYLE_F401, &or_fixture_arena));
	ck_assert_uint_eq(address.dda_count, 1);
	ck_assert(slice_equal_string(address.dda[0].value, "jo(a)xy"));
	ck_assert_int_eq(or_address_compare(&address, &again), 0);
}
END_TEST

/* Found by or_address_fuzz: "02" was kept, and is "2" when decoded. */
START_TEST(terminal_type_with_zeros)
{
	struct or_address address = or_fixture_parse("C=276;A=x;T-TY=02");
	struct or_address got = or_fixture_through(&address);

	VALUE(address, OR_TERMINAL_TYPE, "2");
	VALUE(got, OR_TERMINAL_TYPE, "2");
	ck_assert_int_eq(or_address_compare(&address, &got), 0);
	address = or_fixture_parse("C=276;A=x;T-TY=003");
	VALUE(address, OR_TERMINAL_TYPE, "tlx");
}
END_TEST

/* A name of spaces alone is none. */
START_TEST(blank)
{
	static const uint8_t octets[] = {0x60, 0x13, 0x30, 0x11, 0x61, 0x04,
	    0x13, 0x02, 'D', 'E', 0x62, 0x03, 0x13, 0x01, ' ', 0xa5, 0x04, 0x80,
	    0x02, ' ', ' '};
	struct or_address address = decode(octets, sizeof(octets));

	VALUE(address, OR_ADMD, " ");
	VALUE(address, OR_SURNAME, "");
}
END_TEST

/* A malformed address names the attribute and the offset. */
START_TEST(malformed)
{
	static const uint8_t octets[] = {0x60, 0x0d, 0x30, 0x0b, 0x61, 0x04,
	    0x04, 0x02, 'D', 'E', 0x62, 0x03, 0x13, 0x01, 'x'};
	struct or_name name;
	struct ber_reader reader;
	struct ber_element el;
	struct diag diag;

	diag_clear(&diag);
	ber_reader_init(&reader, slice_of(octets, sizeof(octets)), &diag);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ck_assert_int_eq(or_name_decode(&reader, &el, "originator-name",
			     &or_fixture_arena, &name),
	    ERR_SYNTAX);
	ck_assert_str_eq(diag.text,
	    "originator-name: country at offset 6: neither numeric nor "
	    "printable");
}
END_TEST

/* add_case - add a test with the arena, looped over count */
static void
add_case(Suite *suite, const char *name, const TTest *test, size_t count)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, or_fixture_setup, or_fixture_teardown);
	tcase_add_loop_test(tcase, test, 0, (int)count);
	suite_add_tcase(suite, tcase);
}

TEST_MAIN("mhs/or_address", add_case(suite, "forms", forms, 1);
	  add_case(suite, "natural forms", natural_forms, 1);
	  add_case(suite, "comparison", comparison, 1);
	  add_case(suite, "matching", matching, 1);
	  add_case(suite, "by hand", by_hand, 1);
	  add_case(suite, "directory name", directory_name, 1);
	  add_case(suite, "tolerant", tolerant, 1);
	  add_case(suite, "rfc822 teletex", rfc822_teletex, 1);
	  add_case(suite, "zeros", terminal_type_with_zeros, 1);
	  add_case(suite, "blank", blank, 1);
	  add_case(suite, "malformed", malformed, 1))
