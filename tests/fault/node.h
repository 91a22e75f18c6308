/* SPDX-License-Identifier: ISC */
/*
 * node.h - machines of the test's own, which can be gone at once
 *
 * A node has a host name, a network and processes of its own (namespaces), and
 * the files of everybody: a volume that several machines reach.  Its only way
 * is to the near side of a network (network.h); there is one node at a time at
 * the address NODE_ADDRESS, as a service that moves has one.
 */
#ifndef FOURPOST_TESTS_NODE_H
#define FOURPOST_TESTS_NODE_H

#include "tests/fault/network.h"

#define NODE_ADDRESS "198.51.100.2"

struct node {
	const struct network *network;
	pid_t keeper;		    /* who ends it when told to; 0: it is off */
	int uts, net, processes;    /* its namespaces */
	int own_uts, own_processes; /* and those of the test */
};

/* node_boot - start a node; network_begin came before, and has namespaces */
void node_boot(
    struct node *node, const struct network *network, const char *hostname);

/* node_enter, node_leave - have what is started from here on run on the node,
 * or not any more */
void node_enter(const struct node *node);
void node_leave(const struct node *node);

/* node_kill - end a node with all that runs there, as if its power was cut: it
 * is over when the function returns, and no peer hears of it */
void node_kill(struct node *node);

#endif
