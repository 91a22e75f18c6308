/* SPDX-License-Identifier: ISC */
/*
 * query.h - paths that are answered by requests to the suite
 *
 * /api/queue?link=&state=&from=&to=&mts=	messages, as x4queue list -j
 * /api/show?id=N				a message, as x4queue show -j
 * /api/why?id=N				as x4queue why -j
 * /api/track?id=&from=&to=&link=&state=&content-id=&since=&until=
 *						messages, as x4track -j
 * /api/stats?by=&since=&until=&zone=		as x4track stats -j
 *
 * The answer is {"rows":[...],"more":BOOLEAN}, or {"error":TEXT}; with
 * "note":TEXT where not all machines could be searched.  Messages of this
 * machine are what its tracker knows, those of others what the database has;
 * where there is neither, what the database has of this machine.  limit=N says
 * how many rows, 1 to 1000.  Times are seconds since 1970.
 */
#ifndef FOURPOST_CONSOLE_QUERY_H
#define FOURPOST_CONSOLE_QUERY_H

#include <microhttpd.h>

#include "base/buffer.h"
#include "console/ask.h"
#include "console/rows.h"

#define QUERY_ROWS_MAX	   1000
#define QUERY_ROWS_DEFAULT 200

struct query_kind;

/* Steps of a query: who is asked at the moment, and for what. */
enum query_stage {
	QUERY_ONE,     /* the server of the kind, and no other */
	QUERY_MACHINE, /* search: what this machine is called */
	QUERY_ALONE,   /* the tracker, as search cannot be asked */
	QUERY_HERE,    /* the tracker, and then search */
	QUERY_OTHERS,  /* search: what the tracker does not have */
	QUERY_ALL      /* search: whatever it has */
};

/* A query while it is answered. */
struct query {
	struct buffer out;
	struct rows rows;   /* of the tracker, or of all that is asked */
	struct rows others; /* of search */
	const struct query_kind *kind;
	struct asker *asker;
	enum query_stage stage;
	char machine[ASK_TEXT_MAX / 2 + 128]; /* the name of this one */
	char arguments[ASK_ARGUMENTS][ASK_TEXT_MAX];
	size_t argument_count;
	unsigned limit;
	unsigned status;	  /* of HTTP; 0: not answered yet */
	char error[ASK_TEXT_MAX]; /* with another status than 200 */
	char note[ASK_TEXT_MAX];  /* what could not be searched, or "" */
	void (*answered)(void *arg);
	void *arg;
};

/* query_find - find what answers a path, or NULL */
const struct query_kind *query_find(const char *path);

/* query_start - ask the suite what a connection wants to know; answered is
 * called once if that works.  False: query->status and error say why not */
bool query_start(struct query *query, const struct query_kind *kind,
    struct asker *asker, struct MHD_Connection *connection);

/* query_reply - give the answer, when there is one */
enum MHD_Result
query_reply(struct query *query, struct MHD_Connection *connection);

/* query_end - forget the query, and give back its memory */
void query_end(struct query *query, struct asker *asker);

#endif
