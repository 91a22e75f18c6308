/* SPDX-License-Identifier: ISC */
/*
 * problem.h - what is wrong, as qmgr and master tell it
 *
 * Each answers the request "problems" with a row for each problem: "kind"
 * (problem), "id" (a word that stays the same in later releases), "name" (the
 * link, service or file that it is about, or empty), "weight", "since", "text"
 * and "command", which helps.  x4ctl(1) lists the ids.
 */
#ifndef FOURPOST_IPC_PROBLEM_H
#define FOURPOST_IPC_PROBLEM_H

#include "ipc/record.h"

#define PROBLEM_FIELDS	    7
#define PROBLEM_TEXT_MAX    512
#define PROBLEM_COMMAND_MAX 320

/* The heaviest is shown first: what stops everything, then what stops one
 * link, then what will. */
enum problem_weight {
	PROBLEM_WEIGHT_NEWER = 10, /* configuration on disk */
	PROBLEM_WEIGHT_INVALID = 15,
	PROBLEM_WEIGHT_EXPIRES = 20, /* certificates and the like */
	PROBLEM_WEIGHT_CONSOLE = 22,
	PROBLEM_WEIGHT_ENDED = 23,    /* abnormally, and was replaced */
	PROBLEM_WEIGHT_DATABASE = 24, /* of tracking of many machines */
	PROBLEM_WEIGHT_ALARM = 25,
	PROBLEM_WEIGHT_DRAIN = 27, /* nothing new is taken, as was asked */
	PROBLEM_WEIGHT_ASIDE = 30,
	PROBLEM_WEIGHT_MAP = 35,
	PROBLEM_WEIGHT_POSTOFFICE = 40,
	PROBLEM_WEIGHT_TRANSFERS = 45,
	PROBLEM_WEIGHT_LINK = 50,
	PROBLEM_WEIGHT_EXPIRED = 55,
	PROBLEM_WEIGHT_THROTTLED = 60,
	PROBLEM_WEIGHT_CLOCK = 65,
	PROBLEM_WEIGHT_MEMORY = 68,
	PROBLEM_WEIGHT_TRACKER = 70,
	PROBLEM_WEIGHT_DAMAGE = 75,
	PROBLEM_WEIGHT_SHARE = 80,
	PROBLEM_WEIGHT_FULL = 85,
	PROBLEM_WEIGHT_DISK = 90,
	PROBLEM_WEIGHT_SILENT = 95, /* the queue manager does not answer */
	PROBLEM_WEIGHT_FLUSH = 97,  /* it waits for the disk */
	PROBLEM_WEIGHT_QMGR = 100,
};

struct problem {
	const char *id;
	const char *name;
	enum problem_weight weight;
	int64_t since; /* wall clock ms; 0: not known */
	const char *text;
	const char *command;
};

/* problem_fields - make the fields of a row, which borrow from the problem */
void problem_fields(
    const struct problem *problem, struct ipc_field fields[PROBLEM_FIELDS]);

/* problem_heavier - tell whether a problem is shown before another: it is
 * heavier, or as heavy and older */
bool problem_heavier(enum problem_weight weight, int64_t since,
    enum problem_weight other_weight, int64_t other_since);

#endif
