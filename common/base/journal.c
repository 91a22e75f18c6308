/* SPDX-License-Identifier: ISC */
/*
 * journal.c - the journal of systemd, spoken to in its own protocol
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/journal.h"

#define ENTRY_MAX 8192 /* octets of a datagram */
#define VALUE_MAX 512

/* Each event has an identifier of its own in the catalog: these 96 bits, made
 * once at random, and the number of the event.  A catalog of another release
 * stays right, because numbers keep their meaning. */
#define MESSAGE_ID_PREFIX "7c1f3a9e52d84b06a4e0c9d1"

/* An entry being made. */
struct entry {
	char text[ENTRY_MAX];
	size_t len;
};

/* journal_is_behind - tell whether fd leads to the journal */
bool
journal_is_behind(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	/* A descriptor that was redirected since is another file. */
	return stream != NULL &&
	    sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
	    fstat(fd, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

/* journal_open - connect to the journal's socket at path */
int
journal_open(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlcpy(address.sun_path, path, sizeof(address.sun_path)) >=
	    sizeof(address.sun_path))
		return -1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

/* add_field - append "NAME=VALUE" and a newline, as much as there is room */
static void
add_field(struct entry *entry, const char *name, struct slice value)
{
	int len;

	/* A cut entry still ends with a newline. */
	len = snprintf(entry->text + entry->len,
	    sizeof(entry->text) - entry->len, "%s=%.*s\n", name, (int)value.len,
	    value.len == 0 ? "" : (const char *)value.data);
	if (len < 0 || (size_t)len >= sizeof(entry->text) - entry->len)
		return;
	entry->len += (size_t)len;
}

/* add_text - append a field that is a string of ours */
static void
add_text(struct entry *entry, const char *name, const char *value)
{
	add_field(entry, name, slice_of_string(value));
}

/* add_stranger - append a field that a peer may have written, unless empty: a
 * newline in it would begin another field */
static void
add_stranger(struct entry *entry, const char *name, struct slice value)
{
	char text[VALUE_MAX];

	if (value.len == 0)
		return;
	escape_text(text, sizeof(text), value);
	add_text(entry, name, text);
}

/* priority_of - translate a severity to syslog's */
static const char *
priority_of(enum event_severity severity)
{
	switch (severity) {
	case SEVERITY_INFO:
		return "6";
	case SEVERITY_WARN:
		return "4";
	case SEVERITY_ERROR:
		return "3";
	case SEVERITY_FATAL:
	case SEVERITY_PANIC:
		return "2";
	}
	return "2";
}

/* add_process - append who speaks: "journalctl -t fourpost-x400out" finds all
 * processes of one program, and no program of Postfix's */
static void
add_process(struct entry *entry, const char *ident)
{
	char text[JOURNAL_IDENT_MAX];

	(void)snprintf(text, sizeof(text), "fourpost-%.*s",
	    (int)strcspn(ident, "/#"), ident);
	add_text(entry, "SYSLOG_IDENTIFIER", text);
	add_text(entry, "FOURPOST_PROCESS", ident);
}

/* journal_send - hand over an entry, without waiting: whether it was taken */
bool
journal_send(int fd, const struct journal_entry *what)
{
	struct entry entry = {.len = 0};
	char number[40];
	ssize_t n;

	add_text(&entry, "PRIORITY", priority_of(event_severity(what->event)));
	add_process(&entry, what->ident);
	add_field(&entry, "MESSAGE", what->text);
	(void)snprintf(number, sizeof(number), "%d", event_number(what->event));
	add_text(&entry, "FOURPOST_EVENT", number);
	(void)snprintf(number, sizeof(number), MESSAGE_ID_PREFIX "%08x",
	    (unsigned)event_number(what->event));
	add_text(&entry, "MESSAGE_ID", number);
	add_stranger(&entry, "LINK", what->link);
	add_stranger(&entry, "MTS_ID", what->mts_id);
	do
		n = send(
		    fd, entry.text, entry.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n >= 0;
}
