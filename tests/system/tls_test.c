/* SPDX-License-Identifier: ISC */
/*
 * tls_test.c - RFC 1006 inside TLS, between suites and with others' TLS
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/letter.h"
#include "tests/system/tls_suites.h"
#include "tests/unit/test.h"

static struct tls_suites suites;

/* begin - make the test's directory, certificates and settings */
static void
begin(const char *name)
{
	suite_begin(name);
	tls_suites_prepare(&suites);
}

/* send - send a message from A to B */
static void
send(unsigned number)
{
	char file[32], subject[32];

	snprintf(file, sizeof(file), "%05u.MSG", number);
	snprintf(subject, sizeof(subject), "tls %u", number);
	pair_letter(&suites.pair, file, PAIR_BOB, '3', subject, "secret words",
	    NULL, 0);
}

/* A message passes both ways where both links require TLS, and the wire shows
 * nothing of it. */
START_TEST(message_passes)
{
	char *output;

	begin("tls");
	tls_suites_start(&suites, PAIR_RECORDED, "");
	send(1);
	pair_wait_files(suites.pair.b_out, 1, 30);
	pair_answer(&suites.pair, "00001.MSG", '3', "answer", NULL, 0);
	pair_wait_files(suites.pair.a_out, 1, 30);
	pair_wait_empty(&suites.pair, 30);
	ck_assert_int_ne(
	    suite_shell(&output, "grep -aq 'secret' '%s'", suites.pair.pcap),
	    0);
	free(output);
	ck_assert_int_eq(
	    suite_tool(&suites.pair.a, &output, "x4ping", "b", NULL), 0);
	ck_assert_msg(strstr(output, "TLSv1.3") != NULL, "%s", output);
	ck_assert_ptr_nonnull(strstr(output, "CN=MTA B"));
	ck_assert_ptr_nonnull(strstr(output, "365 days left"));
	free(output);
	tls_suites_stop(&suites);
	suite_end();
}
END_TEST

/* On one association, which A opens, both send. */
START_TEST(both_take_turns)
{
	begin("tls-turns");
	strlcat(suites.b_link, "  schedule = \"remote-initiated\"\n",
	    sizeof(suites.b_link));
	tls_suites_start(
	    &suites, PAIR_DIRECT, "  dialogue = \"two-way-alternate\"\n");
	for (unsigned i = 1; i <= 5; i++) {
		char file[32];

		send(i);
		snprintf(file, sizeof(file), "%05u.MSG", i);
		pair_answer(&suites.pair, file, '3', "answer", NULL, 0);
		pair_wait_files(suites.pair.b_out, i, 60);
		pair_wait_files(suites.pair.a_out, i, 60);
	}
	pair_wait_empty(&suites.pair, 60);
	ck_assert_uint_eq(suite_count_files(suites.pair.a_out), 5);
	ck_assert_uint_eq(suite_count_files(suites.pair.b_out), 5);
	tls_suites_stop(&suites);
	suite_end();
}
END_TEST

/* ping - run x4ping from A to B, by the files as they are now; its exit status,
 * and its rows as text */
static int
ping(const struct suite *from, char **output)
{
	return suite_tool(from, output, "x4ping", "--direct", "-j", "b", NULL);
}

/* ping_fails - check that x4ping fails at a step, with these words */
static void
ping_fails(const struct suite *from, const char *step, const char *words)
{
	char *output, row[64];

	ck_assert_int_eq(ping(from, &output), 1);
	snprintf(row, sizeof(row), "\"step\":\"%s", step);
	for (char *line = strtok(output, "\n"); line != NULL;
	     line = strtok(NULL, "\n"))
		if (strstr(line, "\"failed\"") != NULL) {
			ck_assert_msg(strstr(line, row) != NULL &&
				strstr(line, words) != NULL,
			    "%s at %s: %s", words, step, line);
			free(output);
			return;
		}
	ck_abort_msg("no step failed");
}

/* ping_works - check that x4ping succeeds */
static void
ping_works(const struct suite *from)
{
	char *output;
	int status = ping(from, &output);

	ck_assert_msg(status == 0, "%s", output);
	free(output);
}

