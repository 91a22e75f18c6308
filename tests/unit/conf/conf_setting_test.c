/* SPDX-License-Identifier: ISC */
/*
 * conf_setting_test.c - the table of all settings, its page, and the sample
 */
#include "conf/conf_setting.h"

#include "conf/conf_value.h"
#include "tests/unit/conf/conf_fixture.h"

#define PAGE   TEST_SOURCE_DIR "/man/fourpost.conf.5"
#define SAMPLE TEST_SOURCE_DIR "/conf/fourpost.conf.sample"

/* The headings of the page, by section. */
static const char *const headings[] = {".Sh THE MTA SECTION\n",
    ".Sh LINK SECTIONS\n", ".Sh MSMAIL SECTIONS\n", ".Sh LIST SECTIONS\n",
    ".Sh SUBMIT SECTIONS\n", ".Sh THE CONSOLE SECTION\n",
    ".Sh APPLICATION SECTIONS\n", ".Sh MIXER SECTIONS\n"};

/* page_default - write a default as the page has it behind the name */
static void
page_default(const struct conf_setting *s, char *text, size_t size)
{
	bool list = conf_setting_is_list(s);

	if (s->need == CONF_REQUIRED) {
		(void)snprintf(text, size, "(required)");
	} else if (list && *s->fallback == '\0') {
		(void)snprintf(text, size, "= {}");
	} else {
		(void)snprintf(text, size, "= %s\\(dq%s\\(dq%s",
		    list ? "{" : "", s->fallback, list ? "}" : "");
	}
}

/* check_item - compare one item of the page with its row */
static void
check_item(enum conf_section section, const char *line, bool *seen)
{
	const struct conf_settings *settings = conf_settings(section);
	const struct conf_setting *s;
	char name[64], expected[128], item[256];
	size_t i;

	ck_assert_int_eq(sscanf(line, ".It Cm %63s", name), 1);
	s = conf_setting_find(section, name);
	ck_assert_msg(
	    s != NULL, "%s has %s, the table has not", settings->name, name);
	i = (size_t)(s - settings->items);
	ck_assert_msg(!seen[i], "%s stands twice", name);
	seen[i] = true;
	page_default(s, expected, sizeof(expected));
	(void)snprintf(item, sizeof(item), ".It Cm %s No %s\n", name, expected);
	ck_assert_str_eq(line, item);
}

START_TEST(page_and_table_agree)
{
	bool seen[CONF_SECTIONS][64] = {{false}};
	FILE *page = fopen(PAGE, "r");
	char line[512];
	int section = -1;

	ck_assert_ptr_nonnull(page);
	while (fgets(line, sizeof(line), page) != NULL) {
		if (strncmp(line, ".Sh ", 4) == 0)
			section = -1;
		for (int i = CONF_MTA; i < CONF_SECTIONS; i++) {
			if (strcmp(line, headings[i]) == 0)
				section = i;
		}
		if (section >= 0 && strncmp(line, ".It ", 4) == 0)
			check_item(
			    (enum conf_section)section, line, seen[section]);
	}
	(void)fclose(page);
	for (int i = CONF_MTA; i < CONF_SECTIONS; i++) {
		const struct conf_settings *settings =
		    conf_settings((enum conf_section)i);

		for (size_t j = 0; j < settings->count; j++) {
			ck_assert_msg(seen[i][j], "%s %s is not in the page",
			    settings->name, settings->items[j].name);
		}
	}
}
END_TEST

/* replace - replace every `from` in text by `to`, which is not longer */
static void
replace(char *text, const char *from, const char *to)
{
	char *at = text;

	while ((at = strstr(at, from)) != NULL) {
		memcpy(at, to, strlen(to));
		memmove(at + strlen(to), at + strlen(from),
		    strlen(at + strlen(from)) + 1);
	}
}

