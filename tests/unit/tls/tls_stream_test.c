/* SPDX-License-Identifier: ISC */
/*
 * tls_stream_test.c - two streams over a socket pair
 *
 * Both ends are ours and take turns in one process, so a step that waits for
 * ever shows as a test that counts too many turns.
 */
#include "tls/tls_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/test.h"
#include "tests/unit/tls/pki.h"
#include "tls/openssl.h"

#define TURNS_MAX 1000
#define DATA_MAX  ((size_t)1024 * 1024)

/* An end of the stream. */
struct side {
	struct tls_context *context;
	struct tls_stream *stream;
	int fd;
	int result; /* of the handshake, or the error that ended it */
};

static struct pki_entity authority, stranger, caller, called;
static struct side calling, listening;
static struct tls_expectation expected;

/* material_of - put together what a side has */
static struct tls_material
material_of(const struct pki_entity *own, const struct pki_entity *trusted)
{
	return (struct tls_material){
	    .certificate = slice_of_string(own->certificate),
	    .key = slice_of_string(own->key),
	    .authorities =
		slice_of_string(trusted != NULL ? trusted->certificate : "")};
}

/* prepare - make the authorities and certificates of most tests */
static void
prepare(void)
{
	pki_make(
	    &(struct pki_wish){.name = "CA", .authority = true}, &authority);
	pki_make(&(struct pki_wish){.name = "Another CA", .authority = true},
	    &stranger);
	pki_make(
	    &(struct pki_wish){.name = "caller.test", .issuer = &authority},
	    &caller);
	pki_make(
	    &(struct pki_wish){
		.name = "MTA", .dns = "called.test", .issuer = &authority},
	    &called);
	expected = (struct tls_expectation){.name = "called.test"};
}

/* open_pair - make both ends of this material */
static void
open_pair(const struct tls_material *from, const struct tls_material *to)
{
	struct diag diag = {0};
	int fds[2];

	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	calling = (struct side){.fd = fds[0], .result = ERR_AGAIN};
	listening = (struct side){.fd = fds[1], .result = ERR_AGAIN};
	ck_assert_int_eq(
	    tls_context_new(TLS_CALLING, from, &calling.context, &diag), 0);
	ck_assert_int_eq(
	    tls_context_new(TLS_CALLED, to, &listening.context, &diag), 0);
	ck_assert_int_eq(tls_stream_new(calling.context, &expected, calling.fd,
			     &calling.stream),
	    0);
	ck_assert_int_eq(tls_stream_new(listening.context, NULL, listening.fd,
			     &listening.stream),
	    0);
}

/* open_usual - make both ends of the usual material */
static void
open_usual(void)
{
	struct tls_material from = material_of(&caller, &authority);
	struct tls_material to = material_of(&called, &authority);

	open_pair(&from, &to);
}

/* close_side - close an end */
static void
close_side(struct side *side)
{
	tls_stream_free(side->stream);
	tls_context_free(side->context);
	if (side->fd >= 0)
		close(side->fd);
	*side = (struct side){.fd = -1};
}

/* close_pair - close both ends */
static void
close_pair(void)
{
	close_side(&calling);
	close_side(&listening);
}

/* step - go on with the handshake of one end; close what failed */
static void
step(struct side *side)
{
	if (side->result != ERR_AGAIN)
		return;
	side->result = tls_stream_handshake(side->stream);
	if (side->result < 0 && side->result != ERR_AGAIN)
		shutdown(side->fd, SHUT_WR);
}

/* shake - do the handshake at both ends, in turn */
static void
shake(void)
{
	for (int i = 0; i < TURNS_MAX; i++) {
		step(&calling);
		step(&listening);
		if (calling.result != ERR_AGAIN &&
		    listening.result != ERR_AGAIN)
			return;
	}
	ck_abort_msg("the handshake goes on for ever");
}