/* Certificates that A shows, and what B says of them. */
static const struct {
	struct pki_wish wish;
	bool strange;	    /* of another authority */
	bool revoked;	    /* by the list that B has */
	const char *reason; /* NULL: B takes it */
} callers[] = {
    {{.name = "MTA A", .dns = "other.test"}, false, false,
	"is for other.test, not for the tls-name a.test"},
    {{.name = "a.test"}, true, false, "unable to get local issuer"},
    {{.name = "a.test", .from = -2 * PKI_DAY, .to = -PKI_DAY}, false, false,
	"certificate has expired"},
    {{.name = "a.test", .from = PKI_DAY, .to = 2 * PKI_DAY}, false, false,
	"certificate is not yet valid"},
    {{.name = "a.test"}, false, true, "certificate revoked"},
    {{.name = "a.test"}, false, false, NULL},
};

#define CALLERS (sizeof(callers) / sizeof(callers[0]))

/* A caller whose certificate is wrong is refused at its bind, right name and
 * password notwithstanding, and our log says why. */
START_TEST(wrong_callers)
{
	const struct pki_wish other = {
	    .name = "Another authority", .authority = true};
	struct pki_entity stranger, made[CALLERS], *revoked = NULL;
	char crl[4096], setting[SUITE_PATH + 64];

	begin("tls-callers");
	pki_make(&other, &stranger);
	for (size_t i = 0; i < CALLERS; i++) {
		struct pki_wish wish = callers[i].wish;

		wish.issuer =
		    callers[i].strange ? &stranger : &suites.authority;
		pki_make(&wish, &made[i]);
		if (callers[i].revoked)
			revoked = &made[i];
	}
	pki_revoke(&suites.authority, revoked, crl, sizeof(crl));
	tls_suites_file("crl", "pem", crl);
	snprintf(setting, sizeof(setting), "  tls-crl-file = \"%s/crl.pem\"\n",
	    suite_directory());
	strlcat(suites.b_mta, setting, sizeof(suites.b_mta));
	tls_suites_start(&suites, PAIR_DIRECT, "");
	ping_works(&suites.pair.a);
	for (size_t i = 0; i < CALLERS; i++) {
		/* x4ping reads the files itself */
		tls_suites_put("a", &made[i]);
		if (callers[i].reason == NULL) {
			ping_works(&suites.pair.a);
			continue;
		}
		ping_fails(&suites.pair.a, "bind", "authentication");
		tls_suites_wait_logged(&suites.pair.b, callers[i].reason);
	}
	for (size_t i = 0; i < CALLERS; i++)
		pki_free(&made[i]);
	pki_free(&stranger);
	tls_suites_stop(&suites);
	suite_end();
}
END_TEST

/* reload - have a suite read its files again */
static void
reload(const struct suite *suite)
{
	ck_assert_int_eq(suite_tool(suite, NULL, "x4ctl", "reload", NULL), 0);
}

/* A responder whose certificate is wrong is refused in the handshake, and gets
 * neither name nor password; a reload takes its new certificate. */
START_TEST(renewed_by_reload)
{
	struct pki_entity late, other, again;

	begin("tls-renew");
	pki_make(&(struct pki_wish){.name = "b.test",
		     .issuer = &suites.authority,
		     .from = -2 * PKI_DAY,
		     .to = -PKI_DAY},
	    &late);
	pki_make(
	    &(struct pki_wish){.name = "c.test", .issuer = &suites.authority},
	    &other);
	tls_suites_put("b", &late);
	tls_suites_start(&suites, PAIR_DIRECT, "");
	ping_fails(&suites.pair.a, "tls", "certificate has expired");
	tls_suites_wait_logged(&suites.pair.b, " 20230 .*the peer refused");
	tls_suites_put("b", &other);
	reload(&suites.pair.b);
	ping_fails(&suites.pair.a, "tls", "is for c.test");
	send(1);
	tls_suites_wait_logged(
	    &suites.pair.a, " 289 .*link=b stage=tls .*is for c.test");
	/* a key that does not belong to it changes nothing */
	tls_suites_file("b", "pem", suites.b.certificate);
	ck_assert_int_ne(
	    suite_tool(&suites.pair.b, NULL, "x4ctl", "reload", NULL), 0);
	ck_assert_int_eq(
	    suite_tool(&suites.pair.b, NULL, "x4conf", "check", NULL), 78);
	ping_fails(&suites.pair.a, "tls", "is for c.test");
	tls_suites_put("b", &suites.b);
	reload(&suites.pair.b);
	ping_works(&suites.pair.a);
	pair_wait_files(suites.pair.b_out, 1, 30);
	pair_wait_empty(&suites.pair, 30);
	/* what is open goes on when the certificate is renewed once more */
	pki_make(
	    &(struct pki_wish){.name = "b.test", .issuer = &suites.authority},
	    &again);
	tls_suites_put("b", &again);
	reload(&suites.pair.b);
	ping_works(&suites.pair.a);
	send(2);
	pair_wait_files(suites.pair.b_out, 2, 30);
	pair_wait_empty(&suites.pair, 30);
	ck_assert_uint_eq(tls_suites_logged(&suites.pair.a, " 1294 "), 0);
	pki_free(&again);
	pki_free(&late);
	pki_free(&other);
	tls_suites_stop(&suites);
	suite_end();
}
END_TEST

