/* SPDX-License-Identifier: ISC */
/*
 * cutter.c - a relay in the test that cuts at an octet; see cutter.h
 */
#include "tests/fault/cutter.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define PIECE 4096

/* The responder's octets, searched for the checkpoints that it confirms. */
struct tap {
	uint8_t octets[65536];
	size_t len;
};

/* confirmed - read the serial number of a minor sync ack; 0 if it is none */
static unsigned
confirmed(const uint8_t *spdu, size_t len)
{
	unsigned serial = 0;

	/* PLEASE TOKENS, MINOR SYNC ACK of less than 255 octets */
	if (len < 4 || spdu[0] != 2 || spdu[1] != 0 || spdu[2] != 50)
		return 0;
	for (size_t i = 4; i + 1 < len; i += 2 + (size_t)spdu[i + 1]) {
		if (spdu[i] != 42)
			continue;
		for (size_t j = 0; j < spdu[i + 1] && i + 2 + j < len; j++)
			serial = serial * 10 + (spdu[i + 2 + j] - '0');
	}
	return serial;
}

/* look - read what the responder said: whole TPKTs are read and dropped */
static void
look(struct cutter *cutter, struct tap *tap, const uint8_t *data, size_t len)
{
	size_t at = 0, whole;

	if (len > sizeof(tap->octets) - tap->len)
		return;
	memcpy(tap->octets + tap->len, data, len);
	tap->len += len;
	while (tap->len - at >= 4) {
		const uint8_t *tpkt = tap->octets + at;
		unsigned serial;

		whole = (size_t)tpkt[2] << 8 | tpkt[3];
		if (whole < 7 || tap->len - at < whole)
			break;
		serial = confirmed(tpkt + 7, whole - 7);
		if (serial > 0 && !atomic_load(&cutter->done))
			atomic_store(&cutter->confirmed, serial);
		at += whole;
	}
	memmove(tap->octets, tap->octets + at, tap->len - at);
	tap->len -= at;
}

/* The TLS records of one side of a connection. */
struct records {
	uint8_t header[5];
	size_t have; /* octets of the header */
	size_t left; /* octets of the record behind it */
	unsigned whole;
};

/* up_to - count records; how many octets there are up to the end of record
 * last, at most len */
static size_t
up_to(struct records *r, const uint8_t *data, size_t len, uint64_t last)
{
	size_t at = 0;

	while (at < len && r->whole < last) {
		if (r->have < sizeof(r->header)) {
			r->header[r->have++] = data[at++];
			if (r->have == sizeof(r->header))
				r->left =
				    (size_t)r->header[3] << 8 | r->header[4];
			continue;
		}
		if (r->left > len - at) {
			r->left -= len - at;
			return len;
		}
		at += r->left;
		r->left = 0;
		r->have = 0;
		r->whole++;
	}
	return at;
}

/* before_cut - tell how many octets of a piece may pass before the cut */
static size_t
before_cut(struct cutter *cutter, struct records *records, int side,
    const uint8_t *data, size_t len)
{
	bool here = atomic_load(&cutter->by_record) != 0 &&
	    atomic_load(&cutter->side) == side &&
	    atomic_load(&cutter->how) != CUTTER_PASS;
	size_t some;

	if (atomic_load(&cutter->done) != 0)
		return len;
	some = up_to(
	    records, data, len, here ? atomic_load(&cutter->at) : UINT64_MAX);
	atomic_store(&cutter->records[side], records->whole);
	return some;
}

/* end - end a side of the connection, in the way that it is to see */
static void
end(int fd, enum cutter_how how)
{
	const struct linger hard = {.l_onoff = 1};
	uint8_t rest[PIECE];

	if (how == CUTTER_RESET) {
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	} else {
		struct pollfd pfd = {.fd = fd, .events = POLLIN};

		/* or what it had sent would make a reset of it */
		shutdown(fd, SHUT_WR);
		while (poll(&pfd, 1, 200) > 0 && read(fd, rest, PIECE) > 0)
			continue;
	}
	close(fd);
}

