/* SPDX-License-Identifier: ISC */
/*
 * relay.h - a connection to the SMTP server of a gateway
 *
 *	relay_init, relay_resolve (before confinement), relay_open;
 *	relay_next and relay_flush while a transaction goes on with
 *	relay->client (smtp_client.h); relay_close
 *
 * With tls = "may" the server need not prove who it is, and where it offers no
 * TLS, or the handshake fails, messages go in the clear.  With "require" it
 * must have a certificate for tls-name, else for the host that relay names,
 * from an authority of tls-ca-file; or a key of tls-pin, which proves alone.
 */
#ifndef FOURPOST_RELAY_RELAY_H
#define FOURPOST_RELAY_RELAY_H

#include "conf/conf.h"
#include "osi/connect.h"
#include "smtp/smtp_client.h"
#include "tls/tls_stream.h"

#define RELAY_TEXT_MAX 256

/* The stage that a connection is at, or has failed at. */
enum relay_stage {
	RELAY_CONNECT,
	RELAY_HELLO,
	RELAY_TLS,
	RELAY_SESSION
};

struct relay {
	const struct conf_mixer *section;
	struct association_io io;
	struct tls_context *tls; /* the caller's; NULL: there is none */
	struct connect_address addresses[CONNECT_ADDRESSES_MAX];
	const char *hosts[CONNECT_ADDRESSES_MAX]; /* each address is of */
	size_t address_count;
	size_t at; /* the address that is connected to */
	int fd;	   /* -1: none */
	struct smtp_client client;
	enum relay_stage stage;
	bool lost;		  /* the session is over */
	char why[RELAY_TEXT_MAX]; /* it is lost */
	/* TLS failed though it need not be, and the session is in the clear */
	char in_clear[RELAY_TEXT_MAX];
	/* private */
	struct tls_stream *stream;
	struct tls_expectation expectation;
};

/* relay_init - begin without a connection; section is borrowed */
void relay_init(struct relay *relay, const struct conf_mixer *section,
    struct association_io io);

/* relay_resolve - look up the addresses of the server.  ERR_NOTFOUND: there is
 * none, diag says of which name */
int relay_resolve(struct relay *relay, struct diag *diag) WARN_UNUSED;

/* relay_connect - connect to one of the addresses.  As connect_tcp */
int relay_connect(
    struct relay *relay, size_t address, struct diag *diag) WARN_UNUSED;

/* relay_hello - greet the server, within TLS as tls says: 0 when it takes
 * messages, else ERR_CLOSED; stage and why tell where and why */
int relay_hello(struct relay *relay, enum smtp_tls tls) WARN_UNUSED;

/* relay_open - connect to the first address that takes messages.  Errors: diag
 * has the reason of the last that was tried */
int relay_open(struct relay *relay, struct diag *diag) WARN_UNUSED;

/* relay_next - wait for the next event of the session, so many ms at most;
 * SMTP_CLOSED: it is over, and lost is set */
enum smtp_event relay_next(struct relay *relay, uint64_t timeout);

/* relay_flush - write what the server is to get, while it is more than some
 * octets.  ERR_CLOSED */
int relay_flush(struct relay *relay, size_t some) WARN_UNUSED;

/* relay_identity - tell whose certificate the server has shown; NULL: there is
 * no TLS */
const struct tls_identity *relay_identity(const struct relay *relay);

/* relay_idle - take what the server says though nothing was asked: false, and
 * lost is set, if that ends the session */
bool relay_idle(struct relay *relay);

/* relay_speaks - tell whether the server has said what relay_next did not take
 * yet */
bool relay_speaks(const struct relay *relay);

/* relay_quit - say good bye, if the session is at rest, and close */
void relay_quit(struct relay *relay);

/* relay_close - close the connection, without a word */
void relay_close(struct relay *relay);

#endif