/* another - write a configuration like A's, edited by sed(1) */
static struct suite
another(const char *edit)
{
	struct suite suite = suites.pair.a;
	char *output;

	snprintf(suite.conf, sizeof(suite.conf), "%s/another.conf",
	    suites.pair.a.directory);
	ck_assert_int_eq(suite_shell(&output, "umask 077; sed '%s' '%s' >'%s'",
			     edit, suites.pair.a.conf, suite.conf),
	    0);
	free(output);
	return suite;
}

/* A peer with the right name and password is refused on a clear port where its
 * link requires TLS; who takes one kind of port for the other learns that. */
START_TEST(clear_port)
{
	char edit[160];
	struct suite suite;

	begin("tls-clear");
	tls_suites_start(&suites, PAIR_DIRECT, "");
	suite = another("s/tls = \"require\"/tls = \"none\"/");
	ping_fails(&suite, "network", "the peer closed the connection");
	tls_suites_wait_logged(
	    &suites.pair.b, " 20230 .*the peer does not speak TLS here");
	snprintf(edit, sizeof(edit), "s/127.0.0.1:%u/127.0.0.1:%u/",
	    suites.pair.b_tls, suites.pair.b.port);
	suite = another(edit);
	ping_fails(&suite, "tls", "during the handshake");
	strlcat(edit, ";s/tls = \"require\"/tls = \"none\"/", sizeof(edit));
	suite = another(edit);
	ping_fails(&suite, "bind", "authentication");
	tls_suites_wait_logged(&suites.pair.b,
	    " 20231 .*link=a.*requires TLS, and it calls without");
	ping_works(&suites.pair.a);
	tls_suites_stop(&suites);
	suite_end();
}
END_TEST

/* edit_and_reload - change a suite's configuration by sed(1), and reload */
static void
edit_and_reload(const struct suite *suite, const char *edit)
{
	char *output;

	ck_assert_int_eq(
	    suite_shell(&output, "sed -i '%s' '%s'", edit, suite->conf), 0);
	free(output);
	reload(suite);
}

/* A port becomes one of TLS, and a clear one again, without being closed. */
START_TEST(ports_change)
{
	const struct suite *b = &suites.pair.b;
	char edit[200];
	struct suite suite;

	begin("tls-ports");
	tls_suites_start(&suites, PAIR_DIRECT, "");
	ping_works(&suites.pair.a);
	/* the TLS port goes */
	edit_and_reload(b, "s/^ *listen-tls/  #listen-tls/");
	ping_fails(&suites.pair.a, "tcp 127.0.0.1", "refused");
	edit_and_reload(b, "s/^ *#listen-tls/  listen-tls/");
	ping_works(&suites.pair.a);
	/* both ports change their kind */
	snprintf(edit, sizeof(edit),
	    "s/listen = {/listen-x = {/;s/listen-tls = {/listen = {/;"
	    "s/listen-x = {/listen-tls = {/");
	edit_and_reload(b, edit);
	ping_fails(&suites.pair.a, "tls", "during the handshake");
	snprintf(edit, sizeof(edit), "s/127.0.0.1:%u/127.0.0.1:%u/",
	    suites.pair.b_tls, suites.pair.b.port);
	suite = another(edit);
	ping_works(&suite);
	tls_suites_stop(&suites);
	suite_end();
}
END_TEST

