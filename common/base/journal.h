/* SPDX-License-Identifier: ISC */
/*
 * journal.h - the journal of systemd, spoken to in its own protocol
 *
 * systemd-journald takes a datagram for each entry: a line NAME=VALUE for each
 * of its fields ("Native Journal Protocol", systemd.io).  A line that is only
 * written to standard error is an entry too, but its priority, its process and
 * its fields are lost there.
 */
#ifndef FOURPOST_BASE_JOURNAL_H
#define FOURPOST_BASE_JOURNAL_H

#include "base/event.h"
#include "base/slice.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* Room for the identifier of an entry, with its NUL. */
#define JOURNAL_IDENT_MAX 64

/* An entry of the journal. */
struct journal_entry {
	enum event_name event;
	const char *ident; /* of the process: qmgr, x400out/paris */
	struct slice text; /* one line, without a newline */
	struct slice link; /* no octets: the event has none */
	struct slice mts_id;
};

/*
 * journal_is_behind - tell whether what is written to fd goes to the journal
 *
 * The service manager says so in the variable JOURNAL_STREAM, systemd.exec(5).
 */
bool journal_is_behind(int fd);

/*
 * journal_open - connect to the journal's socket at path
 *
 * To be called before chroot.  Returns a descriptor that the caller closes,
 * or -1.
 */
int journal_open(const char *path);

/*
 * journal_send - hand over an entry, without waiting: whether it was taken
 *
 * PRIORITY is the severity, SYSLOG_IDENTIFIER "fourpost-" and the program,
 * FOURPOST_PROCESS the whole ident, FOURPOST_EVENT the number of the event,
 * MESSAGE_ID its entry in the catalog, LINK and MTS_ID what the event is about.
 */
bool journal_send(int fd, const struct journal_entry *entry);

#endif
