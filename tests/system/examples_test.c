/* SPDX-License-Identifier: ISC */
/*
 * examples_test.c - what lies in examples/ does what it says
 *
 * Each is run as the user of the program, against the application "edi" of a
 * suite, whose messages are to itself.
 */
#include <sys/stat.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/system/application.h"
#include "tests/unit/test.h"

#define ME EDI ";S=Desk"

static char client[SUITE_PATH];

/* begin - start the suite, and copy the client, which others use too */
static void
begin(const char *test)
{
	application_begin(test, "");
	(void)strlcpy(client, program_copy("examples/fourpost_client.py"),
	    sizeof(client));
}

/* take - have the client take an object, and answer it: what it printed */
static json_t *
take(const char *options)
{
	json_t *object;
	char *output;

	ck_assert_int_eq(
	    program_shell(&output, "cd %s && python3 %s . take --wait 60 %s",
		edi.directory, client, options),
	    0);
	object = json_loads(output, 0, NULL);
	ck_assert_msg(object != NULL, "%s", output);
	free(output);
	return object;
}

/* has_line - tell whether a file has a line with a text in it */
static bool
has_line(const char *file, const char *text)
{
	return suite_shell(NULL, "grep -q '%s' %s 2>/dev/null", text, file) ==
	    0;
}

/* The Python client submits, takes, answers, and says what is refused. */
START_TEST(python_client)
{
	json_t *object;
	char *output;

	begin("python-client");
	ck_assert_int_eq(
	    program_shell(&output,
		"cd %s && printf octets >a.dat && echo Hello | python3 %s %s "
		"submit -f '" ME "' -t '" ME
		"' -s Test --report --name one a.dat",
		edi.directory, client, edi.directory),
	    0);
	ck_assert_msg(strstr(output, "\"key\": \"one\"") != NULL, "%s", output);
	free(output);
	object = take("--save .");
	ck_assert_str_eq(application_text(object, "kind"), "message");
	json_decref(object);
	ck_assert(has_line(program_path(&edi, "*.a.dat"), "^octets$"));
	object = take("");
	ck_assert_str_eq(application_text(object, "kind"), "report");
	json_decref(object);
	ck_assert_int_eq(program_shell(&output,
			     "python3 %s %s submit -f '" DOMAIN
			     ";O=PO1;S=Roe' -t '" ME "' </dev/null",
			     client, edi.directory),
	    1);
	ck_assert_msg(
	    strstr(output, "\"error\": \"refused\"") != NULL, "%s", output);
	free(output);
	ck_assert_int_eq(
	    program_shell(NULL, "python3 %s %s take", client, edi.directory),
	    2);
	application_end();
}
END_TEST

/* What a program does at a socket, by the client. */
static const char at_socket[] =
    "import fourpost_client\n"
    "me = 'C=XX;A=TEST;P=APP;O=SOC;S=Me'\n"
    "place = fourpost_client.connect('a/run/soc')\n"
    "object = {'kind': 'message', 'originator': me,\n"
    "    'recipients': [{'address': me}],\n"
    "    'parts': [{'type': 'text', 'text': 'Hello'},\n"
    "        {'type': 'file', 'name': 'a', 'file': 'a'}]}\n"
    "files = {'a': bytes(range(256)) * 1000}\n"
    "first = place.submit(object, files, name='one')\n"
    "again = place.submit(object, files, name='one')\n"
    "assert again['duplicate'] and again['id'] == first['id'], again\n"
    "item = place.next(wait=60)\n"
    "assert item.id == first['id'] and item.part(1) == files['a']\n"
    "place.release(item)\n"
    "item = place.next(60, octets='content')\n"
    "assert files['a'] in item.content() and place.next() is None\n"
    "assert place.check([me, 'C=ZZ;A=X'])[0]['result'] == 'served'\n"
    "assert place.status()['claimed'][0]['id'] == item.id\n"
    "place.done(item, {'all': {'result': 'delivered'}})\n"
    "try:\n"
    "    place.done(item, {'all': {'result': 'delivered'}})\n"
    "except fourpost_client.Refused as refused:\n"
    "    assert refused.reason['error'] == 'not-yours'\n"
    "    print('fine')\n"
    "place.close()\n";

