/* SPDX-License-Identifier: ISC */
/*
 * status_words.c - why a message was not delivered, as a user understands it
 *
 * Contract in status_words.h.
 */
#include "mixer/status_words.h"

#include <stddef.h>

/* by diagnostic */
static const char *const diagnostics[] = {[0] = "There is no such address.",
    [1] = "The address stands for more than one user.",
    [2] = "The mail system is overloaded.",
    [3] = "The message went round in a loop.",
    [4] = "The recipient cannot take messages now.",
    [5] = "It could not be delivered in time.",
    [6] = "The recipient cannot show this kind of message.",
    [7] = "The message is too long for the recipient.",
    [8] = "The message cannot be converted for the recipient.",
    [9] = "The message would have to be converted, which is not allowed.",
    [10] = "The message would have to be converted, which is not arranged.",
    [11] = "Something in the message or its addresses is not valid.",
    [12] = "The message is damaged.",
    [13] = "Something in the message is longer than is allowed.",
    [14] = "Two mail systems did not understand each other.",
    [15] = "The recipient cannot show this kind of message.",
    [16] = "The message has too many recipients.",
    [17] = "The mail systems have no agreement to exchange messages.",
    [18] = "The message asks for something that the mail system lacks.",
    [19] = "The message would lose something when converted, which is not "
	   "allowed.",
    [26] = "The message would have to go to somebody else, which is not "
	   "allowed.",
    [27] = "The message was forwarded in a loop.",
    [28] = "The recipient is a list, to which the message must not go.",
    [29] = "The sender may not write to this list.",
    [30] = "The list could not be expanded.",
    [35] = "There is no such recipient.",
    [36] = "The recipient has died.",
    [37] = "The organization does not exist any more.",
    [38] = "The recipient refused the message.",
    [40] = "The recipient has another address now.",
    [46] = "The message could not be secured, or its security failed.",
    [47] = "The message cannot be converted for the recipient.",
    [48] = "The mail system of the recipient could not be reached.",
    [49] = "It was tried as often as is allowed."};

/* by reason */
static const char *const reasons[] = {
    [0] = "The mail system of the recipient could not be reached.",
    [1] = "The mail system could not pass the message on.",
    [2] = "The message could not be converted for the recipient.",
    [5] = "The recipient does not take messages from this sender.",
    [6] = "The directory could not be asked.",
    [7] = "The message could not be kept for later.",
    [8] = "It was not passed on for a reason of security."};

/* find - find a sentence, or NULL */
static const char *
find(const char *const *list, size_t count, int code)
{
	return code >= 0 && (size_t)code < count ? list[code] : NULL;
}

/* status_words - get a sentence for a reason and a diagnostic */
const char *
status_words(int reason, int diagnostic)
{
	const char *words = find(diagnostics,
	    sizeof(diagnostics) / sizeof(diagnostics[0]), diagnostic);

	if (words == NULL)
		words =
		    find(reasons, sizeof(reasons) / sizeof(reasons[0]), reason);
	return words != NULL ? words : "It could not be delivered.";
}
