/* SPDX-License-Identifier: ISC */
/*
 * or_address_text_test.c - O/R addresses in text: what is read, what is not
 */
#include "tests/unit/mhs/or_fixture.h"
#include "tests/unit/test.h"

/* Text of every style, and the canonical form of what it says. */
static const struct {
	const char *text;
	const char *canonical;
} texts[] = {
    /* RFC 1685 2.4, F.401 annex B */
    {"G=john; S=smith; O=a bank ltd; P=abl; A=snomail; C=aq",
	"G=john;S=smith;O=a bank ltd;P=abl;A=snomail;C=aq"},
    {"c=no;a= ;p=uninett;o=sintef;ou1=delab;s=alvestrand;g=harald",
	"G=harald;S=alvestrand;O=sintef;OU1=delab;P=uninett;A= ;C=no"},
    {"C=NO;P=uninett;S=a", "S=a;P=uninett;A= ;C=NO"},
    {"I=JKL;G=jo;S=d;Q=III;CN=x y;X.121=208012345;N-ID=12;T-ID=t1;T-TY=g3fax;"
     "A=b;C=FR",
	"G=jo;I=JKL;S=d;Q=III;CN=x y;A=b;C=FR;X.121=208012345;N-ID=12;T-ID=t1;"
	"T-TY=g3fax"},
    {"DDA:RFC-822=postmaster(a)nic.ddn.mil; P=internet; C=us; A= ",
	"P=internet;A= ;C=us;DDA:RFC-822=postmaster(a)nic.ddn.mil"},
    {"C=us;A=x;DDA:a==b=c", "A=x;C=us;DDA:a==b=c"},
    {"C=us;A=x;dda:a=$=b", "A=x;C=us;DDA:a=$=b"},
    {"C=us;A=x;dda:a= =b", "A=x;C=us;DDA:a= =b"},
    {"/C=us/A=x/DD.a=$=b/", "A=x;C=us;DDA:a= =b"},
    {"C=us;A=x;dda:a===b", "A=x;C=us;DDA:a===b"},
    {"C=us;A=x;dda:a=b=c", "A=x;C=us;DDA:a=b=c"},
    {"C=us;A=x;DDA:X=1;DDA:X=2;DDA:Y=3;DDA:X=4",
	"A=x;C=us;DDA:X=1;DDA:X=2;DDA:Y=3;DDA:X=4"},
    {"DDA:X=(040)u(041);A=a;C=de", "A=a;C=de;DDA:X=(040)u(041)"},
    {"DDA:RFC-822=jo_e@x.org;A=a;C=de", "A=a;C=de;DDA:RFC-822=jo(u)e(a)x.org"},
    {"S=a;A=;C=de", "S=a;A=;C=de"},
    {"S=a;P=b;A=;C=de", "S=a;P=b;A=;C=de"},
    {" ; S = a b ; A = x ; ; C = de ; ", "S=a b;A=x;C=de"},
    /* RFC 1685 F.3.2.1: the delimiter doubled is the delimiter itself */
    {"O=a;;b;A=x;C=de", "O=a;;b;A=x;C=de"},
    {"O=a;;;A=x;C=de", "O=a;;;A=x;C=de"},
    {"O=;;;;a/b//c;A=x;C=de", "O=;;;;a/b//c;A=x;C=de"},
    {"/O=a//b;c/A=x/C=de/", "O=a/b;;c;A=x;C=de"},
    {"O=US$;S=x;A=x;C=us", "S=x;O=US$;A=x;C=us"},
    {"S=D$$oe;O=$/;A=x;C=us", "S=D$$oe;O=$/;A=x;C=us"},
    {"P= ;A= ;C=de", "P= ;A= ;C=de"},
    {"/PRMD= /ADMD= /C=de/", "P= ;A= ;C=de"},
    /* "/" as in RFC 1685 */
    {"G=jo/S=doe/P=acme/A=viat/C=de", "G=jo;S=doe;P=acme;A=viat;C=de"},
    {"CN=a/b/A=viat/C=de", "CN=a/b;A=viat;C=de"},
    /* RFC 2156 */
    {"/G=Jo/S=Doe/O=X/PRMD=ACME/ADMD=VIAT/C=DE/",
	"G=Jo;S=Doe;O=X;P=ACME;A=VIAT;C=DE"},
    {"/S=linnimouth/GQ=5/O=Marketing/OU=a/OU=b/PRMD=DBP/ADMD=DBP/C=DE/",
	"S=linnimouth;Q=5;O=Marketing;OU1=b;OU2=a;P=DBP;A=DBP;C=DE"},
    {"/C=gb/ADMD= /DD.phone=$/5$=5/dd:x=y/", "A= ;C=gb;DDA:x=y;DDA:phone=/5=5"},
    /* RFC 2156 4.3.3: the most significant on the right */
    {"/S=Doe/OU=dept/OU=faculty/O=UNI/ADMD=A/C=GB/",
	"S=Doe;O=UNI;OU1=faculty;OU2=dept;A=A;C=GB"},
    {"/O=UNI/OU=dept/OU=faculty/ADMD=A/C=GB/DD.a=1/DD.b=2/",
	"O=UNI;OU1=faculty;OU2=dept;A=A;C=GB;DDA:b=2;DDA:a=1"},
    {"/OU2=dept/OU1=faculty/O=UNI/ADMD=A/C=GB/DDA:a=1/DDA:b=2/",
	"O=UNI;OU1=faculty;OU2=dept;A=A;C=GB;DDA:a=1;DDA:b=2"},
    {"/A=x/C=GB/DDA:a=1/DD.b=2/DDA:c=3/RFC-822=4/",
	"A=x;C=GB;DDA:a=1;DDA:RFC-822=4;DDA:c=3;DDA:b=2"},
    {"/A=x/C=GB/DD2.a=1/DD1.b=2/", "A=x;C=GB;DDA:b=2;DDA:a=1"},
    {"OU=a;OU=b;O=UNI;A=A;C=GB", "O=UNI;OU1=a;OU2=b;A=A;C=GB"},
    {"/PN=Marshall.T.Rose/A=x/C=us/", "G=Marshall;I=T;S=Rose;A=x;C=us"},
    {"/PN=M.T.Rose/GQ=3/A=x/C=us/", "I=MT;S=Rose;Q=3;A=x;C=us"},
    {"/PN=Rose/A=x/C=us/", "S=Rose;A=x;C=us"},
    {"/PN=Marshall.Rose/A=x/C=us/", "G=Marshall;S=Rose;A=x;C=us"},
    {"/C=us/ADMD=x/RFC-822=a(a)b/UA-ID=77/X121=99/",
	"A=x;C=us;X.121=99;N-ID=77;DDA:RFC-822=a(a)b"},
    {"/O=cost $$5/ADMD=x/C=us/", "O=cost $5;A=x;C=us"},
    /* RFC 2156 3.5: "*" and a teletex-string, alone or behind a printable
     * form, which is the same name */
    {"/S=*M{200}uller/O=*{200117}b$/e{193065}/ADMD=x/C=de/",
	"S=M\xc3\xbcller;O=\xc3\xbc"
	"b/e\xc3\x80;A=x;C=de"},
    {"/S=Mueller*M{200}uller/ADMD=x/C=de/", "S=Mueller;A=x;C=de"},
    {"/CN=yen*{165}/ADMD=x/C=us/", "CN=yen;A=x;C=us"},
    {"/DD.a=*{165}/ADMD=x/C=us/", "A=x;C=us;DDA:a=\xc2\xa5"},
    {"/S=a$*b/ADMD=x/C=us/", "S=a*b;A=x;C=us"},
    {"S=a*{165};A=x;C=us", "S=a*{165};A=x;C=us"},
    /* Exchange's */
    {"c=DE;a=VIAT;p=ACME;o=X;s=Doe;g=John;",
	"G=John;S=Doe;O=X;P=ACME;A=VIAT;C=DE"},
    {"X400:c=DE;a= ;p=ACME;o=X;s=Doe;", "S=Doe;O=X;P=ACME;A= ;C=DE"},
    {"[X400:c=DE;a= ;p=ACME;o=X;s=Doe;]", "S=Doe;O=X;P=ACME;A= ;C=DE"},
    {"/c=DE/a=VIAT/p=ACME/dda.type=ms/dda.value=net$/po$/mailbox",
	"P=ACME;A=VIAT;C=DE;DDA:ms=net/po/mailbox"},
    {"c=DE;a=VIAT;p=ACME;dda:MS=NET/PO/BOX;",
	"P=ACME;A=VIAT;C=DE;DDA:MS=NET/PO/BOX"},
    /* Numeric country, postal attributes, raw ones, other alphabets */
    {"C=276;A=VIAT;S=x", "S=x;A=VIAT;C=276"},
    {"C=de;A=x;PD-STREET=Main Street 1;PD-CODE=12345",
	"A=x;C=de;PD-PC=12345;PD-S=Main Street 1"},
    /* F.401's labels, and RFC 2156's */
    {"C=de;A=x;PD-SN=a;PD-C=de;PD-PC=1;PD-OF=b;PD-OFN=c;PD-EA=d;PD-PN=e;"
     "PD-O=f;PD-ED=g;PD-S=h;PD-B=i;PD-R=j;PD-U=k;PD-L=l",
	"A=x;C=de;PD-SN=a;PD-C=de;PD-PC=1;PD-OF=b;PD-OFN=c;PD-EA=d;PD-PN=e;"
	"PD-O=f;PD-ED=g;PD-S=h;PD-B=i;PD-R=j;PD-U=k;PD-L=l"},
    {"/C=de/A=x/PD-OFFICE-NUM=c/PD-EXT-ADDRESS=d/PD-OFFICE NUMBER=/",
	"A=x;C=de;PD-OFN=c;PD-EA=d"},
    {"C=de;A=x;PD-A1=The Dome;PD-A2=Richmond",
	"A=x;C=de;PD-A1=The Dome;PD-A2=Richmond"},
    {"/C=de/A=x/PD-ADDRESS=The Dome|Richmond/",
	"A=x;C=de;PD-A1=The Dome;PD-A2=Richmond"},
    {"/C=de/A=x/NET-NUM=4989123/", "A=x;C=de;ISDN=4989123"},
    {"C=de;A=x;E.164=4989123", "A=x;C=de;ISDN=4989123"},
    {"C=de;A=x;NET-NUM=1;NET-SUB=2", "A=x;C=de;EXT:22=3006800131810132"},
    {"C=de;A=x;T-TY=telex", "A=x;C=de;T-TY=tlx"},
    {"C=de;A=x;T-TY=g3-facsimile", "A=x;C=de;T-TY=g3fax"},
    {"C=de;A=x;EXT:77=0403616263", "A=x;C=de;EXT:77=0403616263"},
    {"C=de;A=x;T-TY=3", "A=x;C=de;T-TY=tlx"},
    {"C=de;A=x;T-TY=9", "A=x;C=de;T-TY=9"},
    {"C=de;A=x;PD-BOX=\xd0\x98", "A=x;C=de;PD-B=\xd0\x98"},
    {"C=de;A=x;EXT:18=3103130162", "A=x;C=de;PD-B=b"},
    {"S=M\xc3\xbcller;G=J\xc3\xb6rg;A=x;C=de",
	"G=J\xc3\xb6rg;S=M\xc3\xbcller;A=x;C=de"},
    {"S=\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd;A=x;C=ru",
	"S=\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd;A=x;C=ru"},
    {"O=a;;b@c;A=x;C=de", "O=a;;b@c;A=x;C=de"},
    {"CN=\xf0\x9f\x93\xa7;A=x;C=de", "CN=\xf0\x9f\x93\xa7;A=x;C=de"},
};

