/* SPDX-License-Identifier: ISC */
/*
 * list_test.c - lists, redirections and alternates by a whole suite: what lies
 * in the mailboxes in the end
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/system/postoffice.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define PO1   "C=DE;A=VIAT;P=ACME;O=PO1;S="
#define LISTS "C=DE;A=VIAT;P=ACME;O=LISTS;CN="

static struct suite tested;

/* The mailboxes, and who is redirected. */
static const char map[] =
    PO1 "Anna = ACME/PO1/ANNA\n" PO1 "Bert = ACME/PO1/BERT\n" PO1
	"Carl = ACME/PO1/CARL\n" PO1 "Owner = ACME/PO1/OWNER\n" PO1
	"Sender = ACME/PO1/SENDER\n"
	"redirect " PO1 "Away -> " PO1 "Bert\n"
	"redirect " PO1 "Far -> " PO1 "Away\n"
	"redirect " PO1 "Ring1 -> " PO1 "Ring2\n"
	"redirect " PO1 "Ring2 -> " PO1 "Ring1\n"
	"redirect " PO1 "Staff -> " LISTS "three\n";

static const char members[] = "# of the list three\n" PO1 "Bert\n" PO1 "Carl\n";

#define LIST(name, settings) \
	"list \"" name "\" { address = \"" LISTS name "\" " settings " }\n"

/* write_lists - write the sections of the lists */
static void
write_lists(char *text, size_t size)
{
	(void)snprintf(text, size,
	    LIST("three", "members = {\"" PO1 "Anna\"} members-file = \"%s\"")
		LIST("outer", "members = {\"" LISTS "inner\", \"" PO1 "Anna\"}")
		    LIST("inner",
			"members = {\"" LISTS "outer\", \"" PO1
			"Bert\"}") LIST("closed",
			"members = {\"" PO1 "Anna\"} submit = {\"C=FR\"}")
			LIST("tell",
			    "members = {\"" PO1 "Nobody\", \"" PO1 "Anna\"}")
			    LIST("owned",
				"members = {\"" PO1 "Nobody\"} reports = owner "
				"owner = \"" PO1 "Owner\"") LIST("silent",
				"members = {\"" PO1 "Nobody\"} reports = none"),
	    suite_path(&tested, "members"));
}

/* start - start a suite with a postoffice and the lists */
static void
start(void)
{
	static char sections[8192];
	size_t len;

	suite_begin("list");
	snprintf(tested.directory, sizeof(tested.directory), "%s/t",
	    suite_directory());
	ck_assert_int_eq(mkdir(tested.directory, 0755), 0);
	postoffice_make(suite_path(&tested, "po"));
	suite_write(suite_path(&tested, "map"), map, strlen(map));
	suite_write(suite_path(&tested, "members"), members, strlen(members));
	len = (size_t)snprintf(sections, sizeof(sections),
	    "msmail \"po1\" {\n  postoffice = \"%s\" network = \"ACME\"\n"
	    "  name = \"PO1\" directory = \"%s\"\n"
	    "  address-space = {\"C=DE;A=VIAT;P=ACME;O=PO1\"}\n}\n",
	    suite_path(&tested, "po"), suite_path(&tested, "map"));
	write_lists(sections + len, sizeof(sections) - len);
	suite_configure(&tested, "t", "C=DE;A=VIAT;P=ACME", "", sections);
	suite_start(&tested);
}

/* A message, with its address as the subject, and the mailboxes that have it in
 * the end; recipients that get a report are in brackets. */
static const struct row {
	const char *to, *boxes;
	const char *alternate; /* or NULL */
} rows[] = {
    {PO1 "Anna", "ANNA", NULL},
    {PO1 "Away", "BERT", NULL},
    {PO1 "Far", "BERT", NULL},
    {PO1 "Ring1", "(SENDER)", NULL},
    {PO1 "Staff", "ANNA BERT CARL", NULL},
    {LISTS "three", "ANNA BERT CARL", NULL},
    {LISTS "outer", "ANNA BERT", NULL},
    {LISTS "inner", "ANNA BERT", NULL},
    {LISTS "closed", "(SENDER)", NULL},
    {LISTS "tell", "(SENDER) ANNA", NULL},
    {LISTS "owned", "(OWNER)", NULL},
    {LISTS "silent", "", NULL},
    {PO1 "Anna", "ANNA", PO1 "Bert"},
    {PO1 "Nobody", "BERT", PO1 "Bert"},
    {PO1 "Nobody", "BERT", PO1 "Far"},
    {PO1 "Nobody", "ANNA BERT CARL", LISTS "three"},
    {PO1 "Nobody", "(SENDER)", PO1 "Missing"},
    {PO1 "Nobody", "(SENDER)", PO1 "Nobody"},
    {PO1 "Nobody", "(SENDER)", PO1 "Ring1"},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* delivered - write a line "ROW BOX" for each recipient of a file in OUT, the
 * box in brackets where the file is a report; to be freed */
static char *
delivered(void)
{
	char *output;

	suite_shell(&output,
	    "cd '%s' && for f in *; do tr -d '\\r' <\"$f\" | awk '"
	    "/^TO:ACME.PO1./ {sub(/^TO:ACME.PO1./, \"\"); to[++n] = $0} "
	    "/^SUBJECT:/ && !r {r = $NF + 0; b = $0 ~ /NDR/} "
	    "END {for (i = 1; i <= n; i++) "
	    "print r, b ? \"(\" to[i] \")\" : to[i]}'; done",
	    suite_path(&tested, "po/OUT"));
	return output;
}

/* check_row - check that each box of a row has its message once; return how
 * many they are */
static size_t
check_row(size_t row, const char *lines)
{
	char boxes[64], line[64], *box, *rest = boxes;
	size_t count = 0;

	(void)strlcpy(boxes, rows[row - 1].boxes, sizeof(boxes));
	while ((box = strsep(&rest, " ")) != NULL && *box != '\0') {
		const char *at;

		(void)snprintf(line, sizeof(line), "\n%zu %s\n", row, box);
		at = strstr(lines, line);
		ck_assert_msg(at != NULL, "%s: not for %s:%s", rows[row - 1].to,
		    box, lines);
		ck_assert_msg(strstr(at + 1, line) == NULL, "%s: twice for %s",
		    rows[row - 1].to, box);
		count++;
	}
	return count;
}

/* Nested lists, lists and redirections in circles, who may write, reports by
 * each policy, alternates of a mailbox that is not there. */
START_TEST(mailboxes)
{
	char *output, *lines;
	size_t wanted = 0, found = 0;

	start();
	for (size_t i = 1; i <= ROWS; i++) {
		char subject[32];

		snprintf(subject, sizeof(subject), "row %zu", i);
		ck_assert_int_eq(
		    suite_tool(&tested, NULL, "x4send", "-f", PO1 "Sender",
			"-t", rows[i - 1].to, "--subject", subject, "--body",
			suite_path(&tested, "members"),
			rows[i - 1].alternate == NULL ? NULL : "--alternate",
			rows[i - 1].alternate, NULL),
		    0);
	}
	suite_wait_empty(&tested, 60);
	output = delivered();
	ck_assert_int_ge(asprintf(&lines, "\n%s", output), 0);
	for (size_t i = 1; i <= ROWS; i++)
		wanted += check_row(i, lines);
	for (const char *at = output; (at = strchr(at, '\n')) != NULL; at++)
		found++;
	ck_assert_msg(found == wanted, "%zu, not %zu:%s", found, wanted, lines);
	free(output);
	free(lines);
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("system/list", TEST_LONG(mailboxes, 120))
