/* SPDX-License-Identifier: ISC */
/*
 * pickup_reject.c - tell the sender of a file that it cannot be taken
 *
 * The report is a message of ours to the sender's own address, submitted
 * under the identity of the bad file: should we end before the file is set
 * aside, the second report is known as a duplicate.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/log.h"
#include "client/draft.h"

#include "msmi/line.h"
#include "msmi/taking.h"

#define CULPRIT_HEAD (16 * 1024) /* octets that are looked at once more */
#define TEXT_MAX     (32 * 1024)
#define REPORT_ARENA (1024 * 1024) /* octets for a report, beyond the file's */
#define SHOWN_MAX    20		   /* recipients named in a report */

/* The subject of a report. */
struct subject {
	enum pickup_purpose purpose;
	enum ndr_code code;
	const struct mmff *mmff;    /* its recipients are those reported on */
	const char *const *reasons; /* PICKUP_PART_NDR: of each */
};

/* write_recipients - write who does not get the message */
static int
write_recipients(struct buffer *out, const struct subject *on)
{
	const struct mmff *mmff = on->mmff;
	char shown[512];
	int error = 0;

	/* The list is cut, for a file with thousands of recipients would make a
	 * report that itself is too large. */
	for (size_t i = 0; error == 0 && i < mmff->to_count; i++) {
		if (i == SHOWN_MAX)
			return line_append(out, "    and %zu others",
			    mmff->to_count - SHOWN_MAX);
		(void)escape_text(shown, sizeof(shown), mmff->to[i].text);
		/* Texts of the sender are escaped, as they would otherwise lay
		 * out the report. */
		error =
		    line_append(out, "    %.*s%s%s", (int)mmff->to[i].type.len,
			(const char *)mmff->to[i].type.data,
			mmff->to[i].type.len > 0 ? ":" : "", shown);
		if (error == 0 && on->purpose == PICKUP_PART_NDR)
			error = line_append(out, "        %s", on->reasons[i]);
	}
	return error;
}

/* write_text - write what the sender reads */
static int
write_text(struct buffer *out, const struct pickup_submission *s,
    const struct subject *on)
{
	char shown[512];
	int error = line_append(out,
	    "[%03d] %s. Message not delivered to:", (int)on->code,
	    ndr_text(on->code));

	if (error == 0)
		error = write_recipients(out, on);
	if (error == 0)
		error = on->purpose == PICKUP_PART_NDR
		    ? line_append(
			  out, "\r\nIt was sent to its other recipients.")
		    : line_append(out, "\r\nReason: %s", s->why);
	(void)escape_text(shown, sizeof(shown), on->mmff->subject);
	if (error == 0)
		error = line_append(out, "Subject: %s", shown);
	(void)escape_text(shown, sizeof(shown), slice_of_string(s->file.name));
	if (error == 0)
		error = line_append(out, "File: P1/%s", shown);
	return error;
}

/* submit_report - submit the report to this address */
static int
submit_report(struct pickup *pickup, struct pickup_submission *s,
    enum pickup_purpose purpose, const struct or_address *sender,
    struct slice text, const struct mmff *mmff)
{
	struct ipm_outgoing part = {
	    .form = IPM_FORM_TEXT, .modified = IPM_NO_TIME};
	struct draft_recipient to = {
	    .address = *sender, .report = DRAFT_NO_REPORT};
	struct draft draft;
	struct buffer envelope, converted;
	struct ipm_encoder encoder;
	struct ipm_scan scan;
	unsigned state = 0;
	char *subject;
	int error;

