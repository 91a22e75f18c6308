/* SPDX-License-Identifier: ISC */
/*
 * association_references.c - the references of a session connection
 *
 * X.225 8.3.1.3 to 6, X.228 8.1: within the PIs stands BER, an OCTET STRING
 * in normal mode and a T61String in X.410-1984 mode and from PP in any; a
 * peer that puts bare octets is understood too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ber/time.h"
#include "osi/association_internal.h"

#define NAME_MAX_USED 40

/* contents - without tag and length, where there are any of these tags */
static struct slice
contents(struct slice value, uint8_t tag, uint8_t other)
{
	if (value.len >= 2 &&
	    (value.data[0] == tag || value.data[0] == other) &&
	    value.data[1] == value.len - 2)
		return slice_of(value.data + 2, value.len - 2);
	return value;
}

/* copy - into a field of max octets */
static int
copy(struct slice from, uint8_t *to, uint8_t *len, size_t max)
{
	if (from.len > max)
		return ERR_LIMIT;
	if (from.len > 0)
		memcpy(to, from.data, from.len);
	*len = (uint8_t)from.len;
	return 0;
}

/* association_references_get - from the values of PIs */
int
association_references_get(struct slice calling, struct slice common,
    struct slice additional, struct association_references *out)
{
	struct rtse_references plain = {
	    .calling = contents(calling, 0x14, 0x04),
	    .common = contents(common, 0x17, 0x17),
	    .additional = contents(additional, 0x14, 0x04),
	};

	return association_references_plain(&plain, out);
}

/* association_references_plain - from contents */
int
association_references_plain(
    const struct rtse_references *from, struct association_references *out)
{
	struct association_references to = {.calling_len = 0};

	if (copy(from->calling, to.calling, &to.calling_len,
		sizeof(to.calling)) < 0 ||
	    copy(from->common, to.common, &to.common_len, sizeof(to.common)) <
		0 ||
	    copy(from->additional, to.additional, &to.additional_len,
		sizeof(to.additional)) < 0)
		return ERR_LIMIT;
	*out = to;
	return 0;
}

/* association_references_bare - contents, as RTSE has them */
struct rtse_references
association_references_bare(const struct association_references *from)
{
	return (struct rtse_references){
	    .calling = slice_of(from->calling, from->calling_len),
	    .common = slice_of(from->common, from->common_len),
	    .additional = slice_of(from->additional, from->additional_len),
	};
}

/* put - tag, length and contents in *room, which moves on */
static struct slice
put(uint8_t **room, uint8_t tag, const uint8_t *data, uint8_t len)
{
	uint8_t *at = *room;

	if (len == 0)
		return slice_of(NULL, 0);
	at[0] = tag;
	at[1] = len;
	memcpy(at + 2, data, len);
	*room = at + 2 + len;
	return slice_of(at, (size_t)len + 2);
}

/* association_references_put - as the values of PIs, calling under its own */
struct session_references
association_references_put(
    const struct association_references *references, uint8_t room[192])
{
	struct session_references out = {.called = {NULL, 0}};

	out.calling =
	    put(&room, 0x04, references->calling, references->calling_len);
	out.common =
	    put(&room, 0x17, references->common, references->common_len);
	out.additional = put(
	    &room, 0x14, references->additional, references->additional_len);
	return out;
}

/*
 * association_references_make - fresh references for a new association
 *
 * The additional reference has room for two characters only, and fifty
 * associations may open within the second that the common one counts: what
 * makes them unique is in the calling reference.
 */
void
association_references_make(
    struct association_references *references, struct slice name)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	static unsigned counter;
	struct association_references to = {.calling_len = 0};
	char unique[20], text[UTC_TIME_LEN + 1];
	size_t len = name.len > NAME_MAX_USED ? NAME_MAX_USED : name.len;

	if (len > 0)
		memcpy(to.calling, name.data, len);
	(void)snprintf(unique, sizeof(unique), "-%08x%08x", arc4random(),
	    (unsigned)getpid());
	memcpy(to.calling + len, unique, 17);
	to.calling_len = (uint8_t)(len + 17);
	utc_time_format(clock_wall() / 1000, text);
	memcpy(to.common, text, UTC_TIME_LEN);
	to.common_len = UTC_TIME_LEN;
	to.additional[0] = (uint8_t)letters[counter++ % 62];
	to.additional[1] = (uint8_t)letters[arc4random_uniform(62)];
	to.additional_len = 2;
	*references = to;
}

/* association_references_equal - whether all three are the same */
bool
association_references_equal(const struct association_references *a,
    const struct association_references *b)
{
	return slice_equal(slice_of(a->calling, a->calling_len),
		   slice_of(b->calling, b->calling_len)) &&
	    slice_equal(slice_of(a->common, a->common_len),
		slice_of(b->common, b->common_len)) &&
	    slice_equal(slice_of(a->additional, a->additional_len),
		slice_of(b->additional, b->additional_len));
}
