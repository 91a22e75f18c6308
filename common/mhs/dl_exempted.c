/* SPDX-License-Identifier: ISC */
/*
 * dl_exempted.c - whom the expansion of a list must leave out
 */
#include "mhs/dl_exempted.h"

/* dl_exempted_begin - begin to read the names */
bool
dl_exempted_begin(
    const struct extension_list *extensions, struct ber_reader *reader)
{
	const struct extension *extension =
	    extension_find(extensions, EXTENSION_DL_EXEMPTED_RECIPIENTS);
	struct ber_reader outer;
	struct ber_element el;

	if (extension == NULL)
		return false;
	ber_reader_init(&outer, extension->value, NULL);
	if (ber_expect(&outer, BER_UNI(BER_SET), "exempted", &el) != 0 ||
	    ber_enter(&outer, &el, reader) != 0)
		return false;
	/* Each step of an expansion reads them all, and an envelope of
	 * strangers may have hundreds of thousands. */
	if (reader->rest.len > DL_EXEMPTED_MAX)
		reader->rest.len = DL_EXEMPTED_MAX;
	return true;
}

/* dl_exempted_next - read the next name */
int
dl_exempted_next(
    struct ber_reader *reader, struct arena *arena, struct or_name *name)
{
	struct ber_element el;

	while (ber_next(reader, &el) > 0) {
		int rc = or_name_decode(reader, &el, "exempted", arena, name);

		if (rc == 0)
			return 1;
		if (rc == ERR_NOMEM)
			return rc;
	}
	return 0;
}