	/* Without a postmaster's address the report would have no sender, and
	 * an answer to it would go nowhere. */
	if (pickup->msmi.conf->mta.postmaster.address == NULL)
		return ERR_NOTFOUND;
	draft_init(&draft);
	draft.to = &to;
	draft.to_count = 1;
	draft.parts = &part;
	draft.part_count = 1;
	draft.from = *pickup->msmi.conf->mta.postmaster.address;
	subject = arena_printf(&pickup->arena, "NDR: %.*s",
	    (int)mmff->subject.len, (const char *)mmff->subject.data);
	/* The same file gives the same identifier, by its inode and time: a
	 * report that is made twice is found to be one. */
	draft.id = arena_printf(&pickup->arena, "ndr-%llx-%llx",
	    (unsigned long long)s->file.ctime,
	    (unsigned long long)s->file.inode);
	if (subject == NULL || draft.id == NULL)
		return arena_error(&pickup->arena);
	draft.subject = slice_of_string(subject);
	buffer_init(&envelope, P1_ENVELOPE_MAX);
	buffer_init(&converted, TEXT_MAX);
	ipm_scan_init(&scan);
	/* The text is measured before it is converted, for the envelope tells
	 * its type. */
	ipm_scan_push(&scan, text);
	part.repertoire = ipm_scan_finish(&scan, &part.length);
	error = ipm_scan_convert(&scan, &state, text, &converted);
	if (error == 0)
		error = draft_encode(&draft, pickup->msmi.conf, &pickup->arena,
		    &envelope, &encoder, NULL);
	if (error < 0)
		goto out;
	error = pickup_begin(pickup, s, purpose, buffer_slice(&envelope));
	if (error == 0)
		error = pickup_body(pickup, s, ipm_encoder_prefix(&encoder, 0));
	if (error == 0)
		error = pickup_body(pickup, s, buffer_slice(&converted));
	if (error == 0)
		error = pickup_end(pickup, s, ipm_encoder_length(&encoder));
	ipm_encoder_fini(&encoder);
out:
	buffer_fini(&envelope);
	buffer_fini(&converted);
	/* A refused report is an answer too: the file is set aside when it is
	 * settled. */
	return error == ERR_REFUSED ? 0 : error;
}

/* report_to_sender - make the report; ERR_NOTFOUND where nobody can be told */
static int
report_to_sender(struct pickup *pickup, struct pickup_submission *s,
    const struct subject *on)
{
	const struct mmff *mmff = on->mmff;
	struct or_address sender;
	struct buffer text;
	int error;

	/* A file of which not even the sender can be read is set aside without
	 * a report, and the log alone names it. */
	if (mmff == NULL || !mmff->has_from ||
	    address_from_mmff(&pickup->msmi.addressing, &mmff->from,
		&pickup->arena, &sender, NULL) < 0)
		return ERR_NOTFOUND;
	buffer_init(&text, TEXT_MAX);
	error = write_text(&text, s, on);
	if (error == 0)
		error = submit_report(
		    pickup, s, on->purpose, &sender, buffer_slice(&text), mmff);
	buffer_fini(&text);
	return error;
}

/* pickup_reject - tell the sender that a file cannot be taken, set it aside */
void
pickup_reject(struct pickup *pickup, struct pickup_submission *s,
    enum ndr_code code, const char *why, const struct mmff *mmff)
{
	const struct subject on = {PICKUP_NDR, code, mmff, NULL};
	int error;

	/* The caller may have given the very field. */
	if (why != s->why)
		(void)strlcpy(s->why, why, sizeof(s->why));
	/* The file may have used up all that it was allowed. */
	pickup->arena.max = P1_ARENA_MAX + REPORT_ARENA;
	error = report_to_sender(pickup, s, &on);
	if (error == 0)
		return; /* set aside when qmgr has the report */
	if (s->busy)
		pickup_cancel(pickup, s);
	/* With qmgr gone the next worker does it all. */
	if (error != ERR_CLOSED && error != ERR_CANCELLED)
		(void)pickup_set_aside(
		    pickup, &s->file, s->why, PICKUP_NOT_TOLD, NULL);
}

/*
 * read_again - read the header of a file again that qmgr has answered
 *
 * mmff is what could be read of it.  ERR_NOTFOUND: the file is gone, or there
 * is another of its name.
 */
static int
read_again(struct pickup *pickup, const struct pickup_submission *s,
    struct pickup_file *file, struct mmff *mmff)
{
	char cannot[PICKUP_WHY_MAX];
	struct mmff_diag diag;
	struct slice head;
	struct stat st;
	int fd, error;

