/* SPDX-License-Identifier: ISC */
/*
 * relay_test.c - the way out of a gateway: TLS, many recipients, relays that
 * misbehave, and what an administrator sees of it
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/relay_peer.h"
#include "tests/unit/test.h"
#include "tests/unit/tls/pki.h"

#define DOMAIN "C=XX;A=TEST;P=MIX"
#define GW     DOMAIN ";O=GW;DDA:RFC-822="
#define HOST   "relay.example.net"

static struct suite tested;
static struct relay_peer relay;
static struct pki_entity authority, right, alone;

/* configure - write the configuration, with more in the section */
static void
configure(const char *more)
{
	char sections[1024], mta[SUITE_PATH + 64];

	(void)snprintf(mta, sizeof(mta), "  tls-ca-file = \"%s/ca.pem\"\n",
	    suite_directory());
	(void)snprintf(sections, sizeof(sections),
	    "mixer \"net\" {\n  mail-domain = \"x400.example.net\"\n"
	    "  gateway-address = \"" DOMAIN ";O=GW\"\n"
	    "  address-space = {\"" DOMAIN ";O=GW\"}\n"
	    "  relay = {\"127.0.0.1:%u\"}\n  %s\n}\n",
	    relay.port, more);
	suite_configure(&tested, "a", DOMAIN, mta, sections);
}

/* write_pem - write a file of the test's directory */
static void
write_pem(const char *name, const char *text)
{
	char path[SUITE_PATH + 32];

	(void)snprintf(path, sizeof(path), "%s/%s", suite_directory(), name);
	suite_write(path, text, strlen(text));
}

/* begin - start a suite with a gateway, and its relay */
static void
begin(const char *test)
{
	pki_make(&(struct pki_wish){.name = "authority", .authority = true},
	    &authority);
	pki_make(
	    &(struct pki_wish){.name = HOST, .dns = HOST, .issuer = &authority},
	    &right);
	pki_make(&(struct pki_wish){.name = "alone", .dns = "alone.example"},
	    &alone);
	suite_begin(test);
	write_pem("ca.pem", authority.certificate);
	write_pem("right.pem", right.certificate);
	write_pem("right.key", right.key);
	write_pem("alone.pem", alone.certificate);
	write_pem("alone.key", alone.key);
	relay_peer_make(&relay, "relay");
	configure("");
	suite_start(&tested);
	suite_write(suite_path(&tested, "body"), "Hello Kim\n", 10);
}

/* end - stop all */
static void
end(void)
{
	suite_stop(&tested);
	relay_peer_stop(&relay);
	suite_end();
	pki_free(&authority);
	pki_free(&right);
	pki_free(&alone);
}

/* send_to - send a message to one of the Internet */
static void
send_to(const char *user)
{
	char address[128];

	(void)snprintf(address, sizeof(address), GW "%s(a)example.org", user);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4send", "-f", DOMAIN ";O=EDI;S=Jo",
		"-b", suite_path(&tested, "body"), "-t", address, NULL),
	    0);
}

/* retry - have the relay tried at once */
static void
retry(void)
{
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "retry", "mixer/net", NULL), 0);
}

/* has_problem - tell whether status names the gateway, and this text */
static bool
has_problem(void *arg)
{
	json_t *rows = suite_rows(&tested, "x4ctl", "status", "-j", NULL);
	const char *text, *command;
	bool found = false;
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		text = json_string_value(json_object_get(row, "text"));
		command = json_string_value(json_object_get(row, "command"));
		found = found ||
		    (text != NULL && command != NULL &&
			strstr(text, "mixer/net fails: ") != NULL &&
			strstr(text, arg) != NULL &&
			strcmp(command, "x4ping mixer/net") == 0);
	}
	json_decref(rows);
	return found;
}

/* A relay with some keys, how it must be, and what follows. */
static const struct {
	const char *settings, *habits;
	const char *fails; /* NULL: the message arrives */
	bool tls;	   /* within TLS */
} secured[] = {
    {"", "right", NULL, false},
    {"tls = \"may\"", "alone", NULL, true},
    {"tls = \"may\"", NULL, NULL, false},
    /* the handshake fails */
    {"tls = \"may\"", "missing", NULL, false},
    {"tls = \"require\" tls-name = \"" HOST "\"", "right", NULL, true},
    {"tls = \"require\" tls-name = \"" HOST "\"", "alone",
	"its certificate: ", false},
    {"tls = \"require\" tls-name = \"other.example\"", "right",
	"is for " HOST ", not for the tls-name other.example", false},
    {"tls = \"require\" tls-name = \"" HOST "\"", NULL, "offers no TLS", false},
    {"tls = \"require\" tls-pin = {\"%s\"}", "alone", NULL, true},
    {"tls = \"require\" tls-pin = {\"%s\"}", "right", "none of tls-pin", false},
};

