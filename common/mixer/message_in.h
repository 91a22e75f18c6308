/* SPDX-License-Identifier: ISC */
/*
 * message_in.h - a message of the Internet as a content of X.400 (RFC 2156
 * 5.1, RFC 2157)
 *
 *   MIME				X.400
 *   text/plain without a file name	ia5-text if it is ASCII, else general
 *					text: ISO 8859-1 if that has it all,
 *					else UTF-8
 *   multipart/signed, /encrypted,	ia5-text, untouched (harpoon.h); one
 *   message/partial and others		with octets beyond ASCII mime-body-part
 *   multipart, the outermost		the parts of the body
 *   multipart within another		a forwarded message (multipart.h)
 *   message/rfc822			a forwarded message
 *   application/x400-bp		the body part that it was
 *   anything else			file transfer
 *
 * A text whose set is not known, or that is not what its set says, becomes a
 * file with its octets.  So do what is nested too deep, and a multipart whose
 * boundary never comes.
 *
 * The lengths in a content stand before what they are of; so the message is
 * read twice, and nothing of its bodies is in memory: push it, finish, which
 * tells type and length; message_in_again, push the same octets, finish.
 */
#ifndef FOURPOST_MIXER_MESSAGE_IN_H
#define FOURPOST_MIXER_MESSAGE_IN_H

#include "mhs/ipm_encode.h"
#include "mime/mime_reader.h"
#include "mixer/mapping.h"

struct message_in;

/* The part of a multipart/report for programs, which status_in.h reads. */
enum message_status {
	MESSAGE_STATUS_NONE,
	MESSAGE_STATUS_DELIVERY,    /* message/delivery-status */
	MESSAGE_STATUS_DISPOSITION, /* message/disposition-notification */
};

/* The content that will be written, known after the first reading. */
struct message_plan {
	int type; /* IPM_P2 or IPM_P22 */
	uint64_t length;
	const struct ipm_heading *heading;
	const struct ipm_outgoing *parts; /* of the outermost message */
	size_t count;
	enum message_status status;
	struct slice status_text; /* its octets */
	bool receipt_dropped; /* its header asks for one that cannot be had */
};

/* message_in_new - prepare to read one message */
int message_in_new(const struct mapping *mapping,
    const struct mime_limits *limits, struct message_in **in) WARN_UNUSED;

/*
 * message_in_push - take octets of the message
 *
 * ERR_LIMIT, ERR_VALUE of mime_reader.h, with the reason in diag; ERR_NOMEM;
 * what the sink returned.
 */
int message_in_push(
    struct message_in *in, struct slice octets, struct diag *diag) WARN_UNUSED;

/*
 * message_in_finish - end a reading
 *
 * After the first *plan says what the content will be, if plan is not NULL; it
 * borrows from in.  ERR_UNSUPPORTED: a text would lose characters, which its
 * sender prohibits (Conversion-With-Loss).  After the second ERR_CORRUPT: it
 * was another message.
 */
int message_in_finish(struct message_in *in, struct message_plan *plan,
    struct diag *diag) WARN_UNUSED;

/* message_in_again - begin the second reading, which writes the content */
void message_in_again(struct message_in *in, mime_sink sink, void *arg);

void message_in_free(struct message_in *in);

#endif
