/* SPDX-License-Identifier: ISC */
/*
 * list_report.c - reports on what a list of ours sent on
 */
#include "ber/writer.h"
#include "mhs/dl_history.h"
#include "qmgr/queue/list_report.h"
#include "qmgr/queue/lists.h"
#include "qmgr/queue/names.h"

/* Lists that pass a report on to each other; more are a circle of owners. */
#define FORWARDS_MAX 10

/* name_list - say in reporting-DL-name which list a report comes from */
static int
name_list(
    struct qmgr *qmgr, struct p1_envelope *report, const struct or_name *name)
{
	struct ber_writer writer;
	struct buffer out;
	struct slice value;
	int rc;

	buffer_init(&out, 2 * OR_ADDRESS_MAX);
	ber_writer_init(&writer, &out);
	or_name_encode(&writer, OR_NAME_TAG, name);
	rc = ber_finish(&writer);
	if (rc == 0)
		rc = arena_slice(&qmgr->arena, buffer_slice(&out), &value);
	buffer_fini(&out);
	return rc != 0 ? rc
		       : extension_set(&report->extensions, &qmgr->arena,
			     EXTENSION_REPORTING_DL_NAME, 0, value);
}

/* forward_once - replace the destination as one list has it */
static int
forward_once(
    struct qmgr *qmgr, struct p1_envelope *report, const struct conf_list *list)
{
	struct or_name before;
	int rc;

	switch (list->reports) {
	case CONF_REPORTS_NONE:
		/* The list wants no reports; the sender of this one is not
		 * told, as nothing went wrong. */
		return LIST_REPORT_ENDS;
	case CONF_REPORTS_OWNER:
		rc = name_list(qmgr, report, &report->originator);
		/* The owner sees by this which list a report belongs to: it may
		 * own several. */
		if (rc < 0)
			return rc;
		report->originator =
		    (struct or_name){.address = *list->owner.address};
		return LIST_REPORT_GOES;
	case CONF_REPORTS_ORIGINATOR:
		break;
	}
	/* The list before this one in the history gets it, or the originator if
	 * this was the first. */
	rc = dl_history_before(
	    &report->extensions, &qmgr->arena, list->address.address, &before);
	if (rc == ERR_NOMEM)
		return rc;
	/* The history is missing or damaged, so nobody is known who could want
	 * the report. */
	if (rc < 0)
		return LIST_REPORT_ENDS;
	report->originator = before;
	return LIST_REPORT_GOES;
}

/* list_report_why - say why a report ends at a list */
const char *
list_report_why(const struct conf_list *list)
{
	return list->reports == CONF_REPORTS_NONE
	    ? "it passes no reports on"
	    : "nobody is found to whom it would pass it on";
}

/* list_report_forward - replace the destination of a report as lists have it */
int
list_report_forward(struct qmgr *qmgr, struct p1_envelope *report,
    const struct conf_list **list)
{
	/* The next destination may again be a list, each with a policy of its
	 * own. */
	for (unsigned forwards = 0;; forwards++) {
		const struct name_entry *entry =
		    names_find(qmgr->names, &report->originator.address);
		int rc;

		if (entry == NULL || entry->list == NULL)
			return LIST_REPORT_GOES;
		*list = entry->list->conf;
		/* Owners that are lists owned by each other would pass it on
		 * for ever. */
		if (forwards == FORWARDS_MAX)
			return LIST_REPORT_ENDS;
		rc = forward_once(qmgr, report, *list);
		/* Whoever gets it may have had it before: that is no loop. */
		if (rc == LIST_REPORT_GOES)
			rc = p1_trace_mark(
			    report, &qmgr->arena, TRACE_DL_OPERATION);
		if (rc != 0)
			return rc;
	}
}
