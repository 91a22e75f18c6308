/* SPDX-License-Identifier: ISC */
/*
 * sandbox.c - the system calls that a process may still make, by role
 *
 * The lists name what glibc calls on our behalf too: its newfstatat for
 * fstat, brk and mmap for malloc, tgkill for abort, sysinfo for qsort.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "base/sanitize.h"

#define NR(name) SCMP_SYS(name)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Flags of open(2) with which something is changed. */
#define OPEN_CHANGES (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)

static const int every_role[] = {
    /* descriptors */
    NR(read),
    NR(readv),
    NR(write),
    NR(writev),
    NR(close),
    NR(close_range),
    NR(dup),
    NR(dup2),
    NR(dup3),
    NR(pipe2),
    NR(fcntl),
    NR(fstat),
    NR(newfstatat),
    NR(lseek),
    /* sockets */
    NR(accept),
    NR(accept4),
    NR(recvfrom),
    NR(recvmsg),
    NR(recvmmsg),
    NR(sendto),
    NR(sendmsg),
    NR(sendmmsg),
    NR(shutdown),
    NR(getsockopt),
    NR(setsockopt),
    NR(getsockname),
    NR(getpeername),
    NR(connect),
    /* waiting */
    NR(poll),
    NR(ppoll),
    NR(select),
    NR(pselect6),
    NR(epoll_create1),
    NR(epoll_ctl),
    NR(epoll_wait),
    NR(epoll_pwait),
    NR(eventfd2),
    NR(timerfd_create),
    NR(timerfd_settime),
    NR(signalfd4),
    NR(nanosleep),
    NR(clock_nanosleep),
    NR(pause),
    NR(futex),
    NR(restart_syscall),
    NR(sched_yield),
    /* time */
    NR(clock_gettime),
    NR(clock_getres),
    NR(gettimeofday),
    NR(time),
    /* memory */
    NR(brk),
    NR(munmap),
    NR(mremap),
    NR(madvise),
    NR(getrandom),
    /* signals and the end */
    NR(rt_sigaction),
    NR(rt_sigprocmask),
    NR(rt_sigreturn),
    NR(rt_sigtimedwait),
    NR(rt_sigpending),
    NR(rt_sigsuspend),
    NR(sigaltstack),
    NR(exit),
    NR(exit_group),
    /* who am I */
    NR(getpid),
    NR(gettid),
    NR(getppid),
    NR(getuid),
    NR(geteuid),
    NR(getgid),
    NR(getegid),
    NR(getrusage),
    NR(sysinfo),
    NR(uname),
};

/* Paths are looked at, and read. */
static const int looks[] = {
    NR(access),
    NR(faccessat),
    NR(faccessat2),
    NR(stat),
    NR(lstat),
    NR(statx),
    NR(readlink),
    NR(readlinkat),
    NR(pread64),
};

/* Calls out, beside looks: the resolver reads its files. */
static const int calls_out[] = {
    NR(socket),
    NR(bind),
};

/* Files are written, beside looks. */
static const int writes[] = {
    NR(open),
    NR(openat),
    NR(statfs),
    NR(fstatfs),
    NR(getdents64),
    NR(preadv),
    NR(pwrite64),
    NR(pwritev),
    NR(ftruncate),
    NR(fallocate),
    NR(fsync),
    NR(fdatasync),
    NR(sync_file_range),
    NR(flock),
    NR(rename),
    NR(renameat),
    NR(renameat2),
    NR(unlink),
    NR(unlinkat),
    NR(mkdir),
    NR(mkdirat),
    NR(fchmod),
    NR(umask),
    NR(fadvise64),
};

/* A postoffice is served, beside writes. */
static const int postoffice[] = {
    NR(getcwd),
    NR(chdir),
    NR(fchdir),
    NR(copy_file_range),
    NR(sendfile),
    NR(link),
    NR(linkat),
    NR(symlinkat),
    NR(rmdir),
    NR(utimensat),
    NR(inotify_init1),
    NR(inotify_add_watch),
    NR(inotify_rm_watch),
};

/* LMDB keeps the queue, beside writes.  The state of the clock is asked for:
 * to change it would need a capability. */
static const int queue[] = {
    NR(msync),
    NR(mlock),
    NR(munlock),
    NR(set_robust_list),
    NR(get_robust_list),
    NR(adjtimex),
    NR(clock_adjtime),
};

/* allow - add a list to the filter: 0 or a negative errno */
static int
allow(scmp_filter_ctx filter, const int *list, size_t count)
{
	int error = 0;
	size_t i;

	for (i = 0; i < count && error == 0; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, list[i], 0);
	return error;
}

