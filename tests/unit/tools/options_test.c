/* SPDX-License-Identifier: ISC */
/*
 * options_test.c - the command line that all tools have in common
 */
#include "tools/options.h"

#include <string.h>

#include "tests/unit/test.h"

static const struct options_option own[] = {
    {'l', "link", "LINK", "only this link"},
    {'\0', "all", NULL, "all of them"},
};

static const struct options_tool tool = {.name = "x4test",
    .synopsis = "show ID\nlist",
    .purpose = "test",
    .options = own,
    .option_count = 2};

/* parse - parse a command line of words parted by blanks */
static struct options
parse(const char *line)
{
	static char copy[8 * (OPTIONS_MAX + 8)];
	static char *argv[OPTIONS_MAX + 8];
	struct options options;
	int argc = 0;

	(void)snprintf(copy, sizeof(copy), "x4test %s", line);
	for (char *word = strtok(copy, " "); word != NULL;
	     word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	options_parse(&options, &tool, argc, argv);
	return options;
}

/* exits - parse a line with both streams thrown away */
static void
exits(const char *line)
{
	ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
	ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
	(void)parse(line);
}

START_TEST(nothing_given)
{
	struct options options = parse("");
	const char *value;

	ck_assert_str_eq(options.config, CONF_DEFAULT_FILE);
	ck_assert_int_eq(options.format, OUTPUT_TEXT);
	ck_assert_uint_eq(options.operand_count, 0);
	ck_assert_ptr_null(options_next(&options, &value));
}
END_TEST

START_TEST(in_any_order)
{
	static const char *const lines[] = {
	    "-j -c f --link a show 5 --all",
	    "show --all 5 --link=a -jcf",
	    "--json -l a --config f --all show 5",
	};

	for (size_t i = 0; i < 3; i++) {
		struct options options = parse(lines[i]);
		const struct options_option *o;
		const char *value, *link = NULL;
		bool all = false;

		ck_assert_str_eq(options.config, "f");
		ck_assert_int_eq(options.format, OUTPUT_JSON);
		ck_assert_uint_eq(options.operand_count, 2);
		ck_assert_str_eq(options.operands[0], "show");
		ck_assert_str_eq(options.operands[1], "5");
		while ((o = options_next(&options, &value)) != NULL) {
			if (o == &own[0])
				link = value;
			all = all || o == &own[1];
		}
		ck_assert_str_eq(link, "a");
		ck_assert(all);
	}
}
END_TEST

START_TEST(after_two_dashes)
{
	struct options options = parse("-j -- -l --all");

	ck_assert_uint_eq(options.operand_count, 2);
	ck_assert_str_eq(options.operands[0], "-l");
}
END_TEST

START_TEST(repeated)
{
	struct options options = parse("-l a -l b");
	const char *value;

	ck_assert_ptr_eq(options_next(&options, &value), &own[0]);
	ck_assert_str_eq(value, "a");
	ck_assert_ptr_eq(options_next(&options, &value), &own[0]);
	ck_assert_str_eq(value, "b");
	ck_assert_ptr_null(options_next(&options, &value));
}
END_TEST

START_TEST(unknown_option)
{
	exits("--nonsense");
}
END_TEST

START_TEST(argument_missing)
{
	exits("show -l");
}
END_TEST

START_TEST(too_many)
{
	char line[8 * OPTIONS_MAX] = "";
	struct options options;

	for (int i = 0; i < OPTIONS_MAX; i++)
		(void)strlcat(line, "--all ", sizeof(line));
	options = parse(line);
	ck_assert_uint_eq(options.given_count, OPTIONS_MAX);
	(void)strlcat(line, "--all", sizeof(line));
	exits(line);
}
END_TEST

START_TEST(help)
{
	exits("--help");
}
END_TEST

START_TEST(help_by_letter)
{
	exits("-h");
}
END_TEST

/* The release is printed and nothing is done, wherever --version stands in the
 * line. */
START_TEST(version)
{
	exits("show 5 --version");
}
END_TEST

START_TEST(no_configuration)
{
	struct options options = parse("-c /nonexistent/f");

	ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
	(void)options_conf(&options);
}
END_TEST

#define EXITS(name, status)                               \
	do {                                              \
		TCase *tcase = tcase_create(#name);       \
		tcase_add_exit_test(tcase, name, status); \
		suite_add_tcase(suite, tcase);            \
	} while (0)

TEST_MAIN("tools/options", TEST(nothing_given); TEST(in_any_order);
	  TEST(after_two_dashes); TEST(repeated); EXITS(unknown_option, 64);
	  EXITS(argument_missing, 64); EXITS(too_many, 64); EXITS(help, 0);
	  EXITS(help_by_letter, 0); EXITS(version, 0);
	  EXITS(no_configuration, 78))