/* hear - read at an end until something other than waiting comes of it */
static int
hear(struct side *side)
{
	uint8_t octets[256];
	int got = ERR_AGAIN;

	for (int i = 0; i < 10 && got == ERR_AGAIN; i++)
		got = tls_stream_read(side->stream, octets, sizeof(octets));
	return got;
}

START_TEST(both_are_known)
{
	const struct tls_identity *who;

	prepare();
	open_usual();
	shake();
	ck_assert_int_eq(calling.result, 0);
	ck_assert_int_eq(listening.result, 0);
	who = tls_stream_identity(listening.stream);
	ck_assert(who->known);
	ck_assert_str_eq(who->problem, "");
	ck_assert_str_eq(who->subject, "CN=caller.test");
	ck_assert_uint_eq(who->name_count, 1);
	ck_assert_str_eq(who->names[0], "caller.test");
	ck_assert_str_eq(who->version, "TLSv1.3");
	who = tls_stream_identity(calling.stream);
	ck_assert_str_eq(who->names[0], "called.test");
	close_pair();
}
END_TEST

/* Any octets, in any sizes, arrive as they were sent; what one end may hold is
 * bounded. */
START_TEST(octets_pass)
{
	static uint8_t data[DATA_MAX], got[DATA_MAX];
	size_t put = 0, taken = 0;
	unsigned seed = 7;

	for (size_t i = 0; i < DATA_MAX; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 13);
	prepare();
	open_usual();
	shake();
	while (taken < DATA_MAX) {
		size_t len = (seed = seed * 1103515245 + 12345) >> 14;
		int n = 0;

		if (len > DATA_MAX - put)
			len = DATA_MAX - put;
		if (len > 0 || tls_stream_unwritten(calling.stream))
			n = tls_stream_write(
			    calling.stream, slice_of(data + put, len));
		ck_assert(n >= 0 || n == ERR_AGAIN);
		ck_assert(n <= (int)TLS_STREAM_BURST);
		put += n > 0 ? (size_t)n : 0;
		do {
			n = tls_stream_read(listening.stream, got + taken,
			    DATA_MAX - taken < 777 ? DATA_MAX - taken : 777);
			taken += n > 0 ? (size_t)n : 0;
		} while (n > 0 && taken < DATA_MAX);
		/* what says that it has nothing, holds nothing */
		if (n == ERR_AGAIN)
			ck_assert(!tls_stream_buffered(listening.stream));
	}
	ck_assert_uint_eq(put, DATA_MAX);
	ck_assert(memcmp(data, got, DATA_MAX) == 0);
	tls_stream_close(calling.stream);
	ck_assert_int_eq(hear(&listening), 0);
	close_pair();
}
END_TEST

/* refused - do a handshake in which the caller refuses the peer, and hear what
 * the peer is told */
static void
refused(const char *reason)
{
	shake();
	ck_assert_int_eq(calling.result, ERR_DENIED);
	ck_assert_str_eq(tls_stream_reason(calling.stream), reason);
	ck_assert_int_eq(listening.result, ERR_PROTOCOL);
	ck_assert_ptr_nonnull(strstr(tls_stream_reason(listening.stream),
	    "the peer refused, and says: "));
	close_pair();
}

START_TEST(wrong_certificates)
{
	struct tls_material from, to;
	struct pki_entity bad;
	char crl[4096];

	prepare();
	from = material_of(&caller, &stranger);
	to = material_of(&called, &authority);
	open_pair(&from, &to);
	refused("its certificate: unable to get local issuer certificate");
	from = material_of(&caller, NULL);
	open_pair(&from, &to);
	refused("its certificate: there is no tls-ca-file to judge it by");
	expected.name = "other.test";
	open_usual();
	refused("its certificate is for called.test, not for the tls-name "
		"other.test");
	expected.name = "called.test";
	pki_make(&(struct pki_wish){.name = "called.test",
		     .issuer = &authority,
		     .from = -2 * PKI_DAY,
		     .to = -PKI_DAY},
	    &bad);
	from = material_of(&caller, &authority);
	to = material_of(&bad, &authority);
	open_pair(&from, &to);
	refused("its certificate: certificate has expired");
	pki_revoke(&authority, &called, crl, sizeof(crl));
	from.revocations = slice_of_string(crl);
	to = material_of(&called, &authority);
	open_pair(&from, &to);
	refused("its certificate: certificate revoked");
	pki_free(&bad);
	/* a list that does not name it refuses nobody */
	pki_revoke(&authority, &caller, crl, sizeof(crl));
	from.revocations = slice_of_string(crl);
	open_pair(&from, &to);
	shake();
	ck_assert_int_eq(calling.result, 0);
	close_pair();
}
END_TEST