/* masked - make a condition: argument n, only these bits of it, is value */
static struct scmp_arg_cmp
masked(unsigned n, unsigned long bits, unsigned long value)
{
	return SCMP_CMP(n, SCMP_CMP_MASKED_EQ, bits, value);
}

/* allow_memory - map and protect, but nothing that can be executed */
static int
allow_memory(scmp_filter_ctx filter)
{
	static const int calls[] = {NR(mmap), NR(mprotect)};
	int error = 0;
	size_t i;

	for (i = 0; i < COUNT(calls) && error == 0; i++) {
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
		    masked(2, PROT_EXEC, 0));
		if (error == 0)
			error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES),
			    calls[i], 1, masked(2, PROT_EXEC, PROT_EXEC));
	}
	return error;
}

/* allow_self - allow what concerns this process alone, for abort and the
 * like */
static int
allow_self(scmp_filter_ctx filter)
{
	unsigned long self = (unsigned long)getpid();
	int error;

	error = seccomp_rule_add(
	    filter, SCMP_ACT_ALLOW, NR(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, self));
	if (error == 0)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, NR(kill), 1,
		    SCMP_A0(SCMP_CMP_EQ, self));
	/* Ask for limits, not set them. */
	if (error == 0)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, NR(prlimit64),
		    1, SCMP_A2(SCMP_CMP_EQ, 0));
	if (error == 0)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, NR(ioctl), 1,
		    SCMP_A1(SCMP_CMP_EQ, FIONREAD));
	if (error == 0)
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOTTY),
		    NR(ioctl), 1, SCMP_A1(SCMP_CMP_NE, FIONREAD));
	return error;
}

/* allow_reading - open for reading is allowed, or fails with refusal */
static int
allow_reading(scmp_filter_ctx filter, uint32_t action)
{
	int error;

	error = seccomp_rule_add(
	    filter, action, NR(openat), 1, masked(2, OPEN_CHANGES, O_RDONLY));
	if (error == 0)
		error = seccomp_rule_add(filter, action, NR(open), 1,
		    masked(1, OPEN_CHANGES, O_RDONLY));
	return error;
}

/* allow_files - allow to look at files and to write them */
static int
allow_files(scmp_filter_ctx filter)
{
	int error = allow(filter, looks, COUNT(looks));

	return error == 0 ? allow(filter, writes, COUNT(writes)) : error;
}

/* fill - fill in the rules of a role: 0 or a negative errno */
static int
fill(scmp_filter_ctx filter, enum sandbox_role role)
{
	int error;

	error = allow(filter, every_role, COUNT(every_role));
	if (error == 0)
		error = allow_memory(filter);
	if (error == 0)
		error = allow_self(filter);
	if (error != 0)
		return error;
	switch (role) {
	case SANDBOX_CONNECT:
		error = allow_reading(filter, SCMP_ACT_ALLOW);
		if (error == 0)
			error = allow(filter, looks, COUNT(looks));
		if (error == 0)
			error = allow(filter, calls_out, COUNT(calls_out));
		return error;
	case SANDBOX_DATABASE:
		error = allow_files(filter);
		/* SQLite makes names absolute. */
		if (error == 0)
			error = seccomp_rule_add(
			    filter, SCMP_ACT_ALLOW, NR(getcwd), 0);
		break;
	case SANDBOX_FILES:
		error = allow_files(filter);
		if (error == 0)
			error = allow(filter, postoffice, COUNT(postoffice));
		break;
	case SANDBOX_QUEUE:
		error = allow_files(filter);
		if (error == 0)
			error = allow(filter, queue, COUNT(queue));
		break;
	case SANDBOX_NETWORK:
		error = allow_reading(filter, SCMP_ACT_ERRNO(EACCES));
		break;
	case SANDBOX_SPOOL:
		error = allow_reading(filter, SCMP_ACT_ERRNO(EACCES));
		if (error == 0)
			error = seccomp_rule_add(
			    filter, SCMP_ACT_ALLOW, NR(ftruncate), 0);
		break;
	}
	if (error == 0)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, NR(socket), 1,
		    SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
	return error;
}

/* sandbox_enter - allow only what the role needs from now on; no way back */
int
sandbox_enter(enum sandbox_role role, struct diag *diag)
{
	scmp_filter_ctx filter;
	int error;

	/* The run time of the sanitizer needs more calls than can be listed. */
	if (SANITIZE_ADDRESS)
		return 0;
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (filter == NULL)
		return diag_set(diag, ERR_NOMEM, "seccomp_init failed");
	error = fill(filter, role);
	if (error == 0)
		error = seccomp_load(filter);
	seccomp_release(filter);
	if (error == 0)
		return 0;
	return diag_set(diag,
	    error == -EINVAL || error == -ENOSYS ? ERR_UNSUPPORTED : ERR_IO,
	    "seccomp: %s", strerror(-error));
}
