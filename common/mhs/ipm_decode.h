/* SPDX-License-Identifier: ISC */
/*
 * ipm_decode.h - read an interpersonal message or notification as it arrives
 * (X.420 7 and 8, as P2 and P22)
 *
 * Octets of the content are pushed in pieces of any size.  The heading comes
 * out whole; each body part begins, its contents come in pieces, it ends.  So
 * a message of a gigabyte costs what a small one does.
 *
 *   heading
 *   part_begin, part_data …, part_end        for each body part
 *
 * A forwarded message is a part within which heading and parts come again,
 * one level deeper.  Text (part->text) is handed on as UTF-8.  A file or a
 * bilaterally defined body is handed on as its octets.  Any other body is
 * handed on as BER: the whole element that stands in the body.
 *
 * Text in a character set that is not known has U+FFFD for what could not be
 * read; part->original says that its octets come too, as part_original.
 *
 * A forwarded message that is not readable ends the decoding, since parts of
 * it were told already: `unreadable` is then the number of its part, and
 * whoever decodes the content again with that number in `raw` gets the part
 * as BER, with part->unreadable.  So does a file in several pieces, if
 * plain_files is set.
 */
#ifndef FOURPOST_MHS_IPM_DECODE_H
#define FOURPOST_MHS_IPM_DECODE_H

#include "ber/stream.h"
#include "mhs/ipm.h"
#include "mhs/ipm_text.h"

#define IPM_LEVELS	   12 /* of messages forwarded within messages */
#define IPM_PARAMETERS_MAX (64 * 1024)
#define IPM_BODIES_MAX	   32767 /* parts of all levels */
#define IPM_RAW_MAX	   16	 /* unreadable messages of one content */

enum ipm_kind {
	IPM_KIND_IA5_TEXT,
	IPM_KIND_GENERAL_TEXT,
	IPM_KIND_TELETEX,
	IPM_KIND_FILE,
	IPM_KIND_BILATERALLY,
	IPM_KIND_MESSAGE,
	IPM_KIND_G3_FACSIMILE,
	IPM_KIND_G4_CLASS1,
	IPM_KIND_VIDEOTEX,
	IPM_KIND_ENCRYPTED,
	IPM_KIND_MIXED_MODE,
	IPM_KIND_NATIONALLY,
	IPM_KIND_OTHER
};

struct ipm_part {
	enum ipm_kind kind;
	unsigned level; /* 0: of the message itself */
	unsigned tag;	/* of the element, in its context; extended: 15 */
	bool text;
	bool original;	  /* of a text: part_original tells its octets */
	bool unreadable;  /* a forwarded message, handed on as BER */
	bool aligned;	  /* of an extended body: octets that are no BER */
	bool octets;	  /* likewise: these, or an OCTET STRING as BER */
	struct slice oid; /* of an extended body, else empty */
	struct slice parameters;  /* of an extended body, BER, or empty */
	struct slice filename;	  /* of a file, UTF-8, or empty */
	struct slice description; /* likewise, what users are shown of it */
	int64_t size;		  /* that a file's attributes say, or -1 */
	int64_t modified;	  /* or IPM_NO_TIME */
	int64_t created, read;	  /* of a file, 0 if not known */
};

/* Each returns 0 or a negative error, which ends the decoding; any may be
 * NULL.  What they are given is valid during the call. */
struct ipm_handler {
	int (*heading)(
	    void *arg, const struct ipm_heading *heading, unsigned level);
	int (*notification)(
	    void *arg, const struct ipm_notification *notification);
	int (*part_begin)(void *arg, const struct ipm_part *part);
	int (*part_data)(void *arg, struct slice octets);
	int (*part_original)(void *arg, struct slice octets);
	int (*part_end)(void *arg, enum ipm_kind kind, unsigned level);
	void *arg;
};

/* Numbers of parts, in the order of the content, the first is 1. */
struct ipm_raw {
	unsigned part[IPM_RAW_MAX];
	unsigned count;
};

struct ipm_decoder {
	struct ipm_handler handler;
	struct ber_stream stream;
	struct diag *diag;	      /* of the push under way */
	uint8_t place[BER_DEPTH_MAX]; /* what each open element is */
	unsigned level;
	struct {
		enum ipm_kind kind;
		bool begun;
		unsigned number;
		bool heading;	  /* of the message within it came */
		int64_t delivery; /* of that message, or IPM_NO_TIME */
	} part[IPM_LEVELS];
	const struct ipm_raw *raw; /* set by who knows; NULL: none */
	unsigned unreadable;	   /* a part's number, or 0 */
	bool whole_messages;	   /* set by who wants forwarded ones as BER */
	bool plain_files;	   /* set by who wants files as BER whose octets
				      are not the file: compressed, in pieces */
	unsigned tag;		   /* of the part at hand */
	unsigned files;		   /* pieces of the file at hand */
	struct buffer capture;	   /* an element that is read whole */
	struct buffer fields;	   /* of a notification */
	unsigned capturing; /* depth + 1 of what is captured, 0 nothing */
	bool into_fields;
	enum ipm_notification_kind notification;
	bool has_choice; /* the notification said which it is */
	uint8_t oid[64]; /* of the extended body at hand */
	unsigned oid_len;
	struct buffer parameters;
	struct ipm_text text;
	bool text_open;
	bool original;	 /* of the text at hand the octets are told too */
	bool aligned;	 /* the extended body at hand is octet-aligned */
	bool octets;	 /* it is that, or an OCTET STRING */
	bool drop_octet; /* count of unused bits of a BIT STRING */
	unsigned parts;
};

/* ipm_decoder_init - expect one content; max bounds its octets */
void ipm_decoder_init(struct ipm_decoder *decoder,
    const struct ipm_handler *handler, uint64_t max);

/* ipm_decoder_fini - give back its memory */
void ipm_decoder_fini(struct ipm_decoder *decoder);

/*
 * ipm_decoder_push - take octets that arrived
 *
 * 0, or the error that sticks: of the handler, ERR_SYNTAX, ERR_LIMIT,
 * ERR_VALUE, ERR_NOMEM; diag says where.
 */
int ipm_decoder_push(struct ipm_decoder *decoder, struct slice octets,
    struct diag *diag) WARN_UNUSED;

/* ipm_decoder_finish - check that the content is complete */
int
ipm_decoder_finish(struct ipm_decoder *decoder, struct diag *diag) WARN_UNUSED;

/* ipm_kind_name - name a kind: "ia5-text", for people */
const char *ipm_kind_name(enum ipm_kind kind);

#endif
