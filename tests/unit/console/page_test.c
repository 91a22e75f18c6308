/* SPDX-License-Identifier: ISC */
/*
 * page_test.c - the page can be used by everybody, and asks nobody else
 *
 * What a machine can tell without a browser: each input has its label and each
 * reference its target, nothing would be refused by the page's own policy, and
 * every text stands out from its ground as WCAG 2.1 wants it (4.5 to 1), in
 * light and in dark.
 */
#include "console/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

/* text_of - copy a part of the page as a string, to be freed */
static char *
text_of(enum page_part part)
{
	struct slice octets = page_get(part);
	char *text = strndup((const char *)octets.data, octets.len);

	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(strlen(text), octets.len);
	return text;
}

/* has_id - tell whether an element has an id, and one alone */
static bool
has_id(const char *page, const char *id)
{
	char attribute[128];
	const char *first;

	snprintf(attribute, sizeof(attribute), " id=\"%s\"", id);
	first = strstr(page, attribute);
	return first != NULL && strstr(first + 1, attribute) == NULL;
}

/* check_references - check that what an attribute names is there */
static void
check_references(const char *page, const char *attribute)
{
	size_t len = strlen(attribute);

	for (const char *at = page; (at = strstr(at, attribute)) != NULL;) {
		char id[64];

		at += len;
		snprintf(id, sizeof(id), "%.*s", (int)strcspn(at, "\""), at);
		ck_assert_msg(
		    has_id(page, id), "%s%s leads nowhere", attribute, id);
	}
}

/* check_labels - check that each field to fill in has a label */
static void
check_labels(const char *page, const char *element)
{
	for (const char *at = page; (at = strstr(at, element)) != NULL; at++) {
		const char *id = strstr(at, " id=\"");
		char label[128];

		ck_assert_ptr_nonnull(id);
		id += 5;
		snprintf(label, sizeof(label), "<label for=\"%.*s\"",
		    (int)strcspn(id, "\""), id);
		ck_assert_msg(strstr(page, label) != NULL, "no %s", label);
	}
}

/* check_page - check one page */
static void
check_page(enum page_part part)
{
	char *page = text_of(part);

	ck_assert_ptr_nonnull(strstr(page, "<html lang=\"en\">"));
	ck_assert_ptr_nonnull(strstr(page, "width=device-width"));
	ck_assert_ptr_nonnull(strstr(page, "<main"));
	ck_assert_ptr_nonnull(strstr(page, "<h1>"));
	check_references(page, " aria-labelledby=\"");
	check_references(page, " aria-describedby=\"");
	check_references(page, " for=\"");
	check_references(page, " href=\"#");
	check_labels(page, "<input");
	check_labels(page, "<select");
	/* The policy refuses these, and the page must not need them. */
	ck_assert_ptr_null(strstr(page, " style=\""));
	ck_assert_ptr_null(strstr(page, "<style"));
	ck_assert_ptr_null(strstr(page,
	    " on"
	    "click"));
	ck_assert_ptr_null(strstr(page, "<script>"));
	ck_assert_ptr_null(strstr(page, "//"));
	free(page);
}

START_TEST(pages)
{
	check_page(PAGE_PAGE);
	check_page(PAGE_LOGIN);
}
END_TEST

/* Text of others becomes text, whatever is in it. */
START_TEST(script_makes_no_markup)
{
	static const char *const bad[] = {"innerHTML", "outerHTML",
	    "insertAdjacentHTML", "document.write", "eval(", "http:", "https:"};
	char *script = text_of(PAGE_SCRIPT);
	char *svg = strstr(script, "http://www.w3.org/2000/svg");

	/* The name of SVG is no address that is called. */
	ck_assert_ptr_nonnull(svg);
	memset(svg, ' ', strlen("http://www.w3.org/2000/svg"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(strstr(script, bad[i]) == NULL, "%s", bad[i]);
	free(script);
}
END_TEST

/* luminance - tell how bright "--NAME: #RRGGBB" in a style is */
static double
luminance(const char *style, const char *name)
{
	static const double weights[] = {0.2126, 0.7152, 0.0722};
	unsigned channels[3];
	char variable[64];
	const char *at;
	double sum = 0;

	snprintf(variable, sizeof(variable), "--%s: #", name);
	at = strstr(style, variable);
	ck_assert_msg(at != NULL, "no %s", variable);
	ck_assert_int_eq(sscanf(at + strlen(variable), "%2x%2x%2x",
			     &channels[0], &channels[1], &channels[2]),
	    3);
	for (int i = 0; i < 3; i++) {
		double c = channels[i] / 255.0;

		sum += weights[i] *
		    (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
	}
	return sum;
}

/* check_contrast - check that two colours stand out from each other */
static void
check_contrast(const char *style, const char *a, const char *b, double least)
{
	double x = luminance(style, a), y = luminance(style, b);
	double ratio = ((x > y ? x : y) + 0.05) / ((x > y ? y : x) + 0.05);

	ck_assert_msg(ratio >= least, "%s on %s: %.2f", a, b, ratio);
}

START_TEST(contrast)
{
	static const char *const texts[][2] = {{"text", "card"},
	    {"text", "ground"}, {"faint", "card"}, {"faint", "ground"},
	    {"accent", "card"}, {"accent", "ground"}, {"card", "accent"},
	    {"bad", "bad-ground"}, {"bad", "card"}, {"good", "good-ground"},
	    {"good", "card"}, {"wait", "wait-ground"}, {"wait", "card"},
	    {"text", "bad-ground"}};
	/* Drawings need 3 to 1. */
	static const char *const drawings[] = {
	    "age-hour", "age-day", "age-week", "age-older", "in", "out"};
	char *light = text_of(PAGE_STYLE);
	const char *dark = strstr(light, "prefers-color-scheme: dark");

	ck_assert_ptr_nonnull(dark);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		check_contrast(light, texts[i][0], texts[i][1], 4.5);
		check_contrast(dark, texts[i][0], texts[i][1], 4.5);
	}
	for (size_t i = 0; i < sizeof(drawings) / sizeof(drawings[0]); i++) {
		check_contrast(light, drawings[i], "card", 3);
		check_contrast(dark, drawings[i], "card", 3);
	}
	free(light);
}
END_TEST

TEST_MAIN("console/page", TEST(pages); TEST(script_makes_no_markup);
	  TEST(contrast))
