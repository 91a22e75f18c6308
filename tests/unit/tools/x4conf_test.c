/* SPDX-License-Identifier: ISC */
/*
 * x4conf_test.c - the tool itself: what it prints and how it exits
 */
#include <sys/wait.h>

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf_setting.h"
#include "tests/unit/conf/conf_fixture.h"

#define GOOD                                                                 \
	"mta { name = A domain = \"C=DE;A= \" password = geheim "            \
	"user = daemon network-user = nobody }\n"                            \
	"link paris { remote-mta = B remote-password = geheim\n"             \
	"address = {\"127.0.0.1:1\", \"[::1]:2\"} address-space = \"C=XX\" " \
	"}\n"

/* run - run x4conf with arguments; its output, both streams, and exit status */
static int
run(const char *arguments, char *output, size_t size)
{
	const char *build = getenv("FOURPOST_BUILD");
	char command[512];
	size_t len;
	FILE *pipe;
	int status;

	(void)snprintf(command, sizeof(command), "%s/bin/x4conf %s 2>&1",
	    build != NULL ? build : "build", arguments);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	len = fread(output, 1, size - 1, pipe);
	output[len] = '\0';
	status = pclose(pipe);
	ck_assert_msg(WIFEXITED(status), "%s", output);
	return WEXITSTATUS(status);
}

/* run_on - run x4conf with -c and a file of this text, called `path` */
static int
run_on(const char *text, const char *arguments, char *path, char *output,
    size_t size)
{
	char line[256];
	int status;

	temporary_file(path, text, strlen(text), 0600);
	(void)snprintf(line, sizeof(line), "-c %s %s", path, arguments);
	status = run(line, output, size);
	(void)unlink(path);
	return status;
}

static char output[65536];

/* Settings that do nothing are warnings, so that a configuration that an
 * earlier release took is taken; beside them others are none. */
START_TEST(useless)
{
	static const char text[] =
	    "mta { name = A domain = \"C=DE;A=X\" user = daemon\n"
	    "network-user = nobody listen = \"127.0.0.1:1102\"\n"
	    "postoffice-group = daemon route-refresh = 60 }\n"
	    "link a { remote-mta = B schedule = never open-retries = 3\n"
	    "address-space = \"C=FR\" }\n"
	    "link b { remote-mta = C address = \"127.0.0.1\" threshold = 5\n"
	    "address-space = \"C=GB\" associations = 1 window-size = 3\n"
	    "checkpoint-size = 0 tls-name = x }\n"
	    "link c { remote-mta = D address = \"127.0.0.1\" threshold = 5\n"
	    "address-space = \"C=IT\" window-size = 3 open-retries = 3 }\n";
	static const char *const parts[] = {
	    ":1: warning: route-refresh: does nothing: no link has peer",
	    ":1: warning: postoffice-group: does nothing: there is no",
	    ":4: warning: link \"a\": open-retries: does nothing: the schedule",
	    ":6: warning: link \"b\": threshold: does nothing: associations",
	    ":6: warning: link \"b\": window-size: does nothing: checkpoint",
	    ":6: warning: link \"b\": tls-name: does nothing: tls is not",
	};
	char path[64];

	ck_assert_int_eq(
	    run_on(text, "check", path, output, sizeof(output)), 0);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		ck_assert_msg(strstr(output, parts[i]) != NULL, "no \"%s\": %s",
		    parts[i], output);
	ck_assert_int_eq(
	    run_on(text, "check --strict", path, output, sizeof(output)), 78);
	ck_assert_ptr_nonnull(strstr(output, "x4conf: 6 warnings\n"));
}
END_TEST

/* A gateway that anybody may use, that mail reaches in the clear, or whose
 * users are nobody. */
