/* SPDX-License-Identifier: ISC */
/*
 * main.c - run a worker of a gateway
 *
 * master starts it as mixer -n mixer-in/NAME#k and mixer -n mixer-out/NAME#k.
 */
#include <string.h>

#include "mixer/mixer.h"

int
main(int argc, char **argv)
{
	static struct worker worker;

	worker_start(&worker, argc, argv);
	if (strncmp(worker.name, "mixer-out/", 10) == 0)
		mixer_out(&worker);
	mixer_in(&worker);
}
