/* SPDX-License-Identifier: ISC */
/*
 * handing.h - what qmgr hands out for a program, in either form of access
 *
 * A handed object is a job of qmgr's, and what the program has to do with it:
 *
 *	come	  nothing was done for it yet
 *	written	  its files are on the disk, and qmgr is asked to note that
 *	given	  the program may claim it
 *	claimed	  the program has it, and its time runs
 *	returning what is to be known of it is noted, then it goes back to qmgr
 *	answered  an answer is with qmgr, which says when it is committed
 *
 * A connection of the socket form knows come, claimed, returning and answered
 * alone.
 */
#ifndef FOURPOST_APP_HANDING_H
#define FOURPOST_APP_HANDING_H

#include "app/answer.h"
#include "app/app.h"
#include "base/arena.h"
#include "client/job_channel.h"
#include "mhs/p1.h"

#define HANDED_TIMEOUTS_MAX 3 /* after so many the message is held */
/* Objects at a time: qmgr hands out more while answers wait for its commit. */
#define HANDED_MAX CLIENT_JOBS_MAX

enum handed_state {
	HANDED_COME,
	HANDED_WRITTEN,
	HANDED_GIVEN,
	HANDED_CLAIMED,
	HANDED_RETURNING,
	HANDED_ANSWERED
};

struct handed {
	struct client_job given; /* by qmgr; the first member */
	bool used;
	enum handed_state state;
	bool noted;	   /* qmgr has a note of it */
	unsigned attempt;  /* how often it was given out, this one included */
	unsigned timeouts; /* of these, how often the program did not answer */
	uint64_t claimed;  /* monotonic ms */
	uint8_t *responsible; /* of each recipient; owned */
	size_t recipients;
	char mts_id[256];
	/* Of a report: the key of what it is about, or empty. */
	char submission[OBJECT_KEY_MAX + 1];
};

struct handing;

/* The calls in which the forms of access differ; arg is of handing_init. */
struct handing_calls {
	/* qmgr has committed the note of an object */
	void (*noted)(void *arg, struct handed *object);
	/* qmgr has committed the outcome of an object, which is to be ended */
	void (*committed)(void *arg, struct handed *object);
	/* a record that is about no job.  ERR_PROTOCOL */
	job_channel_take_fn *other;
};

struct handing {
	struct app *app;
	const struct handing_calls *calls;
	void *arg;
	struct job_channel channel;
	uint64_t last_job;		   /* monotonic ms: when one came */
	uint64_t come;			   /* jobs in all */
	struct handed objects[HANDED_MAX]; /* of the channel, in any place */
};

/* handing_init - begin without objects; handing_fini frees */
void handing_init(struct handing *handing, struct app *app,
    const struct handing_calls *calls, void *arg);
void handing_fini(struct handing *handing);

/* handing_find - find the object of a queue id, or NULL */
struct handed *handing_find(struct handing *handing, uint64_t id);

/* handing_end - forget an object */
void handing_end(struct handing *handing, struct handed *object);

/* handing_give - append a record, which is written with the next wait; waits if
 * qmgr does not read.  ERR_CLOSED */
int handing_give(
    struct handing *handing, const struct ipc_record *record) WARN_UNUSED;

/* handing_note - ask qmgr to note an object's attempt */
int
handing_note(struct handing *handing, const struct handed *object) WARN_UNUSED;

/* The work that is left once qmgr has committed an outcome. */
enum handing_left {
	HANDING_NOTHING,
	HANDING_CONFIRMED /* calls->committed is called */
};

/* handing_outcome - report an outcome for all recipients of an object alike,
 * which is ended if nothing is left to be done */
void handing_outcome(struct handing *handing, struct handed *object,
    enum ipc_result result, const char *text, enum handing_left left);

/* handing_answer - report what the program says became of an object */
void handing_answer(struct handing *handing, struct handed *object,
    const struct answer *answer);

/* handing_lapses - find when the time of an object that was claimed is over:
 * monotonic ms, or CLOCK_NEVER */
uint64_t handing_lapses(const struct handing *handing);

/* handing_lapse - count that the program has not answered in time, with an
 * event: false if that was once too often, and the message is to be held */
bool handing_lapse(
    const struct handing *handing, struct handed *object, const char *why);

/* handing_log_given - log that an object was given to the program */
void
handing_log_given(const struct handing *handing, const struct handed *object);

/* handing_arrival - find when this MTA took a message: s since 1970 */
int64_t handing_arrival(const struct p1_envelope *envelope);

/* handing_content - pass the octets of the content to a sink, as
 * job_channel_body */
int handing_content(struct handing *handing, struct handed *object,
    job_channel_sink_fn *sink, void *arg) WARN_UNUSED;

/*
 * handing_envelope - read the envelope, and note whom the program answers for
 *
 * octets, which is empty, and the arena hold what the envelope points to.
 */
int handing_envelope(struct handing *handing, struct handed *object,
    struct buffer *octets, struct arena *arena, struct p1_envelope *envelope,
    struct diag *diag) WARN_UNUSED;

#endif