/* set_keys - have the relay offer TLS with a certificate, or none */
static void
set_keys(const char *name)
{
	const char *directory = suite_directory();

	if (name == NULL)
		relay_peer_habits(&relay, "{}");
	else
		relay_peer_habits(&relay,
		    "{\"cert\":\"%s/%s.pem\",\"key\":\"%s/%s.key\"}", directory,
		    name, directory, name);
}

/* has_gone - tell whether a worker is not there any more */
static bool
has_gone(void *arg)
{
	return kill(*(const pid_t *)arg, 0) != 0;
}

/* reload - put another configuration into force, and end the session that was
 * begun before */
static void
reload(const char *settings)
{
	pid_t worker = suite_pid(&tested, "mixer-out/net#1");

	configure(settings);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "reload", NULL), 0);
	if (worker == 0)
		return;
	/* Where nothing has changed it would go on. */
	(void)suite_tool(
	    &tested, NULL, "x4ctl", "restart", "mixer-out/net#1", NULL);
	suite_wait("the worker to end", 20, has_gone, &worker);
}

/* check_last - check how the last message came */
static void
check_last(size_t n, bool tls)
{
	json_t *all = relay_peer_taken(&relay);

	ck_assert_uint_eq(json_array_size(all), n);
	ck_assert_int_eq(
	    json_is_true(json_object_get(json_array_get(all, n - 1), "tls")),
	    tls);
	json_decref(all);
}

START_TEST(within_tls)
{
	size_t taken = 0;
	char pin[PKI_PIN_MAX], settings[256];

	begin("relay-tls");
	relay_peer_start(&relay);
	pki_pin(&alone, pin);
	for (size_t i = 0; i < sizeof(secured) / sizeof(secured[0]); i++) {
		char *text = strdup(secured[i].settings), *at;

		at = strstr(text, "%s");
		if (at == NULL)
			(void)strlcpy(settings, text, sizeof(settings));
		else
			(void)snprintf(settings, sizeof(settings), "%.*s%s%s",
			    (int)(at - text), text, pin, at + 2);
		free(text);
		set_keys(secured[i].habits);
		reload(settings);
		send_to("kim");
		if (secured[i].fails != NULL) {
			suite_wait("the reason", 30, has_problem,
			    (void *)(uintptr_t)secured[i].fails);
			/* A message arrives where the relay may have it. */
			set_keys(NULL);
			reload("");
			retry();
		}
		relay_peer_await(&relay, ++taken);
		suite_wait_empty(&tested, 20);
		check_last(taken, secured[i].tls);
	}
	end();
}
END_TEST

/* A relay that takes two recipients at a time: all get it at once, each once,
 * and it is one message. */
START_TEST(too_many)
{
	const char *id = NULL;
	unsigned seen = 0;
	json_t *all, *one, *to;
	size_t i, j;

	begin("relay-many");
	relay_peer_start(&relay);
	relay_peer_habits(&relay, "{\"most\":2}");
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4send", "-f", DOMAIN ";O=EDI;S=Jo",
		"-b", suite_path(&tested, "body"), "-t", GW "0(a)a.example",
		"-t", GW "1(a)a.example", "-t", GW "2(a)a.example", "-t",
		GW "3(a)a.example", "-t", GW "4(a)a.example", NULL),
	    0);
	relay_peer_await(&relay, 3);
	suite_wait_empty(&tested, 20);
	all = relay_peer_taken(&relay);
	ck_assert_uint_eq(json_array_size(all), 3);
	json_array_foreach(all, i, one)
	{
		if (id == NULL)
			id = json_string_value(json_object_get(one, "id"));
		ck_assert_str_ne(id, "");
		ck_assert_str_eq(
		    json_string_value(json_object_get(one, "id")), id);
		json_array_foreach(json_object_get(one, "to"), j, to)
		{
			unsigned bit = 1U << (json_string_value(to)[0] - '0');

			ck_assert_uint_eq(seen & bit, 0);
			seen |= bit;
		}
	}
	ck_assert_uint_eq(seen, 0x1f);
	json_decref(all);
	end();
}
END_TEST

