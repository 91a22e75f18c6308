/* SPDX-License-Identifier: ISC */
/*
 * parameters.h - what the far end of a test asks of an association
 */
#ifndef FOURPOST_TESTS_PARAMETERS_H
#define FOURPOST_TESTS_PARAMETERS_H

#include "mhs/mts.h"
#include "osi/association.h"

/* parameters_p1 - ask for P1 in 1988 normal mode, with checkpoints of so many
 * K, where any step may take limit ms */
static inline struct association_parameters
parameters_p1(unsigned checkpoint, unsigned window, uint32_t limit)
{
	return (struct association_parameters){
	    .mode = ASSOCIATION_NORMAL,
	    .dialogue = ASSOCIATION_MONOLOGUE,
	    .checkpoint_size = checkpoint,
	    .window = window,
	    .application_context = mts_application_context,
	    .rtse_syntax = mts_rtse_syntax,
	    .transfer_syntax = mts_transfer_syntax,
	    .open_timeout = limit,
	    .disconnect_timeout = limit,
	    .transfer_timeout = limit,
	};
}

#endif