#define TEXTS (sizeof(texts) / sizeof(texts[0]))

/* Each text is read, is canonical, and stays what it is through BER and back
 * in every style. */
START_TEST(text)
{
	struct or_address address = or_fixture_parse(texts[_i].text), again,
			  decoded;
	unsigned style;
	char *string;

	string = or_address_format(&address, OR_STYLE_F401, &or_fixture_arena);
	ck_assert_str_eq(string, texts[_i].canonical);
	decoded = or_fixture_through(&address);
	ck_assert_int_eq(or_address_compare(&address, &decoded), 0);
	ck_assert_uint_eq(or_address_hash(&address), or_address_hash(&decoded));
	for (style = OR_STYLE_F401; style <= OR_STYLE_EXCHANGE; style++) {
		string = or_address_format(&decoded, style, &or_fixture_arena);
		ck_assert_ptr_nonnull(string);
		again = or_fixture_parse(string);
		ck_assert_msg(
		    or_address_compare(&address, &again) == 0, "%s", string);
		ck_assert(slice_equal(address.encoded, again.encoded));
	}
}
END_TEST

/* The forms that other MTAs print. */
START_TEST(styles)
{
	struct or_address address =
	    or_fixture_parse("G=Jo;S=Doe;O=X/Y;P=ACME;A=VIAT;C=DE;DDA:MS=A/B");

	ck_assert_str_eq(
	    or_address_format(&address, OR_STYLE_RFC2156, &or_fixture_arena),
	    "/G=Jo/S=Doe/O=X$/Y/PRMD=ACME/ADMD=VIAT/C=DE/DD.MS=A$/B/");
	ck_assert_str_eq(
	    or_address_format(&address, OR_STYLE_EXCHANGE, &or_fixture_arena),
	    "c=DE;a=VIAT;p=ACME;o=X/Y;s=Doe;g=Jo;dda:MS=A/B;");
	address = or_fixture_parse("S=M\xc3\xbcller;O=a*b{;A=x;C=de");
	ck_assert_str_eq(
	    or_address_format(&address, OR_STYLE_RFC2156, &or_fixture_arena),
	    "/S=*M{200}uller/O=*a$*b{123}/ADMD=x/C=de/");
	address = or_fixture_parse(
	    "S=Doe;O=UNI;OU1=faculty;OU2=dept;A=A;C=GB;DDA:a=1;"
	    "DDA:b=2;PD-A1=x;ISDN=7");
	ck_assert_str_eq(
	    or_address_format(&address, OR_STYLE_RFC2156, &or_fixture_arena),
	    "/S=Doe/OU=dept/OU=faculty/O=UNI/ADMD=A/C=GB/PD-A1=x/NET-NUM=7/"
	    "DD.b=2/DD.a=1/");
}
END_TEST

