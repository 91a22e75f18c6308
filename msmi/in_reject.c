/* SPDX-License-Identifier: ISC */
/*
 * in_reject.c - tell the sender of a file that it cannot be taken
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
#include "msmi/in.h"
#include "msmi/line.h"

#define CULPRIT_HEAD (16 * 1024) /* octets that are looked at once more */
#define TEXT_MAX     (16 * 1024)
#define REPORT_ARENA (1024 * 1024) /* octets for a report, beyond the file's */
#define SHOWN_MAX    20		   /* recipients named in a report */

/* write_text - what the sender reads */
static int
write_text(struct buffer *out, const struct in_file *file, enum ndr_code code,
    const char *why, const struct mmff *mmff)
{
	char shown[512];
	int error;

	error = line_append(out,
	    "[%03d] %s. Message not delivered to:", (int)code, ndr_text(code));
	for (size_t i = 0; error == 0 && i < mmff->to_count; i++) {
		if (i == SHOWN_MAX) {
			error = line_append(out, "    and %zu others",
			    mmff->to_count - SHOWN_MAX);
			break;
		}
		(void)escape_text(shown, sizeof(shown), mmff->to[i].text);
		error =
		    line_append(out, "    %.*s%s%s", (int)mmff->to[i].type.len,
			(const char *)mmff->to[i].type.data,
			mmff->to[i].type.len > 0 ? ":" : "", shown);
	}
	if (error == 0)
		error = line_append(out, "\r\nReason: %s", why);
	(void)escape_text(shown, sizeof(shown), mmff->subject);
	if (error == 0)
		error = line_append(out, "Subject: %s", shown);
	(void)escape_text(shown, sizeof(shown), slice_of_string(file->name));
	if (error == 0)
		error = line_append(out, "File: P1/%s", shown);
	return error;
}

/* submit_report - the report to this address */
static int
submit_report(struct in *in, struct in_submission *s, enum in_purpose purpose,
    const struct or_address *sender, struct slice text, const struct mmff *mmff)
{
	struct ipm_outgoing part = {
	    .form = IPM_FORM_TEXT, .modified = IPM_NO_TIME};
	struct or_address to = *sender;
	struct draft draft = {
	    .to = &to, .to_count = 1, .parts = &part, .part_count = 1};
	struct buffer envelope, converted;
	struct ipm_encoder encoder;
	struct ipm_scan scan;
	unsigned state = 0;
	char *subject;
	int error;

	if (in->msmi.conf->mta.postmaster.address == NULL)
		return ERR_NOTFOUND;
	draft.from = *in->msmi.conf->mta.postmaster.address;
	subject = arena_printf(&in->arena, "NDR: %.*s", (int)mmff->subject.len,
	    (const char *)mmff->subject.data);
	draft.id = arena_printf(&in->arena, "ndr-%llx-%llx",
	    (unsigned long long)s->file.ctime,
	    (unsigned long long)s->file.inode);
	if (subject == NULL || draft.id == NULL)
		return arena_error(&in->arena);
	draft.subject = slice_of_string(subject);
	buffer_init(&envelope, P1_ENVELOPE_MAX);
	buffer_init(&converted, TEXT_MAX);
	ipm_scan_init(&scan);
	ipm_scan_push(&scan, text);
	part.repertoire = ipm_scan_finish(&scan, &part.length);
	error = ipm_scan_convert(&scan, &state, text, &converted);
	if (error == 0)
		error = draft_encode(&draft, in->msmi.conf, &in->arena,
		    &envelope, &encoder, NULL);
	if (error < 0)
		goto out;
	error = in_begin(in, s, purpose, buffer_slice(&envelope));
	if (error == 0)
		error = in_body(in, s, ipm_encoder_prefix(&encoder, 0));
	if (error == 0)
		error = in_body(in, s, buffer_slice(&converted));
	if (error == 0)
		error = in_end(in, s, ipm_encoder_length(&encoder));
	ipm_encoder_fini(&encoder);
out:
	buffer_fini(&envelope);
	buffer_fini(&converted);
	return error == ERR_REFUSED ? 0 : error;
}

