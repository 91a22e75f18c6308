/* SPDX-License-Identifier: ISC */
/*
 * script_fixture.c - a peer that says what is written in a file;
 * see script_fixture.h
 */
#include "tests/unit/osi/script_fixture.h"

uint8_t *
script_file(const char *name, size_t *len)
{
	char path[512];
	uint8_t *octets = malloc(1 << 20);
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/vectors/osi/%s", TEST_SOURCE_DIR,
	    name);
	ck_assert_ptr_nonnull(octets);
	ck_assert_msg((file = fopen(path, "r")) != NULL, "%s", path);
	*len = fread(octets, 1, 1 << 20, file);
	fclose(file);
	ck_assert_uint_gt(*len, 0);
	return octets;
}

void
script_hear(struct script *script)
{
	uint8_t octets[4096];
	ssize_t got;

	while ((got = recv(
		    script->fd[1], octets, sizeof(octets), MSG_DONTWAIT)) > 0) {
		if (script->said_len + (size_t)got > script->said_max) {
			script->said_max = 2 * script->said_max + 65536;
			script->said = realloc(script->said, script->said_max);
			ck_assert_ptr_nonnull(script->said);
		}
		memcpy(script->said + script->said_len, octets, (size_t)got);
		script->said_len += (size_t)got;
	}
}

static int
script_wait(void *arg, int fd, short events, uint64_t deadline)
{
	struct script *script = arg;
	size_t len = script->len - script->at;

	(void)fd;
	(void)deadline;
	script_hear(script);
	if (!(events & POLLIN))
		return 0;
	if (len > script->step)
		len = script->step;
	if (len > 0) {
		ssize_t put = send(script->fd[1], script->octets + script->at,
		    len, MSG_NOSIGNAL);

		if (put > 0)
			script->at += (size_t)put;
		return 0;
	}
	if (script->end == SCRIPT_SILENT || script->closed)
		return ERR_TIMEOUT;
	script->closed = true;
	shutdown(script->fd[1], SHUT_WR);
	return 0;
}

void
script_init(struct script *script, const uint8_t *octets, size_t len,
    size_t step, enum script_end end)
{
	const struct association_io io = {script_wait, script};

	memset(script, 0, sizeof(*script));
	script->octets = octets;
	script->len = len;
	script->step = step;
	script->end = end;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, script->fd), 0);
	ck_assert_int_eq(association_init(&script->association, io), 0);
}

void
script_fini(struct script *script)
{
	association_fini(&script->association);
	close(script->fd[0]);
	close(script->fd[1]);
	free(script->said);
	free(script->owned);
}

struct association_parameters
script_parameters(void)
{
	return (struct association_parameters){
	    .calling_tsel = LITERAL("a88"),
	    .called_tsel = LITERAL("x400in88"),
	    .checkpoint_size = 63,
	    .window = 3,
	    .application_context = LITERAL("\x56\x00\x01\x06"),
	    .rtse_syntax = LITERAL("\x56\x00\x02\x0c"),
	    .transfer_syntax = LITERAL("\x56\x00\x02\x07"),
	    .open_timeout = 60000,
	    .disconnect_timeout = 60000,
	    .transfer_timeout = 60000,
	};
}

void
script_respond(struct script *script, unsigned checkpoint, unsigned window,
    bool confirm, struct outcome *outcome)
{
	struct association *a = &script->association;
	struct association_parameters parameters = script_parameters();
	struct association_event event;
	int result;

	memset(outcome, 0, sizeof(*outcome));
	parameters.called_tsel = slice_of(NULL, 0);
	result = association_listen(
	    a, script->fd[0], &parameters, &outcome->indication);
	if (result == 0 && outcome->indication.recover)
		result = association_accept_recovery(a, checkpoint, window);
	else if (result == 0)
		result = association_accept(a,
		    LITERAL("\xa1\x13\x80\x05mta-b\xa1\x0a\x04\x08secret-b"),
		    checkpoint, window);
	while (result == 0 && !outcome->released && !outcome->aborted) {
		result = association_receive(a, &event, clock_after(60000));
		if (result < 0)
			break;
		switch ((int)event.kind) {
		case ASSOCIATION_EVENT_DATA:
			ck_assert_uint_le(outcome->apdu_len + event.data.len,
			    sizeof(outcome->apdu));
			memcpy(outcome->apdu + outcome->apdu_len,
			    event.data.data, event.data.len);
			outcome->apdu_len += event.data.len;
			break;
		case ASSOCIATION_EVENT_CHECKPOINT:
			outcome->checkpoints++;
			if (confirm)
				result = association_confirm_checkpoint(
				    a, event.serial);
			break;
		case ASSOCIATION_EVENT_TRANSFER_END:
			outcome->transfers++;
			result = association_confirm_transfer(a);
			break;
		case ASSOCIATION_EVENT_RELEASE:
			outcome->released = true;
			result = association_confirm_release(a);
			break;
		case ASSOCIATION_EVENT_ABORT:
			outcome->aborted = true;
			break;
		default:
			break;
		}
	}
	outcome->result = result;
	outcome->failure = a->failure;
	outcome->mode = a->mode;
	script_hear(script);
}
