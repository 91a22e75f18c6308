/* SPDX-License-Identifier: ISC */
/*
 * conf_include_test.c - a configuration of several files
 */
#include <stdlib.h>

#include "tests/unit/conf/conf_fixture.h"

static char directory[64];

/* begin - make a directory for the files of a test */
static void
begin(void)
{
	(void)snprintf(
	    directory, sizeof(directory), "/tmp/conf-include-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
}

/* in - return the path of a file; one of four buffers in turn */
static const char *
in(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

/* put - write a file */
static void
put(const char *name, mode_t mode, const char *text)
{
	FILE *file = fopen(in(name), "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(in(name), mode), 0);
}

/* end - remove what the test made */
static void
end(void)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -r %s", directory);
	ck_assert_int_eq(system(command), 0);
}

/* check_says - check the file "main", and compare the errors, a line each,
 * with paths within the directory */
static void
check_says(const char *expected)
{
	static struct conf_errors errors;
	struct conf *conf = NULL;
	char all[4096] = "";

	if (conf_check_file(in("main"), &conf, &errors) == 0)
		conf_free(conf);
	for (size_t i = 0; i < errors.count; i++) {
		const char *text = errors.items[i].diag.text, *at;

		while ((at = strstr(text, directory)) != NULL) {
			(void)snprintf(all + strlen(all),
			    sizeof(all) - strlen(all), "%.*s", (int)(at - text),
			    text);
			text = at + strlen(directory) + 1;
		}
		(void)strlcat(all, text, sizeof(all));
		(void)strlcat(all, "\n", sizeof(all));
	}
	ck_assert_str_eq(all, expected);
}

/* A file, and the files of a directory in the order of their names: sections
 * stand as if they stood in one. */
START_TEST(in_order)
{
	struct conf *conf = NULL;
	struct diag diag = {0};

	begin();
	ck_assert_int_eq(mkdir(in("d"), 0700), 0);
	put("main", 0600,
	    MTA_LINE
	    "link a { remote-mta = A schedule = never }\n"
	    "include \"d\"\nlink z { remote-mta = Z schedule = never }\n");
	put("d/2.conf", 0600, "link c { remote-mta = C schedule = never }");
	put("d/1.conf", 0600, "link b { remote-mta = B schedule = never }");
	put("d/1.conf~", 0600, "junk");
	put("d/.3.conf", 0600, "junk");
	ck_assert_msg(conf_parse_file(in("main"), &conf, &diag) == 0, "%s",
	    diag_text(&diag));
	ck_assert_uint_eq(conf->link_count, 4);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(conf->links[i].name[0], "abcz"[i]);
	conf_free(conf);
	end();
}
END_TEST

/* An error names the file and the line that it is in. */
START_TEST(errors_name_the_file)
{
	begin();
	ck_assert_int_eq(mkdir(in("d"), 0700), 0);
	put("main", 0600,
	    "include mta\n\ninclude d link x { costs = 1 }\n"
	    "link b { remote-mta = B }\ninclude gone\nlink y {\n"
	    "include d }\nnonsense\n");
	put("mta", 0600, "# one\n# two\n" MTA_LINE);
	put("d/a.conf", 0600, "\nlink b {\n remote-mta = B cost = many }\n\n");
	put("d/b.conf", 0600, "link c { remote-mta = C");
	check_says(
	    "mta:3: mta: the section stands in the first file, not in an "
	    "included one\n"
	    "d/a.conf:3: cost: \"many\" is not a number\n"
	    "d/b.conf:1: { is not closed\n"
	    "main:3: costs: no such setting; is cost meant?\n"
	    "main:4: b: a section given twice\n"
	    "main:5: include: gone: No such file or directory\n"
	    "main:7: include: stands between sections, not in one\n"
	    "main:8: nonsense: no such setting\n");
	end();
}
END_TEST

/* Files that include each other come to an end. */
START_TEST(circles)
{
	begin();
	put("main", 0600, "\ninclude main\n");
	check_says(
	    "main:2: main: files include each other more than eight deep\n");
	end();
}
END_TEST

/* A password may stand in a file that others cannot read, whoever reads the one
 * that includes it, and not the other way round. */
START_TEST(passwords)
{
	begin();
	put("main", 0644, "include secret\n" MTA_LINE);
	put("secret", 0600,
	    "link a { remote-mta = A schedule = never remote-password = s }");
	check_says("");
	put("secret", 0644,
	    "\nlink a { remote-mta = A schedule = never remote-password = s }");
	check_says(
	    "secret:2: remote-password: a password in a file that others "
	    "can read or write: chmod o-rw, or use "
	    "remote-password-file\n");
	end();
}
END_TEST

/* What another process handed over includes nothing. */
START_TEST(handed_over)
{
	struct conf *conf = NULL;
	struct diag diag = {0};

	ck_assert_int_lt(conf_parse_text(slice_of_string("include \"/etc\""),
			     "t", CONF_HANDED, &conf, &diag),
	    0);
	ck_assert_str_eq(
	    diag_text(&diag), "t:1: include: not in what is handed over");
}
END_TEST

/* Address spaces of a file stand behind the others, and are handed on; in the
 * long form as many as there may be. */
START_TEST(spaces)
{
	struct conf *conf = NULL, *handed;
	struct diag diag = {0};
	struct buffer out;
	char text[512];
	unsigned most =
	    getenv("FOURPOST_TEST_LONG") != NULL ? CONF_MEMBERS_MAX : 10000;
	FILE *file;

	begin();
	file = fopen(in("spaces"), "w");
	ck_assert_ptr_nonnull(file);
	fprintf(file, "# many\n");
	for (unsigned i = 1; i < most; i++)
		fprintf(file, "C=FR;A=ATLAS;O=%u\n", i);
	ck_assert_int_eq(fclose(file), 0);
	(void)snprintf(text, sizeof(text),
	    MTA_LINE "link a { remote-mta = A schedule = never\n"
		     "address-space = {\"C=FR\"}\n"
		     "address-space-file = \"%s\" }\n",
	    in("spaces"));
	put("main", 0600, text);
	ck_assert_msg(conf_parse_file(in("main"), &conf, &diag) == 0, "%s",
	    diag_text(&diag));
	ck_assert_uint_eq(conf->links[0].address_space.count, most);
	buffer_init(&out, CONF_FILE_MAX);
	ck_assert_int_eq(
	    conf_dump(conf, CONF_SECRETS_OMIT, CONF_EXTENT_SET, &out), 0);
	ck_assert_uint_lt(buffer_length(&out), 1024);
	buffer_reset(&out);
	ck_assert_int_eq(
	    conf_dump(conf, CONF_SECRETS_INLINE, CONF_EXTENT_SET, &out), 0);
	handed = parse_handed(buffer_slice(&out));
	ck_assert_uint_eq(handed->links[0].address_space.count, most);
	conf_free(handed);
	conf_free(conf);
	buffer_fini(&out);

	/* The workers of a postoffice get its spaces in one record. */
	(void)snprintf(text, sizeof(text),
	    MTA_LINE "msmail p { postoffice = /tmp network = N name = P\n"
		     "address-space-file = \"%s\" }\n",
	    in("spaces"));
	put("main", 0600, text);
	check_says(
	    "main:2: msmail \"p\": address-space: more than 32 KB of text "
	    "in all\n");
	(void)snprintf(text, sizeof(text),
	    MTA_LINE "link a { remote-mta = A schedule = never\n"
		     "address-space-file = \"%s\" }\n",
	    in("spaces"));
	put("main", 0600, text);
	put("spaces", 0600, "C=FR\n\nX=1\n");
	check_says("main:2: link \"a\": address-space-file: spaces:3: \"X=1\": "
		   "O/R address: unknown attribute \"X\"\n");
	end();
}
END_TEST

TEST_MAIN("conf/conf_include", TEST(in_order), TEST(errors_name_the_file),
    TEST(circles), TEST(passwords), TEST(handed_over), TEST(spaces))