/* A relay that misbehaves once, whatever it does, costs no message. */
START_TEST(misbehaves)
{
	static const char *const habits[] = {
	    "\"close\":\"\"",
	    "\"close\":\"EHLO\"",
	    "\"close\":\"MAIL\"",
	    "\"close\":\"RCPT\"",
	    "\"close\":\"DATA\"",
	    "\"reply\":{\"\":\"554 5.3.2 not today\"}",
	    "\"reply\":{\"\":\"421 4.3.2 going\"}",
	    "\"reply\":{\"\":\"hello\"}",
	    "\"reply\":{\"EHLO\":\"421 4.3.2 going\"}",
	    "\"reply\":{\"EHLO\":\"\\u0001\\u0002\"}",
	    "\"reply\":{\"MAIL\":\"421 4.3.2 going\"}",
	    "\"reply\":{\"MAIL\":\"250x\"}",
	    "\"reply\":{\"RCPT\":\"199 what\"}",
	    "\"reply\":{\"RCPT\":\"421 4.3.2 going\"}",
	    "\"reply\":{\"DATA\":\"250 ok\"}",
	    "\"reply\":{\"DATA\":\"421 4.3.2 going\"}",
	    "\"endless\":\"EHLO\"",
	    "\"endless\":\"MAIL\"",
	    "\"lines\":\"\"",
	    "\"lines\":\"RCPT\"",
	    "\"lines\":\"DATA\"",
	    "\"reply\":{\".\":\"421 4.3.2 going\"}",
	    "\"reply\":{\".\":\"354 more\"}",
	};
	size_t all = sizeof(habits) / sizeof(habits[0]), step, count;

	/* In the short form a third of them. */
	step = suite_long() ? 1 : 3;
	count = (all + step - 1) / step;
	begin("relay-bad");
	relay_peer_start(&relay);
	for (size_t i = 0; i < count; i++) {
		relay_peer_habits(&relay, "{\"cut\":1,%s}", habits[i * step]);
		send_to("kim");
		for (unsigned n = 0; n < 600; n++) {
			json_t *list = relay_peer_taken(&relay);
			size_t taken = json_array_size(list);

			json_decref(list);
			if (taken > i)
				break;
			retry();
			(void)suite_tool(
			    &tested, NULL, "x4queue", "retry", "--all", NULL);
			(void)usleep(100000);
		}
		relay_peer_await(&relay, i + 1);
		suite_wait_empty(&tested, 20);
	}
	check_last(count, false);
	end();
}
END_TEST

/* log_has - tell whether the log has a text */
static bool
log_has(const char *text)
{
	return suite_shell(NULL, "grep -qF '%s' '%s'", text,
		   suite_path(&tested, "state/log")) == 0;
}

/* A relay that is lost after the whole message gets it again, as the same one,
 * and that is an event. */
START_TEST(in_doubt)
{
	json_t *all;

	begin("relay-doubt");
	relay_peer_start(&relay);
	relay_peer_habits(&relay, "{\"cut\":1,\"close\":\".\"}");
	send_to("kim");
	relay_peer_await(&relay, 2);
	suite_wait_empty(&tested, 20);
	all = relay_peer_taken(&relay);
	ck_assert_uint_eq(json_array_size(all), 2);
	ck_assert_str_eq(
	    json_string_value(json_object_get(json_array_get(all, 0), "id")),
	    json_string_value(json_object_get(json_array_get(all, 1), "id")));
	json_decref(all);
	ck_assert(log_has(" 20380 "));
	end();
}
END_TEST

/* A relay that takes a message and does not answer for it within its ten
 * minutes is left: the message is in doubt, and comes again as the same one. */
