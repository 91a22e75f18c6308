/* SPDX-License-Identifier: ISC */
/*
 * ipm.h - interpersonal messages and notifications (X.420 7 and 8)
 *
 * What a content of type P2 (2) or P22 (22) says: the heading of a message,
 * or the fields of a notification.  Bodies are not here, because they may be
 * larger than memory: ipm_decode.h reads them as they arrive, ipm_encode.h
 * writes what stands before each.
 *
 * Text is UTF-8.  O/R names stay BER (a whole ORName element), read and made
 * by or_address.h; so a heading can be passed on unchanged.
 */
#ifndef FOURPOST_MHS_IPM_H
#define FOURPOST_MHS_IPM_H

#include "base/arena.h"
#include "ber/writer.h"

/* Content types, as P1 says them (X.420 20.2). */
#define IPM_P2	2
#define IPM_P22 22

/* Caps of what is decoded; a heading beyond them is ERR_LIMIT. */
#define IPM_HEADING_MAX	   (1024 * 1024)
#define IPM_LIST_MAX	   32767
#define IPM_TEXT_MAX	   4096
#define IPM_IDENTIFIER_MAX 256
#define IPM_ARENA_MAX	   (16 * 1024 * 1024)

/* The bounds of X.420 annex; what we write ourselves keeps to them. */
#define IPM_UB_LOCAL_IDENTIFIER 64
#define IPM_UB_SUBJECT		128
#define IPM_UB_FREE_FORM_NAME	64
#define IPM_UB_EXTENDED_SUBJECT 256

#define IPM_NO_TIME INT64_MIN

/* Notification requests, bits as ber_get_bits gives them. */
#define IPM_REQUEST_RN	   BER_BIT(0)
#define IPM_REQUEST_NRN	   BER_BIT(1)
#define IPM_REQUEST_RETURN BER_BIT(2)

enum ipm_importance {
	IPM_LOW,
	IPM_NORMAL,
	IPM_HIGH
};

enum ipm_sensitivity {
	IPM_NOT_SENSITIVE,
	IPM_PERSONAL,
	IPM_PRIVATE,
	IPM_COMPANY_CONFIDENTIAL
};

/* IPMIdentifier; both may be empty */
struct ipm_identifier {
	struct slice user;  /* BER of an ORName */
	struct slice local; /* user-relative-identifier */
};

struct ipm_descriptor {		/* ORDescriptor */
	struct slice name;	/* BER of an ORName, or empty */
	struct slice free_form; /* UTF-8 */
	struct slice telephone;
};

struct ipm_recipient { /* RecipientSpecifier */
	struct ipm_descriptor descriptor;
	uint32_t requests; /* IPM_REQUEST_… */
	bool reply_requested;
	struct slice extensions; /* BER of the field [3] whole, or empty */
};

struct ipm_extension {
	struct slice type;  /* OID, contents octets */
	struct slice value; /* BER of the value, or empty for NULL */
};

struct ipm_identifiers {
	struct ipm_identifier *list;
	size_t count;
};

struct ipm_descriptors {
	struct ipm_descriptor *list;
	size_t count;
};

struct ipm_recipients {
	struct ipm_recipient *list;
	size_t count;
};

struct ipm_heading {
	struct ipm_identifier this_ipm;
	bool has_originator;
	struct ipm_descriptor originator;
	struct ipm_descriptors authorizing;
	struct ipm_recipients primary;
	struct ipm_recipients copy;
	struct ipm_recipients blind;
	bool has_replied_to;
	struct ipm_identifier replied_to;
	struct ipm_identifiers obsoleted;
	struct ipm_identifiers related;
	bool has_subject;
	struct slice subject; /* UTF-8; the extended one where there is one */
	int64_t expiry;	      /* seconds since 1970 or IPM_NO_TIME */
	int64_t reply;
	struct ipm_descriptors reply_recipients;
	enum ipm_importance importance;
	enum ipm_sensitivity sensitivity;
	bool auto_forwarded;
	int64_t delivery; /* of a message within another, or IPM_NO_TIME; it
			     stands beside the heading */
	struct ipm_extension *extensions; /* without the extended subject */
	size_t extension_count;
	unsigned unreadable_fields; /* left out, when decoded */
};

/* ipm_heading_init - set up an empty heading of normal importance */
void ipm_heading_init(struct ipm_heading *heading);

/*
 * ipm_heading_decode - read the heading in a whole Heading element
 *
 * Slices borrow from octets or live in the arena.  Unknown extensions are
 * kept.  A field whose value is not readable (an importance of 9) is left out
 * and counted; a text longer than IPM_TEXT_MAX is cut.  Errors of the reader
 * where the fields cannot be told apart; ERR_NOMEM.
 */
int ipm_heading_decode(struct slice octets, struct arena *arena,
    struct ipm_heading *heading, struct diag *diag) WARN_UNUSED;

/*
 * ipm_heading_encode - write it as a Heading element, fields in tag order
 *
 * A subject that T.61 cannot express or that is longer than X.420 allows goes
 * out as well as it can be, and whole in the extension extended-subject,
 * unless the content is to be P2.  Errors stick to the writer.
 */
void ipm_heading_encode(
    struct ber_writer *writer, const struct ipm_heading *heading, int type);

/* ipm_heading_is_88 - tell whether it cannot be expressed in P2 */
bool ipm_heading_is_88(const struct ipm_heading *heading);

enum ipm_notification_kind {
	IPM_NON_RECEIPT,
	IPM_RECEIPT,
	IPM_OTHER_NOTIFICATION
};

struct ipm_notification { /* IPN */
	enum ipm_notification_kind kind;
	struct ipm_identifier subject_ipm;
	struct ipm_descriptor originator;
	struct ipm_descriptor intended; /* empty where the same as originator */
	int64_t receipt_time;		/* IPM_RECEIPT */
	bool automatic;			/* IPM_RECEIPT */
	int reason;			/* IPM_NON_RECEIPT: X.420 9.2.1 */
	int discard_reason;		/* -1: none */
	struct slice comment;		/* of an auto-forward */
};

/*
 * ipm_notification_decode - read a notification from its fields
 *
 * common holds the elements of the IPN but the choice [0], fields those of
 * the alternative chosen, both without their outer tag (a returned IPM is
 * left out by ipm_decode.c, because it may be large).
 */
int ipm_notification_decode(struct slice common, struct slice fields,
    enum ipm_notification_kind kind, struct arena *arena,
    struct ipm_notification *notification, struct diag *diag) WARN_UNUSED;

/*
 * ipm_notification_encode - write a notification as a whole content
 *
 * Both P2 and P22.  ERR_VALUE if it lacks what its kind must have.
 */
int ipm_notification_encode(const struct ipm_notification *notification,
    struct buffer *out) WARN_UNUSED;

/* ipm_notification_reason - put into words what a reason means */
const char *
ipm_notification_reason(const struct ipm_notification *notification);

#endif