/* put - write all; false: the other side is gone */
static bool
put(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* is_due - tell whether this octet is where to cut, which is done once */
static bool
is_due(struct cutter *cutter, int side)
{
	return !atomic_load(&cutter->done) &&
	    atomic_load(&cutter->how) != CUTTER_PASS &&
	    atomic_load(&cutter->side) == side &&
	    (atomic_load(&cutter->by_record) != 0
		    ? atomic_load(&cutter->records[side])
		    : atomic_load(&cutter->first[side])) >=
	    atomic_load(&cutter->at);
}

/* cut - cut as planned; false if octets pass on, because they were only held */
static bool
cut(struct cutter *cutter, int fd[2])
{
	enum cutter_how how = (enum cutter_how)atomic_load(&cutter->how);

	atomic_store(&cutter->done, 1);
	while (how == CUTTER_SILENCE)
		pause();
	if (how != CUTTER_HOLD) {
		end(fd[0], how);
		end(fd[1], how);
		return true;
	}
	atomic_store(&cutter->held, 1);
	while (atomic_load(&cutter->held) != 0)
		usleep(1000);
	return false;
}

/* pass - pass the octets of one connection on, until it ends */
static void
pass(struct cutter *cutter, int fd[2])
{
	static struct records records[2];
	static struct tap tap;
	uint8_t data[PIECE];

	for (;;) {
		struct pollfd pfd[2] = {{.fd = fd[0], .events = POLLIN},
		    {.fd = fd[1], .events = POLLIN}};

		if (poll(pfd, 2, -1) < 0)
			return;
		for (int side = 0; side < 2; side++) {
			bool late = atomic_load(&cutter->done) != 0;
			ssize_t n;

			if (pfd[side].revents == 0)
				continue;
			n = read(fd[side], data, PIECE);
			if (n > 0)
				n = (ssize_t)before_cut(cutter, &records[side],
				    side, data, (size_t)n);
			if (n <= 0 || !put(fd[1 - side], data, (size_t)n)) {
				end(fd[1 - side], CUTTER_FIN);
				return;
			}
			if (side == 1)
				look(cutter, &tap, data, (size_t)n);
			atomic_fetch_add(
			    late ? &cutter->after[side] : &cutter->first[side],
			    (uint64_t)n);
			if (is_due(cutter, side) && cut(cutter, fd))
				return;
		}
	}
}

/* connection - serve a connection in a process of its own */
static void
connection(struct cutter *cutter, int caller)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)atomic_load(&cutter->target)),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd[2] = {caller, socket(AF_INET, SOCK_STREAM, 0)};

	if (connect(fd[1], (struct sockaddr *)&address, sizeof(address)) == 0)
		pass(cutter, fd);
}

/* run - accept, for ever */
static void __attribute__((noreturn)) run(struct cutter *cutter, int listener)
{
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			continue;
		atomic_fetch_add(&cutter->connections, 1);
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			connection(cutter, fd);
			_exit(0);
		}
		close(fd);
	}
}

struct cutter *
cutter_start(void)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct cutter *cutter = mmap(NULL, sizeof(*cutter),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	pid_t pid;

	ck_assert(cutter != MAP_FAILED);
	ck_assert_int_eq(
	    bind(listener, (struct sockaddr *)&address, length), 0);
	ck_assert_int_eq(listen(listener, 64), 0);
	ck_assert_int_eq(
	    getsockname(listener, (struct sockaddr *)&address, &length), 0);
	cutter->port = ntohs(address.sin_port);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		run(cutter, listener);
	cutter->pid = pid;
	close(listener);
	return cutter;
}

void
cutter_plan(struct cutter *cutter, enum cutter_how how, int side, uint64_t at)
{
	atomic_store(&cutter->how, CUTTER_PASS);
	atomic_store(&cutter->side, side);
	atomic_store(&cutter->at, at);
	for (int i = 0; i < 2; i++) {
		atomic_store(&cutter->first[i], 0);
		atomic_store(&cutter->after[i], 0);
	}
	atomic_store(&cutter->by_record, 0);
	atomic_store(&cutter->records[0], 0);
	atomic_store(&cutter->records[1], 0);
	atomic_store(&cutter->confirmed, 0);
	atomic_store(&cutter->connections, 0);
	atomic_store(&cutter->done, 0);
	atomic_store(&cutter->how, how);
}

void
cutter_plan_record(
    struct cutter *cutter, enum cutter_how how, int side, unsigned record)
{
	cutter_plan(cutter, CUTTER_PASS, side, record);
	atomic_store(&cutter->by_record, 1);
	atomic_store(&cutter->how, how);
}

void
cutter_release(struct cutter *cutter)
{
	atomic_store(&cutter->held, 0);
}

void
cutter_stop(struct cutter *cutter)
{
	kill(cutter->pid, SIGKILL);
	waitpid(cutter->pid, NULL, 0);
	munmap(cutter, sizeof(*cutter));
}