/* The client does the same, and more, at a socket. */
START_TEST(python_socket)
{
	char script[SUITE_PATH + 16], *output;

	application_begin("python-socket",
	    "}\napplication \"soc\" {\n  socket = \"soc\"\n"
	    "  address-space = {\"" DOMAIN ";O=SOC\"}");
	(void)program_copy("examples/fourpost_client.py");
	(void)snprintf(script, sizeof(script), "%s/at.py", suite_directory());
	suite_write(script, at_socket, strlen(at_socket));
	ck_assert_msg(suite_shell(&output, "cd %s && python3 at.py 2>&1",
			  suite_directory()) == 0,
	    "%s", output);
	ck_assert_str_eq(output, "fine\n");
	free(output);
	application_end();
}
END_TEST

/* What the shell loop runs: it fails, puts off, or keeps what it is given. */
static const char handler[] =
    "#!/bin/sh\n"
    "if grep -q '\"subject\": *\"Bad\"' \"$1\"; then\n"
    "	echo 'no \"such\" thing' >&2\n"
    "	exit 1\n"
    "fi\n"
    "grep -q '\"subject\": *\"Later\"' \"$1\" && exit 75\n"
    "cp \"$1\" \"$2\" kept/ 2>/dev/null ||\n"
    "cp \"$1\" kept/\n";

/* send - submit a message to the application under a subject */
static void
send(const char *subject)
{
	char body[SUITE_PATH + 16];

	(void)snprintf(body, sizeof(body), "%s/body", suite_directory());
	suite_write(body, "text", 4);
	ck_assert_int_eq(suite_tool(&application_suite, NULL, "x4send", "-f",
			     ME, "-t", ME, "-s", subject, "-b", body, NULL),
	    0);
}

/* loop_is_done - tell whether the shell loop has kept a message and a report,
 * and one message waits for later */
static bool
loop_is_done(void *arg)
{
	json_t *rows;
	size_t waiting;
	const char *state;

	(void)arg;
	rows = suite_rows(&application_suite, "x4queue", "-j", "list", NULL);
	waiting = json_array_size(rows);
	state = json_string_value(
	    json_object_get(json_array_get(rows, 0), "state"));
	waiting += waiting == 1 && strcmp(state, "deferred") == 0 ? 100 : 0;
	json_decref(rows);
	return waiting == 101 &&
	    has_line(program_path(&edi, "kept/*.json"), "no ..such.. thing");
}

/* The shell loop answers by the exit status of a command. */
START_TEST(shell_loop)
{
	const char *loop;
	char command[SUITE_PATH + 16];
	pid_t pid;
	int status;

	begin("shell-loop");
	loop = program_copy("examples/serve.sh");
	(void)snprintf(
	    command, sizeof(command), "%s/handler", suite_directory());
	suite_write(command, handler, strlen(handler));
	ck_assert_int_eq(chmod(command, 0755), 0);
	ck_assert_int_eq(
	    program_shell(NULL, "mkdir %s/kept", edi.directory), 0);
	send("Good");
	send("Bad");
	send("Later");
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		program_become();
		(void)execl(loop, loop, edi.directory, command, (char *)NULL);
		_exit(127);
	}
	suite_wait("the loop to serve all", 30, loop_is_done, NULL);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	ck_assert_int_eq(suite_tool(&application_suite, NULL, "x4queue",
			     "delete", "--all", NULL),
	    0);
	application_end();
}
END_TEST

#define INTERCHANGE                                                        \
	"UNA:+.? '\n"                                                      \
	"UNB+UNOA:1+4000862141404:14+5790000123456:14+261130:1200+REF7'\n" \
	"UNH+1+ORDERS:D:96A:UN'\nUNT+2+1'\nUNZ+1+REF7'\n"

/* round_is - have the bridge do one round: true if a file is delivered */
static bool
round_is(void *arg)
{
	char *output;
	int status =
	    program_shell(&output, "python3 %s/edi_bridge.py %s --once",
		suite_directory(), program_path(&edi, "bridge.conf"));

	ck_assert_msg(status == 0, "%s", output);
	free(output);
	return has_line(
	    program_path(&edi, "files/status/%s", (const char *)arg),
	    "Z delivered");
}

/* bridge - carry an interchange in a form from out/ to in/ */
static void
bridge(const char *form)
{
	char name[32], *got;

	(void)snprintf(name, sizeof(name), "%s.edi", form);
	ck_assert_int_eq(
	    program_shell(NULL,
		"cd %s && mkdir -p files/out && printf '[bridge]\\nplace = "
		"%s\\n"
		"folder = %s/files\\noriginator = " ME "\\nform = %s\\n"
		"[partners]\\n5790000123456 = " ME "\\n' >bridge.conf",
		edi.directory, edi.directory, edi.directory, form),
	    0);
	suite_write(program_path(&edi, "files/out/%s", name), INTERCHANGE,
	    strlen(INTERCHANGE));
	suite_give(program_path(&edi, "files/out/%s", name));
	suite_wait("the interchange to be delivered", 60, round_is, name);
	ck_assert(program_has(&edi, "files/sent"));
	ck_assert_int_eq(suite_shell(&got, "cat %s && rm %s",
			     program_path(&edi, "files/in/*.edi"),
			     program_path(&edi, "files/in/*.edi")),
	    0);
	ck_assert_str_eq(got, INTERCHANGE);
	free(got);
}

