/* SPDX-License-Identifier: ISC */
/*
 * conf_report.h - collect what is wrong with a configuration
 *
 * Whoever finds an error calls conf_report() and goes on with what can still
 * be understood, if that returns 0.
 */
#ifndef FOURPOST_CONF_CONF_REPORT_H
#define FOURPOST_CONF_CONF_REPORT_H

#include "conf/conf.h"

struct conf_report {
	const char *file;
	struct diag *first;	    /* or NULL */
	struct conf_errors *errors; /* NULL: the first is enough */
	int code;		    /* of the first; 0: nothing is wrong */
};

/*
 * conf_report - note an error as FILE:LINE: REASON
 *
 * Returns 0 to go on, or the code of the first error to stop: nobody wants
 * more, there is no room for more, or code is ERR_NOMEM.
 */
int conf_report(struct conf_report *report, int code, unsigned line,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

#endif