/* Without authorities, by the pin of a key that signed itself. */
START_TEST(pinned_keys)
{
	struct pki_entity a, b, other;
	char pin[2][PKI_PIN_MAX];

	begin("tls-pin");
	pki_make(&(struct pki_wish){.name = "x"}, &a);
	pki_make(&(struct pki_wish){.name = "y", .curve = "RSA"}, &b);
	pki_make(&(struct pki_wish){.name = "y"}, &other);
	tls_suites_put("a", &a);
	tls_suites_put("b", &b);
	pki_pin(&a, pin[0]);
	pki_pin(&b, pin[1]);
	snprintf(suites.a_link, sizeof(suites.a_link),
	    "  tls = \"require\" tls-pin = {\"%s\", \"%s\"}\n", pin[0], pin[1]);
	snprintf(suites.b_link, sizeof(suites.b_link),
	    "  tls = \"require\" tls-pin = {\"%s\"}\n", pin[0]);
	tls_suites_start(&suites, PAIR_DIRECT, "");
	send(1);
	pair_wait_files(suites.pair.b_out, 1, 30);
	pair_wait_empty(&suites.pair, 30);
	tls_suites_put("a", &other);
	ping_fails(&suites.pair.a, "bind", "authentication");
	tls_suites_wait_logged(
	    &suites.pair.b, " 20231 .*its key is none of tls-pin");
	tls_suites_put("a", &a);
	tls_suites_put("b", &other);
	reload(&suites.pair.b);
	ping_fails(&suites.pair.a, "tls", "its key is none of tls-pin");
	pki_free(&a);
	pki_free(&b);
	pki_free(&other);
	tls_suites_stop(&suites);
	suite_end();
}
END_TEST

/* s_client - let openssl's client call B; what it printed, to be freed */
static char *
s_client(const char *options)
{
	char *output;

	(void)suite_shell(&output,
	    "cd '%s' && timeout 30 openssl s_client "
	    "-connect 127.0.0.1:%u -CAfile ca.pem %s 2>&1",
	    suite_directory(), suites.pair.b_tls, options);
	return output;
}

/* called_by - check what openssl's client, called so, prints, and what B's log
 * says */
static void
called_by(const char *options, const char *printed, const char *logged)
{
	char *output = s_client(options);

	ck_assert_msg(
	    strstr(output, printed) != NULL, "%s: %s", options, output);
	if (logged != NULL)
		tls_suites_wait_logged(&suites.pair.b, logged);
	free(output);
}

START_TEST(openssl_calls)
{
	begin("tls-client");
	tls_suites_start(&suites, PAIR_DIRECT, "");
	called_by("-cert a.pem -key a.key", "Verify return code: 0 (ok)", NULL);
	called_by(
	    "-cert a.pem -key a.key -tls1_2", "Protocol  : TLSv1.2", NULL);
	called_by("-ign_eof", "alert certificate required",
	    " 20230 .*the peer gave no certificate");
	called_by(
	    "-ign_eof -cert a.pem -key a.key -tls1 -cipher ALL:@SECLEVEL=0",
	    "alert protocol version",
	    " 20230 .*the peer offers no version of TLS that tls-minimum");
	called_by("-ign_eof -cert a.pem -key a.key -tls1_2 "
		  "-cipher AES128-SHA",
	    "alert handshake failure", " 20230 .*no shared cipher");
	{
		char *output =
		    s_client("-cert a.pem -key a.key -tls1_2 -reconnect");

		/* each connection begins anew */
		ck_assert_ptr_null(strstr(output, "Reused, "));
		free(output);
		(void)suite_shell(&output,
		    "cd '%s' && sleep 1 | openssl s_client -connect "
		    "127.0.0.1:%u -cert a.pem -key a.key 2>&1",
		    suite_directory(), suites.pair.b_tls);
		ck_assert_ptr_nonnull(strstr(output, "TLSv1.3"));
		ck_assert_ptr_null(strstr(output, "New Session Ticket"));
		ck_assert_ptr_null(strstr(output, "session ticket"));
		free(output);
	}
	ping_works(&suites.pair.a);
	tls_suites_stop(&suites);
	suite_end();
}
END_TEST

/* s_server - let openssl's server listen; its process */
static pid_t
s_server(uint16_t port, const char *certificate, const char *option)
{
	char accept[32], pem[SUITE_PATH + 32], key[SUITE_PATH + 32];
	pid_t pid;

	snprintf(accept, sizeof(accept), "127.0.0.1:%u", port);
	snprintf(pem, sizeof(pem), "%s/%s.pem", suite_directory(), certificate);
	snprintf(key, sizeof(key), "%s/%s.key", suite_directory(), certificate);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (freopen("/dev/null", "w", stdout) == NULL ||
		    freopen("/dev/null", "w", stderr) == NULL)
			_exit(127);
		execlp("openssl", "openssl", "s_server", "-accept", accept,
		    "-cert", pem, "-key", key, "-Verify", "3", "-quiet",
		    "-cipher", "ALL:@SECLEVEL=0", option, NULL);
		_exit(127);
	}
	return pid;
}

