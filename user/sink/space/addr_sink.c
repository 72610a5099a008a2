/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One address as an output: what is mapped there, by whom, since when, and what it was before. Of a
 * long past the first and the last changes are kept. A forked child has its parent's.
 */
#include <stdlib.h>
#include <string.h>

#include "core/cast.h"
#include "core/words.h"
#include "sink/json_put.h"
#include "sink/space/space.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

#define FIRST_STEPS 8
#define LAST_STEPS  56
#define MAX_PASTS   4096

/* A change of the address. */
struct addr_step {
	uint64_t ts_ns, start, end;
	struct attr before, after;
	uint32_t pid, tid;
	uint8_t type, call; /* enum event_type, enum mpw_call */
	struct caller caller;
};

struct addr_past {
	uint64_t nr;
	struct addr_step first[FIRST_STEPS], last[LAST_STEPS]; /* last: a ring */
};

struct addr_sink {
	struct space_config cfg;
	unsigned int slot; /* of spaces: struct addr_past */
	struct space_views views;
	size_t nr_pasts;
};

/* ---- collecting ---- */

static struct addr_past *past_copy(struct addr_sink *a, const struct addr_past *from)
{
	struct addr_past *copy;

	if (a->nr_pasts >= MAX_PASTS)
		return NULL;
	a->nr_pasts++;
	copy = mem_alloc(sizeof(*copy));
	if (from)
		*copy = *from;
	return copy;
}

static int addr_begin(void *priv, const struct event *ev, const struct proc *proc,
		      const struct proc *child)
{
	struct addr_sink *a = priv;
	struct space *from, *to;

	(void)ev;
	if (!child || !proc || child->mm == proc->mm)
		return 0;
	from = proc->life->space;
	to = child->life->space;
	if (from->slots[a->slot] && !to->slots[a->slot])
		to->slots[a->slot] = past_copy(a, from->slots[a->slot]);
	return 0;
}

static int addr_change(void *priv, const struct change *ch)
{
	struct addr_sink *a = priv;
	struct space *sp = ch->proc->mm->space;
	struct addr_past *p = sp->slots[a->slot];
	struct addr_step *s;

	if (ch->ev->ts_ns <= a->cfg.since_ns)
		return 0;
	if (a->cfg.addr < ch->start || a->cfg.addr >= ch->end || !change_is_counted(ch))
		return 0;
	if (!p)
		p = sp->slots[a->slot] = past_copy(a, NULL);
	if (!p)
		return 0;
	s = p->nr < FIRST_STEPS ? &p->first[p->nr] : &p->last[(p->nr - FIRST_STEPS) % LAST_STEPS];
	p->nr++;
	*s = (struct addr_step){ .ts_ns = ch->ev->ts_ns,
				 .start = ch->start,
				 .end = ch->end,
				 .before = ch->before,
				 .after = ch->after,
				 .pid = ch->ev->pid,
				 .tid = ch->ev->tid,
				 .type = ch->ev->type };
	if (ch->ev->type == EVENT_CALL) {
		s->call = ch->ev->call.id;
		s->caller = ch->caller;
	}
	return 0;
}

/* True if something is at the address, or ever was; of named processes all are shown. */
static bool is_shown(const struct addr_sink *a, const struct space *sp)
{
	return a->cfg.is_named || sp->slots[a->slot] ||
	       (sp->mm && aspace_at(sp->mm->as, a->cfg.addr).flags & VMA_MAPPED);
}

static void addr_left(void *priv, struct life *l, struct space *sp, const struct event *ev)
{
	struct addr_sink *a = priv;
	struct addr_past *past = sp->slots[a->slot];
	struct space_view *view = is_shown(a, sp) ? space_views_take(&a->views, l, sp, ev) : NULL;

	if (view && past)
		view->past = past_copy(a, past);
	if (sp->nr_users || !past)
		return;
	sp->slots[a->slot] = NULL;
	a->nr_pasts--;
	free(past);
}

/* ---- what is there ---- */

/* The piece that holds addr, or else those beside it; start and end 0: there is none. */
struct addr_found {
	uint64_t addr;
	struct piece_made at, below, above;
};

static void look_at(void *ctx, const struct piece_made *p)
{
	struct addr_found *f = ctx;

	if (p->end <= f->addr)
		f->below = *p;
	else if (p->start <= f->addr)
		f->at = *p;
	else if (!f->above.end)
		f->above = *p;
}

static struct addr_found find_addr(const struct addr_sink *a, const struct space_view *v)
{
	struct addr_found f = { .addr = a->cfg.addr };