START_TEST(silent)
{
	const char *ids[3];
	json_t *all;

	/* A worker's second message: the next worker sends but one. */
	ck_assert_int_eq(setenv("FOURPOST_FAULT", "relay-silent:2:fail", 1), 0);
	begin("relay-silent");
	ck_assert_int_eq(unsetenv("FOURPOST_FAULT"), 0);
	relay_peer_start(&relay);
	relay_peer_habits(&relay, "{\"slow\":1}");
	send_to("kim");
	relay_peer_await(&relay, 1);
	send_to("lee");
	relay_peer_await(&relay, 3);
	suite_wait_empty(&tested, 20);
	all = relay_peer_taken(&relay);
	ck_assert_uint_eq(json_array_size(all), 3);
	for (size_t i = 0; i < 3; i++)
		ids[i] = json_string_value(
		    json_object_get(json_array_get(all, i), "id"));
	ck_assert_str_ne(ids[0], ids[1]);
	ck_assert_str_eq(ids[1], ids[2]);
	json_decref(all);
	ck_assert(log_has(" 20380 "));
	ck_assert(log_has("the server does not answer"));
	end();
}
END_TEST

/* ping - run x4ping: its status; the steps that were ok */
static int
ping(const char *option, char *steps, size_t size)
{
	char *output, *save = NULL;
	int status = suite_tool(
	    &tested, &output, "x4ping", "-j", "mixer/net", option, NULL);

	steps[0] = '\0';
	for (char *line = strtok_r(output, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		json_t *row = json_loads(line, 0, NULL);
		const char *step =
		    json_string_value(json_object_get(row, "step"));
		const char *result =
		    json_string_value(json_object_get(row, "result"));

		ck_assert_str_eq(
		    json_string_value(json_object_get(row, "link")),
		    "mixer/net");
		(void)strlcat(
		    steps, strncmp(step, "tcp ", 4) == 0 ? "tcp" : step, size);
		(void)strlcat(steps, result[0] == 'o' ? " " : "! ", size);
		json_decref(row);
	}
	free(output);
	return status;
}

/* An administrator sees a relay that is away, and tries it. */
START_TEST(away)
{
	char steps[256];

	begin("relay-away");
	send_to("kim");
	suite_wait("the problem", 20, has_problem,
	    (void *)(uintptr_t) "Connection refused");
	for (int direct = 0; direct < 2; direct++) {
		ck_assert_int_eq(
		    ping(direct ? "-d" : NULL, steps, sizeof(steps)), 1);
		ck_assert_str_eq(steps, "tcp! ");
	}
	relay_peer_start(&relay);
	relay_peer_habits(
	    &relay, "{\"reply\":{\"RCPT\":\"550 5.7.1 not you\"}}");
	ck_assert_int_eq(ping("-d", steps, sizeof(steps)), 1);
	ck_assert_str_eq(steps, "tcp ehlo mail rcpt! rset ");
	relay_peer_habits(
	    &relay, "{\"reply\":{\"MAIL\":\"550 5.7.1 not you\"}}");
	ck_assert_int_eq(ping(NULL, steps, sizeof(steps)), 1);
	ck_assert_str_eq(steps, "tcp ehlo mail! rset ");
	set_keys("right");
	reload("tls = \"require\" tls-name = \"" HOST "\"");
	/* The link need not wait: it was reached. */
	ck_assert_int_eq(ping(NULL, steps, sizeof(steps)), 0);
	ck_assert_str_eq(steps, "tcp tls ehlo mail rcpt rset ");
	relay_peer_await(&relay, 1);
	suite_wait_empty(&tested, 20);
	/* A ping sends no message. */
	ck_assert_int_eq(ping("-d", steps, sizeof(steps)), 0);
	check_last(1, true);
	end();
}
END_TEST

/* output_has - run a tool, and tell whether it says this */
static bool
output_has(const char *part, const char *tool, const char *command,
    const char *argument)
{
	char *output;
	bool found;

	(void)suite_tool(&tested, &output, tool, command, argument, NULL);
	found = strstr(output, part) != NULL;
	free(output);
	return found;
}

/* is_refused - tell whether the log has a report with this reason */
static bool
is_refused(void *arg)
{
	return log_has(arg);
}

/* What a relay says of a message: refused for good, that is reported on with
 * the codes of RFC 2156; put off, and the message waits and says why. */
START_TEST(answers)
{
	static const struct {
		const char *habits, *text;
		bool later;
	} cases[] = {
	    {"\"reply\":{\"MAIL\":\"552 5.3.4 too large\"}}",
		"552 5.3.4 too large", false},
	    {"\"reply\":{\"RCPT\":\"550 5.1.1 nobody\"}}", "550 5.1.1 nobody",
		false},
	    {"\"reply\":{\"DATA\":\"554 5.7.1 no\"}}", "554 5.7.1 no", false},
	    {"\"reply\":{\".\":\"554 5.6.0 spam\"}}", "554 5.6.0 spam", false},
	    {"\"without\":[\"PIPELINING\"],"
	     "\"reply\":{\"MAIL\":\"550 5.7.1 not you\"}}",
		"550 5.7.1 not you", false},
	    {"\"without\":[\"PIPELINING\"],"
	     "\"reply\":{\"RCPT\":\"550 plain\"}}",
		"550 plain", false},
	    {"\"reply\":{\"MAIL\":\"451 4.7.1 grey\"}}", "451 4.7.1 grey",
		true},
	    {"\"reply\":{\".\":\"452 4.3.1 full\"}}", "452 4.3.1 full", true},
	};
	size_t left = 0;
	char id[16];

	begin("relay-answers");
	relay_peer_start(&relay);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		relay_peer_habits(&relay, "{%s", cases[i].habits);
		reload("");
		send_to("kim");
		suite_wait("the reason", 20, is_refused,
		    (void *)(uintptr_t)cases[i].text);
		left += cases[i].later;
		ck_assert_int_eq(suite_queued(&tested), (int64_t)left);
		(void)snprintf(id, sizeof(id), "%zu", i + 1);
		if (cases[i].later)
			ck_assert(
			    output_has(cases[i].text, "x4queue", "why", id));
	}
	/* The relay does not report: what it takes is delivered. */
	relay_peer_habits(
	    &relay, "{\"without\":[\"DSN\",\"8BITMIME\",\"SIZE\"]}");
	reload("");
	send_to("kim");
	relay_peer_await(&relay, 1);
	suite_wait("the event", 20, is_refused, (void *)(uintptr_t) " 20382 ");
	end();
}
END_TEST

