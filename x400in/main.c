/* SPDX-License-Identifier: ISC */
/*
 * main.c - run the worker of one incoming association, fourpost-x400in(8)
 */
#include "x400in/inbound.h"

int
main(int argc, char **argv)
{
	static struct traffic traffic;

	worker_start(&traffic.worker, argc, argv);
	inbound_run(&traffic);
}
