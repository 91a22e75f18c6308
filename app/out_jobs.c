/* SPDX-License-Identifier: ISC */
/*
 * out_jobs.c - what follows from the records of qmgr, for a directory
 */
#include "app/out.h"
#include "base/escape.h"

/* out_noted - give an object to the program whose note is committed */
static void
out_noted(void *arg, struct handed *object)
{
	if (object->state == HANDED_WRITTEN)
		out_publish(arg, object);
}

/* out_committed - remove the files of an object whose outcome is committed */
static void
out_committed(void *arg, struct handed *object)
{
	struct out *out = arg;

	out_remove(out, object->given.message);
	handing_end(&out->hand, object);
}

/* out_other - refuse a record that is about no job */
static int
out_other(void *arg, const struct ipc_record *record)
{
	(void)arg;
	(void)record;
	return ERR_PROTOCOL;
}

/* out_init - begin without objects */
void
out_init(struct out *out)
{
	static const struct handing_calls calls = {
	    .noted = out_noted, .committed = out_committed, .other = out_other};

	directory_init(&out->app.directory);
	out->inotify = -1;
	arena_init(&out->arena, OBJECT_ARENA_MAX);
	handing_init(&out->hand, &out->app, &calls, out);
}

/* out_fini - free what out_init took */
void
out_fini(struct out *out)
{
	handing_fini(&out->hand);
	arena_fini(&out->arena);
	directory_close(&out->app.directory);
}

/* out_wait - wait for qmgr and for files */
int
out_wait(struct out *out, uint64_t deadline)
{
	struct pollfd files = {.fd = out->inotify, .events = POLLIN};
	int error = job_channel_wait(
	    &out->hand.channel, out->inotify >= 0 ? &files : NULL, deadline);

	if (files.revents != 0)
		out->next_scan = 0;
	return error;
}

/* out_outcome - report an outcome for all recipients of an object alike */
void
out_outcome(struct out *out, struct handed *object, enum ipc_result result,
    const char *text)
{
	/* Files that are to go need the object until qmgr has committed. */
	bool files = result != IPC_UNSTARTED && object->state > HANDED_COME &&
	    out->app.application->delivered_when == CONF_DELIVERED_ANSWERED;

	handing_outcome(&out->hand, object, result, text,
	    files ? HANDING_CONFIRMED : HANDING_NOTHING);
}

/* out_unusable - note that the directory takes no file */
void
out_unusable(struct out *out, const char *why)
{
	if (out->lost)
		return;
	out->lost = true;
	(void)escape_printable(
	    out->why, sizeof(out->why), slice_of_string(why));
}
