/* SPDX-License-Identifier: ISC */
/*
 * exchange.c - a worker's connection to qmgr, and records
 *
 * The blocking face of ipc/channel for programs without an event loop; every
 * wait is worker_wait.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/status.h"
#include "worker/worker.h"

#define RETRY_FIRST 50	 /* ms between attempts to reach qmgr */
#define RETRY_MAX   1000 /* it doubles up to this */

/* next_record - take a record that is here, or read until there is one */
static int
next_record(
    struct ipc_channel *channel, struct ipc_record *record, struct diag *diag)
{
	int got, error;

	for (;;) {
		got = ipc_channel_take(channel, record, diag);
		if (got != 0)
			return got < 0 ? got : 0;
		error = ipc_channel_fill(channel);
		if (error != 0)
			return error;
	}
}

/* worker_receive - wait for the next record of a channel */
int
worker_receive(struct worker *worker, struct ipc_channel *channel,
    struct ipc_record *record, uint64_t deadline, struct diag *diag)
{
	struct pollfd pfd;
	int error;

	for (;;) {
		error = next_record(channel, record, diag);
		if (error != ERR_AGAIN)
			return error;
		error = ipc_channel_flush(channel);
		/* Records that came before the end are still read. */
		if (error != 0 && error != ERR_CLOSED)
			return error;
		pfd = (struct pollfd){.fd = channel->fd, .events = POLLIN};
		if (ipc_channel_pending(channel) != 0)
			pfd.events |= POLLOUT;
		error = worker_wait(worker, &pfd, 1, deadline);
		if (error < 0)
			return error;
	}
}

/* worker_flush - write all that is pending */
int
worker_flush(
    struct worker *worker, struct ipc_channel *channel, uint64_t deadline)
{
	struct pollfd pfd;
	int error, cancelled = 0;

	for (;;) {
		error = ipc_channel_flush(channel);
		if (error != 0)
			return error;
		if (ipc_channel_pending(channel) == 0)
			return cancelled;
		pfd = (struct pollfd){.fd = channel->fd, .events = POLLOUT};
		error = worker_wait(worker, &pfd, 1, deadline);
		/* The stop is told of only once, and half a record must not
		 * be left: so the rest is written first. */
		if (error == ERR_CANCELLED)
			cancelled = error;
		else if (error < 0)
			return error;
	}
}

/* worker_send - append a record and write it */
int
worker_send(struct worker *worker, struct ipc_channel *channel,
    const struct ipc_record *record, uint64_t deadline)
{
	int error = ipc_channel_send(channel, record);

	/* The buffer holds records that the other side has not read: they go
	 * first, and this one is tried once more. */
	if (error == ERR_LIMIT && ipc_channel_pending(channel) != 0) {
		error = worker_flush(worker, channel, deadline);
		if (error == 0 || error == ERR_CANCELLED)
			error = ipc_channel_send(channel, record);
	}
	if (error == 0)
		error = worker_flush(worker, channel, deadline);
	/* The record was written all the same, and the caller learns of the
	 * stop from worker->stopping. */
	return error == ERR_CANCELLED ? 0 : error;
}

/* exchange_hellos - say hello and check the other side's */
static int
exchange_hellos(struct worker *worker, struct ipc_channel *channel,
    enum ipc_role role, uint64_t deadline, struct diag *diag)
{
	const struct ipc_hello hello = {.role = role,
	    .name = slice_of_string(worker->service),
	    .instance = worker->instance,
	    .ticket = slice_of(worker->ticket, worker->ticket_len)};
	struct ipc_record record;
	int error;

	error = ipc_channel_introduce(channel, &hello);
	if (error == 0)
		error =
		    worker_receive(worker, channel, &record, deadline, diag);
	if (error == 0)
		error = ipc_hello_check(&record, diag);
	return error;
}

/* worker_sleep - wait for the time to pass */
int
worker_sleep(struct worker *worker, uint64_t milliseconds)
{
	int error;

	error = worker_wait(worker, NULL, 0, clock_after(milliseconds));
	return error == ERR_TIMEOUT ? 0 : error;
}

/* worker_qmgr - connect to qmgr's socket and exchange hellos */
int
worker_qmgr(struct worker *worker, struct ipc_channel *channel,
    enum ipc_role role, uint64_t deadline)
{
	char path[sizeof(worker->run_directory) + sizeof("/qmgr")];
	struct diag diag = {0};
	uint64_t delay = RETRY_FIRST;
	int error;

	(void)snprintf(path, sizeof(path), "%s/qmgr", worker->run_directory);
	for (;;) {
		error = ipc_channel_connect(channel, path);
		if (error == 0) {
			error = exchange_hellos(
			    worker, channel, role, deadline, &diag);
			if (error == 0)
				return 0;
			ipc_channel_fini(channel);
		}
		/* Only an absent or busy qmgr is worth waiting for, since
		 * master starts it again; a refusal or another version stays
		 * what it is. */
		if (error != ERR_CLOSED && error != ERR_AGAIN)
			break;
		if (clock_monotonic() >= deadline)
			return ERR_TIMEOUT;
		error = worker_sleep(worker, delay);
		if (error != 0)
			return error;
		delay = delay * 2 < RETRY_MAX ? delay * 2 : RETRY_MAX;
	}
	if (error != ERR_CANCELLED && error != ERR_TIMEOUT)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("socket", path),
		    LOG_STRING("reason",
			diag.code != 0 ? diag_text(&diag)
				       : error_strerror(error)));
	return error;
}

/* worker_greet - answer the hello of whoever connected to us */
int
worker_greet(struct worker *worker, struct ipc_channel *channel,
    enum ipc_role role, uint64_t deadline, struct diag *diag)
{
	return exchange_hellos(worker, channel, role, deadline, diag);
}
