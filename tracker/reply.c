/* SPDX-License-Identifier: ISC */
/*
 * reply.c - rows and ends of answers to tools
 */
#include "tracker/reply.h"

#include "base/credentials.h"
#include "base/log.h"
#include "conf/conf_access.h"
#include "ipc/exit_status.h"

/* Rows lie unsent up to this; the rest is asked for again. */
#define UNSENT_MAX (IPC_UNANSWERED_MAX - 2 * IPC_RECORD_MAX)

/* reply_done - end an answer */
int
reply_done(
    struct ipc_channel *channel, int status, const char *text, uint64_t cursor)
{
	struct ipc_record record = {.type = IPC_DONE};

	record.done.status = status;
	record.done.text = slice_of_string(text);
	record.done.cursor = cursor;
	return ipc_channel_send(channel, &record);
}

/* reply_row - send a row */
int
reply_row(struct ipc_channel *channel, struct row *row)
{
	struct ipc_record record = {.type = IPC_ROW, .row = row_copy(row)};

	if (ipc_channel_pending(channel) > UNSENT_MAX)
		return ERR_AGAIN;
	return row->error != 0 ? row->error
			       : ipc_channel_send(channel, &record);
}

/* deny - say to somebody who may not ask who may */
static void
deny(const struct conf *conf, struct ipc_channel *channel,
    const struct credentials *caller, const char *name)
{
	struct ipc_record record = {
	    .type = IPC_DONE, .done.status = EXIT_STATUS_REFUSED};
	char text[CONF_ACCESS_TEXT_MAX];

	record.done.text =
	    slice_of_string(conf_access_needed(conf, CONF_ACCESS_VIEW, text));
	LOG_EVENT(EVENT_REQUEST_DENIED, LOG_INT("uid", caller->uid),
	    LOG_STRING("name", name), LOG_STRING("reason", text));
	if (ipc_channel_send(channel, &record) == 0)
		(void)!ipc_channel_flush(channel);
}

/* reply_admits - tell whether who connected may look at all, or say who may */
bool
reply_admits(const struct conf *conf, struct ipc_channel *channel,
    const char *name, uid_t *caller)
{
	struct credentials credentials;
	bool admits;

	if (credentials_get(channel->fd, &credentials) != 0)
		return false;
	admits = conf_access_allows(conf, &credentials, CONF_ACCESS_VIEW);
	if (!admits)
		deny(conf, channel, &credentials, name);
	*caller = credentials.uid;
	credentials_fini(&credentials);
	return admits;
}
