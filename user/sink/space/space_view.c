/* SPDX-License-Identifier: BSD-2-Clause */
/* Views of processes, and the words that both outputs have for them. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "core/cast.h"
#include "core/words.h"
#include "sink/json_put.h"
#include "sink/space/space.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

/* Views of all processes of a recording, where none is named, and their mappings */
#define MAX_VIEWS 4096
#define MAX_VMAS  (1u << 21)

static void view_free(struct space_view *v)
{
	aspace_free(v->as);
	makers_put(v->makers);
	free(v->past);
	free(v);
}

void space_views_init(struct space_views *v)
{
	*v = (struct space_views){ .end = &v->first };
}

/* Another process had the pid before: it is shown no more. */
static void drop_older(struct space_views *v, uint32_t pid)
{
	struct space_view **at = &v->first, *old;

	while ((old = *at)) {
		if (old->pid == pid) {
			*at = old->next;
			v->nr_vmas -= aspace_nr_vmas(old->as);
			view_free(old);
			v->nr--;
		} else {
			at = &old->next;
		}
	}
	v->end = at;
}

struct space_view *space_views_take(struct space_views *v, const struct life *l,
				    const struct space *sp, const struct event *ev)
{
	struct space_view *view;

	/* an exec leaves a space that is gone already */
	if (!l->is_shown || !sp->mm || (ev && ev->type != EVENT_EXIT))
		return NULL;
	drop_older(v, l->pid);
	if (v->nr >= MAX_VIEWS || v->nr_vmas >= MAX_VMAS) {
		v->nr_dropped++;
		return NULL;
	}
	view = mem_alloc(sizeof(*view));
	view->pid = l->pid;
	memcpy(view->comm, l->comm, sizeof(view->comm));
	view->exe = l->exe;
	view->end_ns = ev ? ev->ts_ns : 0;
	view->exit_code = ev ? ev->exit_code : 0;
	view->is_stale = sp->mm->stale;
	view->as = aspace_clone(sp->mm->as);
	view->makers = makers_share(sp->mm->makers);
	*v->end = view;
	v->end = &view->next;
	v->nr++;
	v->nr_vmas += aspace_nr_vmas(view->as);
	return view;
}

void space_views_remark(const struct space_views *v, struct buf *b)
{
	if (!v->nr_dropped)
		return;
	fmt_count(b, v->nr_dropped, "process");
	buf_puts(b, " found no room: name one with -p");
}

void space_views_done(struct space_views *v)
{
	struct space_view *at, *next;

	for (at = v->first; at; at = next) {
		next = at->next;
		view_free(at);
	}
}

/* ---- words ---- */

size_t space_put_time(struct buf *b, const struct space_config *cfg, uint64_t ts_ns)
{
	size_t mark = b->len;

	fmt_time_of_day(b, ts_ns + cfg->run->boot_to_wall_ns, cfg->utc);
	b->len -= 3; /* milliseconds tell neighbours apart well enough */
	return b->len - mark;
}

void space_put_who(struct buf *b, const struct space_config *cfg, const struct space_view *v)
{
	buf_dec(b, v->pid);
	buf_putc(b, ' ');
	escape_text(b, v->comm, strnlen(v->comm, 16));
	buf_putc(b, ' ');
	word_program(b, v->exe, 0);
	if (!v->end_ns)
		return;
	buf_puts(b, ", ended ");
	space_put_time(b, cfg, v->end_ns);
	if (v->exit_code == EXIT_UNSEEN) {
		buf_puts(b, ", unseen");
	} else if (WIFEXITED(v->exit_code)) {
		buf_printf(b, " with status %d", WEXITSTATUS(v->exit_code));
	} else {
		buf_puts(b, ", killed by ");
		word_signal(b, WTERMSIG(v->exit_code));
	}
}

bool space_leaves_out(const struct space_config *cfg, const struct piece_made *p)
{
	return (cfg->since_ns && (!p->made || p->made->made_ns <= cfg->since_ns)) ||
	       !scope_has_mapping(&cfg->scope, p->start, p->end, p->attr.obj);
}

void space_put_perms(struct buf *b, const struct attr *a)
{
	word_prot(b, a);
	buf_putc(b, a->flags & VMA_SHARED ? 's' : 'p');
}

/* True if the use says more than the mapping's name. */
static bool says_more(enum mapping_use use)
{
	return use == USE_ARENA || use == USE_THREAD_STACK || use == USE_GUARD ||
	       use == USE_RESERVED || use == USE_JIT || use == USE_SHARED;
}

void space_put_use(struct buf *b, const struct piece_made *p, size_t max_cols)
{
	const struct object *o = p->attr.obj;
	const char *use = use_name(p->use);
	bool is_nameless = o->kind == OBJECT_ANON && !o->name_len;

	if (says_more(p->use)) {
		buf_puts(b, use);
		if (is_nameless)
			return;
		buf_putc(b, ' ');
		max_cols = max_cols > strlen(use) + 9 ? max_cols - strlen(use) - 1 : 8;
	}
	word_mapping(b, o, max_cols);
}

/* ---- JSON ---- */

void space_json_who(struct buf *b, const struct space_view *v)
{
	put_u64(b, "pid", v->pid);
	put_string(b, "comm", v->comm, strnlen(v->comm, 16));
	put_named(b, "exe", v->exe);
	put_bool(b, "ended", v->end_ns);
	if (v->end_ns)
		put_u64(b, "ended_ns", v->end_ns);
	put_bool(b, "certain", !v->is_stale);
}

static void json_maker(struct buf *b, const char *by, const char *site, const struct maker *m)
{
	struct buf word = { 0 };

	word_maker(&word, m, 0);
	put_word(b, by, buf_str(&word));
	buf_done(&word);
	if (!m || m->key.type != EVENT_CALL)
		return;
	put_word(b, site, call_name(m->key.call));
	put_site(b, "caller", &m->key.caller);
	if (m->key.functions[0])
		put_word(b, "functions", m->key.functions);
}

void space_json_made(struct buf *b, const struct piece_made *p)
{
	const struct made *made = p->made;

	json_maker(b, "made_by", "call", made ? made->maker : NULL);
	if (!made)
		return;
	put_u64(b, "made_ns", made->made_ns);
	if (!made->changed_ns)
		return;
	put_u64(b, "changed_ns", made->changed_ns);
	put_rights(b, "was", made->was);
	put_key(b, "change");
	buf_putc(b, '{');
	json_maker(b, "made_by", "call", made->changer);
	buf_putc(b, '}');
}
