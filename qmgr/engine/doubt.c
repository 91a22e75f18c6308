/* SPDX-License-Identifier: ISC */
/*
 * doubt.c - when the wall clock is doubted, who is told, and how that ends
 */
#include <stdio.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/log.h"
#include "qmgr/engine/doubt.h"
#include "qmgr/engine/qmgr.h"
#include "store/store.h"

/* By so many ms the clock is set back at least; less is how it is adjusted. */
#define SET_BACK_LEAST 1000

/* log_doubt - say that the clock is not believed */
static void
log_doubt(const struct qmgr *qmgr, enum event_name event)
{
	char shown[CALENDAR_TEXT_MAX], newest[CALENDAR_TEXT_MAX];
	int64_t wall = clock_wall();

	LOG_EVENT(event,
	    LOG_STRING("clock", calendar_format(wall / 1000, shown)),
	    LOG_STRING("expected",
		calendar_format(timekeeper_now(&qmgr->time) / 1000, newest)),
	    LOG_INT("off_ms",
		timekeeper_off(&qmgr->time, wall, clock_monotonic())));
}

/* believed - say that the clock is believed again, and look at what waits */
static void
believed(struct qmgr *qmgr, const char *why)
{
	LOG_EVENT(EVENT_CLOCK_BELIEVED, LOG_STRING("reason", why));
	/* By the clock that was left this may be days away. */
	qmgr->again = true;
}

/* doubt_start - judge the clock that we start at */
void
doubt_start(struct qmgr *qmgr)
{
	if (!timekeeper_start(&qmgr->time, store_newest(qmgr->store),
		clock_wall(), clock_monotonic()))
		log_doubt(qmgr, EVENT_CLOCK_DOUBTED);
}

/* note_back - note that the clock was set back, and is believed */
static void
note_back(struct qmgr *qmgr, int64_t off)
{
	if (off < -SET_BACK_LEAST)
		qmgr->clock_back -= off;
}

/* doubt_tick - judge the clock again */
void
doubt_tick(struct qmgr *qmgr)
{
	enum clock_sync sync = CLOCK_FREE;
	int64_t wall = clock_wall();
	uint64_t monotonic = clock_monotonic();
	int64_t off = timekeeper_off(&qmgr->time, wall, monotonic);
	enum timekeeper_change change;

	/* Asking the kernel is a system call a second; while the clock is
	 * believed the answer is of no use. */
	if (timekeeper_doubts(&qmgr->time))
		sync = clock_sync();
	change = timekeeper_tick(&qmgr->time, wall, monotonic, sync);
	if (!timekeeper_doubts(&qmgr->time))
		note_back(qmgr, off);
	switch (change) {
	case TIMEKEEPER_SAME:
		break;
	case TIMEKEEPER_JUMPED:
		log_doubt(qmgr, EVENT_CLOCK_JUMPED);
		break;
	case TIMEKEEPER_EXPECTED:
		believed(qmgr, "it shows what is expected");
		break;
	case TIMEKEEPER_SYNCHRONIZED:
		believed(qmgr, "the system says it is synchronized");
		break;
	}
}

/* doubt_confirm - believe the clock, since an administrator says that it is
 * right */
void
doubt_confirm(struct qmgr *qmgr)
{
	/* An administrator may say so at any time, and it is no error. */
	if (!timekeeper_doubts(&qmgr->time))
		return;
	note_back(
	    qmgr, timekeeper_off(&qmgr->time, clock_wall(), clock_monotonic()));
	timekeeper_confirm(&qmgr->time, clock_wall(), clock_monotonic());
	believed(qmgr, "an administrator says so");
}

/* doubt_text - say in a sentence what is doubted */
const char *
doubt_text(const struct qmgr *qmgr, char text[DOUBT_TEXT_MAX])
{
	char shown[CALENDAR_TEXT_MAX], newest[CALENDAR_TEXT_MAX];

	text[0] = '\0';
	/* Empty if nothing is doubted, so that status prints the line only when
	 * there is something to do. */
	if (timekeeper_doubts(&qmgr->time))
		snprintf(text, DOUBT_TEXT_MAX,
		    "doubted: it shows %s, expected is %s; nothing expires "
		    "(x4ctl clock-ok)",
		    calendar_format(clock_wall() / 1000, shown),
		    calendar_format(
			timekeeper_now(&qmgr->time) / 1000, newest));
	return text;
}
