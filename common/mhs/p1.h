/* SPDX-License-Identifier: ISC */
/*
 * p1.h - the envelopes of P1: message, probe, report (X.411 12.2)
 *
 * One struct for the three kinds; what a kind does not have is empty.  All
 * lies in one arena or borrows from the octets that were decoded: both must
 * outlive the struct.  Members are set by hand and functions alike.
 *
 * Decoding takes BER of any form: elements of a SET in any order, indefinite
 * lengths, constructed strings.  Encoding is exact: definite, minimal, SETs in
 * order of tags, defaults left out; the same struct gives the same octets.
 * What is kept raw (names, trace, extensions, encoded information types,
 * bilateral information) goes out as it came, with definite lengths.
 *
 * Errors name the field and the offset: ERR_SYNTAX, ERR_TRUNCATED, ERR_VALUE,
 * ERR_LIMIT, ERR_NOMEM.
 */
#ifndef FOURPOST_MHS_P1_H
#define FOURPOST_MHS_P1_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "ber/reader.h"
#include "mhs/extension.h"
#include "mhs/mts_identifier.h"
#include "mhs/mts_kind.h"
#include "mhs/or_address.h"
#include "mhs/trace.h"

#define P1_ENVELOPE_MAX	   (32 * 1024 * 1024) /* octets of an envelope */
#define P1_RECIPIENTS_MAX  32767	      /* ub-recipients */
#define P1_RECIPIENTS_READ 65535 /* so that a report can name some beyond */
#define P1_ARENA_MAX	   (96 * 1024 * 1024) /* of any envelope, decoded */
#define P1_NO_TIME	   INT64_MIN

/* As on the wire; p1_priority_rank orders them. */
enum p1_priority {
	P1_NORMAL = 0,
	P1_NON_URGENT = 1,
	P1_URGENT = 2
};

/* Built-in content types. */
enum p1_built_in {
	P1_CONTENT_OID = -1, /* oid tells */
	P1_CONTENT_UNIDENTIFIED = 0,
	P1_CONTENT_EXTERNAL = 1,
	P1_CONTENT_P2 = 2,
	P1_CONTENT_P22 = 22,
	P1_CONTENT_EDI = 35,
	P1_CONTENT_VOICE = 40
};

struct p1_content_type {
	int built_in;	  /* 0..32767, or P1_CONTENT_OID */
	struct slice oid; /* contents octets */
};

/* Bits of per-message-indicators. */
#define P1_DISCLOSURE_OF_RECIPIENTS	  BER_BIT(0)
#define P1_IMPLICIT_CONVERSION_PROHIBITED BER_BIT(1)
#define P1_ALTERNATE_RECIPIENT_ALLOWED	  BER_BIT(2)
#define P1_CONTENT_RETURN_REQUEST	  BER_BIT(3)

/* Bits of per-recipient-indicators. */
#define P1_RESPONSIBILITY		  BER_BIT(0)
#define P1_MTA_REPORT			  BER_BIT(1)
#define P1_MTA_NON_DELIVERY_REPORT	  BER_BIT(2)
#define P1_ORIGINATOR_REPORT		  BER_BIT(3)
#define P1_ORIGINATOR_NON_DELIVERY_REPORT BER_BIT(4)
#define P1_RECIPIENT_INDICATORS		  0xff000000U /* all that there are */

struct p1_recipient {
	struct or_name name;
	int number;		 /* originally specified, 1.. */
	uint32_t indicators;	 /* P1_RESPONSIBILITY … */
	int explicit_conversion; /* or -1 */
	struct extension_list extensions;
};

struct p1_envelope {
	enum mts_kind kind;
	struct mts_identifier identifier;
	struct or_name originator;  /* of a report: its destination */
	struct slice original_eits; /* the element [APPLICATION 5], or empty */
	struct p1_content_type content_type;
	struct slice content_identifier; /* printable, or empty */
	enum p1_priority priority;	 /* message; of others: normal */
	uint32_t indicators;		 /* P1_DISCLOSURE_OF_RECIPIENTS … */
	int64_t deferred_time;		 /* seconds since 1970, P1_NO_TIME */
	int64_t content_length;		 /* probe; or -1 */
	struct slice bilateral;		 /* elements of the list, raw */
	struct trace trace;
	struct trace internal_trace;	  /* standard extension 38 */
	struct extension_list extensions; /* all but internal trace */
	uint32_t internal_trace_criticality;
	struct p1_recipient *recipients; /* none in a report */
	size_t recipient_count;
};

