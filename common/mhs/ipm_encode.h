/* SPDX-License-Identifier: ISC */
/*
 * ipm_encode.h - make an interpersonal message whose bodies are not in memory
 * (X.420 7)
 *
 * The caller says what the message consists of and how long each body is;
 * the encoder computes all lengths and gives the octets that stand before the
 * contents of each body.  A content is
 *
 *   ipm_encoder_prefix 0, contents of part 0, prefix 1, contents of part 1 …
 *
 * and nothing after the last, because all lengths are definite.  A message
 * without parts is prefix 0 alone.
 */
#ifndef FOURPOST_MHS_IPM_ENCODE_H
#define FOURPOST_MHS_IPM_ENCODE_H

#include "mhs/ipm.h"
#include "mhs/ipm_text.h"

#define IPM_PARTS_MAX	 1024
#define IPM_CONTENT_MAX	 (UINT64_C(1) << 48)
#define IPM_FILENAME_MAX 255

enum ipm_form {
	IPM_FORM_TEXT,	      /* in the repertoire given */
	IPM_FORM_FILE,	      /* file-transfer body part, 1988 */
	IPM_FORM_BILATERALLY, /* bilaterally-defined: octets without a name */
	IPM_FORM_RAW,	      /* a whole BodyPart that is encoded already */
	IPM_FORM_EXTENDED     /* the value of an extended body part, encoded */
};

/* The place that the message is to have. */
enum ipm_frame {
	IPM_FRAME_CONTENT,  /* the content of a message */
	IPM_FRAME_FORWARDED /* a body part of another one, IPM_FORM_RAW there */
};

struct ipm_outgoing {
	enum ipm_form form;
	enum ipm_repertoire repertoire; /* IPM_FORM_TEXT */
	uint64_t length;		/* of its contents, as they travel */
	struct slice filename;		/* IPM_FORM_FILE: UTF-8, or empty */
	int64_t modified;		/* seconds since 1970, IPM_NO_TIME */
	int64_t created, read;	 /* IPM_FORM_FILE: likewise, 0 if not known */
	struct slice oid;	 /* IPM_FORM_EXTENDED: contents octets */
	struct slice parameters; /* likewise: the whole [0], or empty */
	bool aligned; /* likewise: the octets are no BER, but octet-aligned */
	struct slice related;	  /* IPM_FORM_FILE: [0] of its parameters, or
				     empty */
	struct slice environment; /* likewise: [2] */
	struct slice extensions;  /* likewise: [5] */
};

struct ipm_encoder {
	const struct ipm_heading *heading; /* borrowed */
	const struct ipm_outgoing *parts;  /* borrowed */
	size_t count;
	int type;
	enum ipm_frame frame;
	struct buffer prefixes; /* of all parts, one after the other */
	size_t *ends;		/* of each in it */
	uint64_t length;
};

/*
 * ipm_encoder_init - take the message apart and compute the lengths
 *
 * type is IPM_P2 or IPM_P22; ERR_UNSUPPORTED if P2 cannot say it.  heading
 * and parts must outlive the encoder.  ERR_LIMIT, ERR_VALUE, ERR_NOMEM.
 */
int ipm_encoder_init(struct ipm_encoder *encoder,
    const struct ipm_heading *heading, const struct ipm_outgoing *parts,
    size_t count, int type, struct diag *diag) WARN_UNUSED;

/*
 * ipm_encoder_init_framed - likewise, for a content or for a body part
 *
 * A forwarded message is encoded first; its length is then that of a part of
 * IPM_FORM_RAW, whose contents are what this encoder writes.
 */
int ipm_encoder_init_framed(struct ipm_encoder *encoder, enum ipm_frame frame,
    const struct ipm_heading *heading, const struct ipm_outgoing *parts,
    size_t count, int type, struct diag *diag) WARN_UNUSED;

/* ipm_encoder_fini - give back its memory */
void ipm_encoder_fini(struct ipm_encoder *encoder);

/* ipm_encoder_length - count the octets of the whole content */
uint64_t ipm_encoder_length(const struct ipm_encoder *encoder);

/* ipm_encoder_prefix - get what stands before the contents of a part;
 * borrowed */
struct slice ipm_encoder_prefix(const struct ipm_encoder *encoder, size_t part);

/* ipm_type - choose IPM_P2 if that can say it, else IPM_P22 */
int ipm_type(const struct ipm_heading *heading,
    const struct ipm_outgoing *parts, size_t count);

#endif