/* answers - tell whether somebody listens on a port */
static bool
answers(void *arg)
{
	char *output;
	int status = suite_shell(&output,
	    "bash -c ': </dev/tcp/127.0.0.1/%u' 2>/dev/null",
	    *(const uint16_t *)arg);

	free(output);
	return status == 0;
}

START_TEST(openssl_answers)
{
	uint16_t port;
	char edit[64];
	struct suite suite;
	pid_t pid;

	begin("tls-server");
	tls_suites_start(&suites, PAIR_DIRECT, "open-timeout = 3\n");
	port = suite_free_port();
	snprintf(edit, sizeof(edit), "s/127.0.0.1:%u/127.0.0.1:%u/",
	    suites.pair.b_tls, port);
	suite = another(edit);
	pid = s_server(port, "b", "-tls1_1");
	suite_wait("s_server to listen", 20, answers, &port);
	ping_fails(&suite, "tls", "protocol version");
	ck_assert_int_ge(suite_reap(pid), 0);
	pid = s_server(port, "a", "-tls1_3");
	suite_wait("s_server to listen", 20, answers, &port);
	ping_fails(&suite, "tls", "is for a.test, not for the tls-name b.test");
	ck_assert_int_ge(suite_reap(pid), 0);
	/* right in TLS, and no MTA behind it */
	pid = s_server(port, "b", "-tls1_2");
	suite_wait("s_server to listen", 20, answers, &port);
	ping_fails(&suite, "network", "the peer closed the connection");
	ck_assert_int_ge(suite_reap(pid), 0);
	tls_suites_stop(&suites);
	suite_end();
}
END_TEST

/* stunnel - start stunnel as client or server, with our certificates */
static pid_t
stunnel(const char *name, bool client, uint16_t from, uint16_t to)
{
	char path[SUITE_PATH + 32], text[2048];
	const char *d = suite_directory(), *own = client ? "a" : "b";
	pid_t pid;

	snprintf(text, sizeof(text),
	    "foreground = yes\npid =\ndebug = 3\n[p1]\nclient = %s\n"
	    "accept = 127.0.0.1:%u\nconnect = 127.0.0.1:%u\n"
	    "cert = %s/%s.pem\nkey = %s/%s.key\nCAfile = %s/ca.pem\n"
	    "verifyChain = yes\nsslVersionMin = TLSv1.2\n",
	    client ? "yes" : "no", from, to, d, own, d, own, d);
	snprintf(path, sizeof(path), "%s/%s.conf", d, name);
	suite_write(path, text, strlen(text));
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		execlp("stunnel", "stunnel", path, NULL);
		_exit(127);
	}
	suite_wait("stunnel to listen", 20, answers, &from);
	return pid;
}

/* A source behind stunnel sends to B, as what it is not: TLS is stunnel's. */
START_TEST(stunnel_calls)
{
	uint16_t port;
	char address[32], output[SUITE_PATH + 32], *text;
	pid_t tunnel, source;

	begin("tls-stunnel");
	tls_suites_start(&suites, PAIR_DIRECT, "");
	port = suite_free_port();
	tunnel = stunnel("caller", true, port, suites.pair.b_tls);
	snprintf(address, sizeof(address), "127.0.0.1:%u", port);
	snprintf(output, sizeof(output), "%s/source", suite_directory());
	source = suite_spawn(output, "peers/x4source", "-a", address, "-n",
	    "MTA-a", "-w", "secret-a", "-f", PAIR_ALICE, "-t", PAIR_BOB, "-A",
	    "2", "-m", "20", "-s", "40000", NULL);
	ck_assert_int_eq(suite_wait_exit(source, 60), 0);
	pair_wait_files(suites.pair.b_out, 20, 60);
	suite_wait_empty(&suites.pair.b, 60);
	ck_assert_uint_eq(suite_count_files(suites.pair.b_out), 20);
	ck_assert_int_ge(suite_reap(tunnel), 0);
	text = suite_read(output, NULL);
	free(text);
	tls_suites_stop(&suites);
	suite_end();
}
END_TEST

/* has_five - tell whether the sink has noted five messages */
static bool
has_five(void *arg)
{
	char *output;
	int count;

	(void)suite_shell(&output, "wc -l <'%s'", (const char *)arg);
	count = atoi(output);
	free(output);
	ck_assert_int_le(count, 5);
	return count == 5;
}

