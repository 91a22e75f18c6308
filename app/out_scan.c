/* SPDX-License-Identifier: ISC */
/*
 * out_scan.c - see what the program has done with its objects
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/entry.h"
#include "app/out.h"
#include "base/clock.h"
#include "base/log.h"

/* has - tell whether the JSON of an object lies in a place */
static bool
has(const struct out *out, const struct handed *object,
    enum directory_place place)
{
	char name[OUT_NAME_MAX];

	out_name(name, object->given.message, ENTRY_JSON);
	return entry_exists(out->app.directory.fd[place], name);
}

/* give_again - give an object out once more, or have it held */
static void
give_again(struct out *out, struct handed *object, const char *why)
{
	if (!handing_lapse(&out->hand, object, why)) {
		out_outcome(out, object, IPC_HELD, why);
		return;
	}
	/* Written again, for its JSON says which attempt this is. */
	out_write(out, object);
}

/* withdraw - take an object back from the program: false if it has just been
 * answered */
static bool
withdraw(
    struct out *out, const struct handed *object, enum directory_place place)
{
	const int *fd = out->app.directory.fd;
	char name[OUT_NAME_MAX], own[OUT_NAME_MAX];

	if (has(out, object, DIRECTORY_OUT_DONE))
		return false;
	out_name(name, object->given.message, ENTRY_JSON);
	out_own_name(own, object->given.message, ".withdrawn");
	/* By one rename, so that either the program has it or we. */
	if (renameat(fd[place], name, fd[DIRECTORY_OUT_TMP], own) < 0)
		return false;
	(void)!unlinkat(fd[DIRECTORY_OUT_TMP], own, 0);
	return true;
}

/* judge_claimed - look whether the time of a claimed object is over */
static void
judge_claimed(struct out *out, struct handed *object)
{
	if (object->state != HANDED_CLAIMED) {
		object->state = HANDED_CLAIMED;
		object->claimed = clock_monotonic();
	}
	if (clock_monotonic() - object->claimed <
		out->app.application->answer_timeout ||
	    !withdraw(out, object, DIRECTORY_OUT_CUR))
		return;
	give_again(out, object, "the program did not answer in time");
}

/* scan_object - see what the program has done with an object */
static void
scan_object(struct out *out, struct handed *object)
{
	char name[OUT_NAME_MAX];

	out_name(name, object->given.message, ENTRY_JSON);
	/* In the order in which the program moves it, so that no move between
	 * two looks hides it; the last look is for a program that puts it
	 * back. */
	if (has(out, object, DIRECTORY_OUT_DONE))
		out_answer(out, object, DIRECTORY_OUT_DONE, name);
	else if (has(out, object, DIRECTORY_OUT_NEW))
		object->state = HANDED_GIVEN;
	else if (has(out, object, DIRECTORY_OUT_CUR))
		judge_claimed(out, object);
	else if (has(out, object, DIRECTORY_OUT_DONE))
		out_answer(out, object, DIRECTORY_OUT_DONE, name);
	else if (!has(out, object, DIRECTORY_OUT_NEW))
		give_again(out, object, "its files are gone without an answer");
}

/* take_back - put an object back that qmgr does not want given out any more */
static void
take_back(struct out *out, struct handed *object)
{
	bool claimed = object->state == HANDED_CLAIMED;

	/* The program may be working on an object that it has claimed: its
	 * files stay, and its answer decides if the message comes again. */
	if (object->state == HANDED_GIVEN &&
	    !withdraw(out, object, DIRECTORY_OUT_NEW))
		claimed = true;
	if (!claimed && !out->app.worker.stopping)
		out_remove(out, object->given.message);
	out_outcome(out, object, IPC_UNSTARTED, "cancelled");
}

/* out_scan - see what the program has done with its objects */
void
out_scan(struct out *out)
{
	for (size_t i = 0;
	     i < HANDED_MAX && !out->hand.channel.gone && !out->lost; i++) {
		struct handed *object = &out->hand.objects[i];

		if (!object->used || object->state == HANDED_ANSWERED)
			continue;
		if (object->state == HANDED_GIVEN ||
		    object->state == HANDED_CLAIMED)
			scan_object(out, object);
		if (object->used && object->given.cancelled &&
		    object->state != HANDED_ANSWERED)
			take_back(out, object);
	}
}
