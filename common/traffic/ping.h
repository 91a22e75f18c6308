/* SPDX-License-Identifier: ISC */
/*
 * ping.h - open an association to a link's MTA step by step, and release it
 *
 * The same way that x400out goes for mail, each step shown as a row with its
 * time in milliseconds: on failure the peer's own reason in words.  No message
 * is sent.  x4ping does it itself, or has the suite do it in an x400out; both
 * go through here.
 *
 * A row has "link", "step", "ms", "result" ("ok" or "failed") and "reason";
 * that of the step "tls" also "version", "cipher", "subject", "days_left".
 */
#ifndef FOURPOST_TRAFFIC_PING_H
#define FOURPOST_TRAFFIC_PING_H

#include "conf/conf.h"
#include "ipc/record.h"
#include "mhs/bind.h"
#include "osi/connect.h"

/* The caller's wishes; all that they point at outlives the ping. */
struct ping_wishes {
	const struct conf *conf;
	const struct conf_link *link;
	struct association_io io;
	/* say whether the responder is who it should be: 0, or an error that
	 * diag explains */
	int (*judge)(void *arg, const struct mta_bind *bind, struct diag *diag);
	void (*show)(void *arg, const struct ipc_row *row);
	void *arg; /* of both */
};

struct ping {
	struct ping_wishes wishes;
	struct tls_context *tls; /* of the caller, before ping_run; or NULL */
	struct tls_expectation expectation;
	struct association association;
	struct connect_address addresses[CONNECT_ADDRESSES_MAX];
	size_t address_count;
	int fd;
	uint64_t step_ms; /* since the association began, at the last step */
	bool failed;
};

/* ping_init - begin with nothing done */
void ping_init(struct ping *ping, const struct ping_wishes *wishes);

/* ping_resolve - look up the addresses of the link, before confinement; a name
 * that is not found is a step that failed */
void ping_resolve(struct ping *ping);

/* ping_fail - show a step that the caller did itself, and that failed */
void ping_fail(struct ping *ping, const char *step, const char *reason);

/* ping_run - connect, bind and release; true: no step failed, but for addresses
 * that did not answer where another did */
bool ping_run(struct ping *ping) WARN_UNUSED;

#endif
