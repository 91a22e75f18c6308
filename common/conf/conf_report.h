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

/* Lines of one file, which may include others: lines are counted through all
 * files as if the text of what is included stood there. */
struct conf_place {
	unsigned first; /* counted through */
	unsigned line;	/* of the file */
	const char *file;
	bool shared; /* others can read or write it */
};

struct conf_report {
	const char *file;	    /* borrowed */
	struct diag *first;	    /* or NULL */
	struct conf_errors *errors; /* NULL: the first is enough */
	int code;		    /* of the first; 0: nothing is wrong */
	bool shared;		    /* others can read or write file */
	bool includes;		    /* it may include others */
	struct conf_place *places;  /* owned; none: all lines are of file */
	size_t place_count;
};

/* conf_report_fini - give back what the report holds */
void conf_report_fini(struct conf_report *report);

/* conf_report_place - note that the lines from one on are those of a file from
 * a line on.  ERR_NOMEM */
int conf_report_place(
    struct conf_report *report, const struct conf_place *place) WARN_UNUSED;

/* conf_place_of - find where a line is, by places in order; without any in
 * file */
struct conf_place conf_place_of(const struct conf_place *places, size_t count,
    unsigned line, const char *file);

/* conf_report_where - find where a line is */
struct conf_place
conf_report_where(const struct conf_report *report, unsigned line);

/*
 * conf_report - note an error as FILE:LINE: REASON
 *
 * Returns 0 to go on, or the code of the first error to stop: nobody wants
 * more, there is no room for more, or code is ERR_NOMEM.
 */
int conf_report(struct conf_report *report, int code, unsigned line,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

#endif
