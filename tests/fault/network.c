/* SPDX-License-Identifier: ISC */
/*
 * network.c - a network of the test's own, which can vanish; see network.h
 *
 * The interfaces are made by ip(8).  A test that root did not start makes a
 * user namespace too, in which it is itself: what it may do to the network
 * there it hands on to ip(8), and to nothing else, as ambient capabilities.
 */
#include "tests/fault/network.h"

#include "base/sanitize.h"

#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/capability.h>

#if SANITIZE_ADDRESS
#include <sanitizer/lsan_interface.h>
#endif

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* RFC 5737: of documents, and in use nowhere. */
#define NEAR "192.0.2.1"
#define FAR  "192.0.2.2"

#define NEAR_MAC "02:00:00:00:00:01"
#define FAR_MAC	 "02:00:00:00:00:02"

#define CLOSED_PORT 9

#define WORDS_MAX 24

#if SANITIZE_ADDRESS
/* __lsan_default_options - disable LeakSanitizer, which finds no thread of
 * its own in a /proc that shows the processes outside */
const char *
__lsan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

/* write_map - write the map of the user namespace: we keep our own ids */
static bool
write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd != -1 && write(fd, text, strlen(text)) > 0;

	if (fd != -1)
		close(fd);
	return done;
}

/* leave - leave for namespaces of our own */
static bool
leave(struct network *network)
{
	const uid_t uid = getuid();
	const gid_t gid = getgid();
	const int kinds = CLONE_NEWNET | CLONE_NEWPID;
	char users[32], groups[32];

	if (unshare(geteuid() == 0 ? kinds : kinds | CLONE_NEWUSER) != 0) {
		snprintf(network->reason, sizeof(network->reason),
		    "no namespaces: %s", strerror(errno));
		return false;
	}
	/* the option of our children, as below */
	if (SANITIZE_ADDRESS)
		setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	if (uid == 0)
		return true;
	snprintf(users, sizeof(users), "%u %u 1", uid, uid);
	snprintf(groups, sizeof(groups), "%u %u 1", gid, gid);
	return write_map("/proc/self/setgroups", "deny") &&
	    write_map("/proc/self/gid_map", groups) &&
	    write_map("/proc/self/uid_map", users);
}

/* hand_on - hand the capability to administer the network to what is
 * executed */
static void
hand_on(void)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) != 0)
		return;
	data[0].inheritable |= 1U << CAP_NET_ADMIN;
	if (syscall(SYS_capset, &header, data) == 0)
		prctl(
		    PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0);
}

bool
network_ip(int namespace, const char *command)
{
	pid_t pid = fork();
	int status = -1;

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		char *argv[WORDS_MAX] = {0}, *rest = strdup(command);
		int null = open("/dev/null", O_RDWR);

		for (size_t i = 0; rest != NULL && i < WORDS_MAX - 1; i++)
			argv[i] = strsep(&rest, " ");
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		if (setns(namespace, CLONE_NEWNET) != 0)
			_exit(126);
		hand_on();
		setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
		execvp(argv[0], argv);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* hold - hold the far side, as its first process, and take in orphans */
static void __attribute__((noreturn)) hold(int ready)
{
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNET) == 0)
		(void)!write(ready, "", 1);
	close(ready);
	for (;;)
		pause();
}

int
network_namespace(pid_t pid, const char *kind)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, kind);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* populate - run the far side's first process */
static bool
populate(struct network *network)
{
	int ready[2];
	char octet;
	bool made;

	if (pipe2(ready, O_CLOEXEC) != 0)
		return false;
	network->holder = fork();
	ck_assert_int_ne(network->holder, -1);
	if (network->holder == 0) {
		close(ready[0]);
		hold(ready[1]);
	}
	close(ready[1]);
	made = read(ready[0], &octet, 1) == 1;
	close(ready[0]);
	network->near_fd = network_namespace(getpid(), "net");
	network->far_fd = network_namespace(network->holder, "net");
	return made && network->near_fd != -1 && network->far_fd != -1;
}

/* connect_sides - connect the interfaces; the near side has a permanent
 * entry for the far one's address, so that packets are sent and lost when
 * the far side is gone */
static bool
connect_sides(const struct network *network)
{
	const int near = network->near_fd, far = network->far_fd;

	/* to itself the far side's first process is number 1 */
	return network_ip(near,
		   "ip link add near address " NEAR_MAC
		   " type veth peer name far address " FAR_MAC " netns 1") &&
	    network_ip(far, "ip address add " FAR "/24 dev far") &&
	    network_ip(far, "ip link set far up") &&
	    network_ip(far, "ip link set lo up") &&
	    network_ip(near, "ip address add " NEAR "/24 dev near") &&
	    network_ip(near, "ip link set near up") &&
	    network_ip(near,
		"ip neighbour replace " FAR " lladdr " FAR_MAC
		" dev near nud permanent");
}

/* loopback_up - raise our own loopback, which the suites need in any case */
static void
loopback_up(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(ioctl(fd, SIOCSIFFLAGS, &lo), 0);
	close(fd);
}

void
network_begin(struct network *network)
{
	*network = (struct network){.near = "127.0.0.1",
	    .far = "127.0.0.1",
	    .listen = "127.0.0.1",
	    .near_fd = -1,
	    .far_fd = -1};
	if (!leave(network))
		return;
	ck_assert_msg(populate(network), "no second namespace");
	loopback_up();
	if (!connect_sides(network)) {
		snprintf(network->reason, sizeof(network->reason),
		    "no ip(8), or no virtual interfaces");
		return;
	}
	network->namespaced = true;
	network->near = NEAR;
	network->far = FAR;
	network->listen = "0.0.0.0";
}

void
network_far(const struct network *network, bool far)
{
	if (network->namespaced)
		ck_assert_int_eq(setns(far ? network->far_fd : network->near_fd,
				     CLONE_NEWNET),
		    0);
}

void
network_way(struct network *network, uint16_t port, char *address, size_t size)
{
	if (!network->namespaced)
		network->relay = load_relay("network", port, network->output,
		    &port, "-k", "silence", NULL);
	snprintf(address, size, "%s:%u", network->far, port);
}

/* passes - tell whether a port of the far side where nobody listens says so:
 * the
 * kernel takes its time until a link that is up passes packets */
static bool
passes(void *arg)
{
	struct sockaddr_in far = {
	    .sin_family = AF_INET, .sin_port = htons(CLOSED_PORT)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t length = sizeof(error);

	(void)arg;
	ck_assert_int_ne(fd, -1);
	inet_pton(AF_INET, FAR, &far.sin_addr);
	if (connect(fd, (struct sockaddr *)&far, sizeof(far)) != 0 &&
	    errno != EINPROGRESS)
		error = errno;
	else if (poll(&pfd, 1, 100) > 0)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	close(fd);
	return error == ECONNREFUSED;
}

void
network_down(const struct network *network)
{
	if (network->namespaced)
		ck_assert(network_ip(network->far_fd, "ip link set far down"));
	else
		load_relay_down(network->relay, network->output);
}

void
network_up(const struct network *network)
{
	if (network->namespaced) {
		ck_assert(network_ip(network->far_fd, "ip link set far up"));
		suite_wait("packets to pass", 10, passes, NULL);
	} else
		load_relay_up(network->relay, network->output);
}

void
network_end(struct network *network)
{
	if (network->relay != 0)
		suite_reap(network->relay);
	if (network->holder != 0) {
		kill(network->holder, SIGKILL);
		waitpid(network->holder, NULL, 0);
	}
	close(network->near_fd);
	close(network->far_fd);
	*network = (struct network){0};
}
