/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shared objects as text and as JSON: each with its views, their protections and steps. Objects on
 * which processes differ come first, then those that can be written, that can be run, that could be, and
 * those that were only ever read.
 */
#include <stdlib.h>
#include <string.h>

#include "core/words.h"
#include "sink/paragraph.h"
#include "sink/report/report.h"
#include "sink/json_put.h"
#include "sink/when.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

#define PAGE_OBJECTS 10
#define PAGE_VIEWS   20
#define WRITERS_MAX  8

struct sharing_text {
	const struct report *r;
	struct buf *out;
	struct paragraph para;
};

struct ranked_object {
	const struct shared *object;
	size_t nr_now;		  /* views that are not gone */
	bool is_alias, is_uneven; /* true if the object is so now; see struct shared */
	bool is_wanted;		  /* true if a view is */
	int level;		  /* greater comes first */
};

static struct ranked_object rank(const struct shared *o)
{
	struct ranked_object r = { .object = o };
	const struct shared_view *v;
	uint16_t had = 0;

	for (v = o->views; v; v = v->next) {
		r.is_wanted |= v->is_wanted;
		r.nr_now += !v->is_gone;
		had |= v->had;
	}
	r.is_uneven = shared_is_uneven(o);
	r.is_alias = shared_is_alias(o);
	r.level = r.is_alias	? 8 :
		  o->was_alias	? 7 :
		  r.is_uneven	? 6 :
		  o->was_uneven ? 5 :
		  o->nr_writers ? 4 :
		  o->nr_runners ? 3 :
		  had & VMA_WX	? 2 : /* what was only ever read comes last, though it is there still */
		  r.nr_now	? 1 :
				  0;
	return r;
}

static int compare_ranked(const void *va, const void *vb)
{
	const struct ranked_object *a = va, *b = vb;
	const struct object *x = a->object->obj, *y = b->object->obj;
	int by = b->level - a->level;

	if (!by && a->object->nr_views != b->object->nr_views)
		by = a->object->nr_views > b->object->nr_views ? -1 : 1;
	if (!by)
		by = strcmp(x->name, y->name);
	if (!by)
		by = x->ino < y->ino ? -1 : x->ino > y->ino;
	return by;
}

static struct ranked_object *rank_all(const struct report *r, size_t *ret_nr)
{
	struct ranked_object *v = mem_array(HASH_COUNT(r->sharing.objects) + 1, sizeof(*v));
	const struct shared *o;
	size_t nr = 0;

	for (o = r->sharing.objects; o; o = o->hh.next) {
		v[nr] = rank(o);
		nr += v[nr].is_wanted;
	}
	qsort(v, nr, sizeof(*v), compare_ranked);
	*ret_nr = nr;
	return v;
}

static int compare_views(const void *va, const void *vb)
{
	const struct shared_view *a = *(const struct shared_view *const *)va;
	const struct shared_view *b = *(const struct shared_view *const *)vb;

	if (a->is_gone != b->is_gone)
		return a->is_gone ? 1 : -1;
	if (a->steps[0].ts_ns != b->steps[0].ts_ns)
		return a->steps[0].ts_ns < b->steps[0].ts_ns ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return a->start < b->start ? -1 : a->start > b->start;
}

/* All views, gone ones last. The array is to be freed. */
static const struct shared_view **views_of(const struct shared *o)
{
	const struct shared_view **v = mem_array(o->nr_views + 1, sizeof(*v)), *at;
	size_t nr = 0;

	for (at = o->views; at; at = at->next)
		v[nr++] = at;
	qsort(v, nr, sizeof(*v), compare_views);
	return v;
}

static const char *step_name(const struct view_step *s)
{
	const struct event ev = { .type = s->type, .call = { .id = s->call } };

	return event_name(&ev);
}

/* ---- the page ---- */

static void put_prot(struct buf *b, uint16_t flags)
{
	const struct attr attr = { .flags = flags };

	word_prot(b, &attr);
}

static void put_step(struct sharing_text *p, const struct view_step *s, uint64_t skipped)
{
	const struct report_config *cfg = &p->r->cfg;

	if (skipped) {
		buf_fill(p->out, ' ', 10);
		buf_puts(p->out, "... ");
		fmt_count(p->out, skipped, "change");
		buf_putc(p->out, '\n');
	}
	buf_fill(p->out, ' ', 10);
	fmt_time_of_day(p->out, s->ts_ns + cfg->run->boot_to_wall_ns, cfg->utc);
	buf_printf(p->out, " %-13s ", step_name(s));
	if (s->flags)
		put_prot(p->out, s->flags);
	else
		buf_puts(p->out, "gone");
	if (s->caller.obj) {
		buf_puts(p->out, " by ");
		word_caller(p->out, &s->caller, cfg->width > 70 ? cfg->width - 47 : 24);
	}
	buf_putc(p->out, '\n');
}

