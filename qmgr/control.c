/* SPDX-License-Identifier: ISC */
/*
 * control.c - requests of the tools
 */
#include "qmgr/control.h"

/* control_take - a request */
int
control_take(
    struct peer *peer, const struct ipc_record *record, struct diag *diag)
{
	(void)peer;
	(void)record;
	return diag_set(diag, ERR_UNSUPPORTED, "not yet");
}