/* The called side notes what is wrong with the caller, and goes on. */
START_TEST(caller_is_judged_later)
{
	struct tls_material from, to;

	prepare();
	from = material_of(&caller, &authority);
	to = material_of(&called, &stranger);
	open_pair(&from, &to);
	shake();
	ck_assert_int_eq(calling.result, 0);
	ck_assert_int_eq(listening.result, 0);
	ck_assert_str_eq(tls_stream_identity(listening.stream)->problem,
	    "unable to get local issuer certificate");
	close_pair();
}
END_TEST

/* talk_to_openssl - let OpenSSL's own client, set by a function, call us; how
 * our end fares */
static const char *
talk_to_openssl(void (*set)(SSL_CTX *ctx))
{
	static char reason[256];
	struct tls_material to = material_of(&called, &authority);
	struct diag diag = {0};
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl;
	int fds[2], done = 0;

	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	listening = (struct side){.fd = fds[1], .result = ERR_AGAIN};
	ck_assert_int_eq(
	    tls_context_new(TLS_CALLED, &to, &listening.context, &diag), 0);
	ck_assert_int_eq(tls_stream_new(listening.context, NULL, listening.fd,
			     &listening.stream),
	    0);
	set(ctx);
	ssl = SSL_new(ctx);
	ck_assert_int_eq(SSL_set_fd(ssl, fds[0]), 1);
	for (int i = 0; i < TURNS_MAX && listening.result == ERR_AGAIN; i++) {
		if (done != 1)
			done = SSL_connect(ssl);
		step(&listening);
	}
	/* no ticket comes after it either */
	if (listening.result == 0) {
		uint8_t octet;

		for (int i = 0; i < 10; i++)
			ck_assert_int_le(SSL_read(ssl, &octet, 1), 0);
		ck_assert_int_eq(
		    SSL_SESSION_has_ticket(SSL_get0_session(ssl)), 0);
		ck_assert_int_eq(
		    SSL_SESSION_is_resumable(SSL_get0_session(ssl)), 0);
	}
	snprintf(reason, sizeof(reason), "%s",
	    listening.result == 0 ? "" : tls_stream_reason(listening.stream));
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fds[0]);
	close_side(&listening);
	return reason;
}

/* set_nothing - call without a certificate */
static void
set_nothing(SSL_CTX *ctx)
{
	(void)ctx;
}

/* set_certificate - call with a certificate */
static void
set_certificate(SSL_CTX *ctx)
{
	SSL_CTX_use_certificate(ctx, caller.x509);
	SSL_CTX_use_PrivateKey(ctx, caller.pkey);
}

/* set_old - call with TLS 1.0 */
static void
set_old(SSL_CTX *ctx)
{
	set_certificate(ctx);
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION);
}

/* set_middle - call with TLS 1.2 */
static void
set_middle(SSL_CTX *ctx)
{
	set_certificate(ctx);
	SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
}

/* set_weak - call with TLS 1.2 and a cipher without forward secrecy */
static void
set_weak(SSL_CTX *ctx)
{
	set_middle(ctx);
	SSL_CTX_set_cipher_list(ctx, "AES128-SHA:AES128-GCM-SHA256");
}