/* A sends to a sink behind stunnel. */
START_TEST(stunnel_answers)
{
	char output[SUITE_PATH + 32], taken[SUITE_PATH + 32];
	pid_t tunnel, sink;
	uint16_t port;

	begin("tls-sink");
	snprintf(output, sizeof(output), "%s/sink", suite_directory());
	snprintf(taken, sizeof(taken), "%s/taken", suite_directory());
	sink = suite_spawn(output, "peers/x4sink", "-n", "MTA-b", "-w",
	    "secret-b", "-o", taken, NULL);
	port = suite_port_of(output);
	/* B listens elsewhere: its place is stunnel's */
	tunnel = stunnel("called", false, suites.pair.b_tls, port);
	suites.pair.b_mta = "";
	pair_start_as(&suites.pair, PAIR_DIRECT, suites.a_link, "");
	for (unsigned i = 1; i <= 5; i++)
		send(i);
	suite_wait("five messages at the sink", 60, has_five, taken);
	suite_wait_empty(&suites.pair.a, 60);
	ck_assert_int_ge(suite_reap(tunnel), 0);
	ck_assert_int_ge(suite_reap(sink), 0);
	tls_suites_stop(&suites);
	suite_end();
}
END_TEST

/* put_revocations - write the revocation list of a suite, which holds for a
 * time, in days from now */
static void
put_revocations(const char *name, long from, long to)
{
	char crl[4096];

	pki_revoke_for(&suites.authority, NULL, from * PKI_DAY, to * PKI_DAY,
	    crl, sizeof(crl));
	tls_suites_file(name, "pem", crl);
}

/* use_revocations - have the settings of a suite name its revocation list */
static void
use_revocations(char *mta, size_t size, const char *name)
{
	size_t len = strlen(mta);

	snprintf(mta + len, size - len, "  tls-crl-file = \"%s/%s.pem\"\n",
	    suite_directory(), name);
}

START_TEST(expiry_is_announced)
{
	struct pki_entity soon, urgent;

	begin("tls-expiry");
	pki_make(&(struct pki_wish){.name = "a.test",
		     .issuer = &suites.authority,
		     .from = -PKI_DAY,
		     .to = 20 * PKI_DAY},
	    &soon);
	pki_make(&(struct pki_wish){.name = "b.test",
		     .issuer = &suites.authority,
		     .from = -PKI_DAY,
		     .to = 3 * PKI_DAY},
	    &urgent);
	tls_suites_put("a", &soon);
	tls_suites_put("b", &urgent);
	put_revocations("a-crl", -100, 6);
	put_revocations("b-crl", -10, -1);
	use_revocations(suites.a_mta, sizeof(suites.a_mta), "a-crl");
	use_revocations(suites.b_mta, sizeof(suites.b_mta), "b-crl");
	tls_suites_start(&suites, PAIR_DIRECT, "");
	tls_suites_wait_logged(&suites.pair.a, " 20232 .*days_left=19");
	tls_suites_wait_logged(&suites.pair.b, " 20233 .*days_left=2");
	tls_suites_wait_logged(&suites.pair.a, " 20235 .*hours_left=143");
	tls_suites_wait_logged(&suites.pair.b, " 20236 .*hours_left=-1");
	ping_fails(&suites.pair.a, "bind", "authentication");
	tls_suites_wait_logged(&suites.pair.b, "CRL has expired");
	tls_suites_put("b", &suites.b);
	put_revocations("b-crl", -1, 30);
	reload(&suites.pair.b);
	ping_works(&suites.pair.a);
	pki_free(&soon);
	pki_free(&urgent);
	tls_suites_stop(&suites);
	suite_end();
}
END_TEST

TEST_MAIN("system/tls", TEST_LONG(message_passes, 120);
	  TEST_LONG(both_take_turns, 120); TEST_LONG(wrong_callers, 180);
	  TEST_LONG(renewed_by_reload, 180); TEST_LONG(clear_port, 120);
	  TEST_LONG(ports_change, 120); TEST_LONG(pinned_keys, 120);
	  TEST_LONG(openssl_calls, 180); TEST_LONG(openssl_answers, 180);
	  TEST_LONG(stunnel_calls, 180); TEST_LONG(stunnel_answers, 180);
	  TEST_LONG(expiry_is_announced, 120))
