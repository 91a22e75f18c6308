/* SPDX-License-Identifier: ISC */
/*
 * fault.c - points where a test makes things go wrong
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"

enum fault_action {
	ACTION_FAIL,
	ACTION_CRASH,
	ACTION_ABORT,
	ACTION_HANG
};

static const char *const actions[] = {
    [ACTION_FAIL] = "fail",
    [ACTION_CRASH] = "crash",
    [ACTION_ABORT] = "abort",
    [ACTION_HANG] = "hang",
};

enum fault_state fault_state = FAULT_UNKNOWN;

static struct {
	char name[64];
	unsigned at; /* the pass that acts */
	unsigned passes;
	enum fault_action action;
} armed;

/* fault_arm - arm the point that spec, NAME:N:ACTION, names */
int
fault_arm(const char *spec)
{
	const char *number, *action, *error;
	char digits[16];
	size_t i, len;
	long long at;

	if (spec == NULL || spec[0] == '\0') {
		fault_state = FAULT_OFF;
		return 0;
	}
	number = strchr(spec, ':');
	if (number == NULL || number == spec ||
	    (size_t)(number - spec) >= sizeof(armed.name))
		return ERR_SYNTAX;
	action = strchr(++number, ':');
	if (action == NULL || (size_t)(action - number) >= sizeof(digits))
		return ERR_SYNTAX;
	len = (size_t)(action++ - number);
	memcpy(digits, number, len);
	digits[len] = '\0';
	at = strtonum(digits, 1, 1000000000, &error);
	if (error != NULL)
		return ERR_SYNTAX;
	for (i = 0; strcmp(actions[i], action) != 0; i++)
		if (i == ACTION_HANG)
			return ERR_SYNTAX;
	len = (size_t)(number - spec - 1);
	memcpy(armed.name, spec, len);
	armed.name[len] = '\0';
	armed.at = (unsigned)at;
	armed.passes = 0;
	armed.action = (enum fault_action)i;
	fault_state = FAULT_ARMED;
	return 0;
}

/* act - do what was asked for; true: the caller is to fail */
static bool
act(void)
{
	switch (armed.action) {
	case ACTION_FAIL:
		return true;
	case ACTION_CRASH:
		(void)kill(getpid(), SIGKILL);
		break;
	case ACTION_ABORT:
		abort();
	case ACTION_HANG:
		break;
	}
	for (;;)
		(void)pause();
}

/* fault_pass - count a pass through a point; use through FAULT_POINT */
bool
fault_pass(const char *name)
{
	const char *spec;

	if (fault_state == FAULT_UNKNOWN) {
		spec = secure_getenv("FOURPOST_FAULT");
		if (fault_arm(spec) != 0)
			fatal(64, "FOURPOST_FAULT=%s: not NAME:N:ACTION", spec);
	}
	if (fault_state != FAULT_ARMED)
		return false;
	if (strcmp(armed.name, "*") != 0 && strcmp(armed.name, name) != 0)
		return false;
	if (++armed.passes < armed.at)
		return false;
	/* Off before it acts: what handles the fault may pass here again. */
	fault_state = FAULT_OFF;
	return act();
}
