/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines for programs that read /proc/<pid>/maps: columns and escapes are the kernel's. */
#include "sink/maps_list.h"

#include "core/object.h"
#include "core/words.h"
#include "util/escape.h"
#include "wire.h"

#define NAME_COLUMN 73 /* show_map_vma() of fs/proc/task_mmu.c, 64-bit */

static void put_name(struct buf *b, const struct object *o, bool is_tty)
{
	struct buf name = { 0 };
	size_t i;

	word_mapping_raw(&name, o);
	if (is_tty)
		escape_text(b, name.data, name.len);
	for (i = 0; i < name.len && !is_tty; i++) {
		if (name.data[i] == '\n')
			buf_puts(b, "\\012");
		else
			buf_putc(b, name.data[i]);
	}
	if (o->deleted)
		buf_puts(b, " (deleted)");
	buf_done(&name);
}

/* One mapping, without a newline. */
static void put_line(struct buf *b, uint64_t start, uint64_t end, const struct attr *a, bool is_tty)
{
	const struct object *o = a->obj;
	bool has_file = object_has_offsets(o);
	size_t at = b->len;

	buf_printf(b, "%08llx-%08llx %c%c%c%c %08llx %02x:%02x %llu ", (unsigned long long)start,
		   (unsigned long long)end, a->flags & VMA_R ? 'r' : '-',
		   a->flags & VMA_W ? 'w' : '-', a->flags & VMA_X ? 'x' : '-',
		   a->flags & VMA_SHARED ? 's' : 'p', (unsigned long long)a->off, dev_major(o->dev),
		   dev_minor(o->dev), (unsigned long long)o->ino);
	at = b->len - at;
	if (has_file || o->name_len || a->flags & VMA_GUARD)
		buf_fill(b, ' ', at < NAME_COLUMN ? NAME_COLUMN - at : 0);
	if (has_file || o->name_len)
		put_name(b, o, is_tty);
	if (a->flags & VMA_GUARD) /* the kernel has no word for it in maps */
		buf_puts(b, has_file || o->name_len ? " [guard]" : "[guard]");
}

static void put(struct buf *b, const char *before, uint64_t start, uint64_t end,
		const struct attr *a, bool is_tty)
{
	buf_puts(b, before);
	put_line(b, start, end, a, is_tty);
	buf_putc(b, '\n');
}

void maps_list(struct buf *b, const struct aspace *as, bool is_tty)
{
	const struct vma *v;

	for (v = aspace_find(as, 0); v; v = aspace_next(as, v))
		put(b, "", v->start, v->end, &v->attr, is_tty);
}

void maps_change(struct buf *b, uint64_t start, uint64_t end, const struct attr *before,
		 const struct attr *after, bool is_tty)
{
	if (attr_is_mapped(before))
		put(b, "-", start, end, before, is_tty);
	if (attr_is_mapped(after))
		put(b, "+", start, end, after, is_tty);
}

struct diff_text {
	struct buf *b;
	bool is_tty;
};

static void on_diff(void *ctx, uint64_t start, uint64_t end, const struct attr *before,
		    const struct attr *after)
{
	struct diff_text *d = ctx;

	maps_change(d->b, start, end, before, after, d->is_tty);
}

void maps_diff(struct buf *b, const struct aspace *from, const struct aspace *to, bool is_tty)
{
	struct aspace *work = aspace_clone(from);
	struct diff_text d = { b, is_tty };
	const struct vma *v;
	uint64_t at = 0;

	for (v = aspace_find(to, 0); v; v = aspace_next(to, v)) {
		if (at < v->start)
			aspace_assign(work, at, v->start, NULL, on_diff, &d);
		aspace_assign(work, v->start, v->end, &v->attr, on_diff, &d);
		at = v->end;
	}
	if (at < MPW_TASK_MAX)
		aspace_assign(work, at, MPW_TASK_MAX, NULL, on_diff, &d);
	aspace_free(work);
}