START_TEST(other_clients)
{
	prepare();
	ck_assert_str_eq(talk_to_openssl(set_certificate), "");
	ck_assert_str_eq(talk_to_openssl(set_middle), "");
	ck_assert_str_eq(
	    talk_to_openssl(set_nothing), "the peer gave no certificate");
	ck_assert_str_eq(talk_to_openssl(set_old),
	    "the peer offers no version of TLS that tls-minimum allows");
	ck_assert_str_eq(talk_to_openssl(set_weak), "no shared cipher");
}
END_TEST

START_TEST(no_tls)
{
	prepare();
	open_usual();
	ck_assert_int_gt(
	    send(calling.fd, "\x03\x00\x00\x16\x11\xe0", 6, MSG_NOSIGNAL), 0);
	listening.result = tls_stream_handshake(listening.stream);
	ck_assert_int_eq(listening.result, ERR_PROTOCOL);
	ck_assert_str_eq(tls_stream_reason(listening.stream),
	    "the peer does not speak TLS here");
	close_pair();
}
END_TEST

/* The peer goes at any octet of the handshake and of what follows: each end
 * learns that it is gone, and none waits for more. */
START_TEST(cut_at_every_octet)
{
	static uint8_t wire[16384];
	ssize_t total;
	int error, n;

	prepare();
	open_usual();
	/* the caller's first flight, octet for octet */
	ck_assert_int_eq(tls_stream_handshake(calling.stream), ERR_AGAIN);
	total = recv(listening.fd, wire, sizeof(wire), 0);
	ck_assert_int_gt(total, 100);
	close_pair();
	for (ssize_t cut = 0; cut < total; cut++) {
		open_usual();
		if (cut > 0)
			ck_assert_int_eq(
			    send(calling.fd, wire, (size_t)cut, MSG_NOSIGNAL),
			    cut);
		shutdown(calling.fd, SHUT_WR);
		n = 0;
		do
			error = tls_stream_handshake(listening.stream);
		while (error == ERR_AGAIN && n++ < 10);
		ck_assert_int_eq(error, ERR_CLOSED);
		ck_assert_str_eq(tls_stream_reason(listening.stream),
		    "the peer closed the connection during the handshake");
		close_pair();
	}
	/* a record of data, cut anywhere, is an end like any other */
	for (ssize_t cut = 0; cut < 40; cut++) {
		open_usual();
		shake();
		ck_assert_int_eq(tls_stream_write(calling.stream,
				     slice_of_string("0123456789")),
		    10);
		total = recv(listening.fd, wire, sizeof(wire), 0);
		ck_assert_int_gt(total, cut % (total - 1));
		ck_assert_int_ge(
		    send(calling.fd, wire, (size_t)(cut % total), MSG_NOSIGNAL),
		    0);
		shutdown(calling.fd, SHUT_WR);
		ck_assert_int_eq(hear(&listening), 0);
		close_pair();
	}
}
END_TEST

/* An octet of a record that was changed is found, and is the end. */
START_TEST(changed_on_the_way)
{
	static uint8_t wire[4096];
	ssize_t total;

	prepare();
	open_usual();
	shake();
	ck_assert_int_eq(
	    tls_stream_write(calling.stream, slice_of_string("0123456789")),
	    10);
	total = recv(listening.fd, wire, sizeof(wire), 0);
	ck_assert_int_gt(total, 10);
	wire[total - 3] ^= 1;
	ck_assert_int_eq(
	    send(calling.fd, wire, (size_t)total, MSG_NOSIGNAL), total);
	ck_assert_int_eq(hear(&listening), ERR_PROTOCOL);
	/* and stays so */
	ck_assert_int_eq(hear(&listening), ERR_PROTOCOL);
	ck_assert_int_lt(
	    tls_stream_write(listening.stream, slice_of_string("x")), 0);
	close_pair();
}
END_TEST

TEST_MAIN("tls/tls_stream", TEST(both_are_known); TEST_LONG(octets_pass, 60);
	  TEST(wrong_certificates); TEST(caller_is_judged_later);
	  TEST(other_clients); TEST(no_tls); TEST_LONG(cut_at_every_octet, 120);
	  TEST(changed_on_the_way))
