/* SPDX-License-Identifier: ISC */
/*
 * remote.h - the other side of qmgr's connections, in the hands of the test
 *
 * A remote is whatever process talks with qmgr: a worker to which qmgr connects
 * (remote_listen, remote_wait_for, remote_greet), or one that connects to qmgr,
 * a worker or a tool (remote_connect_as).  Nothing sleeps: the loop steps until
 * what is waited for is there.
 */
#ifndef FOURPOST_TESTS_QMGR_REMOTE_H
#define FOURPOST_TESTS_QMGR_REMOTE_H

#include "tests/unit/qmgr/harness.h"

struct remote {
	struct harness *h;
	struct ipc_channel channel;
	bool closed; /* by qmgr */
};

/* remote_try - take the next record if it is there, without waiting */
bool remote_try(struct remote *r, struct ipc_record *record);

/* remote_next - take the next record; the loop steps until it is there */
void remote_next(struct remote *r, struct ipc_record *record);

/* remote_expect - take the next record, which must be of this type */
void
remote_expect(struct remote *r, enum ipc_type type, struct ipc_record *record);

/* remote_quiet - check that nothing comes */
void remote_quiet(struct remote *r);

/* remote_send - send a record and let it be written */
void remote_send(struct remote *r, const struct ipc_record *record);

/* remote_close - close the connection */
void remote_close(struct remote *r);

/* remote_dropped - check that qmgr says nothing more and closes the
 * connection */
void remote_dropped(struct remote *r);

/* remote_connect - connect, and say nothing yet */
void remote_connect(struct harness *h, struct remote *r, enum client_side side);

/* remote_connect_as - connect as a worker or tool, up to qmgr's answer to the
 * hello */
void remote_connect_as(
    struct harness *h, struct remote *r, enum ipc_role role, const char *name);

/* remote_listen - listen where qmgr connects to a link's workers */
int remote_listen(const struct harness *h, const char *service);

/* remote_accept - take a connection of qmgr's if there is one */
bool remote_accept(struct harness *h, int listener, struct remote *r);

/* remote_greet - say hello as a worker that was connected to, take the
 * settings */
void remote_greet(struct remote *r, enum ipc_role role, const char *name);

/* remote_wait_for - wait until qmgr connects to the service */
void remote_wait_for(struct harness *h, int listener, struct remote *r);

/* remote_bound - say how a worker's association does, and by which session
 * connection; additional "": by none */
void remote_bound(struct remote *r, enum ipc_link_state state,
    const char *reason, const char *additional);

/* remote_event - say how a worker's association does */
void
remote_event(struct remote *r, enum ipc_link_state state, const char *reason);

/* remote_open - become a worker of a connector whose association is open */
void remote_open(
    struct harness *h, int listener, const char *link, struct remote *r);

/* remote_outcome - report the outcome of a job */
void remote_outcome(struct remote *r, uint64_t job, enum ipc_result result);

/* remote_data - send octets of a body in pieces */
void remote_data(struct remote *r, uint64_t submit, struct slice octets);

/* remote_submit_begin - send SubmitStart and the envelope; return the number */
uint64_t remote_submit_begin(
    struct remote *r, struct ipc_submit_start start, struct slice envelope);

/* remote_submit_end - say that all of a submission was sent */
void remote_submit_end(
    struct remote *r, uint64_t submit, uint64_t length, const char *key);

/* remote_submit - submit a whole message; the answer in *record */
void remote_submit(struct remote *r, struct slice envelope,
    struct slice content, struct ipc_record *record);

/* remote_submit_to - submit a small message to one recipient; its queue id */
uint64_t remote_submit_to(struct harness *h, struct remote *r, const char *to);

#endif
