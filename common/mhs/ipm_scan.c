/* SPDX-License-Identifier: ISC */
/*
 * ipm_scan.c - how a text that goes out will travel (X.420 7.3.1, annex B.2)
 *
 * Contract in ipm_text.h.
 */
#include "mhs/charset.h"
#include "mhs/ipm_text.h"

/* ipm_scan_init - begin with nothing seen */
void
ipm_scan_init(struct ipm_scan *scan)
{
	*scan = (struct ipm_scan){.ascii = true, .utf8 = true, .latin1 = true};
}

/* begin_character - take the first octet of a character beyond ASCII */
static void
begin_character(struct ipm_scan *scan, uint8_t octet)
{
	/* Leading octets C0, C1 and F5 to FF begin no character (RFC 3629). */
	scan->ascii = false;
	if (octet >= 0xc2 && octet < 0xe0) {
		scan->missing = 1;
		scan->character = octet & 0x1fU;
		scan->least = 0x80;
	} else if (octet >= 0xe0 && octet < 0xf0) {
		scan->missing = 2;
		scan->character = octet & 0x0fU;
		scan->least = 0x800;
	} else if (octet >= 0xf0 && octet < 0xf5) {
		scan->missing = 3;
		scan->character = octet & 0x07U;
		scan->least = 0x10000;
	} else {
		scan->utf8 = false;
	}
}

/* end_character - judge a character beyond ASCII that is whole */
static void
end_character(struct ipm_scan *scan)
{
	uint32_t c = scan->character;

	/* Longer forms than needed and surrogates are not UTF-8 (RFC 3629). */
	if (c < scan->least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		scan->utf8 = false;
	/* The set has graphics in A0-FF, no controls below. */
	if (c < 0xa0 || c > 0xff)
		scan->latin1 = false;
	scan->characters++;
}

/* ipm_scan_push - look at the next octets of the text */
void
ipm_scan_push(struct ipm_scan *scan, struct slice text)
{
	size_t i = 0;

	if (text.len == 0)
		return;
	scan->octets += text.len;
	scan->nul = scan->nul || memchr(text.data, 0, text.len) != NULL;
	scan->growth += line_end_growth(&scan->line_end, text);
	while (i < text.len && scan->utf8) {
		uint8_t octet = text.data[i];

		if (scan->missing > 0) {
			if ((octet & 0xc0) != 0x80) {
				scan->utf8 = false;
				break;
			}
			scan->character =
			    scan->character << 6 | (octet & 0x3fU);
			if (--scan->missing == 0)
				end_character(scan);
			i++;
		} else if (octet < 0x80) {
			size_t run = charset_ascii_run(
			    slice_of(text.data + i, text.len - i));

			scan->characters += run;
			i += run;
		} else {
			begin_character(scan, octet);
			i++;
		}
	}
}

/* ipm_scan_finish - decide how the text travels, and in how many octets */
enum ipm_repertoire
ipm_scan_finish(struct ipm_scan *scan, uint64_t *length)
{
	/* A character that was cut at the end is no UTF-8. */
	if (scan->missing > 0)
		scan->utf8 = false;
	*length = (uint64_t)((int64_t)scan->octets + scan->growth);
	/* The oldest form that can say the text: more readers understand it. */
	if (scan->ascii && scan->utf8)
		return IPM_IA5;
	/* Octets that are not UTF-8 are most likely Latin-1. */
	if (!scan->utf8)
		return IPM_LATIN1;
	if (!scan->latin1)
		return IPM_UTF8;
	*length = (uint64_t)((int64_t)scan->characters + scan->growth);
	return IPM_LATIN1;
}

/* Bits of the state between two pieces of text. */
#define STATE_LEAD     0x03U /* of the character begun, to be ISO 8859-1 */
#define STATE_AFTER_CR 0x04U

/* is_narrow - tell whether UTF-8 travels as ISO 8859-1 */
static bool
is_narrow(const struct ipm_scan *scan)
{
	return !scan->ascii && scan->utf8 && scan->latin1;
}

/* ipm_scan_keeps - tell whether the text travels as it is */
bool
ipm_scan_keeps(const struct ipm_scan *scan)
{
	/* Each CR or LF that stands alone would make it longer. */
	return !scan->nul && scan->growth == 0 && !is_narrow(scan);
}

/* blank_nul - write a blank in place of each NUL */
static void
blank_nul(uint8_t *octets, size_t len)
{
	uint8_t *nul;

	while (len > 0 && (nul = memchr(octets, 0, len)) != NULL) {
		*nul = ' ';
		len -= (size_t)(nul + 1 - octets);
		octets = nul + 1;
	}
}

/* narrow - write UTF-8 of characters of ISO 8859-1 as that, where it lies: how
 * many octets */
static size_t
narrow(unsigned *lead, uint8_t *octets, size_t len)
{
	size_t made = 0;

	/* Each character beyond ASCII is C2 or C3 and one more octet. */
	for (size_t i = 0; i < len; i++) {
		if (octets[i] >= 0xc0)
			*lead = octets[i] & STATE_LEAD;
		else if (octets[i] >= 0x80)
			octets[made++] =
			    (uint8_t)(*lead << 6 | (octets[i] & 0x3fU));
		else
			octets[made++] = octets[i];
	}
	return made;
}

/* ipm_scan_convert - convert octets of the text as they travel */
int
ipm_scan_convert(const struct ipm_scan *scan, unsigned *state,
    struct slice text, struct buffer *out)
{
	struct line_end line_end = {(*state & STATE_AFTER_CR) != 0};
	unsigned lead = *state & STATE_LEAD;
	size_t before = buffer_length(out), len;
	uint8_t *octets;
	int error;

	if (text.len == 0)
		return 0;
	if ((error = line_end_append(&line_end, text, out)) < 0)
		return error;
	octets = out->data + out->start + before;
	len = buffer_length(out) - before;
	if (scan->nul)
		blank_nul(octets, len);
	if (is_narrow(scan))
		buffer_truncate(out, before + narrow(&lead, octets, len));
	*state = lead | (line_end.after_cr ? STATE_AFTER_CR : 0);
	return 0;
}
