/* SPDX-License-Identifier: ISC */
/*
 * main.c - run the worker of one outgoing association, fourpost-x400out(8)
 */
#include "x400out/outbound.h"

int
main(int argc, char **argv)
{
	static struct traffic traffic;

	worker_start(&traffic.worker, argc, argv);
	outbound_run(&traffic);
}
