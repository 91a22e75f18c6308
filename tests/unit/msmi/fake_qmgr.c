/* SPDX-License-Identifier: ISC */
/*
 * fake_qmgr.c - a queue manager of a few lines, in a process of its own;
 * see fake_qmgr.h
 */
#include "tests/unit/msmi/fake_qmgr.h"

struct fake_submit {
	uint64_t number, envelope_left, content, told, received;
	char name[256], known[400];
	unsigned saved; /* N of the files */
	int fd[2];
};

struct fake {
	struct ipc_channel channel;
	char dir[256];
	struct fake_submit submits[32];
	uint64_t queue_id;
};

/* fake_write - write all of some octets */
static void
fake_write(int fd, struct slice octets)
{
	if (write(fd, octets.data, octets.len) != (ssize_t)octets.len)
		abort();
}

/* fake_send - send a record at once */
static void
fake_send(struct fake *fake, const struct ipc_record *record)
{
	if (ipc_channel_send(&fake->channel, record) < 0)
		abort();
	while (ipc_channel_pending(&fake->channel) > 0 &&
	    ipc_channel_flush(&fake->channel) == 0)
		;
}

static struct fake_submit *
fake_find(struct fake *fake, uint64_t number)
{
	for (size_t i = 0; i < 32; i++) {
		if (fake->submits[i].number == number)
			return &fake->submits[i];
	}
	abort();
}

static int
fake_open(const struct fake *fake, unsigned number, const char *ending)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s/%u.%s", fake->dir, number, ending);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		abort();
	return fd;
}

/* fake_known - name what tells that a file was accepted */
static void
fake_known(const struct fake *fake, const struct ipc_file *file, char *path,
    size_t size)
{
	size_t dir = strlen(fake->dir);

	snprintf(path, size, "%s/known.%llx.%llx.%.*s", fake->dir,
	    (unsigned long long)file->inode, (unsigned long long)file->ctime,
	    (int)(file->name.len > 200 ? 200 : file->name.len),
	    (const char *)file->name.data);
	for (char *c = path + dir + 1; *c != '\0'; c++)
		if (*c == '/')
			*c = '%';
}

/* fake_drop - remove what was kept of a submission */
static void
fake_drop(const struct fake *fake, struct fake_submit *s)
{
	static const char *const endings[] = {"envelope", "content"};
	char path[300];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%u.%s", fake->dir, s->saved,
		    endings[i]);
		unlink(path);
	}
	s->number = 0;
}

/* fake_number - choose the first number under which nothing is kept */
static unsigned
fake_number(const struct fake *fake)
{
	char path[300];
	unsigned number = 0;

	do
		snprintf(
		    path, sizeof(path), "%s/%u.envelope", fake->dir, ++number);
	while (access(path, F_OK) == 0);
	return number;
}

static void
fake_start(struct fake *fake, const struct ipc_submit_start *start)
{
	struct fake_submit *s = fake_find(fake, 0);

	s->number = start->submit;
	s->envelope_left = start->envelope_length;
	s->content = s->told = s->received = 0;
	snprintf(s->name, sizeof(s->name), "%.*s", (int)start->file.name.len,
	    (const char *)start->file.name.data);
	fake_known(fake, &start->file, s->known, sizeof(s->known));
	s->saved = fake_number(fake);
	s->fd[0] = fake_open(fake, s->saved, "envelope");
	s->fd[1] = fake_open(fake, s->saved, "content");
}

static void
fake_data(struct fake *fake, const struct ipc_submit_data *data)
{
	struct fake_submit *s = fake_find(fake, data->submit);
	struct slice piece = data->data;
	size_t n =
	    piece.len < s->envelope_left ? piece.len : (size_t)s->envelope_left;

	fake_write(s->fd[0], slice_of(piece.data, n));
	s->envelope_left -= n;
	fake_write(s->fd[1], slice_of(piece.data + n, piece.len - n));
	s->content += piece.len - n;
	s->received += piece.len;
	if (s->received - s->told > IPC_UNANSWERED_MAX)
		abort(); /* more than may be unanswered */
	if (s->received - s->told >= 100000) {
		s->told = s->received;
		fake_send(fake,
		    &(struct ipc_record){.type = IPC_SUBMIT_PROGRESS,
			.submit_progress = {s->number, s->received}});
	}
}

