/* SPDX-License-Identifier: ISC */
/*
 * postfix_install_test.c - the section "X.400 beside Postfix" of INSTALL, word
 * for word, with Postfix as Debian configures it
 */
#include <string.h>

#include "tests/system/mail_peer.h"
#include "tests/system/postfix.h"
#include "tests/system/postoffice.h"
#include "tests/unit/test.h"

#define DOMAIN "C=DE;A=VIAT;P=ACME"

/* What the section tells root to type, and the piece of configuration, with the
 * places of this test in place of those of a whole machine. */
static const char follow[] =
    "build=$(cd \"$1\" && pwd) suite=$2 postfix=$3 port=$4\n"
    "cd \"$suite\" || exit 1\n"
    "section() {\n"
    "	sh install_section.sh \"X.400 beside Postfix\" $1 <INSTALL |\n"
    "	    sed \"s,/etc/postfix,$postfix/etc,g\n"
    "	s,/var/spool/postfix,$postfix/queue,g\n"
    "	s,lmtp-group = .*,lmtp-group = \\\"bin\\\",\"\n"
    "}\n"
    "section config | sed \"s,^}, relay = {\\\"127.0.0.1:$port\\\"}\\n},\" \\\n"
    "    >>fourpost.conf\n"
    "section commands >commands\n"
    "mkdir bin && PATH=$suite/bin:$PATH\n"
    "for tool in x4conf x4ctl x4ping x4decode; do\n"
    "	echo \"exec $build/bin/$tool -c $suite/fourpost.conf \\\"\\$@\\\"\" "
    "\\\n"
    "	    >bin/$tool\n"
    "done\n"
    "echo exit 0 >bin/apt-get && chmod +x bin/*\n"
    "[ -s commands ] && set -ex && . ./commands\n";

static struct suite tested;
static struct postfix postfix;

/* begin - start a suite with the postoffice of INSTALL, and Debian's Postfix */
static void
begin(void)
{
	static const char map[] =
	    DOMAIN ";O=PO1;S=Postmaster = ACME/PO1/ADMIN\n" DOMAIN
		   ";O=PO1;S=Doe;G=Jo = ACME/PO1/JDOE\n";
	char sections[1024], path[SUITE_PATH + 16];

	suite_begin("postfix-install");
	(void)snprintf(path, sizeof(path), "%s/maildata", suite_directory());
	postoffice_make(path);
	(void)snprintf(sections, sizeof(sections),
	    "msmail \"po1\" {\n  postoffice = \"%s\"\n  network = \"ACME\"\n"
	    "  name = \"PO1\"\n  address-space = {\"" DOMAIN ";O=PO1\"}\n"
	    "  directory = \"%s/po1.map\"\n}\n",
	    path, suite_directory());
	(void)snprintf(path, sizeof(path), "%s/po1.map", suite_directory());
	suite_write(path, map, strlen(map));
	suite_configure(&tested, "a", DOMAIN,
	    "  postmaster = \"" DOMAIN ";O=PO1;S=Postmaster\"\n", sections);
	suite_start(&tested);
	postfix.port = suite_free_port();
	postfix_configure_debian(&postfix, "postfix", "example.net");
	postfix_start(&postfix);
}

/* follow_section - run the commands of the section */
static void
follow_section(void)
{
	char *output;
	int status;

	suite_write(suite_path(&tested, "follow"), follow, strlen(follow));
	ck_assert_int_eq(
	    suite_shell(NULL, "cp INSTALL tests/system/install_section.sh '%s'",
		tested.directory),
	    0);
	status = postfix_tool(&postfix, &output, "sh '%s' '%s' '%s' '%s' %u",
	    suite_path(&tested, "follow"), suite_build(), tested.directory,
	    postfix.directory, postfix.port);
	ck_assert_msg(status == 0, "exit %d: %s", status, output);
	free(output);
}

/* has_letter - tell whether the postoffice has a message */
static bool
has_letter(void *arg)
{
	char path[SUITE_PATH + 16];

	(void)arg;
	(void)snprintf(
	    path, sizeof(path), "%s/maildata/OUT", suite_directory());
	return suite_count_files(path) > 0;
}

/* is_waiting - tell whether Postfix has a message for the Internet */
static bool
is_waiting(void *arg)
{
	char *output;
	bool waits;

	(void)arg;
	ck_assert_int_eq(postfix_tool(&postfix, &output, "postqueue -p"), 0);
	waits = strstr(output, "kim@example.org") != NULL;
	free(output);
	return waits;
}

/* ask - send a recipient's address from outside, for which this is the reply */
static void
ask(const char *to, const char *reply)
{
	FILE *peer = mail_peer_call(postfix.port);
	char line[256];

	mail_peer_say(peer, "EHLO test", "250 ");
	mail_peer_say(peer, "MAIL FROM:<kim@example.org>", "250 ");
	(void)snprintf(line, sizeof(line), "RCPT TO:<%s>", to);
	mail_peer_say(peer, line, reply);
	(void)fclose(peer);
}

START_TEST(word_for_word)
{
	if (!postfix_here())
		return;
	begin();
	follow_section();
	suite_wait("the message of the section", 30, has_letter, NULL);
	/* A refusal of LMTP reaches the sender while he is there. */
	ask("jo.doe@acme.example", "250 2.1.5");
	ask("/S=x/ADMD=NO/C=FR/@x400.example.net", "550 5.1.1");
	ask("no-address@x400.example.net", "550 5.1.1");
	suite_write(suite_path(&tested, "body"), "Hello Kim\n", 10);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4send", "-f",
		DOMAIN ";O=PO1;G=Jo;S=Doe", "-b", suite_path(&tested, "body"),
		"-t", DOMAIN ";O=GW;DDA:RFC-822=kim(a)example.org", NULL),
	    0);
	suite_wait("mail for the Internet", 30, is_waiting, NULL);
	suite_wait_empty(&tested, 30);
	postfix_stop(&postfix);
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("system/postfix_install", TEST_LONG(word_for_word, 60))