	remains_each(v->as, v->makers, look_at, &f);
	return f;
}

/* ---- text ---- */

static void put_piece(struct buf *b, const struct piece_made *p)
{
	space_put_perms(b, &p->attr);
	buf_putc(b, ' ');
	buf_hex(b, p->start);
	buf_putc(b, '-');
	buf_hex(b, p->end);
	buf_puts(b, " (");
	fmt_size_short(b, p->end - p->start);
	buf_puts(b, ") ");
	space_put_use(b, p, 0);
	buf_putc(b, '\n');
}

static void put_by(struct buf *b, const struct maker *m)
{
	word_maker(b, m, 0);
	if (m && m->key.functions[0]) {
		buf_puts(b, " (");
		escape_again(b, m->key.functions, strlen(m->key.functions));
		buf_putc(b, ')');
	}
	buf_putc(b, '\n');
}

static void put_made(struct buf *b, const struct space_config *cfg, const struct made *made)
{
	const struct attr was = { .flags = made ? made->was : 0 };

	if (!made) {
		buf_puts(b, "  who made it is not known\n");
		return;
	}
	buf_puts(b, made->maker->key.type == EVENT_RANGE ? "  there " : "  made ");
	space_put_time(b, cfg, made->made_ns);
	if (made->maker->key.type == EVENT_RANGE) {
		buf_puts(b, ", and before: who made it was not seen\n");
	} else {
		buf_puts(b, " by ");
		put_by(b, made->maker);
	}
	if (!made->changed_ns)
		return;
	buf_puts(b, "  was ");
	word_prot(b, &was);
	buf_puts(b, " until ");
	space_put_time(b, cfg, made->changed_ns);
	buf_puts(b, ", changed by ");
	put_by(b, made->changer);
}

static void put_beside(struct buf *b, const struct addr_found *f)
{
	buf_puts(b, "  nothing is mapped there\n");
	if (f->below.end) {
		buf_puts(b, "  ");
		fmt_size_short(b, f->addr - f->below.end);
		buf_puts(b, " above the end of ");
		put_piece(b, &f->below);
	}
	if (f->above.end) {
		buf_puts(b, "  ");
		fmt_size_short(b, f->above.start - f->addr);
		buf_puts(b, " below ");
		put_piece(b, &f->above);
	}
}

static void put_side(struct buf *b, const struct attr *a)
{
	if (attr_is_mapped(a) || attr_is_unknown(a))
		word_prot(b, a);
	else
		buf_puts(b, "none");
}

static void put_step(struct buf *b, const struct space_config *cfg, const struct addr_step *s)
{
	const struct event ev = { .type = s->type, .call = { .id = s->call } };
	const struct object *obj = attr_is_mapped(&s->after) ? s->after.obj : s->before.obj;

	buf_puts(b, "  ");
	space_put_time(b, cfg, s->ts_ns);
	buf_printf(b, " %-9s ", event_name(&ev));
	put_side(b, &s->before);
	buf_puts(b, " -> ");
	put_side(b, &s->after);
	buf_putc(b, ' ');
	buf_hex(b, s->start);
	buf_putc(b, ' ');
	fmt_size_short(b, s->end - s->start);
	if (s->type == EVENT_CALL) {
		buf_puts(b, " by ");
		word_caller(b, &s->caller, 24);
	}
	if (obj && cfg->width > 80) {
		buf_putc(b, ' ');
		word_mapping(b, obj, cfg->width - 72);
	}
	buf_putc(b, '\n');
}

/* Calls fn for each step that was kept; nr_skipped counts those before it that were not. */
static void each_step(const struct addr_past *p, void *ctx,
		      void (*fn)(void *ctx, const struct addr_step *s, uint64_t nr_skipped))
{
	uint64_t i, behind = p->nr > FIRST_STEPS ? p->nr - FIRST_STEPS : 0;
	uint64_t skipped = behind > LAST_STEPS ? behind - LAST_STEPS : 0;

	for (i = 0; i < p->nr && i < FIRST_STEPS; i++)
		fn(ctx, &p->first[i], 0);
	for (i = skipped; i < behind; i++)
		fn(ctx, &p->last[i % LAST_STEPS], i == skipped ? skipped : 0);
}

static void text_step(void *ctx, const struct addr_step *s, uint64_t nr_skipped)
{
	const struct space_config *cfg = ctx;
	struct buf *b = &cfg->out->buf;

	if (nr_skipped) {
		buf_puts(b, "  ... ");
		fmt_count(b, nr_skipped, "change");
		buf_putc(b, '\n');
	}
	put_step(b, cfg, s);
}

