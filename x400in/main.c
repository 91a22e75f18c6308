/* SPDX-License-Identifier: ISC */
/*
 * main.c - x400in, the worker of one incoming association; see x400in(8)
 */
#include "x400in/inbound.h"

int
main(int argc, char **argv)
{
	static struct inbound inbound;

	worker_start(&inbound.worker, argc, argv);
	inbound_run(&inbound);
}
