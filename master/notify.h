/* SPDX-License-Identifier: ISC */
/*
 * notify.h - tell the service manager our state (sd_notify(3), by hand)
 *
 * One datagram to $NOTIFY_SOCKET; nothing happens where that is not set.
 */
#ifndef FOURPOST_MASTER_NOTIFY_H
#define FOURPOST_MASTER_NOTIFY_H

enum notify_state {
	NOTIFY_READY,
	NOTIFY_RELOADING,
	NOTIFY_STOPPING,
	NOTIFY_ALIVE /* the watchdog of the service manager need not act */
};

/* notify_state - tell the service manager a state; failures are ignored, for
 * nothing better could be done */
void notify_state(enum notify_state state);

/* notify_status - tell the service manager how we are, in a line that it shows,
 * unless it was told that last; what is not printable is escaped */
void notify_status(const char *text);

#endif