static void put_view(struct sharing_text *p, const struct shared_view *v)
{
	size_t mark = p->out->len;
	unsigned int i;
	uint64_t skipped;

	buf_dec(p->out, v->pid);
	align_right(p->out, mark, 9);
	buf_putc(p->out, ' ');
	mark = p->out->len;
	escape_text_cut(p->out, v->comm, strnlen(v->comm, 16), 16);
	buf_putc(p->out, ' ');
	buf_hex(p->out, v->start);
	buf_putc(p->out, '-');
	buf_hex(p->out, v->end);
	buf_putc(p->out, ' ');
	fmt_size(p->out, v->end - v->start);
	buf_puts(p->out, " at ");
	fmt_size(p->out, v->off);
	buf_puts(p->out, v->is_gone ? ", gone, was " : ": ");
	put_prot(p->out, v->flags);
	if (shared_view_gave_up_writing(v))
		buf_puts(p->out, ", could write before");
	if (v->is_coarse)
		buf_puts(p->out, ", parts of it differ");
	buf_putc(p->out, '\n');
	for (i = 0; i < shared_view_nr_kept(v); i++) {
		const struct view_step *s = shared_view_step(v, i, &skipped);

		put_step(p, s, skipped);
	}
}

/* "pid 4242 parent", each process once, at most WRITERS_MAX. */
static void put_writers(struct sharing_text *p, const struct shared_view **v, size_t nr,
			bool all_gone)
{
	uint32_t listed[WRITERS_MAX];
	size_t i, k, n = 0;

	para(&p->para, all_gone ? "who could write at last:" : "who can write:");
	for (i = 0; i < nr; i++) {
		if ((v[i]->is_gone && !all_gone) || !(v[i]->flags & VMA_W))
			continue;
		for (k = 0; k < n && listed[k] != v[i]->pid; k++)
			;
		if (k < n)
			continue;
		if (n == WRITERS_MAX)
			break;
		listed[n++] = v[i]->pid;
		para(&p->para, "pid~%u", v[i]->pid);
		para_name(&p->para, v[i]->comm, strnlen(v[i]->comm, 16), "");
	}
	if (!n || i < nr)
		para(&p->para, n ? "and more" : "nobody");
}

static void put_verdict(struct sharing_text *p, const char *sentence)
{
	para_begin(&p->para, 2);
	para(&p->para, "%s", sentence);
	para_end(&p->para);
}

static void put_verdicts(struct sharing_text *p, const struct ranked_object *r)
{
	if (r->is_alias)
		put_verdict(p, "WRITABLE AT ONE PLACE AND EXECUTABLE AT ANOTHER: code can be "
			       "written, and no protection changes");
	else if (r->object->was_alias)
		put_verdict(p, "WAS WRITABLE AT ONE PLACE AND EXECUTABLE AT ANOTHER at a time");
	else if (shared_is_capped(r->object))
		put_verdict(p, "it changed too often to tell if it was writable at one place and "
			       "executable at another");
	if (r->is_uneven)
		put_verdict(p, "a protection binds its own mapping alone: where writing was given "
			       "up, others still write");
	else if (r->object->was_uneven)
		put_verdict(p, "a protection binds its own mapping alone: where writing had been "
			       "given up, others could still write");
}

static void put_object(struct sharing_text *p, const struct ranked_object *r)
{
	const struct object *obj = r->object->obj;
	const struct shared_view **v = views_of(r->object);
	const size_t most = p->r->cfg.top ? p->r->cfg.top : PAGE_VIEWS;
	struct buf name = { 0 };
	size_t i;

	word_mapping(&name, obj, 0);
	para_begin(&p->para, 0);
	buf_add(p->out, name.data, name.len);
	p->para.col = escape_width(name.data, name.len);
	if (obj->inode_unknown)
		para(&p->para, "(several may go by this name):");
	else
		para(&p->para, "(%02x:%02x %llu):", dev_major(obj->dev), dev_minor(obj->dev),
		     (unsigned long long)obj->ino);
	if (r->nr_now) {
		para_count(&p->para, r->nr_now, "mapping", ",");
		para(&p->para, "%zu can write, %zu can run it;", r->object->nr_writers,
		     r->object->nr_runners);
	} else {
		para_count(&p->para, r->object->nr_views, "mapping", ", all gone;");
	}
	put_writers(p, v, r->object->nr_views, !r->nr_now);
	para_end(&p->para);
	put_verdicts(p, r);
	for (i = 0; i < r->object->nr_views && i < most; i++)
		put_view(p, v[i]);
	if (i < r->object->nr_views) {
		buf_puts(p->out, "  ... and ");
		fmt_count(p->out, r->object->nr_views - i, "mapping");
		buf_puts(p->out, " more (--top N shows them)\n");
	}
	buf_done(&name);
	free(v);
}