START_TEST(gateways)
{
	static const char text[] =
	    "mta { name = A domain = \"C=DE;A=X\" user = daemon\n"
	    "network-user = nobody listen = \"127.0.0.1:1102\" }\n"
	    "mixer a { mail-domain = \"x.example\" gateway-address = "
	    "\"C=DE;A=X\""
	    " relay-from = {\"*\"} }\n"
	    "mixer b { mail-domain = \"y.example\" gateway-address = "
	    "\"C=DE;A=X\""
	    " relay-from = {\"nice\", \"application/edi\", \"msmail/po\"}"
	    " relay = \"192.0.2.1:25\" tls-name = \"c.d\" }\n";
	static const char *const parts[] = {
	    ":3: warning: mixer \"a\": relay-from: whoever sends to us reaches",
	    ":4: warning: mixer \"b\": relay-from: there is no nice",
	    ":4: warning: mixer \"b\": relay-from: there is no application/edi",
	    ":4: warning: mixer \"b\": relay-from: there is no msmail/po",
	    ":4: warning: mixer \"b\": tls: mail goes to 192.0.2.1 in the",
	    ":4: warning: mixer \"b\": tls-name: does nothing: tls is not",
	};
	char path[64];

	ck_assert_int_eq(
	    run_on(text, "check", path, output, sizeof(output)), 0);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		ck_assert_msg(strstr(output, parts[i]) != NULL, "no \"%s\": %s",
		    parts[i], output);
	ck_assert_int_eq(
	    run_on(text, "check --strict", path, output, sizeof(output)), 78);
	ck_assert_ptr_nonnull(strstr(output, "x4conf: 6 warnings\n"));
}
END_TEST

/* A database over a network is to be known by a certificate; one on this
 * machine need not be. */
START_TEST(databases)
{
	static const char text[] =
	    "mta { name = A domain = \"C=DE;A=X\" user = daemon\n"
	    "network-user = nobody listen = \"127.0.0.1:1102\"\n"
	    "tracking-database = \"postgresql://u@127.0.0.1,db.example/d"
	    "?sslmode=require\" }\n";
	char path[64];

	ck_assert_int_eq(
	    run_on(text, "check", path, output, sizeof(output)), 0);
	ck_assert_ptr_nonnull(strstr(output,
	    ":1: warning: tracking-database: db.example is not known by a"));
	ck_assert_ptr_null(strstr(output, "127.0.0.1 is not known"));
}
END_TEST

/* An address of the Internet is shown as each gateway maps it, and then
 * routed. */
START_TEST(route_internet)
{
	static const char text[] =
	    "mta { name = A domain = \"C=DE;A=X\" user = daemon\n"
	    "network-user = nobody listen = \"127.0.0.1:1102\" }\n"
	    "link paris { remote-mta = P address = \"127.0.0.1\"\n"
	    "address-space = \"C=DE;A=X;O=MAIL\" }\n"
	    "mixer net { mail-domain = \"x400.example.net\"\n"
	    "gateway-address = \"C=DE;A=X;O=GW\"\n"
	    "map = \"acme.example = C=DE;A=X;O=MAIL\"\n"
	    "address-space = \"C=DE;A=X;O=GW\" }\n";
	static const char *const rows[] = {"\"kind\":\"mapping\"",
	    "\"link\":\"mixer/net\"", "\"source\":\"mapped\"",
	    "\"space\":\"G=jo;S=doe;O=MAIL;A=X;C=DE\"",
	    "\"why\":\"by map or users\"", "\"link\":\"paris\""};
	char path[64];

	ck_assert_int_eq(run_on(text, "-j route jo.doe@acme.example", path,
			     output, sizeof(output)),
	    0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(strstr(output, rows[i]) != NULL, "no %s: %s",
		    rows[i], output);
	/* elsewhere in the Internet: back to where it came from */
	ck_assert_int_eq(run_on(text, "-j route kim@example.org", path, output,
			     sizeof(output)),
	    0);
	ck_assert_ptr_nonnull(strstr(output, "DDA:RFC-822=kim(a)example.org"));
	ck_assert_int_eq(run_on(text,
			     "-j route '\"/RFC-822=a(a)b.example/C=DE/ADMD=X/"
			     "O=GW/\"@x400.example.net'",
			     path, output, sizeof(output)),
	    1);
	ck_assert_ptr_nonnull(strstr(output, "a source route"));
	ck_assert_int_eq(run_on(text, "-j route x@x400.example.net", path,
			     output, sizeof(output)),
	    1);
}
END_TEST

/* Every wrong line of a map is told, with its file and line. */
START_TEST(maps)
{
	static const char map[] = "C=DE;A=X;S=Doe = N/P/DOE\n"
				  "nonsense\n"
				  "C=DE;A=X;S=Roe = N/P/MUCHTOOLONGNAME\n"
				  "\n# a comment\n"
				  "C=DE;A=X;FOO=Roe = N/P/ROE\n"
				  "C=DE;A=X;S=Doe = N/P/OTHER\n";
	static const char *const parts[] = {":2: warning: not \"address = ",
	    ":3: warning: mailbox \"MUCHTOOLONGNAME\": 15 characters",
	    ":6: warning: ",
	    ":7: warning: this address has a mailbox in line "
	    "1"};
	char text[512], path[64], file[64], line[128];

	temporary_file(file, map, strlen(map), 0600);
	(void)snprintf(text, sizeof(text),
	    "mta { name = A domain = \"C=DE;A=X\" user = daemon\n"
	    "network-user = nobody listen = \"127.0.0.1:1102\" }\n"
	    "msmail po { postoffice = \"/tmp\" network = N name = P\n"
	    "address-space = \"C=DE;A=X\" directory = \"%s\" }\n",
	    file);
	ck_assert_int_eq(
	    run_on(text, "check --strict", path, output, sizeof(output)), 78);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		(void)snprintf(line, sizeof(line), "%s%s", file, parts[i]);
		ck_assert_msg(strstr(output, line) != NULL, "no \"%s\": %s",
		    line, output);
	}
	ck_assert_ptr_nonnull(strstr(output, "x4conf: 4 warnings\n"));
	(void)unlink(file);
}
END_TEST

