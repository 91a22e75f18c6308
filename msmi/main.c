/* SPDX-License-Identifier: ISC */
/*
 * main.c - run a worker of the Microsoft Mail interchange, fourpost-msmi(8)
 *
 * master starts it as msmi -n msmi-in/PO [in] and msmi -n msmi-out/PO#1 [out].
 */
#include <string.h>

#include "msmi/msmi.h"

int
main(int argc, char **argv)
{
	static struct worker worker;

	worker_start(&worker, argc, argv);
	if (strncmp(worker.name, "msmi-out/", 9) == 0)
		msmi_out(&worker);
	msmi_in(&worker);
}
