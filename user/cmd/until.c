/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings are heeded that outputs may show: in time and place, whatever their severity. */
#include "cmd/until.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/complain.h"
#include "detect/detectors.h"
#include "util/fmt.h"
#include "util/mem.h"

/* Calls is() with each word; true as soon as one is true. */
static bool some_word(const char *words, bool (*is)(const char *word, const void *ctx),
		      const void *ctx)
{
	char *list = mem_strdup(words), *rest = list, *word;
	bool ret = false;

	while (!ret && (word = strsep(&rest, ",")))
		ret = is(word, ctx);
	free(list);
	return ret;
}

static bool is_unknown(const char *word, const void *ctx)
{
	(void)ctx;
	return !detectors_have(word) && severity_find(word) < 0;
}

static bool is_met_by(const char *word, const void *ctx)
{
	const struct finding *f = ctx;
	int severity = severity_find(word);

	return severity < 0 ? !strcmp(word, f->rule->id) : (int)f->severity >= severity;
}

int until_parse(struct until_options *o, const char *text)
{
	const size_t len = strcspn(text, "+");

	free(o->words);
	o->words = mem_strdup(text);
	o->words[len] = '\0';
	o->more_ns = 0;
	if (text[len] && parse_duration(text + len + 1, &o->more_ns))
		return -EINVAL;
	return some_word(o->words, is_unknown, NULL) ? -EINVAL : 0;
}

static int cut(void *priv, const struct event *ev)
{
	struct until *u = priv;

	if (!u->r || replay_in_key(u->r) || !until_is_over(u, ev->ts_ns))
		return 0;
	u->is_cut = true;
	return -ECANCELED;
}

static int wait_for(void *priv, const struct finding *f)
{
	const struct show_options *show;
	struct until *u = priv;

	show = &u->req->show;
	if (u->is_met || f->state == FINDING_OVER || f->last_ns <= show->since_ns ||
	    !scope_has_finding(&show->scope, f) || !some_word(u->req->until.words, is_met_by, f))
		return 0;
	u->is_met = true;
	u->end_ns = f->last_ns + u->req->until.more_ns;
	if (!u->req->about.quiet)
		complain("process %u: %s, which --until waits for", f->pid, f->rule->id);
	return 0;
}

static const struct sink_ops until_ops = { .name = "until", .event = cut, .finding = wait_for };

struct sink until_sink(struct until *u)
{
	return (struct sink){ .ops = &until_ops, .priv = u };
}

bool until_is_over(const struct until *u, uint64_t now_ns)
{
	return u->is_met && now_ns > u->end_ns;
}

void until_report(const struct until *u)
{
	if (u->req->until.words && !u->is_met && !u->req->about.quiet)
		complain("--until: no such finding came (%s)", u->req->until.words);
}