START_TEST(check)
{
	char path[64], expected[256];

	ck_assert_int_eq(
	    run_on(GOOD, "check", path, output, sizeof(output)), 0);
	(void)snprintf(expected, sizeof(expected),
	    "%s: right: MTA A, 1 link, 0 postoffices\n", path);
	ck_assert_str_eq(output, expected);
	ck_assert_int_eq(
	    run_on(GOOD, "-j check", path, output, sizeof(output)), 0);
	(void)snprintf(expected, sizeof(expected),
	    "{\"file\":\"%s\",\"valid\":true,\"links\":1,\"msmails\":0,"
	    "\"lists\":0,\"applications\":0}\n",
	    path);
	ck_assert_str_eq(output, expected);
}
END_TEST

START_TEST(check_of_what_is_wrong)
{
	char path[64], expected[512];

	ck_assert_int_eq(run_on(GOOD "link b {\n\ncost = x }", "check", path,
			     output, sizeof(output)),
	    78);
	(void)snprintf(expected, sizeof(expected),
	    "x4conf: %s:6: cost: \"x\" is not a number\n", path);
	ck_assert_str_eq(output, expected);
	/* All that is wrong, in the order of the lines. */
	ck_assert_int_eq(run_on("mta { name = A\ndomain = nonsense\nx = 1 }\n"
				"link b { remote-mta = B\ncost = y\n"
				"address a\n}\nlink c { }\n",
			     "check", path, output, sizeof(output)),
	    78);
	(void)snprintf(expected, sizeof(expected),
	    "x4conf: %s:3: x: no such setting\n"
	    "x4conf: %s:5: cost: \"y\" is not a number\n"
	    "x4conf: %s:6: missing equal sign after option 'address'\n",
	    path, path, path);
	ck_assert_int_eq(strncmp(output, "x4conf: ", 8), 0);
	ck_assert_ptr_nonnull(strstr(output, ":2: domain: "));
	ck_assert_ptr_nonnull(strstr(output, expected));
	ck_assert_ptr_nonnull(
	    strstr(output, ":8: link \"c\": remote-mta: missing\n"));
	ck_assert_ptr_null(strstr(output, "link \"b\""));
	ck_assert_int_eq(
	    run("-c /nonexistent check", output, sizeof(output)), 78);
	ck_assert_str_eq(
	    output, "x4conf: /nonexistent: No such file or directory\n");
}
END_TEST

