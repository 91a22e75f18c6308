/* SPDX-License-Identifier: ISC */
/*
 * object.h - X.400 objects as JSON, the one form of fourpost-json(5)
 *
 * What programs get and give (app), what x4decode -j prints and what x4send
 * --json takes.  fourpost.schema.json beside this file says the same to other
 * languages; tests hold both together.
 *
 * In: object_read makes an envelope, and what the content is made of, from the
 * text; object_content.h then makes the octets of the content.
 * Out: object_write.h takes an envelope and the octets of a content.
 *
 * The reader is strict: a member twice, null, 1.0 where an integer is due, a
 * member that is not known unless its name begins with "x-", more than
 * OBJECT_DEPTH_MAX levels or OBJECT_TEXT_MAX octets are refused, with the
 * place (RFC 6901), the line and the reason in a struct object_fault.  Members
 * that are only given out (readOnly in the Schema) are checked and ignored.
 */
#ifndef FOURPOST_JSON_OBJECT_H
#define FOURPOST_JSON_OBJECT_H

#include "json/object_fault.h"
#include "mhs/ipm_encode.h"
#include "mhs/p1.h"
#include "mhs/report.h"

#define OBJECT_TEXT_MAX	  (16 * 1024 * 1024)  /* octets of JSON */
#define OBJECT_DEPTH_MAX  16		      /* objects and arrays, nested */
#define OBJECT_VALUES_MAX 1000000	      /* values of all kinds */
#define OBJECT_INLINE_MAX ((size_t)64 * 1024) /* octets of text in a part */
#define OBJECT_KEY_MAX	  64
#define OBJECT_FILE_MAX	  255 /* octets of a file name */
#define OBJECT_ARENA_MAX  P1_ARENA_MAX

enum object_kind {
	OBJECT_MESSAGE,
	OBJECT_PROBE,
	OBJECT_REPORT,
	OBJECT_NOTIFICATION /* a message in P1, an IPN in X.420 */
};

/* Where octets of a part or of the content are. */
enum object_place {
	OBJECT_NOWHERE, /* none are given */
	OBJECT_INLINE,	/* in the JSON, as text or base64 */
	OBJECT_FILE,	/* in a file of this name */
	OBJECT_FOLLOWS	/* behind the JSON, in the order of the object */
};

struct object_source {
	enum object_place place;
	struct slice octets; /* OBJECT_INLINE */
	struct slice file;   /* OBJECT_FILE: 1..OBJECT_FILE_MAX octets, without
			      * a slash or a control, not beginning with "." */
	bool has_length;     /* always of OBJECT_INLINE and OBJECT_FOLLOWS */
	uint64_t length;     /* of OBJECT_FILE: as the JSON says */
};

struct object_part {
	enum ipm_form form; /* IPM_FORM_RAW: the octets are a whole body part;
			     * IPM_FORM_EXTENDED: the value of one of `oid` */
	struct slice oid;
	struct slice parameters; /* of an extended body: the [0], or empty */
	bool aligned;		 /* of an extended body: octets, no BER */
	struct slice name;	 /* of a file, or empty */
	int64_t modified;	 /* of a file, or IPM_NO_TIME */
	struct object_source source;
};

/* An object that was read.  All lies in the arena. */
struct object {
	enum object_kind kind;
	/* As for a submission: the MTS identifier and the trace are
	 * placeholders that qmgr replaces.  Of a report: report-destination is
	 * `originator`, empty where the object names no recipient.
	 * object_content_begin fills in the content type, the encoded
	 * information types and a probe's length where the object is silent. */
	struct p1_envelope envelope;
	bool has_content_type;
	struct slice key;	      /* of the submission, or empty */
	struct object_source content; /* if given, ipm and parts are void */
	bool has_ipm;
	struct ipm_heading heading;
	struct object_part *parts;
	size_t part_count;
	struct ipm_notification notification; /* OBJECT_NOTIFICATION */
	struct report report;		      /* OBJECT_REPORT */
};

/* Values that a reader adds of its own. */
struct object_defaults {
	struct global_domain domain; /* of this MTA; borrowed */
	const char *id; /* user-relative-identifier of an IPM without one */
};

/*
 * object_read - read an object from its JSON text
 *
 * ERR_SYNTAX, ERR_VALUE, ERR_LIMIT: refused, fault says where and why;
 * ERR_NOMEM.  The arena should allow OBJECT_ARENA_MAX.
 */
int object_read(struct slice text, const struct object_defaults *defaults,
    struct arena *arena, struct object *object,
    struct object_fault *fault) WARN_UNUSED;

/* object_kind_name - name a kind: "message" */
const char *object_kind_name(enum object_kind kind);

/* object_mts_kind - find the kind in which an object travels */
enum mts_kind object_mts_kind(enum object_kind kind);

#endif
