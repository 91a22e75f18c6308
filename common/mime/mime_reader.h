/* SPDX-License-Identifier: ISC */
/*
 * mime_reader.h - read an Internet message as it arrives (RFC 5322, RFC 2045,
 * RFC 2046)
 *
 * Octets are pushed in pieces of any size.  Each entity, the message itself
 * first, begins with its header; the contents of a leaf come decoded in pieces;
 * it ends.  Only a header and the beginning of a line are ever in memory, so a
 * message of a gigabyte costs what a small one does.
 *
 *   begin 1 (multipart)
 *     begin 2 (leaf)      data …   end
 *     begin 3 (message)
 *       begin 4 (leaf)    data …   end
 *     end
 *   end
 *
 * Lines end in CR LF or LF; the line end before a boundary belongs to it.  A
 * line in a header that is no field begins the body, and a "From " line at the
 * beginning of a message is left out.
 *
 * What is refused, with one reason (enum mime_fault):
 *   a header or a field longer than the limit, or without end
 *   more fields or parts than the limits
 *   NUL or a bare CR in a header
 *   a message larger than the limit
 * What is a leaf with all that is in it, and why (enum mime_defect):
 *   a multipart without a boundary, or encoded as a whole in base64
 *   entities within more than MIME_LEVELS others
 *   an encoding that is not known
 *   a Content-Type that is not readable
 * Anything else is read as far as it goes: a missing end boundary, an encoding
 * that is cut, lines of any length in a body, octets of any value there.
 */
#ifndef FOURPOST_MIME_MIME_READER_H
#define FOURPOST_MIME_MIME_READER_H

#include "mime/mime_decode.h"
#include "mime/mime_header.h"
#include "mime/mime_type.h"

#define MIME_LEVELS	  32  /* of entities within entities */
#define MIME_BOUNDARY_MAX 200 /* RFC 2046 has 70 */
#define MIME_HEADER_MAX	  (256u * 1024)
#define MIME_PARTS_MAX	  1000
#define MIME_ARENA_MAX	  (8u * 1024 * 1024)

enum mime_fault {
	MIME_FAULT_NONE,
	MIME_FAULT_HEADER,  /* too long */
	MIME_FAULT_FIELDS,  /* too many */
	MIME_FAULT_NUL,	    /* in a header */
	MIME_FAULT_BARE_CR, /* in a header */
	MIME_FAULT_PARTS,   /* too many */
	MIME_FAULT_SIZE	    /* of the message */
};

enum mime_defect {
	MIME_DEFECT_NONE,
	MIME_DEFECT_TYPE,
	MIME_DEFECT_BOUNDARY,
	MIME_DEFECT_ENCODED,
	MIME_DEFECT_ENCODING,
	MIME_DEFECT_LEVELS
};

enum mime_shape {
	MIME_LEAF,
	MIME_MULTIPART,
	MIME_MESSAGE
};

struct mime_entity {
	unsigned number; /* 1: the message itself */
	unsigned level;	 /* 0: the message itself */
	bool root;	 /* of a message: its header is that of a message */
	enum mime_shape shape;
	enum mime_defect defect;
	enum mime_encoding encoding;
	struct mime_header header;    /* these live until begin returns */
	struct mime_type type;	      /* text/plain where none is given */
	struct mime_type disposition; /* empty where none is given */
	struct slice octets;	      /* the header as it came */
};

/* How an entity is to be handed on. */
enum mime_reading {
	MIME_READ,	/* what it consists of, or its contents decoded */
	MIME_READ_WHOLE /* as one leaf, its contents as they came */
};

/* Each returns 0 or a negative error, which ends the reading. */
struct mime_handler {
	int (*begin)(void *arg, const struct mime_entity *entity,
	    enum mime_reading *reading);
	int (*data)(void *arg, struct slice octets);
	int (*end)(void *arg);
	/* Before the end of a multipart of which no part began, though there
	 * is text in it: how many octets it has as one leaf, as which it can be
	 * read another time.
	 * NULL: nobody wants to know. */
	int (*unparted)(void *arg, unsigned number, uint64_t octets);
	void *arg;
};

struct mime_limits {
	uint64_t size;
	size_t header;
	unsigned parts;
};

struct mime_open { /* an entity that has not ended */
	enum mime_shape shape;
	bool closed; /* a multipart after its last part */
	bool parted; /* a part of it began */
	bool text;   /* more than blanks is in no part */
	unsigned number;
	uint64_t skipped; /* octets of it that are in no part */
	uint8_t boundary[MIME_BOUNDARY_MAX];
	size_t boundary_len;
};

struct mime_reader {
	struct mime_handler handler;
	struct mime_limits limits;
	struct mime_charsets *charsets;
	enum mime_fault fault;
	int error;
	uint64_t total;
	unsigned parts;
	bool in_header;
	bool in_message;      /* the header is that of a message */
	struct buffer header; /* of the entity that begins */
	struct buffer line;   /* a line of a header, or one that may be a
				 boundary */
	bool line_begins;
	uint8_t held[2]; /* a line end that may belong to a boundary */
	unsigned held_len;
	struct mime_open open[MIME_LEVELS + 1];
	unsigned depth; /* how many are open */
	struct mime_decoder decoder;
};

/* mime_reader_init - expect one message; charsets are borrowed */
void
mime_reader_init(struct mime_reader *reader, const struct mime_handler *handler,
    const struct mime_limits *limits, struct mime_charsets *charsets);

/* mime_reader_fini - give back its memory */
void mime_reader_fini(struct mime_reader *reader);

/*
 * mime_reader_push - take octets that arrived
 *
 * 0, or the error that sticks: ERR_LIMIT or ERR_VALUE, of which `fault` says
 * more; of the handler; ERR_NOMEM.
 */
int
mime_reader_push(struct mime_reader *reader, struct slice octets) WARN_UNUSED;

/* mime_reader_finish - end the message and all that is open */
int mime_reader_finish(struct mime_reader *reader) WARN_UNUSED;

/* mime_fault_text - say why a message was refused: "NUL in a header" */
const char *mime_fault_text(enum mime_fault fault);

/* mime_defect_text - say why an entity is one leaf */
const char *mime_defect_text(enum mime_defect defect);

#endif