/* p1_tag - give the tag of a kind in an MTS-APDU (X.419) */
uint32_t p1_tag(enum mts_kind kind);

/* p1_kind_of - set the kind of an MTS-APDU by its tag.  ERR_VALUE: none */
int p1_kind_of(uint32_t tag, enum mts_kind *kind) WARN_UNUSED;

/* p1_init - set up an empty envelope of this kind: no times, no lengths */
void p1_init(struct p1_envelope *envelope, enum mts_kind kind);

/*
 * p1_decode - read an envelope from its SET (probe: or its [2])
 *
 * octets is that one element and nothing after it, at most P1_ENVELOPE_MAX.
 * The arena should allow P1_ARENA_MAX.  envelope is untouched on error.
 */
int p1_decode(enum mts_kind kind, struct slice octets, struct arena *arena,
    struct p1_envelope *envelope, struct diag *diag) WARN_UNUSED;

/* An envelope that is decoded in steps. */
struct p1_decoding {
	struct p1_envelope envelope; /* whole after the last step */
	struct ber_reader list;	     /* the recipients that are to come */
	size_t decoded;		     /* of its recipients */
};

/*
 * p1_decode_begin - read an envelope as p1_decode does, but for its recipients
 *
 * There is room for all of them.  ERR_UNSUPPORTED: its lengths are not definite
 * and minimal throughout, as p1_encode writes them, and it has to be decoded as
 * a whole.
 */
int
p1_decode_begin(enum mts_kind kind, struct slice octets, struct arena *arena,
    struct p1_decoding *decoding, struct diag *diag) WARN_UNUSED;

/* p1_decode_some - read the next recipients, so many at most: 1, there are
 * more; 0, it is whole; or an error, as p1_decode_begin */
int p1_decode_some(struct p1_decoding *decoding, size_t most,
    struct arena *arena, struct diag *diag) WARN_UNUSED;

/*
 * p1_decode_rest - read an envelope whose recipients are apart from it
 *
 * As p1_decode; its recipients, of which it must have none, are left out.
 */
int p1_decode_rest(enum mts_kind kind, struct slice octets, struct arena *arena,
    struct p1_envelope *envelope, struct diag *diag) WARN_UNUSED;

/* p1_decode_begin_apart - read the rest of an envelope, as p1_decode_rest;
 * p1_decode_some reads the recipients, which are whole elements */
int p1_decode_begin_apart(enum mts_kind kind, struct slice rest,
    struct slice recipients, struct arena *arena, struct p1_decoding *decoding,
    struct diag *diag) WARN_UNUSED;

/*
 * p1_encode - append the envelope as a SET (of a probe too)
 *
 * ERR_VALUE if the envelope lacks what its kind must have.
 */
int p1_encode(const struct p1_envelope *envelope,
    enum extension_tagging tagging, struct buffer *out) WARN_UNUSED;

/* p1_encode_rest - append the envelope of a message or probe as p1_encode does,
 * without its recipients.  ERR_VALUE */
int p1_encode_rest(const struct p1_envelope *envelope,
    enum extension_tagging tagging, struct buffer *out) WARN_UNUSED;

/*
 * p1_copy_for - copy an envelope, with responsibility for some recipients alone
 *
 * Those whose index (0..) is in `responsible`, ascending, bear responsibility
 * in this copy, the others do not, whatever the struct says.
 */
int p1_copy_for(const struct p1_envelope *envelope, const uint32_t *responsible,
    size_t count, enum extension_tagging tagging,
    struct buffer *out) WARN_UNUSED;

/* An envelope that is encoded in steps, at the end of a buffer. */
struct p1_encoding {
	/* set by the caller, borrowed until the end */
	const struct p1_envelope *envelope;
	enum extension_tagging tagging;
	const uint32_t *responsible; /* as for p1_copy_for; NULL: as it says */
	size_t count;
	/* how far it came */
	size_t encoded; /* of its recipients */
	size_t chosen;	/* of those that bear responsibility */
	size_t before;	/* octets before the recipients, but for headers */
	size_t list;	/* where the recipients begin in the buffer */
};

/* p1_encode_begin - begin an envelope as p1_encode or p1_copy_for writes it.
 * ERR_VALUE, ERR_LIMIT, ERR_NOMEM */