/* report - make the report; ERR_NOTFOUND where nobody can be told */
static int
report(struct in *in, struct in_submission *s, enum in_purpose purpose,
    enum ndr_code code, const struct mmff *mmff)
{
	struct or_address sender;
	struct buffer text;
	int error;

	if (mmff == NULL || !mmff->has_from ||
	    address_from_mmff(&in->msmi.addressing, &mmff->from, &in->arena,
		&sender, NULL) < 0)
		return ERR_NOTFOUND;
	buffer_init(&text, TEXT_MAX);
	error = write_text(&text, &s->file, code, s->why, mmff);
	if (error == 0)
		error = submit_report(
		    in, s, purpose, &sender, buffer_slice(&text), mmff);
	buffer_fini(&text);
	return error;
}

/* in_reject - a file cannot be taken: tell its sender, set it aside */
void
in_reject(struct in *in, struct in_submission *s, enum ndr_code code,
    const char *why, const struct mmff *mmff)
{
	int error;

	snprintf(s->why, sizeof(s->why), "%s", why);
	/* The file may have used up all that it was allowed. */
	in->arena.max = P1_ARENA_MAX + REPORT_ARENA;
	error = report(in, s, IN_NDR, code, mmff);
	if (error == 0)
		return; /* set aside when qmgr has the report */
	if (s->busy)
		in_cancel(in, s);
	/* With qmgr gone the next worker does it all. */
	if (error != ERR_CLOSED && error != ERR_CANCELLED)
		(void)in_set_aside(in, &s->file, s->why, IN_NOT_TOLD, NULL);
}

/* in_reject_again - a file that qmgr has refused: read it anew */
void
in_reject_again(struct in *in, struct in_submission *s, const char *why)
{
	struct in_file file;
	char cannot[IN_WHY_MAX];
	struct mmff mmff;
	struct mmff_diag diag;
	struct slice head;
	struct stat st;
	int fd, error;

	error = in_open(in, s->file.name, &fd, &file, &st, cannot);
	if (error == ERR_NOTFOUND || file.inode != s->file.inode) {
		if (error == 0)
			close(fd);
		return;
	}
	s->file = file;
	if (error == 0)
		error = in_read_head(in, fd, &file, &head);
	if (fd >= 0)
		close(fd);
	if (error == 0)
		(void)!mmff_read(in->msmi.msmail->code_page, head, file.size,
		    &in->arena, &mmff, &diag);
	in_reject(in, s, NDR_UNPARSABLE, why, error == 0 ? &mmff : NULL);
	arena_reset(&in->arena);
}

/* in_report_culprit - tell the sender of a file on which a worker ended */
void
in_report_culprit(
    struct in *in, struct in_submission *s, const char *aside, const char *why)
{
	int fd = openat(in->msmi.postoffice.fd[PO_BAD], aside,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct mmff mmff;
	struct mmff_diag diag;
	struct slice head;
	ssize_t len;

	if (fd < 0)
		return;
	len = pread(fd, in->head, CULPRIT_HEAD, 0);
	close(fd);
	if (len <= 0)
		return;
	head = slice_of(in->head, (size_t)len);
	(void)!mmff_read(in->msmi.msmail->code_page, head, (uint64_t)len,
	    &in->arena, &mmff, &diag);
	(void)strlcpy(s->aside, aside, sizeof(s->aside));
	(void)strlcpy(s->why, why, sizeof(s->why));
	if (report(in, s, IN_LATE_NDR, NDR_CORRUPT, &mmff) < 0) {
		if (s->busy)
			in_cancel(in, s);
		(void)!in_say_why(in, &s->file, aside, why, IN_NOT_TOLD);
	}
	arena_reset(&in->arena);
}