/* EDIFACT crosses in each of three forms, and its status is told. */
START_TEST(edi_bridge)
{
	begin("edi-bridge");
	(void)program_copy("examples/edi_bridge.py");
	bridge("edim");
	bridge("ftbp");
	bridge("bp14");
	/* An interchange to nobody, and what is none. */
	suite_write(program_path(&edi, "files/out/none.edi"), "hello", 5);
	suite_give(program_path(&edi, "files/out/none.edi"));
	ck_assert_int_eq(
	    program_shell(NULL, "python3 %s/edi_bridge.py %s --once",
		suite_directory(), program_path(&edi, "bridge.conf")),
	    0);
	ck_assert(program_has(&edi, "files/failed/none.edi"));
	ck_assert(has_line(
	    program_path(&edi, "files/status/none.edi"), "failed no UNB"));
	application_end();
}
END_TEST

/* What the page tells the user of the directory to type, and what it says that
 * is printed: words, since ls writes columns to a terminal alone. */
static const char follow[] =
    "#!/bin/sh\n"
    "cd \"$(dirname \"$0\")\" || exit 1\n"
    "sed 's,/srv/edi,'\"$1\"',g; s/\\\\e/\\\\/g' fourpost-app.8 |\n"
    "awk '/^As that user, a message to itself/ { on = 1 }\n"
    "    on && /^\\.Ed/ { exit }\n"
    "    on && seen { print }\n"
    "    on && /^\\.Bd/ { seen = 1 }' >walk\n"
    "for what in 1 0; do\n"
    "	awk -v commands=$what '\n"
    "	/^\\$ / { type = 1; sub(/^\\$ /, \"\") }\n"
    "	type == commands { print }\n"
    "	/<<.END./ { here = 1 }\n"
    "	/^END$/ { here = 0 }\n"
    "	!here { type = 0 }' walk >walk.$what\n"
    "done\n"
    "[ -s walk.1 ] && sh walk.1 >printed 2>&1\n"
    "for file in printed walk.0; do\n"
    /* The time within an identifier is that of the page, or of now. */
    "	sed 's/;[0-9a-f]\\{11\\}-/;N-/' $file |\n"
    "	tr -s ' \\n' '\\n\\n' >$file.words\n"
    "done\n"
    "diff walk.0.words printed.words\n";

/* The walk of the page fourpost-app(8) through the directory, word for word. */
START_TEST(walk_of_the_page)
{
	char sections[1024], directory[SUITE_PATH + 16], *output;

	suite_begin("walk");
	(void)snprintf(
	    directory, sizeof(directory), "%s/edi", suite_directory());
	program_make(&edi, directory);
	(void)snprintf(sections, sizeof(sections),
	    "application \"edi\" {\n  path = \"%s\"\n"
	    "  address-space = {\"C=DE;A=VIAT;P=ACME;O=EDI\"}\n}\n",
	    directory);
	suite_configure(
	    &application_suite, "a", "C=DE;A=VIAT;P=ACME", "", sections);
	suite_start(&application_suite);
	program_await(&edi, "in/new");
	(void)snprintf(
	    sections, sizeof(sections), "%s/walk", suite_directory());
	ck_assert_int_eq(mkdir(sections, 0755), 0);
	suite_give(sections);
	(void)snprintf(
	    sections, sizeof(sections), "%s/walk/follow", suite_directory());
	suite_write(sections, follow, strlen(follow));
	ck_assert_int_eq(
	    suite_shell(NULL, "cp %s %s/walk",
		program_copy("man/fourpost-app.8"), suite_directory()),
	    0);
	ck_assert_msg(
	    program_shell(&output, "sh %s %s", sections, edi.directory) == 0,
	    "%s", output);
	free(output);
	application_end();
}
END_TEST

TEST_MAIN("examples", TEST_LONG(python_client, 120);
	  TEST_LONG(python_socket, 120); TEST_LONG(shell_loop, 120);
	  TEST_LONG(edi_bridge, 120); TEST_LONG(walk_of_the_page, 60))
