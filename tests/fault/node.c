/* SPDX-License-Identifier: ISC */
/*
 * node.c - machines of the test's own, which can be gone at once; see node.h
 *
 * The keeper is a child of the test with the host name and the network of the
 * node.  Its child is the first process of the node: when that is killed, the
 * kernel kills all others, and the keeper learns when that is done.
 */
#include "tests/fault/node.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define OUTSIDE "198.51.100.1"

/* be_first - be the first process of a node, and take in orphans */
static void __attribute__((noreturn)) be_first(void)
{
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

/* keep - keep a node until told to end it */
static void __attribute__((noreturn)) keep(const char *hostname, int ready)
{
	const int kinds = CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWPID;
	pid_t first, own = getpid();
	sigset_t told;
	int number;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&told);
	sigaddset(&told, SIGTERM);
	sigprocmask(SIG_BLOCK, &told, NULL);
	if (unshare(kinds) != 0 || sethostname(hostname, strlen(hostname)) != 0)
		_exit(1);
	first = fork();
	if (first == 0)
		be_first();
	if (first > 0)
		(void)!write(ready, &own, sizeof(own));
	close(ready);
	sigwait(&told, &number);
	kill(first, SIGKILL);
	while (waitpid(first, NULL, 0) == -1 && errno == EINTR)
		continue;
	_exit(0);
}

/* run_ip - run ip(8) in a network, which must succeed */
static void
run_ip(int network, const char *command)
{
	ck_assert_msg(network_ip(network, command), "%s", command);
}

/* connect_node - connect a node with the near side; pid: the keeper's, as the
 * processes of the test see it */
static void
connect_node(const struct node *node, pid_t pid)
{
	const int near = node->network->near_fd;
	char command[128];

	snprintf(command, sizeof(command),
	    "ip link add out type veth peer name node netns %d", (int)pid);
	run_ip(near, command);
	run_ip(near, "ip address add " OUTSIDE "/24 dev out");
	run_ip(near, "ip link set out up");
	run_ip(node->net, "ip address add " NODE_ADDRESS "/24 dev node");
	run_ip(node->net, "ip link set lo up");
	run_ip(node->net, "ip link set node up");
	run_ip(node->net, "ip route add default via " OUTSIDE);
}

void
node_boot(
    struct node *node, const struct network *network, const char *hostname)
{
	int ready[2];
	pid_t pid = 0;

	*node = (struct node){.network = network};
	/* Of the user namespace of the test, or it could not be entered
	 * again. */
	ck_assert_int_eq(unshare(CLONE_NEWUTS), 0);
	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	node->keeper = fork();
	ck_assert_int_ne(node->keeper, -1);
	if (node->keeper == 0) {
		close(ready[0]);
		keep(hostname, ready[1]);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &pid, sizeof(pid)), sizeof(pid));
	close(ready[0]);
	node->uts = network_namespace(node->keeper, "uts");
	node->net = network_namespace(node->keeper, "net");
	node->processes = network_namespace(node->keeper, "pid_for_children");
	node->own_uts = network_namespace(getpid(), "uts");
	node->own_processes = network_namespace(getpid(), "pid_for_children");
	ck_assert_int_ge(node->processes, 0);
	connect_node(node, pid);
}

void
node_enter(const struct node *node)
{
	ck_assert_int_eq(setns(node->uts, CLONE_NEWUTS), 0);
	ck_assert_int_eq(setns(node->net, CLONE_NEWNET), 0);
	ck_assert_int_eq(setns(node->processes, CLONE_NEWPID), 0);
}

void
node_leave(const struct node *node)
{
	ck_assert_int_eq(setns(node->own_uts, CLONE_NEWUTS), 0);
	ck_assert_int_eq(setns(node->network->near_fd, CLONE_NEWNET), 0);
	ck_assert_int_eq(setns(node->own_processes, CLONE_NEWPID), 0);
}

void
node_kill(struct node *node)
{
	kill(node->keeper, SIGTERM);
	while (waitpid(node->keeper, NULL, 0) == -1 && errno == EINTR)
		continue;
	/* Else the kernel removes it some time later. */
	run_ip(node->network->near_fd, "ip link del out");
	close(node->uts);
	close(node->net);
	close(node->processes);
	close(node->own_uts);
	close(node->own_processes);
	node->keeper = 0;
}
