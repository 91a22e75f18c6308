/* SPDX-License-Identifier: ISC */
/*
 * body_in.h - what the entities of a message become (RFC 2157 2.1)
 *
 * Private to message_in.c.  The first reading makes levels and their parts, the
 * second finds them again by the numbers of the entities.
 */
#ifndef FOURPOST_MIXER_BODY_IN_H
#define FOURPOST_MIXER_BODY_IN_H

#include "ber/stream.h"
#include "mhs/ipm_encode.h"
#include "mime/mime_reader.h"
#include "mixer/mapping.h"

/* Of messages within messages; IPM_LEVELS can be read. */
#define BODY_LEVELS_MAX 11

#define BODY_ARENA_MAX ((size_t)24 * 1024 * 1024)

enum body_kind {
	BODY_TEXT,
	BODY_FILE,
	BODY_HARPOON,
	BODY_MIME,   /* a mime-body-part, of what HARPOON cannot carry */
	BODY_OPAQUE, /* application/x400-bp */
	BODY_LEVEL
};

struct body_part {
	enum body_kind kind;
	struct body_level_in *owner; /* the message that it is a part of */
	size_t index;		     /* in that */
	struct body_level_in *level; /* BODY_LEVEL */
	uint64_t octets;	     /* decoded */
	int charset;		     /* BODY_TEXT */
	bool is_false;		     /* its octets are not what was announced */
	bool whole;		     /* read as one leaf (mime_reader.h) */
	bool extended;		     /* BODY_OPAQUE: an extended body part */
	struct ipm_scan scan;
	struct slice header;	 /* BODY_HARPOON, BODY_MIME */
	struct slice parameters; /* of a mime-body-part, if it can be one */
	int64_t growth;		 /* likewise, of line ends */
	struct slice name;
	int64_t modified, created, read;
	struct slice related;	  /* of a file, the element [0] */
	struct slice environment; /* likewise, [2] */
	struct slice extensions;  /* likewise, [5] */
	struct body_part *next;	  /* of the same message */
};

struct body_level_in {
	struct body_level_in *before; /* that was begun before */
	struct body_part *first, *last;
	size_t count;
	unsigned depth;
	struct ipm_heading heading;
	struct ipm_outgoing *outgoing;
	struct ipm_encoder encoder;
	bool encoded; /* the encoder is there */
};

/* body_in_add - add a part to a message */
int body_in_add(struct body_level_in *level, enum body_kind kind,
    struct arena *arena, struct body_part **part) WARN_UNUSED;

/* body_in_level - add a message, within another unless outer is NULL */
int body_in_level(struct body_level_in *outer, struct body_level_in **newest,
    struct arena *arena, struct body_level_in **level) WARN_UNUSED;

/* body_in_kind - find out what an entity without others in it becomes */
enum body_kind body_in_kind(const struct mime_charsets *charsets,
    const struct mime_entity *entity, int *charset);

/* body_in_describe - note what a part is called and what it was */
int body_in_describe(struct body_part *part, const struct mime_entity *entity,
    struct arena *arena) WARN_UNUSED;

/* body_in_encode - prepare the encoders of all messages, the innermost first;
 * the content type */
int body_in_encode(const struct mapping *mapping, struct body_level_in *newest,
    struct arena *arena, int *type, struct diag *diag) WARN_UNUSED;

/* body_in_fini - give back what the encoders hold */
void body_in_fini(struct body_level_in *newest);

#endif