/* Warnings are told, and are errors if that is wanted. */
START_TEST(warnings)
{
	static const char text[] =
	    "mta { name = A domain = \"C=DE;A=X\" user = daemon\n"
	    "network-user = nobody listen = \"192.0.2.1:1102\" }\n"
	    "link a { remote-mta = B schedule = never\n"
	    "address-space = \"A=X;C=DE\" }\n"
	    "link b { remote-mta = B schedule = never\n"
	    "address-space = \"C=de;A=x\" }\n"
	    "link c { remote-mta = C address = \"127.0.0.1\" }\n"
	    "link d { remote-mta = D schedule = never peer = fourpost\n"
	    "local-name = E learn = \"C=FR\" }\n"
	    "link f { remote-mta = F schedule = never local-name = E }\n";
	static const char *const parts[] = {
	    ":1: warning: listen: this machine does not have the address "
	    "192.0.2.1\n",
	    ":3: warning: link \"a\": address-space: A=X;C=DE is our own "
	    "domain\n",
	    ":5: warning: link \"b\": remote-mta: that of link \"a\"",
	    ":5: warning: link \"b\": address-space: C=de;A=x has link \"a\" "
	    "too",
	    ":7: warning: link \"c\": address-space: there is none",
	    ":8: warning: link \"d\": local-name: routing updates bear",
	};
	char path[64];

	ck_assert_int_eq(
	    run_on(text, "check", path, output, sizeof(output)), 0);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		ck_assert_msg(strstr(output, parts[i]) != NULL, "no \"%s\": %s",
		    parts[i], output);
	ck_assert_int_eq(
	    run_on(text, "check --strict", path, output, sizeof(output)), 78);
	ck_assert_ptr_nonnull(strstr(output, "x4conf: 7 warnings\n"));
	ck_assert_int_eq(
	    run_on(text, "-j check", path, output, sizeof(output)), 0);
	ck_assert_ptr_nonnull(strstr(output, "{\"kind\":\"warning\","));
	ck_assert_int_eq(
	    run_on(GOOD, "check --strict", path, output, sizeof(output)), 0);
	ck_assert_int_eq(
	    run_on(GOOD, "show --strict", path, output, sizeof(output)), 64);
}
END_TEST

/* One section, or one setting wherever it is. */
START_TEST(show_part)
{
	char path[64];

	ck_assert_int_eq(
	    run_on(GOOD, "show cost", path, output, sizeof(output)), 0);
	ck_assert_str_eq(output,
	    "SECTION  NAME   SETTING  VALUE  SET\n"
	    "link     paris  cost     10     no\n");
	ck_assert_int_eq(
	    run_on(GOOD, "show paris", path, output, sizeof(output)), 0);
	ck_assert_ptr_nonnull(strstr(output, "remote-mta"));
	ck_assert_ptr_null(strstr(output, "domain"));
	ck_assert_ptr_null(strstr(output, "geheim"));
	ck_assert_int_eq(
	    run_on(GOOD, "show mta", path, output, sizeof(output)), 0);
	ck_assert_ptr_nonnull(strstr(output, "domain"));
	ck_assert_int_eq(
	    run_on(GOOD, "show costs", path, output, sizeof(output)), 1);
	ck_assert_str_eq(
	    output, "x4conf: costs: nothing is set; is cost meant?\n");
}
END_TEST

START_TEST(show)
{
	char path[64];

	ck_assert_int_eq(run_on(GOOD, "show", path, output, sizeof(output)), 0);
	ck_assert_str_eq(output,
	    "mta {\n\tname = \"A\"\n\tdomain = \"C=DE;A= \"\n"
	    "\tuser = \"daemon\"\n\tnetwork-user = \"nobody\"\n}\n"
	    "link \"paris\" {\n\tremote-mta = \"B\"\n"
	    "\taddress = {\"127.0.0.1:1\", \"[::1]:2\"}\n"
	    "\taddress-space = {\"C=XX\"}\n}\n");
	ck_assert_int_eq(
	    run_on(GOOD, "show -a", path, output, sizeof(output)), 0);
	ck_assert_ptr_nonnull(strstr(output, "\topen-interval = \"600\"\n"));
	ck_assert_ptr_null(strstr(output, "geheim"));
	ck_assert_int_eq(
	    run_on(GOOD, "-j show --all", path, output, sizeof(output)), 0);
	ck_assert_ptr_null(strstr(output, "geheim"));
	ck_assert_ptr_nonnull(strstr(output,
	    "{\"section\":\"link\",\"name\":\"paris\","
	    "\"setting\":\"address\",\"value\":\"[::1]:2\",\"set\":true}\n"));
	ck_assert_ptr_nonnull(strstr(
	    output, "\"setting\":\"cost\",\"value\":\"10\",\"set\":false}\n"));
}
END_TEST

