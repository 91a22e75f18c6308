/* SPDX-License-Identifier: ISC */
/*
 * harness.h - a queue manager in the test's own process
 *
 * A real store in a directory of its own, a real event loop, and the other
 * side of each connection in the hands of the test: workers that listen where
 * qmgr connects, and clients on socket pairs.  Nothing sleeps: the loop steps
 * until what is waited for is there, or a bound is reached and the test
 * fails.
 *
 * The harness plays master too: remote_connect_as and remote_greet announce the
 * worker that they play, with a pid of its own (harness_announce), and the
 * harness stands in for the kernel, which names that pid.
 */
#ifndef FOURPOST_TESTS_QMGR_HARNESS_H
#define FOURPOST_TESTS_QMGR_HARNESS_H

#include <event2/event.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "mhs/p1.h"
#include "mhs/report.h"
#include "qmgr/engine/client.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/greet.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/ready.h"
#include "qmgr/links/schedule.h"
#include "qmgr/loop.h"
#include "qmgr/queue/route.h"
#include "qmgr/sending/batches.h"
#include "qmgr/sending/dispatch.h"
#include "qmgr/sending/outcome.h"
#include "store/store.h"
#include "tests/unit/test.h"

#define HARNESS_TIME 60000 /* ms */

/* Two connectors that share a country, one elsewhere, a postoffice. */
extern const char harness_conf[];

/* Addresses, by the link that is the first to serve them. */
#define TO_PARIS "C=FR;A=ATLAS;P=BNP;S=Dupont"
#define TO_LYON	 "C=FR;A=ATLAS;P=BNP;O=LYON;S=Petit"
#define TO_ROME	 "C=IT;A=GARR;S=Rossi"

struct harness {
	char directory[64];
	const char *conf; /* of harness_init_conf, or harness_conf */
	struct event_base *base;
	struct qmgr qmgr;
	struct arena arena; /* of what a test builds */
	uint64_t next_submit;
	int64_t next_pid; /* of the workers that are played */
};

/* harness_announce - say as master that a worker was started: its pid */
int64_t harness_announce(
    struct harness *h, enum ipc_role role, const char *name, uint32_t instance);

/* harness_hello - make the hello of an announced worker */
struct ipc_hello harness_hello(
    int64_t pid, enum ipc_role role, const char *name, uint32_t instance);

/* harness_open - start the queue manager in h->directory */
void harness_open(struct harness *h);

/* harness_close - stop it; the queue stays on disk */
void harness_close(struct harness *h);

/* harness_init - make a queue and start; the log goes to a file beside the
 * queue */
void harness_init(struct harness *h);

/* harness_init_conf - begin likewise, with a configuration of the test's own,
 * which must outlive the harness */
void harness_init_conf(struct harness *h, const char *conf);

/* harness_fini - stop it and remove the queue */
void harness_fini(struct harness *h);

/* harness_step - turn the loop once, without waiting */
void harness_step(struct harness *h);

/* harness_steps - turn the loop so often */
void harness_steps(struct harness *h, int count);

/* harness_log_has - tell whether a line of the log holds this text */
bool harness_log_has(const struct harness *h, const char *text);

/* harness_link - find a link of the configuration */
struct link *harness_link(struct harness *h, const char *name);

/* harness_name - make an O/R name from text */
struct or_name harness_name(struct harness *h, const char *text);

/* harness_envelope - make a message with these recipients, as a submitter
 * does */
void harness_envelope(struct harness *h, struct p1_envelope *e, size_t count,
    const char *const *to);

/* harness_octets - encode an envelope, into the arena */
struct slice harness_octets(struct harness *h, const struct p1_envelope *e);

/* harness_job_envelope - decode the envelope of a job */
void harness_job_envelope(struct harness *h, const struct ipc_job *job,
    enum mts_kind kind, struct p1_envelope *e);

/* harness_job_report - decode the report that is the content of a job */
void harness_job_report(
    struct harness *h, const struct ipc_job *job, struct report *report);

/* harness_queued - count the messages in the queue */
uint64_t harness_queued(const struct harness *h);

#endif
