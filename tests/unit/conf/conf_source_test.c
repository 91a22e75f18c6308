/* SPDX-License-Identifier: ISC */
/*
 * conf_source_test.c - parse a configuration text into a list of what it sets
 */
#include "conf/conf_source.h"

#include "tests/unit/test.h"

static struct arena arena;

/* read_text - read a text, as far as its first error */
static int
read_text(struct slice text, struct conf_source *source, struct diag *diag)
{
	struct conf_report report = {.file = "f", .first = diag};

	return conf_source_read(text, &arena, source, &report);
}

/* read_ok - read a text that is right */
static struct conf_source
read_ok(const char *text)
{
	struct conf_source source = {0};
	struct diag diag = {0};

	ck_assert_msg(read_text(slice_of_string(text), &source, &diag) == 0,
	    "%s: %s", text, diag_text(&diag));
	return source;
}

/* read_bad - read a text that is refused with just this reason */
static void
read_bad(const char *text, const char *reason)
{
	struct conf_source source = {0};
	struct diag diag = {0};
	int r = read_text(slice_of_string(text), &source, &diag);

	ck_assert_msg(r < 0, "accepted: %s", text);
	ck_assert_msg(strcmp(diag_text(&diag), reason) == 0, "%s: %s", text,
	    diag_text(&diag));
}

/* read_errors - read a text with these errors, a line for each */
static void
read_errors(const char *text, const char *expected)
{
	static struct conf_errors errors;
	struct conf_report report = {.file = "f", .errors = &errors};
	struct conf_source source;
	char all[8192] = "";

	errors.count = 0;
	ck_assert_int_eq(
	    conf_source_read(slice_of_string(text), &arena, &source, &report),
	    0);
	for (size_t i = 0; i < errors.count; i++) {
		strlcat(all, errors.items[i].diag.text, sizeof(all));
		strlcat(all, "\n", sizeof(all));
	}
	ck_assert_str_eq(all, expected);
	ck_assert_int_eq(source.broken, errors.count > 0);
}

/* assigned - check one assignment, and step to the next */
static const struct conf_assignment *
assigned(const struct conf_assignment *a, const char *name, const char *text,
    unsigned line)
{
	ck_assert_ptr_nonnull(a);
	ck_assert_str_eq(a->setting->name, name);
	if (text == NULL)
		ck_assert_ptr_null(a->text);
	else
		ck_assert_str_eq(a->text, text);
	ck_assert_uint_eq(a->line, line);
	return a->next;
}

START_TEST(in_order_with_lines)
{
	static const char text[] = "# one\n"
				   "/* two\n"
				   "three */ mta\n"
				   "{ name = A // four\n"
				   "domain = \"C=DE;A= \"\n"
				   "listen = {\"[::]:102\", # six\n"
				   "\"0.0.0.0:102\"}\n"
				   "}\n"
				   "link 'x' {\n"
				   "address = \"a:1\"\n"
				   "address-space = {}\n"
				   "remote-mta = B cost = 3 }\n"
				   "link y { }\n";
	struct conf_source source;
	const struct conf_assignment *a;

	arena_init(&arena, 1 << 20);
	source = read_ok(text);
	ck_assert_uint_eq(source.count[CONF_MTA], 1);
	ck_assert_uint_eq(source.count[CONF_LINK], 2);
	ck_assert_uint_eq(source.first->line, 4);
	a = assigned(source.first->first, "name", "A", 4);
	a = assigned(a, "domain", "C=DE;A= ", 5);
	a = assigned(a, "listen", "[::]:102", 6);
	a = assigned(a, "listen", "0.0.0.0:102", 7);
	ck_assert_ptr_null(a);
	ck_assert_str_eq(source.first->next->title, "x");
	ck_assert_uint_eq(source.first->next->line, 9);
	a = assigned(source.first->next->first, "address", "a:1", 10);
	a = assigned(a, "address-space", NULL, 11);
	a = assigned(a, "remote-mta", "B", 12);
	a = assigned(a, "cost", "3", 12);
	ck_assert_ptr_null(a);
	ck_assert_str_eq(source.last->title, "y");
	ck_assert_uint_eq(source.last->line, 13);
	arena_fini(&arena);
}
END_TEST

START_TEST(appended)
{
	struct conf_source source;
	const struct conf_assignment *a;

	arena_init(&arena, 1 << 20);
	source = read_ok("link x { address = {a} address += {b, c} }");
	a = assigned(source.first->first, "address", "a", 1);
	a = assigned(a, "address", "b", 1);
	a = assigned(a, "address", "c", 1);
	ck_assert_ptr_null(a);
	arena_fini(&arena);
}
END_TEST

START_TEST(unknown)
{
	arena_init(&arena, 1 << 20);
	read_bad("\nmta {\n\n  nmae = A }",
	    "f:4: nmae: no such setting; is name meant?");
	read_bad("# x\n# y\nlinks 'x' { }",
	    "f:3: links: no such setting; is link meant?");
	read_bad("mta { cost = 3 }", "f:1: cost: no such setting");
	read_bad(
	    "link x { \"a\033b\" = 3 }", "f:1: control character in a string");
	read_bad("mta { }\nmta|name = A", "f:2: mta|name: no such setting");
	read_bad("mta {\n\" begin\" = x }", "f:2:  begin: no such setting");
	read_bad("name = A", "f:1: name: no such setting");
	arena_fini(&arena);
}
END_TEST

