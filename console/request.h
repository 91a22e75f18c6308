/* SPDX-License-Identifier: ISC */
/*
 * request.h - what is asked for by which path
 *
 *	/		the page	/console.css /console.js	its parts
 *	/metrics	metric.h	/api/status	snapshot.h
 *	/api/...	query.h		POST /login /logout	a token for a cookie
 */
#ifndef FOURPOST_CONSOLE_REQUEST_H
#define FOURPOST_CONSOLE_REQUEST_H

#include "console/console.h"

/* request_take - take a request, or a part of it, as MHD hands it out; arg is
 * the door */
enum MHD_Result request_take(void *arg, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version,
    const char *upload_data, size_t *upload_data_size, void **visit);

/* request_completed - forget a request that was answered, or was not */
void request_completed(void *arg, struct MHD_Connection *connection,
    void **visit, enum MHD_RequestTerminationCode why);

#endif
