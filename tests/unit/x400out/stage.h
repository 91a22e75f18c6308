/* SPDX-License-Identifier: ISC */
/*
 * stage.h - a worker, the real program, between a test's master and qmgr
 *
 * The test is master: it gives the program its status socket, slots file,
 * listening socket and environment, as worker.h says.  It is qmgr too, at the
 * other end of a channel.
 */
#ifndef FOURPOST_TESTS_STAGE_H
#define FOURPOST_TESTS_STAGE_H

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/sanitize.h"
#include "mhs/transfer.h"
#include "tests/unit/mhs/apdu.h"
#include "tests/unit/test.h"
#include "worker/slot.h"
#include "worker/status.h"
#include "worker/worker.h"

#define STAGE_LIMIT 60000 /* ms for anything that should come soon */

struct stage {
	char run[64]; /* directory */
	int listener; /* what the worker accepts on */
	int status;   /* master's end */
	int slots;
	pid_t pid;
	bool reaped;
	int exit_status;    /* of waitpid */
	char letters[4096]; /* that came over the status socket */
	size_t letter_count;
	struct worker self;	  /* to wait with */
	struct ipc_channel qmgr;  /* qmgr's end */
	struct ipc_record record; /* the last one received */
	bool corked;		  /* records wait for the next one */
	size_t anon_max;	  /* KiB of RssAnon, as seen so far */
};

/* stage_local - listen on a local socket */
int stage_local(const char *path);

/* stage_tcp - listen on a free port of loopback */
int stage_tcp(unsigned *port);

/* stage_call - connect to a port of loopback */
int stage_call(unsigned port);

/* stage_init - make a run directory; nothing runs yet */
void stage_init(struct stage *stage);

/* stage_path - make a path in the run directory; valid until the next call */
const char *stage_path(const struct stage *stage, const char *name);

/* stage_start - start the program as master would */
void stage_start(struct stage *stage, const char *program, const char *name);

/* stage_letters - take what came over the status socket */
void stage_letters(struct stage *stage);

/* stage_anon - note how much memory of its own the program has now */
void stage_anon(struct stage *stage);

/* stage_in_little_memory - check how much memory it had; a sanitizer keeps
 * more */
void stage_in_little_memory(const struct stage *stage);

/* stage_receive - receive qmgr's next record, which must be of this type */
const struct ipc_record *stage_receive(struct stage *stage, enum ipc_type type);

/* stage_next - receive qmgr's next record, whatever it is; return its type */
enum ipc_type stage_next(struct stage *stage);

/* stage_ended - expect that the worker has closed qmgr's connection */
void stage_ended(struct stage *stage);

/* stage_send - send the worker a record of qmgr's */
void stage_send(struct stage *stage, struct ipc_record record);

/* stage_settings - send the worker its settings, after the hellos */
void stage_settings(struct stage *stage, const char *text);

/* stage_exit - wait for its exit within ms, by itself and as it should */
void stage_exit(struct stage *stage, uint64_t ms);

/* stage_fini - kill what is left, give everything back */
void stage_fini(struct stage *stage);

/* stage_slot - get the queue id that the worker says it works on */
uint64_t stage_slot(const struct stage *stage);

/* stage_count - get the number of messages a figure is taken from */
unsigned stage_count(void);

/* stage_figure - print what the worker, which has ended, used for each */
void stage_figure(const char *what, unsigned messages);

/* stage_pattern - get octet number n of a large content */
uint8_t stage_pattern(uint64_t n);

#endif
