/* SPDX-License-Identifier: ISC */
/*
 * or_address.h - O/R addresses and O/R names (X.411 8.5.5, X.402 18)
 *
 * An address is decoded from BER, or parsed from text, into struct
 * or_address: the value of each attribute as UTF-8 text without controls, the
 * forms in which it was there, and `encoded`, the octets that a relay sends.
 * These are what came, with definite lengths; so nothing is lost or invented
 * on the way, whatever the text shows.
 *
 * An attribute that is absent has length 0.  (ADMD " " is a value; "" is
 * absence.)  Where several forms of one name came, the text is that of the
 * printable one, else the teletex one, else the universal one: they are
 * the same name (X.402 18.3).
 *
 * All slices borrow from the octets that were decoded or from the arena.
 *
 * Text (RFC 1685, F.401 annex B), labels in any order and case, after ";" or
 * "/", blanks around them ignored:
 *   G I S Q CN O OU1..OU4 P A C X.121 ISDN N-ID T-ID T-TY DDA:type
 * The delimiter within a value is doubled: "O=a;;b" is "a;b", and a "/" is an
 * ordinary character where ";" divides.  A "=" within a DDA type is written
 * "==".  P without A means A of one space; "A=" says that there is none; one
 * space is a value of P too.  Also read:
 *   RFC 2156      /G=Jo/S=Doe/O=X/PRMD=ACME/ADMD=VIAT/C=DE/DD.type=value/
 *                 with $ before a "/", "=", ";", "*" or "$" that is to be taken
 *                 as it is.  "*M{200117}ller" is a teletex form, each octet of
 *                 T.61 beyond ASCII as three digits; of "Mueller*M{200117}ller"
 *                 the printable form is taken, as where both came.
 *                 OU without a number and DD.type go from right to left:
 *                 the most significant stands on the right.
 *                 GQ UA-ID X121 OU PN PRMD ADMD NET-NUM NET-SUB PD-ADDRESS
 *                 RFC-822 DD1.type, and "dd:type"
 *   Exchange      X400:c=DE;a=VIAT;p=ACME;o=X;s=Doe;g=Jo;  dda:MS=NET/PO/BOX;
 *                 /dda.type=MS/dda.value=NET$/PO$/BOX/  [X400:c=DE;a=..]
 * "$" quotes in a text that begins with "/" alone.  RFC 2156's (a), (u),
 * (040) … are part of a value, as on the wire; a DDA of type RFC-822 given
 * with characters outside PrintableString is written with them.
 * Postal attributes: PD-SN PD-C PD-PC PD-OF PD-OFN PD-EA PD-PN PD-O PD-ED PD-S
 * PD-B PD-R PD-U PD-L PD-A1..PD-A6, and RFC 2156's longer labels; any other
 * extension attribute is EXT:number=hex.
 *
 * A name that PrintableString cannot write goes out in its teletex form, or
 * the universal one, alone.  X.402 18.3 makes a printable form beside it the
 * same name; only who registered "Müller" knows whether that is "Mueller" or
 * "Muller", so none is made up.  Where both came, both are passed on.
 *
 * Bounds: decoding accepts up to OR_TEXT_MAX octets an attribute (peers do
 * exceed X.411's), parsing enforces those of X.411.
 *
 * Errors name the attribute: ERR_SYNTAX, ERR_TRUNCATED, ERR_VALUE (character
 * or value not allowed), ERR_LIMIT (too long, too many), ERR_NOMEM.
 */
#ifndef FOURPOST_MHS_OR_ADDRESS_H
#define FOURPOST_MHS_OR_ADDRESS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "ber/reader.h"
#include "ber/writer.h"

#define OR_TEXT_MAX    1024  /* octets of one attribute, decoded */
#define OR_ADDRESS_MAX 16384 /* octets of one address, as BER or text */
#define OR_DDA_MAX     16    /* X.411 says 4; more are read, not parsed */

enum or_attribute {
	OR_COUNTRY,
	OR_ADMD,
	OR_PRMD,
	OR_ORGANIZATION,
	OR_OU1,
	OR_OU2,
	OR_OU3,
	OR_OU4,
	OR_COMMON_NAME,
	OR_SURNAME,
	OR_GIVEN,
	OR_INITIALS,
	OR_GENERATION,
	OR_X121,
	OR_NUMERIC_USER_ID,
	OR_TERMINAL_ID,
	OR_TERMINAL_TYPE, /* tlx ttx g3fax g4fax ia5 vtx, or digits */
	OR_ATTRIBUTES
};

/* The forms that an attribute came in, or is to be written in. */
enum or_form {
	OR_PRINTABLE = 1,
	OR_NUMERIC = 2,
	OR_TELETEX = 4,
	OR_UNIVERSAL = 8
};

struct or_dda {
	struct slice type;
	struct slice value;
	uint8_t forms;
};

/* An extension attribute that none of the above stands for. */
struct or_extension {
	unsigned number;    /* of its printable form where it has several */
	unsigned type;	    /* the number that it came with */
	struct slice text;  /* where it is text, else empty */
	struct slice value; /* the element, as it came */
};