/* put_file - write a file that the sample names */
static void
put_file(const char *directory, const char *name)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fchmod(fileno(file), 0600), 0);
	ck_assert_int_ge(fputs("secret\n", file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* read_sample - read the sample, with its directory replaced */
static void
read_sample(char *text, size_t size, const char *directory)
{
	FILE *file = fopen(SAMPLE, "r");
	size_t len;

	ck_assert_ptr_nonnull(file);
	len = fread(text, 1, size - 1, file);
	ck_assert_uint_lt(len, size - 1);
	text[len] = '\0';
	(void)fclose(file);
	replace(text, "/etc/fourpost", directory);
}

/* remove_files - remove the directory and what is in it */
static void
remove_files(const char *directory)
{
	static const char *const names[] = {
	    "mta.password", "paris.password", "po1.map"};
	char path[128];

	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(
		    path, sizeof(path), "%s/%s", directory, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(directory);
}

/* uncomment - make settings of what stands behind "# NAME = " */
static void
uncomment(char *text, enum conf_section section)
{
	const struct conf_settings *settings = conf_settings(section);

	for (size_t i = 0; i < settings->count; i++) {
		const struct conf_setting *s = &settings->items[i];
		char commented[64], bare[64];

		(void)snprintf(
		    commented, sizeof(commented), "\t# %s = ", s->name);
		(void)snprintf(bare, sizeof(bare), "\t%s = ", s->name);
		/* settings whose comment shows an example */
		if (s->type != CONF_TYPE_NETWORKS && s->type != CONF_TYPE_PINS)
			replace(text, commented, bare);
	}
}

/* is_default - check that a setting of a link is there, with its default */
static void
is_default(const struct conf_link *link, const struct conf_setting *s)
{
	struct buffer value;

	ck_assert_msg(conf_setting_given(CONF_LINK, s, link),
	    "%s is not in the sample", s->name);
	buffer_init(&value, 256);
	ck_assert_int_eq(conf_value_text(s, link, 0, &value), 0);
	ck_assert_msg(slice_equal_string(buffer_slice(&value), s->fallback),
	    "%s is not its default in the sample", s->name);
	buffer_fini(&value);
}

START_TEST(sample_is_right)
{
	static char text[32768];
	char directory[] = "/tmp/fpXXXXXX"; /* not longer than the real one */
	const struct conf_settings *settings = conf_settings(CONF_LINK);
	struct conf *conf;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	put_file(directory, "mta.password");
	put_file(directory, "paris.password");
	put_file(directory, "po1.map");
	read_sample(text, sizeof(text), directory);
	conf = parse_ok(text);
	ck_assert_uint_eq(conf->link_count, 1);
	ck_assert_uint_eq(conf->msmail_count, 1);
	ck_assert(slice_equal_string(conf->mta.password, "secret"));
	conf_free(conf);
	/* the value behind # is the default */
	uncomment(text, CONF_MTA);
	uncomment(text, CONF_LINK);
	conf = parse_ok(text);
	for (size_t i = 0; i < settings->count; i++) {
		const struct conf_setting *s = &settings->items[i];

		if (s->need == CONF_OPTIONAL && !conf_setting_is_list(s) &&
		    s->type != CONF_TYPE_PASSWORD &&
		    s->type != CONF_TYPE_PASSWORD_FILE)
			is_default(&conf->links[0], s);
	}
	conf_free(conf);
	remove_files(directory);
}
END_TEST

/* every default is within its own range and is written as it stands */
START_TEST(defaults_are_right)
{
	struct conf *conf =
	    parse_ok(MTA_LINE "link x { remote-mta = B address = b }\n");
	const void *values[] = {&conf->mta, &conf->links[0]};

	for (int i = CONF_MTA; i <= CONF_LINK; i++) {
		const struct conf_settings *settings =
		    conf_settings((enum conf_section)i);

		for (size_t j = 0; j < settings->count; j++) {
			const struct conf_setting *s = &settings->items[j];
			struct buffer value;

			if (*s->fallback == '\0')
				continue;
			buffer_init(&value, 256);
			ck_assert_int_eq(
			    conf_value_text(s, values[i], 0, &value), 0);
			ck_assert_msg(slice_equal_string(
					  buffer_slice(&value), s->fallback),
			    "%s: %.*s", s->name, (int)buffer_length(&value),
			    (const char *)buffer_slice(&value).data);
			buffer_fini(&value);
		}
	}
	conf_free(conf);
}
END_TEST

TEST_MAIN("conf/conf_setting", TEST(page_and_table_agree);
	  TEST(sample_is_right); TEST(defaults_are_right))
