/* SPDX-License-Identifier: BSD-2-Clause */
/* Endings that are not known promise nothing. */
#include "cmd/ending.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "cmd/complain.h"
#include "cmd/verb.h"
#include "util/escape.h"

#define LINES  (1u << OUTPUT_LINES)
#define TABLES (1u << OUTPUT_REPORT | 1u << OUTPUT_AUDIT)

static const struct {
	const char *ending;
	const char *formats[3]; /* names of what may be in it; NULL behind the last */
	const char *promise;
	const char *verb; /* what to type for it; NULL: the verb at hand, if kinds has its kind */
	const char *options; /* before the file */
	unsigned int kinds;
} endings[] = {
	{ ".svg", { "svg" }, "a picture", "timeline", "--svg", 0 },
	{ ".html", { "html" }, "a page", "timeline", "--html", 0 },
	{ ".htm", { "html" }, "a page", "timeline", "--html", 0 },
	{ ".pftrace", { "perfetto" }, "a trace for Perfetto", "timeline", "--perfetto", 0 },
	{ ".json", { "json", "chrome" }, "JSON", NULL, "-j -o", LINES | TABLES },
	{ ".ndjson", { "json" }, "JSON", NULL, "-j -o", LINES | TABLES },
	{ ".jsonl", { "json" }, "JSON", NULL, "-j -o", LINES | TABLES },
	{ ".csv", { "csv" }, "CSV", NULL, "--csv -o", LINES },
	{ ".rec", { "recording" }, "a recording", "record", "-o", 0 },
};

#define NR_ENDINGS (sizeof(endings) / sizeof(*endings))

static bool ends_with(const char *path, const char *ending)
{
	size_t len = strlen(path), n = strlen(ending);

	return len > n && !strcasecmp(path + len - n, ending);
}

static bool may_hold(size_t i, const char *format)
{
	const char *const *f;

	for (f = endings[i].formats; *f && strcmp(*f, format) != 0; f++)
		;
	return *f;
}

/* The format in a sentence: as its ending says, or text. */
static const char *words_for(const char *format)
{
	size_t i;

	for (i = 0; i < NR_ENDINGS; i++)
		if (may_hold(i, format))
			return endings[i].promise;
	return "text";
}

static void refuse(const struct verb *v, const char *path, size_t i, const char *format)
{
	const char *verb = endings[i].verb;
	struct buf name = { 0 };

	if (!verb && v->groups & GROUP(FORMS) && v->kinds & endings[i].kinds &&
	    !(v->kinds & 1u << OUTPUT_RECORDING))
		verb = v->name;
	escape_text(&name, path, strlen(path));
	complain("'%1$s' would hold %2$s, and not %3$s as its name says: \"mprotwatch%4$s%5$s %6$s "
		 "%1$s\" makes that (see --help)",
		 buf_str(&name), words_for(format), endings[i].promise, verb ? " " : "",
		 verb ? verb : "", endings[i].options);
	buf_done(&name);
}

int ending_check(const struct request *req)
{
	const struct output *o = NULL;
	const struct output_choice *c;
	const char *path, *format;
	void *options = NULL;
	int kind;
	size_t i;

	for (kind = 0; kind < NR_OUTPUT_KINDS && !o; kind++)
		if (req->verb->kinds >> kind & 1)
			o = request_output(req, kind, &options);
	if (!o)
		return 0;
	c = options;
	path = o->kind == OUTPUT_RECORDING ? c->path : req->output;
	format = req->learn ? "rules" : c->is_json ? "json" : o->name;
	for (i = 0; path && i < NR_ENDINGS; i++) {
		if (!ends_with(path, endings[i].ending) || may_hold(i, format))
			continue;
		refuse(req->verb, path, i, format);
		return -EINVAL;
	}
	return 0;
}
