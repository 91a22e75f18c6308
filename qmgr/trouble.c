/* SPDX-License-Identifier: ISC */
/*
 * trouble.c - events of what the store finds wrong in the queue
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/log.h"
#include "qmgr/trouble.h"

static const enum event_name events[STORE_TROUBLES] = {
    [STORE_RECORD_DAMAGED] = EVENT_QUEUE_DAMAGED,
    [STORE_DERIVED] = EVENT_QUEUE_DERIVED,
    [STORE_PAGE_DAMAGED] = EVENT_QUEUE_UNREADABLE,
    [STORE_WRITE_FAILED] = EVENT_QUEUE_WRITE_FAILED,
};

/* The last trouble of each kind, for status. */
static char last[STORE_TROUBLES][256];

/* trouble_last - get what was found wrong with the queue, and of which kind */
const char *
trouble_last(const struct store *store, enum store_trouble *kind)
{
	static const enum store_trouble worst[] = {
	    STORE_PAGE_DAMAGED, STORE_RECORD_DAMAGED, STORE_WRITE_FAILED};

	/* An index made again is as it was, and nothing is to be done. */
	for (size_t i = 0; i < sizeof(worst) / sizeof(worst[0]); i++)
		if (store_troubles(store, worst[i]) > 0) {
			*kind = worst[i];
			return last[worst[i]];
		}
	return NULL;
}

/* trouble_say - write the event of a trouble */
void
trouble_say(void *arg, enum store_trouble kind, const char *text)
{
	(void)arg;
	snprintf(last[kind], sizeof(last[kind]), "%s", text);
	LOG_EVENT(events[kind], LOG_STRING("reason", text));
}

/*
 * on_fault - end on the signal of a page that cannot be read
 *
 * The fault came from a read in LMDB or of what it gave out, not from within
 * malloc or the log, whose state is whole: writing the event is safe.  A fault
 * elsewhere is our own bug and keeps its signal.
 */
static void
on_fault(int number, siginfo_t *info, void *context)
{
	static volatile sig_atomic_t again;

	(void)context;
	/* A second fault while the first is written keeps its signal, so that
	 * the process ends. */
	if (!again && store_fault_is_page(info->si_addr)) {
		again = 1;
		LOG_EVENT(EVENT_QUEUE_UNREADABLE,
		    LOG_STRING("reason", strsignal(number)),
		    LOG_STRING("message", "stop and run x4check --repair"));
		log_release();
		_Exit(EX_IOERR);
	}
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

/* trouble_watch_pages - end with an event where a page cannot be read */
void
trouble_watch_pages(void)
{
	struct sigaction action = {.sa_flags = SA_SIGINFO | SA_NODEFER};

	action.sa_sigaction = on_fault;
	(void)sigemptyset(&action.sa_mask);
	if (sigaction(SIGSEGV, &action, NULL) != 0 ||
	    sigaction(SIGBUS, &action, NULL) != 0)
		fatal(EX_OSERR, "signals: %m");
}
