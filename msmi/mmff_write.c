/* SPDX-License-Identifier: ISC */
/*
 * mmff_write.c - write the header of a message file
 *
 * Contract in mmff.h.  What is written is what mmff_read reads: a line never
 * holds a line end, whatever the subject or a name does.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/calendar.h"
#include "msmi/mmff.h"

struct writing {
	struct buffer *out;
	enum conf_code_page page;
};

/* put - append a formatted line, without what would end it early */
static int PRINTF_LIKE(2, 3) put(struct writing *w, const char *fmt, ...)
{
	struct code_page_rest rest = {.len = 0};
	char line[MMFF_LINE_MAX];
	va_list ap;
	int len, error;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (len < 0 || (size_t)len >= sizeof(line))
		return ERR_LIMIT;
	for (int i = 0; i < len; i++) {
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = ' ';
	}
	error = code_page_from_utf8(
	    w->page, &rest, slice_of(line, (size_t)len), w->out);
	if (error == 0)
		error = code_page_finish(&rest, w->out);
	return error < 0 ? error : buffer_append(w->out, "\r\n", 2);
}

/* mmff_put_time - put date and time, in UTC */
static int
mmff_put_time(struct writing *w, int64_t seconds)
{
	struct calendar date;
	int error;

	calendar_from_seconds(seconds, &date);
	error = put(w, "DATE:%04d-%02d-%02d", date.year, date.month, date.day);
	if (error < 0)
		return error;
	return put(w, "TIME:%02d:%02d", date.hour, date.minute);
}

/* mmff_write - append the header */
int
mmff_write(
    const struct mmff_out *m, enum conf_code_page page, struct buffer *out)
{
	struct writing writing = {.out = out, .page = page}, *w = &writing;
	int error = put(w, "VERSION:3.00");

	for (size_t i = 0; error == 0 && i < m->to_count; i++)
		error = put(w, "TO:%s", m->to[i]);
	if (error == 0)
		error = put(w, "FROM:%s", m->from);
	if (error == 0)
		error = mmff_put_time(w, m->time);
	if (error == 0 && m->subject.len > 0)
		error = put(w, "SUBJECT:%.*s",
		    m->subject.len > MMFF_LINE_MAX / 2 ? MMFF_LINE_MAX / 2
						       : (int)m->subject.len,
		    (const char *)m->subject.data);
	if (error == 0)
		error = put(w, "PRIORITY:%c", m->priority);
	for (size_t i = 0; error == 0 && i < m->attachment_count; i++)
		error = put(w, "ATTACHMENTS:%.*s %llu",
		    (int)m->attachments[i].name.len,
		    (const char *)m->attachments[i].name.data,
		    (unsigned long long)m->attachments[i].size);
	if (error == 0)
		error = put(w, "TEXT:%llu", (unsigned long long)m->text_size);
	return error;
}
