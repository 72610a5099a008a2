/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of what is mapped as an output: a table, or JSON, when the stream has ended. */
#include <stdlib.h>

#include "core/cast.h"
#include "sink/space/space.h"
#include "util/mem.h"

struct maps_sink {
	struct space_config cfg;
	struct space_views views;
};

static void maps_left(void *priv, struct life *l, struct space *sp, const struct event *ev)
{
	space_views_take(&((struct maps_sink *)priv)->views, l, sp, ev);
}

static int maps_finish(void *priv, const struct totals *totals)
{
	struct maps_sink *m = priv;
	struct buf *b = &m->cfg.out->buf;
	const struct space_view *v;

	(void)totals;
	for (v = m->views.first; v; v = v->next) {
		if (m->cfg.json)
			maps_json(b, &m->cfg, v);
		else
			maps_table(b, &m->cfg, v);
		if (v->next && !m->cfg.json)
			buf_putc(b, '\n');
	}
	return out_commit(m->cfg.out);
}

static void maps_remark(void *priv, struct buf *b)
{
	space_views_remark(&((struct maps_sink *)priv)->views, b);
}

static void maps_free(void *priv)
{
	struct maps_sink *m = priv;

	space_views_done(&m->views);
	free(m);
}

static const struct sink_ops maps_ops = {
	.name = "maps",
	.keeps_objects = true,
	.life_left = maps_left,
	.finish = maps_finish,
	.remark = maps_remark,
	.free = maps_free,
};

struct sink maps_sink_new(const struct space_config *cfg)
{
	struct maps_sink *m = mem_alloc(sizeof(*m));

	m->cfg = *cfg;
	space_views_init(&m->views);
	return (struct sink){ .ops = &maps_ops, .priv = m };
}
