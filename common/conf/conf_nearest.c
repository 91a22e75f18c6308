/* SPDX-License-Identifier: ISC */
/*
 * conf_nearest.c - the name that somebody may have meant
 *
 * The distance is that of Damerau and Levenshtein, with two neighbours that
 * changed places as one difference; '_' and capitals count as '-' and small
 * letters.
 */
#include "conf/conf_nearest.h"

#include <string.h>

#define NAME_MAX_LEN 40

/* folded - fold what people write for one another */
static char
folded(char c)
{
	return c == '_'		   ? '-'
	    : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a')
				   : c;
}

/* least - return the smallest of three */
static size_t
least(size_t a, size_t b, size_t c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/* distance - count the differences between two names that are not too long */
static size_t
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t d[NAME_MAX_LEN + 1][NAME_MAX_LEN + 1];

	for (size_t i = 0; i <= a_len; i++)
		for (size_t j = 0; j <= b_len; j++) {
			size_t same;

			if (i == 0 || j == 0) {
				d[i][j] = i + j;
				continue;
			}
			same = folded(a[i - 1]) != folded(b[j - 1]);
			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1,
			    d[i - 1][j - 1] + same);
			if (i > 1 && j > 1 &&
			    folded(a[i - 1]) == folded(b[j - 2]) &&
			    folded(a[i - 2]) == folded(b[j - 1]) &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	return d[a_len][b_len];
}

/* conf_nearest_look - keep a name if it is nearer than those before */
void
conf_nearest_look(struct conf_nearest *nearest, const char *name)
{
	size_t wanted_len = strlen(nearest->wanted), len = strlen(name), d;

	if (wanted_len > NAME_MAX_LEN || len > NAME_MAX_LEN)
		return;
	d = distance(nearest->wanted, wanted_len, name, len);
	/* A third of the letters may differ, and one of a short word. */
	if (d > (wanted_len < 3 ? 1 : wanted_len / 3) ||
	    (nearest->name != NULL && d >= nearest->distance))
		return;
	nearest->name = name;
	nearest->distance = d;
}
