/* SPDX-License-Identifier: ISC */
/*
 * steps.h - open an association for x4ping, release it, and tell each step
 */
#ifndef FOURPOST_X400OUT_STEPS_H
#define FOURPOST_X400OUT_STEPS_H

#include "traffic/serve.h"

/* steps_run - ping the link of the settings, from names to the release; each
 * step is a row for qmgr, and done says whether it was reached */
void steps_run(struct traffic *traffic);

#endif