struct or_address {
	struct slice attribute[OR_ATTRIBUTES];
	uint8_t forms[OR_ATTRIBUTES]; /* enum or_form, joined */
	struct or_dda *dda;
	unsigned dda_count;
	struct or_extension *extension; /* by number */
	unsigned extension_count;
	struct slice encoded; /* the contents of the ORAddress SEQUENCE */
};

/* ORAddressAndOptionalDirectoryName, ORAddressAndOrDirectoryName, ORName */
struct or_name {
	struct or_address address;   /* encoded has no octets: no address */
	struct slice directory_name; /* the [0] element, or empty */
};

/* --- BER --- */

/*
 * or_name_decode - read an O/R name from el, whatever its tag
 *
 * So both [APPLICATION 0] and an implicit context tag; field is what errors
 * say, e.g. "originator-name".  or_address_decode is for an ORAddress.
 */
int
or_name_decode(const struct ber_reader *reader, const struct ber_element *el,
    const char *field, struct arena *arena, struct or_name *name) WARN_UNUSED;
int or_address_decode(const struct ber_reader *reader,
    const struct ber_element *el, const char *field, struct arena *arena,
    struct or_address *address) WARN_UNUSED;

/* The usual tag of an ORName, for or_name_encode. */
#define OR_NAME_TAG BER_APP(0)

/* or_name_encode - write a name under this tag; an error sticks in the
 * writer */
void or_name_encode(
    struct ber_writer *writer, uint32_t tag, const struct or_name *name);

/*
 * or_address_seal - make `encoded` out of the attributes
 *
 * For an address whose attributes were set by hand: text and, where another
 * than the natural one is wanted, forms.  Parsing has done it already.
 * Checks characters and bounds as parsing does.
 */
int or_address_seal(struct or_address *address, struct arena *arena,
    struct diag *diag) WARN_UNUSED;

/* or_address_set - set one attribute from a string, copied; before seal */
int or_address_set(struct or_address *address, enum or_attribute attribute,
    const char *text, struct arena *arena) WARN_UNUSED;

/* or_address_set_dda - add a domain defined attribute; before seal */
int or_address_set_dda(struct or_address *address, const char *type,
    const char *value, struct arena *arena) WARN_UNUSED;

/* --- text --- */

enum or_style {
	OR_STYLE_F401,	  /* G=Jo;S=Doe;O=X;P=ACME;A=VIAT;C=DE: ours */
	OR_STYLE_RFC2156, /* /G=Jo/S=Doe/O=X/PRMD=ACME/ADMD=VIAT/C=DE/ */
	OR_STYLE_EXCHANGE /* c=DE;a=VIAT;p=ACME;o=X;s=Doe;g=Jo; */
};

/*
 * or_address_parse - read an address from text in any of the forms
 *
 * The text is copied.  A country is required unless prefix forms are wanted:
 * or_address_parse_prefix reads an address space (routing), in which any
 * attribute may be missing, the value "*" stands for any, and P without A
 * adds no A.  A DDA without value stands for any of its type.
 */
int or_address_parse(struct slice text, struct arena *arena,
    struct or_address *address, struct diag *diag) WARN_UNUSED;
int or_address_parse_prefix(struct slice text, struct arena *arena,
    struct or_address *prefix, struct diag *diag) WARN_UNUSED;

/*
 * or_address_format - write an address as text, in the arena; NULL if there
 * is no memory
 *
 * Parsing it gives an equal address again, or an error that names what text
 * cannot say: a bound of X.411 passed, a control, which shows as U+FFFD.  The
 * text has no controls; it may hold any other character of Unicode.  The order
 * is that of F.401: G I S Q CN O OU1..4 P A C X.121 N-ID T-ID T-TY, postal,
 * DDAs.
 */
char *or_address_format(const struct or_address *address, enum or_style style,
    struct arena *arena) WARN_UNUSED;

/* or_attribute_label - name an attribute: "PRMD" in errors, "P" in text */
const char *or_attribute_name(enum or_attribute attribute);
const char *or_attribute_label(enum or_attribute attribute);

/* --- comparing (X.402 18.4) --- */

/*
 * or_address_compare - compare in a total order; 0 where both are the same
 * address
 *
 * Case and runs of white space do not matter, nor the form of a string.
 * DDAs count in their order.  Attributes compare in the order of the
 * hierarchy C, A, P, O, OU1-4, the rest, DDAs, postal ones.
 */
int or_address_compare(const struct or_address *a, const struct or_address *b);

/* or_address_hash - hash, equally for addresses that compare equal */
uint64_t or_address_hash(const struct or_address *address);

/* or_text_compare - compare two values, as or_address_compare compares them;
 * or_text_hash goes on from seed */
int or_text_compare(struct slice a, struct slice b);
uint64_t or_text_hash(struct slice text, uint64_t seed);

/*
 * or_address_matches - tell whether prefix, an address space, covers address
 *
 * -1, or how closely: the longer the match the larger.  Each attribute of the
 * hierarchy (C, A, P, O, OU1-4) weighs more than any of the others; a DDA
 * type, then its value, then the rest follow; "*" weighs half.  An empty
 * prefix covers all, with 0.
 */
int or_address_matches(
    const struct or_address *prefix, const struct or_address *address);

#endif