START_TEST(defaults)
{
	size_t count = 0, lines = 0;

	for (int i = CONF_MTA; i < CONF_SECTIONS; i++)
		count += conf_settings((enum conf_section)i)->count;
	ck_assert_int_eq(run("defaults", output, sizeof(output)), 0);
	for (const char *c = output; *c != '\0'; c++)
		lines += *c == '\n';
	ck_assert_uint_eq(lines, count + 1);
	ck_assert_int_eq(run("-j defaults", output, sizeof(output)), 0);
	lines = 0;
	for (char *line = strtok(output, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		json_t *object = json_loads(line, 0, NULL);

		ck_assert_ptr_nonnull(object);
		ck_assert(json_is_boolean(json_object_get(object, "required")));
		json_decref(object);
		lines++;
	}
	ck_assert_uint_eq(lines, count);
}
END_TEST

/* No suite runs on a configuration of its own: the file alone says. */
START_TEST(route)
{
	static const char *const text =
	    GOOD "link b { remote-mta = B remote-password = p address = b\n"
		 "address-space = {\"C=FR\", \"C=FR;A=ATLAS\"} cost = 7 }\n"
		 "link c { remote-mta = C remote-password = p address = b\n"
		 "address-space = \"C=FR;A=ATLAS\" cost = 5 }\n";
	char path[64];

	ck_assert_int_eq(run_on(text, "-j route 'C=FR;A=ATLAS;S=x'", path,
			     output, sizeof(output)),
	    0);
	ck_assert_str_eq(output,
	    "{\"kind\":\"way\",\"rank\":1,\"link\":\"c\","
	    "\"source\":\"configured\",\"space\":\"C=FR;A=ATLAS\","
	    "\"cost\":5,\"state\":\"not running\",\"from\":\"\","
	    "\"path\":\"\",\"why\":\"the longest match, and the "
	    "cheapest\"}\n"
	    "{\"kind\":\"way\",\"rank\":2,\"link\":\"b\","
	    "\"source\":\"configured\",\"space\":\"C=FR;A=ATLAS\","
	    "\"cost\":7,\"state\":\"not running\",\"from\":\"\","
	    "\"path\":\"\",\"why\":\"it costs more\"}\n"
	    "{\"kind\":\"way\",\"rank\":3,\"link\":\"b\","
	    "\"source\":\"configured\",\"space\":\"C=FR\",\"cost\":7,"
	    "\"state\":\"not running\",\"from\":\"\",\"path\":\"\","
	    "\"why\":\"another address space matches longer\"}\n");
	ck_assert_int_eq(
	    run_on(GOOD "link d { remote-mta = D schedule = never\n"
			"address-space = \"C=DK\" refuse-from = \"C=DE\" }\n",
		"route --originator 'C=DE;A=X;S=y' 'C=DK;A=X;S=x'", path,
		output, sizeof(output)),
	    0);
	ck_assert_ptr_nonnull(strstr(output, "it refuses this originator"));
	ck_assert_int_eq(
	    run_on(GOOD "link d { remote-mta = D schedule = never\n"
			"address-space = \"C=DK\" refuse-from = \"C=DE\" }\n",
		"route --originator 'C=SE;A=X;S=y' 'C=DK;A=X;S=x'", path,
		output, sizeof(output)),
	    0);
	ck_assert_ptr_null(strstr(output, "refuses"));
	ck_assert_int_eq(
	    run_on(text, "route 'C=FR;A=V;S=x'", path, output, sizeof(output)),
	    0);
	ck_assert_ptr_nonnull(strstr(output, "the suite does not run"));
	ck_assert_int_eq(
	    run_on(text, "route 'C=IT;A=V;S=x'", path, output, sizeof(output)),
	    1);
	ck_assert_ptr_nonnull(strstr(output, "nobody serves this address"));
	ck_assert_int_eq(
	    run_on(text, "route nonsense", path, output, sizeof(output)), 64);
	ck_assert_int_eq(
	    run_on(text, "route", path, output, sizeof(output)), 64);
}
END_TEST

START_TEST(usage)
{
	ck_assert_int_eq(run("", output, sizeof(output)), 64);
	ck_assert_int_eq(run("nonsense", output, sizeof(output)), 64);
	ck_assert_int_eq(run("check show", output, sizeof(output)), 64);
	ck_assert_int_eq(run("--all check", output, sizeof(output)), 64);
	ck_assert_int_eq(run("--help", output, sizeof(output)), 0);
	ck_assert_ptr_nonnull(strstr(output, "defaults"));
	ck_assert_int_eq(run("defaults >/dev/full", output, sizeof(output)), 1);
}
END_TEST

TEST_MAIN("tools/x4conf", TEST(check); TEST(check_of_what_is_wrong);
	  TEST(warnings); TEST(useless); TEST(maps); TEST(gateways);
	  TEST(databases); TEST(show_part); TEST(show); TEST(route);
	  TEST(route_internet); TEST(defaults); TEST(usage))
