/* SPDX-License-Identifier: ISC */
/*
 * object_shape.h - the members of the one form, and the words in it
 */
#ifndef FOURPOST_JSON_OBJECT_SHAPE_H
#define FOURPOST_JSON_OBJECT_SHAPE_H

#include "json/json_shape.h"

/* The years of a UTCTime, 1970 to 2069. */
#define OBJECT_TIME_MIN 0LL
#define OBJECT_TIME_MAX 3155759999LL

extern const struct json_shape object_shape[];

/* Each list ends in NULL; the order is that of the numbers or bits that the
 * words stand for. */
extern const char *const object_kinds[];
extern const char *const object_priorities[];
extern const char *const object_flags[];
extern const char *const object_requests[];	/* report_request */
extern const char *const object_mta_requests[]; /* mta_report_request */
extern const char *const object_criticality[];
extern const char *const object_actions[]; /* of trace */
extern const char *const object_results[]; /* of report recipients */
extern const char *const object_ipm_requests[];
extern const char *const object_importances[];
extern const char *const object_sensitivities[];
extern const char *const object_notifications[];

/* Bits of object_flags behind those of per-message-indicators. */
enum object_flag {
	OBJECT_FLAG_NO_REASSIGNMENT = 4,
	OBJECT_FLAG_NO_EXPANSION = 5,
	OBJECT_FLAG_NO_LOSS = 6
};

#endif