static void put_view(struct addr_sink *a, const struct space_view *v)
{
	const struct addr_found f = find_addr(a, v);
	struct buf *b = &a->cfg.out->buf;

	buf_hex(b, a->cfg.addr);
	buf_puts(b, " of ");
	space_put_who(b, &a->cfg, v);
	buf_puts(b, v->is_stale ? ", not known for sure:\n" : ":\n");
	if (f.at.end) {
		buf_puts(b, "  +0x");
		buf_hex(b, f.addr - f.at.start);
		buf_puts(b, " in ");
		put_piece(b, &f.at);
		put_made(b, &a->cfg, f.at.made);
	} else {
		put_beside(b, &f);
	}
	if (v->past)
		each_step(v->past, &a->cfg, text_step);
}

/* ---- JSON ---- */

static void json_piece(struct buf *b, const struct piece_made *p)
{
	put_hex(b, "start", p->start);
	put_hex(b, "end", p->end);
	put_rights(b, "prot", p->attr.flags);
	put_bool(b, "shared", p->attr.flags & VMA_SHARED);
	put_word(b, "use", use_name(p->use));
	put_named(b, "mapping", p->attr.obj);
	put_u64(b, "offset", p->attr.off);
	space_json_made(b, p);
}

static void json_beside(struct buf *b, const char *key, const struct piece_made *p)
{
	if (!p->end)
		return;
	put_key(b, key);
	buf_putc(b, '{');
	json_piece(b, p);
	buf_putc(b, '}');
}

static void json_step(void *ctx, const struct addr_step *s, uint64_t nr_skipped)
{
	const struct event ev = { .type = s->type, .call = { .id = s->call } };
	struct buf *b = ctx;

	buf_puts(b, b->data[b->len - 1] == '[' ? "{" : ",{");
	put_u64(b, "ts_ns", s->ts_ns);
	put_word(b, "by", event_name(&ev));
	put_u64(b, "pid", s->pid);
	put_u64(b, "tid", s->tid);
	put_hex(b, "start", s->start);
	put_hex(b, "end", s->end);
	put_rights(b, "before", s->before.flags);
	put_rights(b, "after", s->after.flags);
	put_named(b, "mapping", attr_is_mapped(&s->after) ? s->after.obj : s->before.obj);
	put_site(b, "caller", &s->caller);
	if (nr_skipped)
		put_u64(b, "skipped", nr_skipped);
	buf_putc(b, '}');
}

static void json_view(struct addr_sink *a, const struct space_view *v)
{
	const struct addr_found f = find_addr(a, v);
	struct buf *b = &a->cfg.out->buf;

	buf_puts(b, "{\"type\":\"addr\"");
	put_hex(b, "addr", f.addr);
	space_json_who(b, v);
	put_bool(b, "mapped", f.at.end);
	if (f.at.end)
		json_piece(b, &f.at);
	json_beside(b, "below", &f.below);
	json_beside(b, "above", &f.above);
	put_u64(b, "steps", v->past ? ((const struct addr_past *)v->past)->nr : 0);
	buf_puts(b, ",\"history\":[");
	if (v->past)
		each_step(v->past, b, json_step);
	buf_puts(b, "]}\n");
}

/* ---- the sink ---- */

static int addr_finish(void *priv, const struct totals *totals)
{
	struct addr_sink *a = priv;
	const struct space_view *v;

	(void)totals;
	if (!a->views.first && !a->cfg.json) {
		buf_hex(&a->cfg.out->buf, a->cfg.addr);
		buf_puts(&a->cfg.out->buf, ": nothing was mapped there, in any process\n");
	}
	for (v = a->views.first; v; v = v->next) {
		if (a->cfg.json)
			json_view(a, v);
		else
			put_view(a, v);
	}
	return out_commit(a->cfg.out);
}

static void addr_remark(void *priv, struct buf *b)
{
	space_views_remark(&((struct addr_sink *)priv)->views, b);
}

static void addr_free(void *priv)
{
	struct addr_sink *a = priv;

	space_views_done(&a->views);
	free(a);
}

static const struct sink_ops addr_ops = {
	.name = "addr",
	.keeps_objects = true,
	.begin_event = addr_begin,
	.change = addr_change,
	.life_left = addr_left,
	.finish = addr_finish,
	.remark = addr_remark,
	.free = addr_free,
};

struct sink addr_sink_new(const struct space_config *cfg)
{
	struct addr_sink *a = mem_alloc(sizeof(*a));

	a->cfg = *cfg;
	space_views_init(&a->views);
	return (struct sink){ .ops = &addr_ops, .priv = a, .slot = &a->slot };
}