/* Texts that are no address, and the attribute that the error must name. */
static const struct {
	const char *text;
	int error;
	const char *names;
} bad[] = {
    {"", ERR_SYNTAX, "O/R address"},
    {"/S=a*{16}/ADMD=x/C=de/", ERR_SYNTAX, "S: no"},
    {"/S=a*{256}/ADMD=x/C=de/", ERR_SYNTAX, "S: no"},
    {"/S=a*{165/ADMD=x/C=de/", ERR_SYNTAX, "S: no"},
    {"/S=a*{}/ADMD=x/C=de/", ERR_SYNTAX, "S: no"},
    {"/DD.x=*{xyz}/ADMD=x/C=de/", ERR_SYNTAX, "DDA: no"},
    {"   ", ERR_SYNTAX, "O/R address"},
    {"garbage", ERR_SYNTAX, "O/R address"},
    {"S=a;A=x", ERR_VALUE, "country"},
    {"S=a;C=de", ERR_VALUE, "ADMD"},
    {"S=a;A=x;C=deu", ERR_VALUE, "country"},
    {"S=a;A=x;C=27", ERR_VALUE, "country"},
    {"S=a;A=x;C=d1", ERR_VALUE, "country"},
    {"FOO=a;A=x;C=de", ERR_SYNTAX, "FOO"},
    {"S=a;S=b;A=x;C=de", ERR_SYNTAX, "surname"},
    {"S=a;A=x;ADMD=y;C=de", ERR_SYNTAX, "ADMD"},
    /* G without S */
    {"G=a;A=x;C=de", ERR_VALUE, "surname"},
    {"OU2=a;O=o;A=x;C=de", ERR_VALUE, "organizational unit 1"},
    {"S=a;A=12345678901234567;C=de", ERR_LIMIT, "ADMD"},
    {"S=a;P=12345678901234567;A=x;C=de", ERR_LIMIT, "PRMD"},
    {"S=12345678901234567890123456789012345678901;A=x;C=de", ERR_LIMIT,
	"surname"},
    {"G=12345678901234567;S=x;A=x;C=de", ERR_LIMIT, "given name"},
    {"I=123456;S=x;A=x;C=de", ERR_LIMIT, "initials"},
    {"P=M\xc3\xbcll;A=x;C=de", ERR_VALUE, "PRMD"},
    {"S=a\x01;A=x;C=de", ERR_VALUE, "surname"},
    {"S=a\xff;A=x;C=de", ERR_VALUE, "surname"},
    {"N-ID=12a;A=x;C=de", ERR_VALUE, "numeric user identifier"},
    {"X.121=abc;A=x;C=de", ERR_VALUE, "X.121"},
    {"T-TY=telefax;A=x;C=de", ERR_VALUE, "terminal type"},
    {"DDA:a;A=x;C=de", ERR_SYNTAX, "DDA"},
    {"DDA:a==b;A=x;C=de", ERR_SYNTAX, "DDA"},
    {"DDA:=b;A=x;C=de", ERR_VALUE, "DDA"},
    {"DDA:a=;A=x;C=de", ERR_VALUE, "DDA"},
    {"DDA:123456789=b;A=x;C=de", ERR_LIMIT, "DDA type"},
    {"DDA:a=1;DDA:a=2;DDA:a=3;DDA:a=4;DDA:a=5;A=x;C=de", ERR_LIMIT, "DDA"},
    {"/dda.type=ms/A=x/C=de/", ERR_SYNTAX, "DDA"},
    {"/dda.value=ms/A=x/C=de/", ERR_SYNTAX, "DDA"},
    {"EXT:5x=00;A=x;C=de", ERR_SYNTAX, "EXT"},
    {"EXT:55=0405;A=x;C=de", ERR_SYNTAX, "EXT"},
    {"EXT:55=04;A=x;C=de", ERR_SYNTAX, "EXT"},
    /* An attribute that has a label of its own. */
    {"EXT:1=130161;A=x;C=de", ERR_SYNTAX, "EXT"},
    {"EXT:55=2480040000;A=x;C=de", ERR_SYNTAX, "EXT"},
    {"PD-BOX=a;PD-BOX=b;A=x;C=de", ERR_SYNTAX, "PD-BOX"},
    {"PD-BOX=a;EXT:18=3103130162;A=x;C=de", ERR_SYNTAX, "EXT"},
    {"PD-BOX=a\x02;A=x;C=de", ERR_VALUE, "PD-B"},
    {"PD-CODE=12345678901234567;A=x;C=de", ERR_LIMIT, "PD-PC"},
    /* What marks a control that was decoded names nobody. */
    {"S=a\xef\xbf\xbd;A=x;C=de", ERR_VALUE, "surname"},
    {"A=*;C=de", ERR_VALUE, "ADMD"},
    {"P=*;A=x;C=de", ERR_VALUE, "PRMD"},
    {"O=a$;b;A=x;C=de", ERR_SYNTAX, "\"b\""},
    {"/OU=a/OU1=b/A=x/C=de/", ERR_SYNTAX, "OU1"},
    {"/OU=a/OU=b/OU=c/OU=d/OU=e/A=x/C=de/", ERR_LIMIT, "organizational unit"},
    {"/DD1.a=1/DD3.b=2/A=x/C=de/", ERR_SYNTAX, "DD1"},
    {"/DD1.a=1/DD.b=2/A=x/C=de/", ERR_SYNTAX, "DD1"},
    {"/PN=.Rose/A=x/C=de/", ERR_SYNTAX, "PN"},
    {"/PN=Marshall..Rose/A=x/C=de/", ERR_SYNTAX, "PN"},
    {"/PN=Marshall.To.Rose/A=x/C=de/", ERR_SYNTAX, "PN"},
    {"/PN=Rose./A=x/C=de/", ERR_SYNTAX, "PN"},
    {"/PN=Rose/S=Rose/A=x/C=de/", ERR_SYNTAX, "PN"},
    {"PD-A2=x;A=x;C=de", ERR_VALUE, "PD-A1"},
    {"PD-A1=\xc3\xbc;A=x;C=de", ERR_VALUE, "PD-A1"},
    {"PD-A1=1234567890123456789012345678901;A=x;C=de", ERR_LIMIT, "PD-A1"},
    {"PD-ADDRESS=a|b;PD-A2=c;A=x;C=de", ERR_SYNTAX, "PD-A2"},
    {"PD-ADDRESS=1|2|3|4|5|6|7;A=x;C=de", ERR_LIMIT, "PD-ADDRESS"},
    {"ISDN=12x;A=x;C=de", ERR_VALUE, "ISDN"},
    {"ISDN=1;NET-NUM=1;A=x;C=de", ERR_SYNTAX, "NET-NUM"},
    {"NET-SUB=1;A=x;C=de", ERR_VALUE, "ISDN"},
    {"PSAP=1;A=x;C=de", ERR_SYNTAX, "PSAP"},
    /* What turns the direction of the text around it. */
    {"S=a\xe2\x80\xae;A=x;C=de", ERR_VALUE, "surname"},
};

