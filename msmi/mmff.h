/* SPDX-License-Identifier: ISC */
/*
 * mmff.h - Microsoft Mail message files (FFAPI, basic message format 3.00)
 *
 *	VERSION:3.00
 *	TO:[type:]address                one line an address; also
 *					 TO:name [type:address]
 *	FROM:[type:]address
 *	DATE:yyyy-mm-dd  TIME:hh:mm      optional, as SUBJECT and PRIORITY
 *	SUBJECT:text
 *	PRIORITY:1-5 or R
 *	ATTACHMENTS:name size            one line an attachment
 *	XATTACH:file [name]
 *	TEXT:size, or XTEXT:file         the last line
 *
 * then the text, then the contents of the attachments, without anything
 * between.  Lines end in CR, LF or CRLF; behind the last line stands what the
 * first line ends in.  Tokens may be of any case.  One message a file.
 *
 * Errors have the numbers of FFAPI, before the number of the message (always
 * 1) and of the line: "142-1-3 Bad address: ...".
 */
#ifndef FOURPOST_MSMI_MMFF_H
#define FOURPOST_MSMI_MMFF_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "msmi/code_page.h"

#define MMFF_HEADER_MAX	     (1024 * 1024) /* octets before the text */
#define MMFF_LINE_MAX	     4096
#define MMFF_RECIPIENTS_MAX  4096
#define MMFF_ATTACHMENTS_MAX 1000
#define MMFF_NAME_MAX	     255
#define MMFF_ADDRESS_MAX     256 /* octets, but of type X400 */
#define MMFF_FREE_FORM_MAX   64	 /* characters; what is longer is cut */

enum mmff_error {
	MMFF_NONE = 0,
	MMFF_TOKEN = 140,     /* unknown error processing token */
	MMFF_UNMATCHED = 141, /* cannot match token */
	MMFF_ADDRESS = 142,   /* bad address */
	MMFF_PARSER = 143,    /* unknown parser error */
	MMFF_LINE = 144,      /* unable to partition line */
	MMFF_TOO_BIG = 145,   /* contents fields too big */
	MMFF_XTEXT = 146,     /* bad or missing XTEXT file name */
	MMFF_OPEN = 147	      /* failure opening text body file */
};

struct mmff_address {
	struct slice type; /* "CSI", "X400" …, or empty */
	struct slice text;
	struct slice name; /* free form, before "[type:text]", or empty */
	unsigned line;
};

struct mmff_attachment {
	struct slice name;     /* UTF-8 */
	struct slice physical; /* XATTACH: the file; else empty */
	uint64_t size;	       /* ATTACHMENTS */
	unsigned line;
};

struct mmff { /* slices are UTF-8 and lie in the arena */
	struct mmff_address *to;
	size_t to_count;
	bool has_from;
	struct mmff_address from;
	struct slice subject;
	char priority; /* '1' … '5', 'R', or 0 */
	struct mmff_attachment *attachments;
	size_t attachment_count;
	struct slice text_file; /* XTEXT, or empty */
	uint64_t text_size;	/* TEXT */
	uint64_t contents;	/* offset of the text in the file */
	unsigned lines;
};

/* The fault of a file. */
struct mmff_diag {
	enum mmff_error code;
	unsigned line;
	bool truncated; /* it may be that it is still being written */
	char text[400]; /* "142-1-3 Bad address: …", printable */
};

/* Which address a line has. */
enum mmff_role {
	MMFF_FROM,
	MMFF_TO
};

/* mmff_fail - note an error of a line; returns ERR_SYNTAX.  The first wins */
int mmff_fail(struct mmff_diag *diag, enum mmff_error code, unsigned line,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/*
 * mmff_read - read what stands before the text of a file of size octets
 *
 * head is the beginning of the file: all of it, or MMFF_HEADER_MAX octets.
 * On error what was understood is in *mmff nevertheless: the sender wherever
 * one can be made out, and recipients.  ERR_SYNTAX (diag tells), ERR_NOMEM.
 */
int mmff_read(enum conf_code_page page, struct slice head, uint64_t size,
    struct arena *arena, struct mmff *mmff, struct mmff_diag *diag) WARN_UNUSED;

/*
 * mmff_address_check - check that an address has a text, and one that is not
 * too long
 *
 * mmff_read has done so with the sender.  A recipient costs only itself, so
 * its reader checks it.  ERR_SYNTAX, with diag.
 */
int mmff_address_check(const struct mmff_address *address, enum mmff_role role,
    struct mmff_diag *diag) WARN_UNUSED;

/*
 * mmff_tail_check - check that octets after the end of the message are padding
 *
 * Line ends, NUL and control-Z are.
 */
int mmff_tail_check(struct slice tail, const struct mmff *mmff,
    struct mmff_diag *diag) WARN_UNUSED;

/* A message to be written; all text is UTF-8. */
struct mmff_out {
	const char *const *to; /* "NETWORK/PO/MAILBOX" */
	size_t to_count;
	const char *from;
	struct slice subject;
	int64_t time;  /* seconds since 1970; written as UTC */
	char priority; /* '1' … '5' */
	const struct mmff_attachment *attachments;
	size_t attachment_count;
	uint64_t text_size;
};

/* mmff_write - append the header; text and attachments follow it */
int mmff_write(const struct mmff_out *message, enum conf_code_page page,
    struct buffer *out) WARN_UNUSED;

#endif
