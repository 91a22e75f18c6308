/* SPDX-License-Identifier: ISC */
/*
 * in_key.c - by what a message and its recipients are known again
 *
 * A client that was cut off sends the same sender, ENVID and octets, and of
 * each recipient the same address and ORCPT.
 */
#include <stdio.h>

#include "mixer/in.h"

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
	int error = tls_digest_finish(in->digest, content);

	if (error == 0)
		error = hash_texts(texts, 3, digest);
	for (size_t i = 0; error == 0 && i < IN_KEY_LEN / 2; i++)
		(void)snprintf(in->key + 2 * i, 3, "%02x", digest[i]);
	return error;
}