#define BAD (sizeof(bad) / sizeof(bad[0]))

/* Each is refused, with the attribute named. */
START_TEST(bad_text)
{
	struct or_address address;
	struct diag diag;

	diag_clear(&diag);
	ck_assert_msg(or_address_parse(slice_of_string(bad[_i].text),
			  &or_fixture_arena, &address, &diag) == bad[_i].error,
	    "\"%s\": %d %s", bad[_i].text, diag.code, diag.text);
	ck_assert_msg(strstr(diag.text, bad[_i].names) != NULL, "\"%s\": %s",
	    bad[_i].text, diag.text);
}
END_TEST

/* The order is total: sorting any triple is consistent. */
START_TEST(order)
{
	struct or_address all[TEXTS];
	size_t i, k, m;

	for (i = 0; i < TEXTS; i++)
		all[i] = or_fixture_parse(texts[i].text);
	for (i = 0; i < TEXTS; i++)
		for (k = 0; k < TEXTS; k++)
			for (m = 0; m < TEXTS; m++)
				if (or_address_compare(&all[i], &all[k]) < 0 &&
				    or_address_compare(&all[k], &all[m]) < 0)
					ck_assert_int_lt(or_address_compare(
							     &all[i], &all[m]),
					    0);
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

TEST_MAIN("mhs/or_address_text", add_case(suite, "text", text, TEXTS);
	  add_case(suite, "bad text", bad_text, BAD);
	  add_case(suite, "styles", styles, 1);
	  add_case(suite, "order", order, 1))