int
p1_encode_begin(struct p1_encoding *encoding, struct buffer *out) WARN_UNUSED;

/* p1_encode_some - append the next recipients, so many at most: 1, there are
 * more; 0, all are there; ERR_LIMIT, ERR_NOMEM */
int p1_encode_some(
    struct p1_encoding *encoding, size_t most, struct buffer *out) WARN_UNUSED;

/* p1_encode_end - end it; *begin is where in the buffer the envelope begins,
 * some octets behind what was there before.  ERR_LIMIT, ERR_NOMEM */
int p1_encode_end(struct p1_encoding *encoding, struct buffer *out,
    size_t *begin) WARN_UNUSED;

/* p1_priority_rank - rank a priority: 0 urgent, 1 normal, 2 non-urgent */
int p1_priority_rank(enum p1_priority priority);

/* p1_priority_name - name a priority for people: "urgent" */
const char *p1_priority_name(enum p1_priority priority);

/* p1_content_type_format - write a type: "p2", "p22", "unidentified", a
 * number, an OID */
#define P1_CONTENT_TYPE_TEXT 256
void p1_content_type_format(
    const struct p1_content_type *type, char text[P1_CONTENT_TYPE_TEXT]);
/* p1_content_type_parse - read a type from its text.  ERR_SYNTAX, ERR_NOMEM */
int p1_content_type_parse(const char *text, struct arena *arena,
    struct p1_content_type *type) WARN_UNUSED;
/* An element of a SET, for other PDUs that have one. */
int p1_content_type_decode(const struct ber_reader *reader,
    const struct ber_element *el, struct p1_content_type *type) WARN_UNUSED;
void p1_content_type_encode(
    struct ber_writer *writer, const struct p1_content_type *type);

/* p1_latest_delivery_time - get the time in seconds since 1970, or
 * P1_NO_TIME */
int64_t p1_latest_delivery_time(const struct p1_envelope *envelope);

/* p1_set_latest_delivery_time - set the time, critical for delivery, as
 * X.411 recommends */
int p1_set_latest_delivery_time(struct extension_list *extensions,
    struct arena *arena, int64_t seconds) WARN_UNUSED;

/*
 * p1_stamp - add what an MTA adds when it takes a message over
 *
 * An element of trace with its domain, unless another MTA of that domain has
 * added it in this pass through the domain; one of internal trace with its
 * domain and name (name empty: no internal trace).  domain and mta are
 * borrowed.
 * ERR_LIMIT: that many transfers are a loop.
 */
int p1_stamp(struct p1_envelope *envelope, struct arena *arena,
    const struct global_domain *domain, struct slice mta, int64_t arrival,
    enum trace_action action) WARN_UNUSED;

/*
 * p1_trace_append - append one element of trace; attempted is NULL unless
 * this is
 * what is noted when a message is rerouted
 */
int p1_trace_append(struct p1_envelope *envelope, struct arena *arena,
    const struct global_domain *domain, int64_t arrival,
    enum trace_action action,
    const struct global_domain *attempted) WARN_UNUSED;
int p1_internal_trace_append(struct p1_envelope *envelope, struct arena *arena,
    const struct global_domain *domain, struct slice mta, int64_t arrival,
    enum trace_action action, struct slice attempted_mta) WARN_UNUSED;

/*
 * p1_trace_mark - note other-actions in the last element of both traces, which
 * is of this domain and MTA: TRACE_REDIRECTED, TRACE_DL_OPERATION
 *
 * The elements are copied first, so that other copies of the struct keep
 * theirs.
 */
int p1_trace_mark(struct p1_envelope *envelope, struct arena *arena,
    uint32_t actions) WARN_UNUSED;

/* Whether the notes of lists and redirections are in an envelope: a peer of
 * 1984 has no place for them. */
enum p1_notes {
	P1_NOTES_KEPT,
	P1_NOTES_LOST
};

/* p1_loops - decide whether a message has been in this domain, or at this MTA,
 * before, without a reason to come back; see trace_loops.  Where notes are lost
 * any return may have had a reason, and only the number of visits tells */
bool p1_loops(const struct p1_envelope *envelope, enum p1_notes notes,
    const struct global_domain *domain, struct slice mta);

/* p1_responsible - count how many recipients this copy is responsible for */
size_t p1_responsible(const struct p1_envelope *envelope);

#endif
