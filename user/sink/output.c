/* SPDX-License-Identifier: BSD-2-Clause */
/* Setters and settings that outputs have in common. */
#include "sink/output.h"

#include "util/term.h"

int output_choose(const struct opt *o, void *field, const char *arg, const char **why)
{
	struct output_choice *choice = field;

	(void)o, (void)arg, (void)why;
	choice->is_chosen = true;
	return 0;
}

int output_choose_file(const struct opt *o, void *field, const char *arg, const char **why)
{
	struct output_choice *choice = field;

	(void)o, (void)why;
	choice->is_chosen = true;
	choice->path = arg;
	return 0;
}

enum severity output_severity(const struct show_options *show, enum severity preset)
{
	return show->severity ? (enum severity)show->severity - 1 : preset;
}

int output_width(const struct out *out)
{
	return term_width(out->fd);
}

struct line_config output_line_config(const struct output_env *env)
{
	const struct show_options *show = env->show;
	const enum severity preset = show->select.findings_only ? SEVERITY_INFO : SEVERITY_MEDIUM;

	return (struct line_config){
		.out = env->out,
		.run = env->run,
		.select = show->select,
		.scope = show->scope,
		.time = show->time,
		.utc = show->utc,
		.header = !show->no_header,
		.stack = show->stack,
		.fields = show->fields,
		.color = term_wants_color(env->out->fd, show->color),
		.width = env->out->is_tty ? term_width(env->out->fd) : 0,
		.min_severity = output_severity(show, preset),
		.max_events = show->max_events,
	};
}
