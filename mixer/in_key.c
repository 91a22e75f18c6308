/* SPDX-License-Identifier: ISC */
/*
 * in_key.c - by what a message and its recipients are known again
 *
 * A client that was cut off sends the same sender, ENVID and octets, and of
 * each recipient the same address and ORCPT.
 *
 * SHA-256 of all octets would be a seventh of what a message of 100 KB costs.
 * It is of the beginning, where the server that took the message has put its
 * name, a number and the time, and of XXH3 of the rest.  A sender who makes two
 * texts of the same XXH3 can have the second dropped under the beginning of the
 * first alone, and so loses nobody's message but his own.
 */
#include <stdio.h>
#include <xxhash.h>

#include "mixer/in.h"

/* Octets of the beginning. */
#define BEGINNING 4096

struct in_key_state {
	struct tls_digest *digest; /* of the beginning, and what follows */
	XXH3_state_t *rest;
	uint64_t length;
};

/* in_key_new - make what computes keys */
struct in_key_state *
in_key_new(void)
{
	static struct in_key_state state;

	state.digest = tls_digest_new();
	state.rest = XXH3_createState();
	return state.digest != NULL && state.rest != NULL ? &state : NULL;
}

/* in_key_begin - begin with a content */
int
in_key_begin(struct in_key_state *state)
{
	state->length = 0;
	(void)XXH3_128bits_reset(state->rest);
	return tls_digest_reset(state->digest);
}

/* in_key_push - take octets of it */
int
in_key_push(struct in_key_state *state, struct slice octets)
{
	size_t first = 0;
	int error = 0;

	if (state->length < BEGINNING) {
		first = BEGINNING - (size_t)state->length;
		if (first > octets.len)
			first = octets.len;
		error = tls_digest_push(
		    state->digest, slice_of(octets.data, first));
	}
	if (first < octets.len)
		(void)XXH3_128bits_update(
		    state->rest, octets.data + first, octets.len - first);
	state->length += octets.len;
	return error;
}

/* finish_content - compute the digest of a content */
static int
finish_content(struct in_key_state *state, uint8_t digest[TLS_DIGEST_LEN])
{
	XXH128_canonical_t rest;
	int error = 0;

	/* A short content has the key that it had in earlier releases. */
	if (state->length > BEGINNING) {
		XXH128_canonicalFromHash(
		    &rest, XXH3_128bits_digest(state->rest));
		error = tls_digest_push(
		    state->digest, slice_of(rest.digest, sizeof(rest.digest)));
	}
	return error == 0 ? tls_digest_finish(state->digest, digest) : error;
}

/* hash_texts - compute the digest of texts, each with its length before it */
static int
hash_texts(
    const struct slice *texts, size_t count, uint8_t digest[TLS_DIGEST_LEN])
{
	struct buffer all;
	int error = 0;

	buffer_init(&all, 4 * LMTP_PATH_MAX);
	for (size_t i = 0; error == 0 && i < count; i++) {
		uint32_t len = (uint32_t)texts[i].len;

		error = buffer_append(&all, &len, sizeof(len));
		if (error == 0)
			error =
			    buffer_append(&all, texts[i].data, texts[i].len);
	}
	if (error == 0)
		error = tls_digest(buffer_slice(&all), digest);
	buffer_fini(&all);
	return error;
}

/* in_key_recipient - compute by what a recipient is known */
int
in_key_recipient(
    const struct lmtp_recipient *recipient, uint8_t hash[IPC_RECIPIENT_LEN])
{
	const struct slice texts[] = {slice_of_string(recipient->to),
	    slice_of_string(recipient->orcpt_type),
	    slice_of(recipient->orcpt, recipient->orcpt_len)};
	uint8_t digest[TLS_DIGEST_LEN];
	int error = hash_texts(texts, 3, digest);

	if (error == 0)
		memcpy(hash, digest, IPC_RECIPIENT_LEN);
	return error;
}

/* in_key_make - compute the key of a message */
int
in_key_make(struct in *in)
{
	const struct lmtp_mail *mail = &in->server.mail;
	uint8_t content[TLS_DIGEST_LEN], digest[TLS_DIGEST_LEN];
	const struct slice texts[] = {slice_of_string(mail->from),
	    slice_of(mail->envid, mail->envid_len),
	    slice_of(content, sizeof(content))};
	int error = finish_content(in->key_state, content);

	if (error == 0)
		error = hash_texts(texts, 3, digest);
	for (size_t i = 0; error == 0 && i < IN_KEY_LEN / 2; i++)
		(void)snprintf(in->key + 2 * i, 3, "%02x", digest[i]);
	return error;
}
