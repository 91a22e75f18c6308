/* SPDX-License-Identifier: ISC */
/*
 * transfer.h - an MTS-APDU on its way in or out (X.419, MTS-APDU)
 *
 * In: octets of the APDU are pushed as RTSE brings them, cut anywhere.  The
 * envelope is gathered and decoded, but for the recipients of a large one if
 * the caller takes those as they come; then the content is handed on in pieces,
 * never whole in memory.  The octets of a message's content are those within
 * its OCTET STRING, primitive or constructed; those of a report are its
 * ReportTransferContent as it came, tag and length included; a probe has none.
 *
 * Out: transfer_prefix makes the octets before the content, with definite
 * lengths throughout; the content follows and nothing after it.
 *
 * In normal mode the APDU stands in an EXTERNAL (PROTOCOL, X.228 8.2):
 *   28 { 02 context, a0 { APDU } }, also 81 or a1 with the octets of the APDU
 * which is taken off where it is found and put on where asked.
 */
#ifndef FOURPOST_MHS_TRANSFER_H
#define FOURPOST_MHS_TRANSFER_H

#include "base/arena.h"
#include "base/buffer.h"
#include "ber/stream.h"
#include "mhs/curtail.h"
#include "mhs/p1.h"
#include "mhs/p1_apart.h"

/* The handlers of a reader; a negative error returned ends the transfer. */
struct transfer_handler {
	/*
	 * The envelope, decoded; octets is its element as it came, without what
	 * is left out and counted (curtail of the reader).  Both
	 * are valid until transfer_reader_reset or _fini.
	 */
	int (*envelope)(
	    void *arg, const struct p1_envelope *envelope, struct slice octets);
	/* A piece of the content, never empty, valid during the call. */
	int (*content)(void *arg, struct slice piece);
	void *arg;
	/*
	 * So many octets of content are to come, before any of them;
	 * NULL: nobody wants to know.  Not called where their number is
	 * not known: the length is indefinite, or the octets come in
	 * segments, of which some may be empty.
	 */
	int (*announced)(void *arg, uint64_t length);
	/*
	 * Recipients of an envelope that is large, before it is told of: whole
	 * elements in their order, as p1_encode writes them, never none, valid
	 * during the call.  What is told of then is the rest of the envelope,
	 * without recipients.  NULL: envelopes of any size are gathered.
	 */
	int (*recipients)(void *arg, struct slice octets);
};

/* Octets of recipients from which on an envelope is large. */
#define TRANSFER_APART ((size_t)64 * 1024)

enum transfer_state {
	TRANSFER_OUTER,	   /* before the APDU */
	TRANSFER_APDU,	   /* within it, before the envelope */
	TRANSFER_ENVELOPE, /* gathering it */
	TRANSFER_CONTENT,  /* before or within the content */
	TRANSFER_DONE,	   /* the APDU is complete */
	TRANSFER_FAILED
};

struct transfer_reader {
	struct transfer_handler handler;
	struct ber_stream stream; /* of the outermost octets */
	struct ber_stream inner;  /* of an APDU within an OCTET STRING */
	enum transfer_state state;
	enum mts_kind kind;
	bool external;	    /* the APDU stands in an EXTERNAL */
	bool octet_aligned; /* and there in its [1] */
	bool has_context;
	int64_t context; /* indirect-reference, where has_context */
	unsigned base;	 /* depth at which the APDU begins */
	bool content_begun;
	bool content_ended;
	uint64_t content_length; /* so far */
	uint64_t content_max;
	uint64_t envelope_offset; /* where it begins */
	struct buffer gathered;	  /* the envelope */
	struct curtail curtail;	  /* what it is without */
	struct p1_apart apart;	  /* its recipients, if it is large */
	struct arena arena;	  /* of the decoded envelope */
	struct p1_envelope envelope;
	struct diag *diag; /* of the push under way */
	int error;
};

/*
 * transfer_reader_init - expect one APDU
 *
 * content_max bounds the content, in octets; UINT64_MAX for none.
 */
void transfer_reader_init(struct transfer_reader *reader,
    const struct transfer_handler *handler, uint64_t content_max);

/* transfer_reader_reset - forget all, expect the next APDU */
void transfer_reader_reset(struct transfer_reader *reader);

/* transfer_reader_fini - give the memory back */
void transfer_reader_fini(struct transfer_reader *reader);

/* transfer_is_apart - tell whether the envelope is large, so that its
 * recipients were handed on before it */
bool transfer_is_apart(const struct transfer_reader *reader);

/* transfer_recipients - count the recipients of the envelope that was told of
 */
uint64_t transfer_recipients(const struct transfer_reader *reader);

/* transfer_left_out, transfer_elements_left_out - count the recipients, and the
 * other elements, that the envelope is without */
uint64_t transfer_left_out(const struct transfer_reader *reader);
uint64_t transfer_elements_left_out(const struct transfer_reader *reader);

/*
 * transfer_push - take octets that arrived
 *
 * 0, or the error that sticks: that of the handler, or ERR_SYNTAX,
 * ERR_TRUNCATED, ERR_VALUE, ERR_LIMIT, ERR_NOMEM with the field and the offset
 * in diag.  Octets after the end of the APDU are ERR_SYNTAX.
 */
int transfer_push(struct transfer_reader *reader, struct slice octets,
    struct diag *diag) WARN_UNUSED;

/* transfer_finish - check that the APDU is complete */
int
transfer_finish(struct transfer_reader *reader, struct diag *diag) WARN_UNUSED;

/*
 * transfer_save - note where the reader stands within a content, to go on later
 * transfer_restore - set a reader that was just reset
 *
 * Octets to be kept as they are.  ERR_STATE: it is before the content, has
 * failed, or reads an EXTERNAL.  ERR_CORRUPT: not what was saved.
 */
int transfer_save(
    const struct transfer_reader *reader, struct buffer *out) WARN_UNUSED;
int transfer_restore(
    struct transfer_reader *reader, struct slice octets) WARN_UNUSED;

/* The context of an EXTERNAL that transfer_prefix is not to write. */
#define TRANSFER_NO_EXTERNAL (-1)

/*
 * transfer_prefix - append all that stands before the content
 *
 * envelope is what p1_encode made.  content_length: a message's octets, or
 * those of a report's whole ReportTransferContent; of a probe 0.  context is
 * the presentation context of P1, for the EXTERNAL, or TRANSFER_NO_EXTERNAL.
 */
int transfer_prefix(enum mts_kind kind, struct slice envelope,
    uint64_t content_length, int64_t context, struct buffer *out) WARN_UNUSED;

/*
 * transfer_frame - append what stands before an envelope that is not at hand,
 * and then what stands between it and the content
 *
 * As transfer_prefix, without an EXTERNAL.  begin are the first octets of the
 * envelope, its header at least; envelope_length counts all.  *before is how
 * many of the octets appended stand before it, *skip how many of the envelope
 * are not sent.
 */
int transfer_frame(enum mts_kind kind, struct slice begin,
    uint64_t envelope_length, uint64_t content_length, struct buffer *out,
    size_t *before, size_t *skip) WARN_UNUSED;

#endif