	error = pickup_open(pickup, s->file.name, &fd, file, &st, cannot);
	/* Another file may bear the name by now: the inode tells whether this
	 * is the one that qmgr judged. */
	if (error == ERR_NOTFOUND || file->inode != s->file.inode) {
		if (error == 0)
			close(fd);
		return ERR_NOTFOUND;
	}
	if (error == 0)
		error = pickup_read_head(pickup, fd, file, &head);
	if (fd >= 0)
		close(fd);
	if (error == 0)
		(void)!mmff_read(pickup->msmi.msmail->code_page, head,
		    file->size, &pickup->arena, mmff, &diag);
	return error;
}

/* pickup_reject_again - read a refused file again, and reject it */
void
pickup_reject_again(
    struct pickup *pickup, struct pickup_submission *s, const char *why)
{
	struct pickup_file file;
	struct mmff mmff;
	int error = read_again(pickup, s, &file, &mmff);

	if (error != ERR_NOTFOUND) {
		s->file = file;
		pickup_reject(
		    pickup, s, NDR_UNPARSABLE, why, error == 0 ? &mmff : NULL);
	}
	arena_reset(&pickup->arena);
}

/* select_left_out - reduce a file's recipients to those that are no addresses,
 * and find the reason of each */
static int
select_left_out(
    struct pickup *pickup, struct mmff *mmff, const char *const **reasons)
{
	struct arena *arena = &pickup->arena;
	const char **list = arena_array(arena, mmff->to_count, sizeof(*list));
	size_t count = 0;

	if (list == NULL)
		return arena_error(arena);
	for (size_t i = 0; i < mmff->to_count; i++) {
		struct or_address address;
		struct mmff_diag diag = {0};
		int error =
		    taking_recipient(pickup, &mmff->to[i], &address, &diag);

		/* Recipients with an address got the message, and errors of
		 * another kind are no fault of theirs. */
		if (error == 0)
			continue;
		if (error != ERR_SYNTAX)
			return error;
		list[count] = arena_printf(arena, "%s", diag.text);
		if (list[count] == NULL)
			return arena_error(arena);
		mmff->to[count++] = mmff->to[i];
	}
	mmff->to_count = count;
	*reasons = list;
	return count == 0 ? ERR_NOTFOUND : 0;
}

/* pickup_report_part - tell the sender which recipients were left out */
int
pickup_report_part(struct pickup *pickup, struct pickup_submission *s)
{
	struct pickup_file file;
	struct mmff mmff;
	struct subject on = {PICKUP_PART_NDR, NDR_UNKNOWN_ADDRESS, &mmff, NULL};
	int error;

	pickup->arena.max = P1_ARENA_MAX;
	error = read_again(pickup, s, &file, &mmff);
	if (error == 0)
		error = select_left_out(pickup, &mmff, &on.reasons);
	pickup->arena.max = P1_ARENA_MAX + REPORT_ARENA;
	if (error == 0)
		error = report_to_sender(pickup, s, &on);
	arena_reset(&pickup->arena);
	return error;
}

/* pickup_report_culprit - tell the sender of a file on which a worker ended */
void
pickup_report_culprit(struct pickup *pickup, struct pickup_submission *s,
    const char *aside, const char *why)
{
	int fd = openat(pickup->msmi.postoffice.fd[PO_BAD], aside,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct mmff mmff;
	struct mmff_diag diag;
	const struct subject on = {PICKUP_LATE_NDR, NDR_CORRUPT, &mmff, NULL};
	struct slice head;
	ssize_t len;

	/* Only the head is read: the culprit must not have a second chance to
	 * end a worker. */
	if (fd < 0)
		return;
	len = pread(fd, pickup->head, CULPRIT_HEAD, 0);
	close(fd);
	if (len <= 0)
		return;
	head = slice_of(pickup->head, (size_t)len);
	(void)!mmff_read(pickup->msmi.msmail->code_page, head, (uint64_t)len,
	    &pickup->arena, &mmff, &diag);
	(void)strlcpy(s->aside, aside, sizeof(s->aside));
	(void)strlcpy(s->why, why, sizeof(s->why));
	if (report_to_sender(pickup, s, &on) < 0) {
		if (s->busy)
			pickup_cancel(pickup, s);
		(void)!pickup_write_why(
		    pickup, &s->file, aside, why, PICKUP_NOT_TOLD);
	}
	arena_reset(&pickup->arena);
}