/* fake_accept - note that a file was accepted, if it was not before */
static enum ipc_submit_result
fake_accept(const struct fake *fake, struct fake_submit *s)
{
	int fd = open(s->known, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd < 0) {
		fake_drop(fake, s);
		return IPC_SUBMIT_DUPLICATE;
	}
	close(fd);
	return IPC_SUBMIT_ACCEPTED;
}

static void
fake_end(struct fake *fake, const struct ipc_submit_end *end)
{
	struct fake_submit *s = fake_find(fake, end->submit);
	struct ipc_record record = {.type = IPC_SUBMIT_ANSWER,
	    .submit_answer = {.submit = s->number,
		.message = ++fake->queue_id,
		.text = slice_of_string("because the test says so"),
		.result = s->name[0] == 'R' ? IPC_SUBMIT_REFUSED
		    : s->name[0] == 'U'	    ? IPC_SUBMIT_UNAVAILABLE
		    : s->name[0] == 'D'	    ? IPC_SUBMIT_DUPLICATE
					    : fake_accept(fake, s)}};

	if (s->envelope_left != 0 || s->content != end->content_length)
		abort();
	/* only the message is refused, its report is not */
	if (s->name[0] == 'R')
		s->name[0] = 'r';
	close(s->fd[0]);
	close(s->fd[1]);
	s->number = 0;
	fake_send(fake, &record);
}

static void
fake_removed(struct fake *fake, const struct ipc_file *file)
{
	char path[600];
	int fd;

	snprintf(path, sizeof(path), "%s/removed.%.*s", fake->dir,
	    (int)file->name.len, (const char *)file->name.data);
	for (char *c = path + strlen(fake->dir) + 1; *c != '\0'; c++)
		if (*c == '/')
			*c = '%';
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (fd < 0)
		abort();
	close(fd);
	fake_known(fake, file, path, sizeof(path));
	unlink(path);
}

/* fake_serve - serve until the other side closes */
static void
fake_serve(struct fake *fake)
{
	struct ipc_record record;
	struct diag diag = {0};

	for (;;) {
		struct pollfd pfd = {.fd = fake->channel.fd, .events = POLLIN};

		if (poll(&pfd, 1, 60000) != 1)
			_exit(3);
		int filled = ipc_channel_fill(&fake->channel);

		while (ipc_channel_take(&fake->channel, &record, &diag) == 1) {
			if (record.type == IPC_SUBMIT_START)
				fake_start(fake, &record.submit_start);
			else if (record.type == IPC_SUBMIT_DATA)
				fake_data(fake, &record.submit_data);
			else if (record.type == IPC_SUBMIT_END)
				fake_end(fake, &record.submit_end);
			else if (record.type == IPC_FILE_REMOVED)
				fake_removed(fake, &record.file_removed.file);
			else
				abort();
		}
		if (filled != ERR_CLOSED)
			continue;
		for (size_t i = 0; i < 32; i++)
			if (fake->submits[i].number != 0)
				fake_drop(fake, &fake->submits[i]);
		_exit(0);
	}
}

int
fake_run(const char *dir, pid_t *pid)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	*pid = fork();
	ck_assert_int_ge(*pid, 0);
	if (*pid == 0) {
		static struct fake fake;

		close(pair[0]);
		snprintf(fake.dir, sizeof(fake.dir), "%s", dir);
		if (ipc_channel_init(&fake.channel, pair[1]) < 0)
			abort();
		fake_serve(&fake);
	}
	close(pair[1]);
	return pair[0];
}

void
fake_wait(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
