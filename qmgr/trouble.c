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

/* The last trouble, for status. */
static char last[256];

/* trouble_text - say what is wrong with the queue */
const char *
trouble_text(const struct store *store, char text[TROUBLE_TEXT_MAX])
{
	text[0] = '\0';
	if (store_troubles(store, STORE_RECORD_DAMAGED) > 0 ||
	    store_troubles(store, STORE_PAGE_DAMAGED) > 0)
		snprintf(text, TROUBLE_TEXT_MAX,
		    "damaged, see x4check(1) --repair: %s", last);
	else if (store_troubles(store, STORE_WRITE_FAILED) > 0)
		snprintf(text, TROUBLE_TEXT_MAX, "a write failed: %s", last);
	return text;
}

/* trouble_say - write the event of a trouble */
void
trouble_say(void *arg, enum store_trouble kind, const char *text)
{
	(void)arg;
	snprintf(last, sizeof(last), "%s", text);
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
