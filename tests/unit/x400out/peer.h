/* SPDX-License-Identifier: ISC */
/*
 * peer.h - the MTA that x400out calls, in a thread of the test
 *
 * Its orders for each transfer are written down before; its findings are read
 * after peer_join, or waited for with peer_wait.
 */
#ifndef FOURPOST_TESTS_X400OUT_PEER_H
#define FOURPOST_TESTS_X400OUT_PEER_H

#include <pthread.h>

#include "mhs/bind.h"
#include "mhs/mts.h"
#include "osi/association_recovery.h"
#include "tests/unit/x400out/stage.h"

#define PEER_TRANSFERS 64
#define PEER_KEEP      ((size_t)1024 * 1024)

enum action {
	TAKE,	    /* confirm */
	EXCEPT,	    /* an exception at the end */
	JEOPARDIZE, /* the one that says: nothing at all */
	ABORT,	    /* abort, at the first data */
	VANISH,	    /* close TCP, at the first data */
	STALL,	    /* stop reading at the first data, until peer_go */
	HOLD,	    /* take it, but confirm only after peer_go */
	UNKNOWN,    /* it resumes what was never heard of */
	COMPLETED,  /* it resumes what was taken */
};

struct peer {
	/* Orders, written before it begins. */
	unsigned port;
	int listener;
	enum action actions[PEER_TRANSFERS];
	int bind_error; /* -1: accept */
	enum association_abort_reason abort_with;
	bool mute; /* accept TCP and say nothing */
	unsigned checkpoint;
	bool large; /* the content is of stage_pattern(), and not kept */

	/* Findings, read when it has ended. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool running;
	bool go;
	bool waiting; /* for peer_go */
	unsigned bound;
	unsigned taken; /* transfers confirmed */
	uint32_t asked; /* the activity that was resumed last */
	struct session_references asked_of;
	unsigned discarded;
	bool released, aborted;
	int abort_reason;
	char name[64], password[64];
	struct apdu apdu;
	struct buffer octets[PEER_TRANSFERS]; /* envelope and content */
	enum mts_kind kinds[PEER_TRANSFERS];
	uint64_t large_octets, large_wrong;
	unsigned checkpoints;
};

/* peer_note - change something of what it saw, and tell */
#define peer_note(peer, change)                           \
	do {                                              \
		pthread_mutex_lock(&(peer)->lock);        \
		change;                                   \
		pthread_cond_broadcast(&(peer)->changed); \
		pthread_mutex_unlock(&(peer)->lock);      \
	} while (0)

/* peer_wait - wait until something of it holds */
#define peer_wait(peer, condition)                                          \
	do {                                                                \
		pthread_mutex_lock(&(peer)->lock);                          \
		while (!(condition))                                        \
			pthread_cond_wait(&(peer)->changed, &(peer)->lock); \
		pthread_mutex_unlock(&(peer)->lock);                        \
	} while (0)

/* peer_pause - wait for peer_go */
void peer_pause(struct peer *peer);

/* peer_go - go on after STALL or HOLD, once it has come to that */
void peer_go(struct peer *peer);

/* peer_answer - answer the bind: note who calls, say yes or no */
bool
peer_answer(struct peer *peer, struct association *a, struct slice argument);

/* peer_init - make an MTA that would take everything; not yet started */
void peer_init(struct peer *peer);

/* peer_start - accept one connection from now on */
void peer_start(struct peer *peer);

/* peer_join - wait until its association has ended */
void peer_join(struct peer *peer);

/* peer_fini - give everything back */
void peer_fini(struct peer *peer);

#endif
