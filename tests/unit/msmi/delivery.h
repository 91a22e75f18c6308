/* SPDX-License-Identifier: ISC */
/*
 * delivery.h - a msmi-out in a process of its own, and its qmgr in the test
 *
 * The test is qmgr on one end of a connection, the worker's code runs on the
 * other, in one batch after the other.  delivery_init() for a worker without
 * faults; delivery_init_fault() arms one in it (base/fault.h).
 */
#ifndef FOURPOST_TESTS_MSMI_DELIVERY_H
#define FOURPOST_TESTS_MSMI_DELIVERY_H

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fault.h"
#include "mhs/ipm_encode.h"
#include "client/draft.h"
#include "msmi/out.h"
#include "tests/unit/msmi/place.h"

/* One worker and what it was given. */
struct delivery {
	struct place place;
	struct msmi msmi;
	struct ipc_channel channel; /* qmgr's end */
	pid_t pid;
	struct arena arena;
	struct buffer body; /* of the job at hand */
	size_t envelope;
	uint64_t jobs;
	char note[256]; /* the last */
	unsigned notes;
	bool withhold;	/* notes are not confirmed */
	char fault[32]; /* of the next worker */
	bool died;
};

/* delivery_start - start the worker, another after the first */
void delivery_start(struct delivery *run);

/* delivery_init_fault - make a place, and a worker with a fault armed */
void delivery_init_fault(struct delivery *run, const char *fault);

/* delivery_init - make a place and a worker */
void delivery_init(struct delivery *run);

/* delivery_fini - end the worker in an orderly way, remove all */
void delivery_fini(struct delivery *run);

/* delivery_job - give the worker what lies in the body, as a job */
void delivery_job(struct delivery *run, enum mts_kind kind, uint64_t message,
    const char *note);

/* delivery_outcome - serve the worker until it reports on a job; it is
 * copied */
bool delivery_outcome(struct delivery *run, struct ipc_outcome *out);

/* delivery_address - parse an address, which must be right */
struct or_address delivery_address(struct delivery *run, const char *text);

/* A body part and what is in it. */
struct part {
	struct ipm_outgoing part;
	struct slice contents;
};

/* delivery_compose - compose a message into the body */
void delivery_compose(struct delivery *run, const char *const *to,
    size_t to_count, const struct part *parts, size_t count);

#define ALICE  "S=Alice;O=PO1;P=ACME;A=VIAT;C=DE"
#define CAROL  "S=Carol;O=PO1;P=ACME;A=VIAT;C=DE"
#define NOBODY "S=Nobody;O=PO1;P=ACME;A=VIAT;C=DE"

#define TEXT_OF(string)                                                \
	{                                                              \
		{.form = IPM_FORM_TEXT, .length = sizeof(string) - 1}, \
		{                                                      \
			(const uint8_t *)(string), sizeof(string) - 1  \
		}                                                      \
	}
#define FILE_OF(name, string)                                                \
	{                                                                    \
		{.form = IPM_FORM_FILE,                                      \
		    .length = sizeof(string) - 1,                            \
		    .filename = {(const uint8_t *)(name), sizeof(name) - 1}, \
		    .modified = IPM_NO_TIME},                                \
		{                                                            \
			(const uint8_t *)(string), sizeof(string) - 1        \
		}                                                            \
	}

#endif