START_TEST(given_twice)
{
	arena_init(&arena, 1 << 20);
	read_bad("mta { name = A\n name = B }", "f:2: name: given twice");
	read_bad(
	    "mta { name = A\nuser = u\nname = A }", "f:3: name: given twice");
	read_bad("link x { address = {a}\n\naddress = {b} }",
	    "f:3: address: given twice");
	read_bad("mta { }\nmta { }", "f:2: mta: a section given twice");
	read_bad("link x { }\nlink y { }\nlink x { }",
	    "f:3: x: a section given twice");
	read_bad("msmail x { } link x { } msmail x { }",
	    "f:1: x: a section given twice");
	arena_fini(&arena);
}
END_TEST

START_TEST(malformed)
{
	arena_init(&arena, 1 << 20);
	read_bad("mta {\nname \"A\" }",
	    "f:2: missing equal sign after option 'name'");
	read_bad("mta {\nname = {A} }", "f:2: unexpected token '{'");
	read_bad("mta {\nname = A\n", "f:1: { is not closed");
	read_bad("mta\n\"A\n{ }", "f:2: string does not end on its line");
	read_bad("link {\n }", "f:1: missing title for section 'link'");
	read_bad("mta \"x\" { }",
	    "f:1: missing opening brace for section "
	    "'mta'");
	read_bad("}", "f:1: unexpected closing brace");
	read_bad("mta { } }", "f:1: unexpected closing brace");
	read_bad("link x { address = {a b} }", "f:1: unexpected token 'b'");
	arena_fini(&arena);
}
END_TEST

START_TEST(all_errors)
{
	arena_init(&arena, 1 << 20);
	read_errors("mta { name = A }\nlink x { cost = 3 }", "");
	read_errors("nmae = A\nmta {\n user u\n name = {A}\n cost = 3\n"
		    " name = B\n name = C\n}\nmta { }\nlink { }\n}\n",
	    "f:1: nmae: no such setting\n"
	    "f:3: missing equal sign after option 'user'\n"
	    "f:4: unexpected token '{'\n"
	    "f:5: cost: no such setting\n"
	    "f:6: name: given twice\n"
	    "f:7: name: given twice\n"
	    "f:9: mta: a section given twice\n"
	    "f:10: missing title for section 'link'\n"
	    "f:11: unexpected closing brace\n");
	/* The scanner's, and that a string takes no more than its line. */
	read_errors(
	    "mta {\nname = \"A\nuser = u\ndomain = *\n}\nlink 'x' {\n"
	    "cost = ${C}\nremote-mta = B\nlocal-name = \"\\400\" }\n}\n",
	    "f:2: string does not end on its line\n"
	    "f:4: stray character\n"
	    "f:7: variables are not replaced\n"
	    "f:9: bad octal escape\n");
	/* An unknown section is passed over with all that is in it. */
	read_errors("links x {\nfoo = {1,\n2}\n bar = 1 }\nmta { x = 1 }",
	    "f:1: links: no such setting; is link meant?\nf:5: x: no such "
	    "setting\n");
	read_errors("links x\n{\nfoo = 1\n}\nlink y { }\n",
	    "f:1: links: no such setting; is link meant?\n");
	/* A brace that was forgotten. */
	read_errors("link x {\naddress = {\"a\", \"b\"\ncost = 3\nbad = 1\n}\n"
		    "link y { cost = 2 }",
	    "f:2: { is not closed\nf:4: bad: no such setting\n");
	read_errors("link x {\ncost = 3\n\naddress = {\"a\",\n",
	    "f:4: { is not closed\n");
	read_errors("link x {\ncost = 3\nlink y { cost = 2 }",
	    "f:1: { is not closed\nf:3: link: no such setting\n");
	read_errors("link", "f:1: premature end of file\n");
	arena_fini(&arena);
}
END_TEST

/* The settings of one text do not depend on the text parsed before. */
START_TEST(not_poisoned_by_what_was_before)
{
	static const char *const bad[] = {"mta { name = \"A", "\"", "/*",
	    "mta { name = 'A\n", "mta { name = \"\\777\" }", "mta {",
	    "link x { address = {"};

	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct conf_source source = {0};
		struct diag diag = {0};

		ck_assert_int_lt(
		    read_text(slice_of_string(bad[i]), &source, &diag), 0);
		source = read_ok("\nmta { name = A }");
		ck_assert_uint_eq(source.first->line, 2);
		ck_assert_ptr_null(source.first->next);
	}
	arena_fini(&arena);
}
END_TEST

START_TEST(bounds)
{
	static char text[CONF_LINKS_MAX * 24 + 100];
	struct conf_source source;
	struct diag diag = {0};
	size_t len = 0;

	arena_init(&arena, 64 << 20);
	(void)read_ok("");
	for (unsigned i = 0; i < CONF_LINKS_MAX; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "link l%u { }\n", i);
	source = read_ok(text);
	ck_assert_uint_eq(source.count[CONF_LINK], CONF_LINKS_MAX);
	(void)snprintf(text + len, sizeof(text) - len, "link more { }\n");
	read_bad(text, "f:4097: link: too many sections");
	ck_assert_int_eq(
	    read_text(slice_of(text, CONF_FILE_MAX + 1), &source, &diag),
	    ERR_LIMIT);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("conf/conf_source", TEST(in_order_with_lines); TEST(appended);
	  TEST(unknown); TEST(given_twice); TEST(malformed); TEST(all_errors);
	  TEST(not_poisoned_by_what_was_before); TEST(bounds))
