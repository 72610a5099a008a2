/* SPDX-License-Identifier: BSD-2-Clause */
/* Both outputs as verbs see them. */
#include "sink/output.h"
#include "sink/space/space.h"

static const struct opt space_rows[] = {
	{ 'j', "json", NULL, "write JSON, an object a line", opt_set_true,
	  offsetof(struct output_choice, is_json), 0 },
	{ 0 },
};

static struct space_config config_of(const struct output_env *env,
				     const struct output_choice *choice)
{
	return (struct space_config){ .out = env->out,
				      .run = env->run,
				      .json = choice->is_json,
				      .utc = env->show->utc,
				      .since_ns = env->show->since_ns,
				      .scope = env->show->scope,
				      .all = env->show->all,
				      .width = output_width(env->out) };
}

static int maps_open(const struct output_env *env, void *options, struct sink *ret)
{
	const struct space_config cfg = config_of(env, options);

	*ret = maps_sink_new(&cfg);
	return 0;
}

const struct output maps_output = {
	.name = "maps",
	.kind = OUTPUT_MAPS,
	.heading = "What to show",
	.rows = space_rows,
	.options_bytes = sizeof(struct output_choice),
	.asks_makers = true,
	.asks_before = true,
	.open = maps_open,
};

static int addr_open(const struct output_env *env, void *options, struct sink *ret)
{
	const struct addr_options *o = options;
	struct space_config cfg = config_of(env, &o->choice);

	cfg.addr = o->addr;
	cfg.is_named = o->is_named;
	*ret = addr_sink_new(&cfg);
	return 0;
}

const struct output addr_output = {
	.name = "addr",
	.kind = OUTPUT_ADDR,
	.heading = "What to show",
	.rows = space_rows,
	.options_bytes = sizeof(struct addr_options),
	.asks_makers = true,
	.asks_before = true,
	.open = addr_open,
};