/* The way of a gateway is a link like any other. */
START_TEST(as_a_link)
{
	begin("relay-link");
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "disable", "mixer/net", NULL),
	    0);
	send_to("kim");
	ck_assert(output_has("mixer/net", "x4queue", "why", "1"));
	ck_assert(output_has("disabled", "x4queue", "why", "1"));
	ck_assert(output_has(
	    "kim(a)example.org", "x4queue", "list", "--link=mixer/net"));
	ck_assert(output_has("mixer/net", "x4queue", "summary", NULL));
	relay_peer_start(&relay);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "enable", "mixer/net", NULL), 0);
	relay_peer_await(&relay, 1);
	suite_wait_empty(&tested, 20);
	/* A relay that ends a session at rest is no trouble. */
	relay_peer_stop(&relay);
	relay_peer_start(&relay);
	send_to("kim");
	relay_peer_await(&relay, 2);
	ck_assert(!log_has(" 1294 "));
	end();
}
END_TEST

/* write_users - write the file of users */
static void
write_users(const char *address)
{
	char text[256];

	(void)snprintf(
	    text, sizeof(text), "%s = " DOMAIN ";O=EDI;S=Jo\n", address);
	suite_write(suite_path(&tested, "users"), text, strlen(text));
}

/* A reload is enough for what stands in the files of a section. */
START_TEST(files_read_again)
{
	char settings[SUITE_PATH + 64];
	char *text;

	begin("relay-files");
	relay_peer_start(&relay);
	(void)snprintf(settings, sizeof(settings), "users = \"%s\"",
	    suite_path(&tested, "users"));
	write_users("jo@old.example");
	reload(settings);
	send_to("kim");
	relay_peer_await(&relay, 1);
	write_users("jo@new.example");
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "reload", NULL), 0);
	suite_wait_empty(&tested, 20);
	send_to("kim");
	relay_peer_await(&relay, 2);
	text = relay_peer_file(&relay, "1");
	ck_assert_ptr_nonnull(strstr(text, "From: jo@old.example"));
	free(text);
	text = relay_peer_file(&relay, "2");
	ck_assert_ptr_nonnull(strstr(text, "From: jo@new.example"));
	free(text);
	end();
}
END_TEST

TEST_MAIN("system/relay", TEST_LONG(within_tls, 120); TEST_LONG(too_many, 60);
	  TEST_LONG(misbehaves, 120); TEST_LONG(in_doubt, 60);
	  TEST_LONG(silent, 60); TEST_LONG(away, 60); TEST_LONG(answers, 60);
	  TEST_LONG(as_a_link, 60); TEST_LONG(files_read_again, 60))
