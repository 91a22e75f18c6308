/* SPDX-License-Identifier: ISC */
/*
 * status_words.h - why a message was not delivered, as a user understands it
 */
#ifndef FOURPOST_MIXER_STATUS_WORDS_H
#define FOURPOST_MIXER_STATUS_WORDS_H

/* status_words - get a sentence for a reason and a diagnostic of X.411; by the
 * reason where the diagnostic says nothing */
const char *status_words(int reason, int diagnostic);

#endif
