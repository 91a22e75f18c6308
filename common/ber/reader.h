/* SPDX-License-Identifier: ISC */
/*
 * reader.h - read BER that is whole in memory
 *
 * Definite and indefinite lengths, primitive and constructed strings, long
 * forms with leading zeros: all that X.690 8 allows.  Depth is capped at
 * BER_DEPTH_MAX, a tag number at BER_TAG_MAX; a length never reaches beyond
 * what was given.  What is larger than memory goes through stream.h.
 *
 * Errors: ERR_TRUNCATED, ERR_SYNTAX, ERR_LIMIT, ERR_VALUE.  Each notes in the
 * reader's diag the offset from the start of the outermost octets.
 */
#ifndef FOURPOST_BER_READER_H
#define FOURPOST_BER_READER_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#define BER_DEPTH_MAX 48
#define BER_TAG_MAX   0xffffffU

enum ber_class {
	BER_UNIVERSAL = 0,
	BER_APPLICATION = 1,
	BER_CONTEXT = 2,
	BER_PRIVATE = 3
};

/* A tag is its class and number in one value; primitive or not is apart. */
#define BER_TAG(class, number) (((uint32_t)(class) << 24) | (uint32_t)(number))
#define BER_CTX(number)	       BER_TAG(BER_CONTEXT, number)
#define BER_APP(number)	       BER_TAG(BER_APPLICATION, number)
#define BER_UNI(number)	       BER_TAG(BER_UNIVERSAL, number)

enum ber_universal {
	BER_BOOLEAN = 1,
	BER_INTEGER = 2,
	BER_BIT_STRING = 3,
	BER_OCTET_STRING = 4,
	BER_NULL = 5,
	BER_OID = 6,
	BER_EXTERNAL = 8,
	BER_ENUMERATED = 10,
	BER_UTF8_STRING = 12,
	BER_SEQUENCE = 16,
	BER_SET = 17,
	BER_NUMERIC_STRING = 18,
	BER_PRINTABLE_STRING = 19,
	BER_T61_STRING = 20,
	BER_IA5_STRING = 22,
	BER_UTC_TIME = 23,
	BER_GENERALIZED_TIME = 24,
	BER_GRAPHIC_STRING = 25,
	BER_VISIBLE_STRING = 26,
	BER_GENERAL_STRING = 27,
	BER_UNIVERSAL_STRING = 28,
	BER_BMP_STRING = 30
};

/* An element; its slices borrow from what the reader was given. */
struct ber_element {
	uint32_t tag;
	bool constructed;
	unsigned depth;	       /* of nesting, 0 outermost */
	size_t offset;	       /* of its tag, from the outermost octets */
	struct slice contents; /* without an end-of-contents */
	struct slice whole;    /* tag, length, contents, end-of-contents */
};

struct ber_reader {
	struct slice rest;
	size_t offset; /* of rest, from the outermost octets */
	unsigned depth;
	struct diag *diag; /* may be NULL */
};

/* ber_reader_init - read the elements of octets; diag may be NULL */
void ber_reader_init(
    struct ber_reader *reader, struct slice octets, struct diag *diag);

/* ber_next - read the next element: 1, or 0 at the end, or an error */
int ber_next(struct ber_reader *reader, struct ber_element *el) WARN_UNUSED;

/* ber_peek - look at the tag of the next element: 1, or 0 at the end, or an
 * error */
int ber_peek(const struct ber_reader *reader, uint32_t *tag) WARN_UNUSED;

/* ber_expect - read the next element, which must bear this tag: 0 or an
 * error */
int ber_expect(struct ber_reader *reader, uint32_t tag, const char *name,
    struct ber_element *el) WARN_UNUSED;

/* ber_optional - read the next element if it bears this tag: 1, 0, or an
 * error */
int ber_optional(struct ber_reader *reader, uint32_t tag,
    struct ber_element *el) WARN_UNUSED;

/* ber_end - check that everything was read, or return an error; name tells of
 * what */
int ber_end(struct ber_reader *reader, const char *name) WARN_UNUSED;

/* ber_enter - read the elements within a constructed element */
int ber_enter(const struct ber_reader *reader, const struct ber_element *el,
    struct ber_reader *inner) WARN_UNUSED;

/*
 * The values of an element.  The tag is not looked at, so that implicitly
 * tagged elements are read alike; name is the field that an error names.
 * reader gives the diag.
 */
int
ber_get_integer(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, int64_t min, int64_t max, int64_t *value) WARN_UNUSED;
int ber_get_boolean(const struct ber_reader *reader,
    const struct ber_element *el, const char *name, bool *value) WARN_UNUSED;
int ber_get_null(const struct ber_reader *reader, const struct ber_element *el,
    const char *name) WARN_UNUSED;

/*
 * ber_get_octets - read the octets of a string, primitive or constructed
 *
 * A primitive string is borrowed, a constructed one joined in the arena.
 * More than max octets: ERR_LIMIT.
 */
int ber_get_octets(const struct ber_reader *reader,
    const struct ber_element *el, const char *name, size_t max,
    struct arena *arena, struct slice *value) WARN_UNUSED;

/* ber_get_bits - read the first 32 bits of a BIT STRING, bit 0 of ASN.1 as the
 * most significant bit of *value; *count says how many bits there were */
int ber_get_bits(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, uint32_t *value, size_t *count) WARN_UNUSED;

/* The mask of bit number n of a value that ber_get_bits gave. */
#define BER_BIT(n) (0x80000000U >> (n))

/* ber_get_oid - read the contents octets of an OBJECT IDENTIFIER, borrowed and
 * checked to be one.  oid.h compares and prints them. */
int ber_get_oid(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct slice *value) WARN_UNUSED;

/* ber_error - note "name at offset n: text" for el and return code */
int ber_error(const struct ber_reader *reader, const struct ber_element *el,
    int code, const char *name, const char *fmt, ...) PRINTF_LIKE(5, 6);

#endif
