/* SPDX-License-Identifier: ISC */
/*
 * memory.c - the loop of mixer-memory: qmgr, time
 */
#include "mixer/memory/memory.h"

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"

#define FLUSH_MS 5000 /* for the last acknowledgement */

/* on_tick - tell master that we are alive, while long work is done */
static void
on_tick(void *arg)
{
	worker_tick(arg);
}

/* acknowledge - tell qmgr that all pages up to this one are kept */
static int
acknowledge(struct mixer_memory *memory, uint64_t number)
{
	const struct ipc_record record = {
	    .type = IPC_TRACK_ACK, .track_ack = {.number = number}};
	int error;

	/* The queue deletes pages that are acknowledged. */
	if (number > 0 && sqlite_file_sync(REMEMBER_FILE) != 0)
		return 0;
	error = ipc_channel_send(&memory->qmgr, &record);
	return error != 0 ? error : ipc_channel_flush(&memory->qmgr);
}

/* take_settings - take for how long is remembered */
static int
take_settings(struct mixer_memory *memory, const struct ipc_settings *settings,
    struct diag *diag)
{
	struct conf *conf;
	int error = conf_parse_text(
	    settings->text, "settings", CONF_HANDED, &conf, diag);

	if (error != 0)
		return error;
	category_levels(conf->mta.log_levels);
	if (conf->mixer_count > 0)
		memory->notes.memory = conf->mixers[0].thread_memory;
	conf_free(conf);
	return 0;
}

/* answer - answer a question, with all that came before it */
static int
answer(struct mixer_memory *memory, const struct ipc_memory_ask *asked)
{
	struct slice values[MEMORY_TEXTS_MAX];
	size_t count = asked->text_count < MEMORY_TEXTS_MAX ? asked->text_count
							    : MEMORY_TEXTS_MAX;
	const struct ipc_record record = {.type = IPC_MEMORY_ASK,
	    .memory_ask = {
		.ask = asked->ask, .texts = values, .text_count = count}};
	bool kept = notes_keep(&memory->notes);
	int error;

	notes_answer(&memory->notes, asked->texts, count, values);
	error = ipc_channel_send(&memory->qmgr, &record);
	if (error == 0)
		error = ipc_channel_flush(&memory->qmgr);
	/* Only now, since the disk may take longer than a gateway waits. */
	return error == 0 && kept ? acknowledge(memory, memory->notes.kept)
				  : error;
}

/* take_record - take a record of qmgr */
static int
take_record(struct mixer_memory *memory, const struct ipc_record *record,
    struct diag *diag)
{
	if (record->type == IPC_TRACK_PAGE)
		return notes_take(&memory->notes, &record->track_page);
	if (record->type == IPC_MEMORY_ASK)
		return answer(memory, &record->memory_ask);
	if (record->type == IPC_SETTINGS)
		return take_settings(memory, &record->settings, diag);
	return diag_set(
	    diag, ERR_PROTOCOL, "%s from qmgr", ipc_type_name(record->type));
}

/* serve_qmgr - take what qmgr has sent */
static int
serve_qmgr(struct mixer_memory *memory)
{
	struct diag diag = {0};
	struct ipc_record record;
	int got, error = ipc_channel_fill(&memory->qmgr);

	if (error == ERR_AGAIN)
		error = 0;
	while ((got = ipc_channel_take(&memory->qmgr, &record, &diag)) == 1)
		if ((got = take_record(memory, &record, &diag)) < 0)
			break;
	if (got < 0)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason",
			diag.code != 0 ? diag_text(&diag)
				       : error_strerror(got)));
	if (got < 0 || error != 0)
		return got < 0 ? got : error;
	return ipc_channel_flush(&memory->qmgr);
}

/* step - wait for something and do it: 0, or why this is over */
static int
step(struct mixer_memory *memory)
{
	struct pollfd fd = {.fd = memory->qmgr.fd, .events = POLLIN};
	int got;

	if (notes_work(&memory->notes)) {
		got = acknowledge(memory, memory->notes.kept);
		if (got != 0)
			return got;
	}
	if (ipc_channel_pending(&memory->qmgr) > 0)
		fd.events |= POLLOUT;
	got = worker_wait(memory->worker, &fd, 1, notes_next(&memory->notes));
	if (got == ERR_TIMEOUT)
		return 0;
	return got < 0 ? got : serve_qmgr(memory);
}

/* memory_run - keep what qmgr sends and answer */
void
memory_run(struct mixer_memory *memory)
{
	int error;

	notes_init(&memory->notes);
	memory->notes.db.tick = on_tick;
	memory->notes.db.tick_arg = memory->worker;
	worker_ready(memory->worker);
	/* Records behind the hello of qmgr may have been read with it. */
	error = serve_qmgr(memory);
	/* Pages that are kept already may come: to keep them twice does no
	 * harm. */
	if (error == 0)
		error = acknowledge(memory, 0);
	while (error == 0)
		error = step(memory);
	if (notes_keep(&memory->notes) &&
	    acknowledge(memory, memory->notes.kept) == 0)
		(void)!worker_flush(
		    memory->worker, &memory->qmgr, clock_after(FLUSH_MS));
	notes_fini(&memory->notes);
}