static void put_head(struct sharing_text *p, size_t nr, const struct totals *totals)
{
	const struct run_info *run = p->r->cfg.run;

	para_begin(&p->para, 0);
	para(&p->para, "Shared objects of");
	para_name(&p->para, run->what, strlen(run->what), ":");
	para_count(&p->para, nr, "object", totals->lost || p->r->sharing.nr_dropped ? ";" : "");
	if (totals->lost) {
		para_count(&p->para, totals->lost, "record", totals->lost == 1 ? " was" : " were");
		para(&p->para, "lost, some of what happened may be missing;");
	}
	if (p->r->sharing.nr_dropped)
		para_count(&p->para, p->r->sharing.nr_dropped, "mapping", " found no room");
	para_end(&p->para);
}

void sharing_page(struct report *r, const struct totals *totals)
{
	struct sharing_text p = { .r = r, .out = &r->cfg.out->buf };
	const size_t most = r->cfg.top ? r->cfg.top : PAGE_OBJECTS;
	size_t nr, i;
	struct ranked_object *v = rank_all(r, &nr);

	p.para = (struct paragraph){ .out = p.out, .width = r->cfg.width };
	put_head(&p, nr, totals);
	for (i = 0; i < nr && i < most; i++) {
		buf_putc(p.out, '\n');
		put_object(&p, &v[i]);
	}
	if (i < nr) {
		buf_puts(p.out, "\n... and ");
		fmt_count(p.out, nr - i, "object");
		buf_puts(p.out, " more (--top N shows them)\n");
	}
	free(v);
}

/* ---- JSON ---- */

static void json_view(struct buf *b, const struct shared_view *v)
{
	unsigned int i;
	uint64_t skipped;

	buf_puts(b, b->data[b->len - 1] == '[' ? "{" : ",{");
	put_u64(b, "pid", v->pid);
	put_string(b, "comm", v->comm, strnlen(v->comm, 16));
	put_hex(b, "start", v->start);
	put_hex(b, "end", v->end);
	put_u64(b, "offset", v->off);
	put_rights(b, "prot", v->flags);
	put_bool(b, "gone", v->is_gone);
	put_bool(b, "exact", !v->is_coarse);
	put_bool(b, "could_write", v->had & VMA_W);
	put_bool(b, "could_execute", v->had & VMA_X);
	put_u64(b, "steps", v->nr_steps);
	buf_puts(b, ",\"history\":[");
	for (i = 0; i < shared_view_nr_kept(v); i++) {
		const struct view_step *s = shared_view_step(v, i, &skipped);

		buf_puts(b, i ? ",{" : "{");
		put_u64(b, "ts_ns", s->ts_ns);
		put_string(b, "by", step_name(s), strlen(step_name(s)));
		put_rights(b, "prot", s->flags);
		put_site(b, "caller", &s->caller);
		if (skipped)
			put_u64(b, "skipped", skipped);
		buf_putc(b, '}');
	}
	buf_puts(b, "]}");
}

void sharing_json(struct report *r)
{
	struct buf *b = &r->cfg.out->buf;
	size_t nr, i, k;
	struct ranked_object *v = rank_all(r, &nr);

	for (i = 0; i < nr && (!r->cfg.top || i < r->cfg.top); i++) {
		const struct object *obj = v[i].object->obj;
		const struct shared_view **views = views_of(v[i].object);

		buf_puts(b, "{\"type\":\"shared\"");
		put_named(b, "name", obj);
		put_string(b, "kind", word_kind(obj->kind), strlen(word_kind(obj->kind)));
		put_u64(b, "dev_major", dev_major(obj->dev));
		put_u64(b, "dev_minor", dev_minor(obj->dev));
		put_u64(b, "ino", obj->ino);
		put_bool(b, "certain", !obj->inode_unknown);
		put_bool(b, "alias", v[i].is_alias);
		put_bool(b, "was_alias", v[i].object->was_alias);
		put_bool(b, "uneven", v[i].is_uneven);
		put_bool(b, "was_uneven", v[i].object->was_uneven);
		buf_puts(b, ",\"mappings\":[");
		for (k = 0; k < v[i].object->nr_views; k++)
			json_view(b, views[k]);
		buf_puts(b, "]}\n");
		free(views);
	}
	free(v);
}
