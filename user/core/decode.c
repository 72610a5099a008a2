/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The wire format as events. Lengths are checked; names of mappings are turned round,
 * brought into the form of /proc/<pid>/maps, and interned.
 */
#include "core/decode.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/conditions.h"
#include "util/buf.h"
#include "util/mem.h"

/* include/uapi/linux/magic.h */
#define MAGIC_ANON_INODE 0x09041934
#define MAGIC_DMABUF	 0x444d4142

struct decoder {
	struct object_table *objects;
	const struct object *last; /* object of the mapping before, for MPW_NAME_SAME */
	struct vma_seen *seen;
	size_t cap;
	struct raw_stack raw;
	struct buf conditions; /* of the event at hand */
	char name[MPW_PATH_MAX + 64];
};

_Static_assert(sizeof(((struct event *)0)->comm) > MPW_COMM_LEN, "a comm is NUL-ended");

/* The rest of a record. */
struct rest {
	const char *at;
	size_t len;
};

static const void *rest_take(struct rest *r, size_t n_bytes)
{
	const void *p = r->at;

	if (r->len < n_bytes)
		return NULL;
	r->at += n_bytes;
	r->len -= n_bytes;
	return p;
}

/* Join components, innermost first and NUL-ended, to a path in d->name. Returns its length. */
static size_t path_join(struct decoder *d, const char *names, size_t len, bool cut)
{
	size_t out = 0, end = len, start;

	if (cut) {
		memcpy(d->name, "\xe2\x80\xa6", 3);
		out = 3;
	}
	while (end > 0 && out < sizeof(d->name) - 260) {
		start = end - 1;
		while (start > 0 && names[start - 1])
			start--;
		d->name[out++] = '/';
		memcpy(d->name + out, names + start, end - 1 - start);
		out += end - 1 - start;
		end = start;
	}
	if (!out)
		d->name[out++] = '/';
	return out;
}

static bool starts_with(const char *s, size_t len, const char *prefix)
{
	size_t n = strlen(prefix);

	return len >= n && !memcmp(s, prefix, n);
}

/* The object of a file without a path, by its dentry's name. */
static void key_of_pseudo(struct decoder *d, const struct mpw_vma *v, const char *name, size_t len,
			  struct object *key)
{
	const char *prefix = "/";
	size_t n;

	key->kind = OBJECT_FILE;
	key->deleted = true;
	if (v->magic == MAGIC_ANON_INODE) {
		prefix = "anon_inode:";
		key->deleted = false;
	} else if (v->magic == MAGIC_DMABUF) {
		prefix = "/dmabuf:";
		key->deleted = false;
	} else if (starts_with(name, len, "memfd:")) {
		key->kind = OBJECT_MEMFD;
	} else if (starts_with(name, len, "SYSV")) {
		key->kind = OBJECT_SYSV;
	} else if (len == 8 && starts_with(name, len, "dev/zero")) {
		key->kind = OBJECT_SHARED_ANON;
	}
	n = strlen(prefix);
	memcpy(d->name, prefix, n);
	memcpy(d->name + n, name, len);
	key->name = d->name;
	key->name_len = n + len;
}

static const struct object *object_of(struct decoder *d, const struct mpw_vma *v, const char *name)
{
	struct object key = { .dev = v->dev,
			      .ino = v->ino,
			      .mnt_ns = v->mnt_ns,
			      .marks = (v->name_flags & MPW_NAME_OPEN ? OBJECT_OPEN : 0) |
				       (v->name_flags & MPW_NAME_CUT ? OBJECT_CUT : 0) };
	size_t len = v->name_len ? strnlen(name, v->name_len) : 0;

	if (len >= MPW_PATH_MAX)
		len = MPW_PATH_MAX - 1;
	if (v->name_kind > MPW_NAME_SAME) /* from a newer kernel side than this program */
		return object_simple(d->objects, OBJECT_ANON);
	switch ((enum mpw_name)v->name_kind) {
	case MPW_NAME_PATH:
	case MPW_NAME_UNLINKED:
		key.kind = OBJECT_FILE;
		key.deleted = v->name_kind == MPW_NAME_UNLINKED;
		key.name_len = path_join(d, name, v->name_len > MPW_PATH_MAX ? 0 : v->name_len,
					 key.marks & OBJECT_CUT);
		key.name = d->name;
		break;
	case MPW_NAME_PSEUDO:
		key_of_pseudo(d, v, name, len, &key);
		break;
	case MPW_NAME_SPECIAL:
		key.kind = OBJECT_SPECIAL;
		key.name = name;
		key.name_len = len;
		break;
	case MPW_NAME_ANON:
		if (!len)
			return object_simple(d->objects, OBJECT_ANON);
		key.kind = OBJECT_ANON;
		key.name = name;
		key.name_len = len;
		break;
	case MPW_NAME_HEAP:
		return object_simple(d->objects, OBJECT_HEAP);
	case MPW_NAME_STACK:
		return object_simple(d->objects, OBJECT_STACK);
	case MPW_NAME_SAME:
		return d->last ? d->last : object_simple(d->objects, OBJECT_ANON);
	case MPW_NAME_NONE:
		return object_simple(d->objects, OBJECT_ANON);
	}
	return object_intern(d->objects, &key);
}

static struct attr attr_of(const struct mpw_vma *v, const struct object *obj)
{
	struct attr a = { .obj = obj, .flags = VMA_MAPPED };

	a.flags |= (v->vm_flags & MPW_VM_READ ? VMA_R : 0) |
		   (v->vm_flags & MPW_VM_WRITE ? VMA_W : 0) |
		   (v->vm_flags & MPW_VM_EXEC ? VMA_X : 0) |
		   (v->vm_flags & MPW_VM_MAYSHARE ? VMA_SHARED : 0) |
		   (v->vm_flags & MPW_VM_GROWSDOWN ? VMA_GROWSDOWN : 0) |
		   (v->vm_flags & MPW_VM_DONTCOPY ? VMA_DONTCOPY : 0);
#ifdef __x86_64__
	a.pkey = v->vm_flags >> MPW_VM_PKEY_BIT & 15;
#endif
	if (object_has_offsets(obj))
		a.off = v->off;
	return a;
}

static int take_vma(struct decoder *d, struct rest *r, struct vma_seen *ret)
{
	const struct mpw_vma *v = rest_take(r, sizeof(*v));
	const char *name = v ? rest_take(r, (v->name_len + 7u) & ~7u) : NULL;

	if (!name)
		return -EINVAL;
	d->last = object_of(d, v, name);
	ret->start = v->start;
	ret->end = v->end;
	ret->attr = attr_of(v, d->last);
	return 0;
}

static int take_range(struct decoder *d, struct rest *r, struct event *ev)
{
	const struct mpw_range *range = rest_take(r, sizeof(*range));
	uint64_t above = 0;
	size_t i;

	if (!range || range->lo >= range->hi || range->nr_vmas > r->len / sizeof(struct mpw_vma))
		return -EINVAL;
	if (range->nr_vmas > d->cap) {
		d->cap = range->nr_vmas * 2;
		d->seen = mem_grow(d->seen, d->cap, sizeof(*d->seen));
	}
	for (i = 0; i < range->nr_vmas; i++) {
		struct vma_seen *s = &d->seen[i];

		if (take_vma(d, r, s) || s->start >= s->end || s->start < above)
			return -EINVAL;
		above = s->end;
	}
	ev->has_range = true;
	ev->lo = range->lo;
	ev->hi = range->hi;
	ev->seen = d->seen;
	ev->nr_seen = range->nr_vmas;
	return 0;
}

static int take_tracer(struct rest *r, struct event *ev)
{
	const struct mpw_tracer *t = rest_take(r, sizeof(*t));

	if (!t)
		return -EINVAL;
	ev->call.tracer_pid = t->tgid;
	memcpy(ev->call.tracer_comm, t->comm, sizeof(t->comm));
	facts_set(&ev->facts, MPW_FACT_TRACER_UID, t->uid);
	return 0;
}

static int take_stack(struct decoder *d, struct rest *r, struct event *ev)
{
	const struct mpw_stack *s = rest_take(r, sizeof(*s));

	if (!s || s->len > MPW_STACK_BYTES)
		return -EINVAL;
	d->raw = (struct raw_stack){ .reg = (const uint64_t *)s->reg,
				     .data = rest_take(r, (s->len + 7u) & ~7u),
				     .len = s->len };
	ev->raw = &d->raw;
	return d->raw.data ? 0 : -EINVAL;
}

static int take_conditions(struct decoder *d, struct rest *r, struct event *ev)
{
	const struct mpw_conditions *wire = rest_take(r, sizeof(*wire));
	struct conditions c;

	if (!wire)
		return -EINVAL;
	conditions_decode(wire, &c);
	conditions_write(&c, &d->conditions, &ev->facts);
	return 0;
}

static int take_call(struct decoder *d, struct rest *r, const struct mpw_head *h, struct event *ev)
{
	const struct mpw_call_rec *rec = rest_take(r, sizeof(*rec) - sizeof(*h));
	bool compat = h->flags & MPW_F_COMPAT;
	unsigned int nargs = call_nr_args(h->call) && compat ? MPW_NR_ARGS : call_nr_args(h->call);
	const uint64_t *args = rest_take(r, nargs * sizeof(*args));
	struct vma_seen file;

	if (!rec || !args || !nargs)
		return -EINVAL;
	rec = (const struct mpw_call_rec *)h;
	ev->type = EVENT_CALL;
	ev->call.id = h->call;
	memcpy(ev->call.arg, args, nargs * sizeof(*args));
	ev->call.ret = rec->ret;
	ev->call.ip = rec->ip;
	ev->call.link = rec->link;
	ev->call.read_implies_exec = h->flags & MPW_F_RIE;
	ev->call.compat = compat;
	ev->call.unproven = h->flags & MPW_F_UNPROVEN;
	if (h->flags & MPW_F_TRACED && take_tracer(r, ev))
		return -EINVAL;
	if (h->flags & MPW_F_STACK && take_stack(d, r, ev))
		return -EINVAL;
	if (h->flags & MPW_F_CONDITIONS && take_conditions(d, r, ev))
		return -EINVAL;
	if (!(h->flags & MPW_F_FILE))
		return 0;
	if (take_vma(d, r, &file))
		return -EINVAL;
	ev->call.file = file.attr.obj;
	return 0;
}

/* An identity, with the program behind it if the head says so. */
static int take_id(struct decoder *d, struct rest *r, const struct mpw_head *h, struct event *ev)
{
	const struct mpw_id *id = rest_take(r, sizeof(*id));
	struct vma_seen program;

	if (!id)
		return -EINVAL;
	if (h->flags & MPW_F_FILE) {
		if (take_vma(d, r, &program))
			return -EINVAL;
		ev->exe = program.attr.obj;
	}
	if (!id->start_ns) /* the later pieces of a range have no identity */
		return 0;
	ev->start_ns = id->start_ns;
	ev->start_brk = id->start_brk;
	ev->ppid = id->ppid;
	facts_set(&ev->facts, MPW_FACT_UID, id->uid);
	if (id->ns_pid)
		facts_set(&ev->facts, MPW_FACT_NS_PID, id->ns_pid);
	if (id->mnt_ns)
		facts_set(&ev->facts, MPW_FACT_MNT_NS, id->mnt_ns);
	return 0;
}

static int take_fork(struct decoder *d, struct rest *r, const struct mpw_head *h, struct event *ev)
{
	const uint64_t *mm = rest_take(r, sizeof(*mm));
	const uint32_t *tgid;

	ev->type = EVENT_FORK;
	if (!mm || take_id(d, r, h, ev) || !(tgid = rest_take(r, 2 * sizeof(*tgid))))
		return -EINVAL;
	ev->child.mm = *mm;
	ev->child.pid = *tgid;
	if (!ev->child.pid || ev->child.pid == ev->pid) /* nobody is their own child */
		return -EINVAL;
	return 0;
}

static void set_nonzero(struct facts *facts, enum mpw_fact id, uint64_t value)
{
	if (value)
		facts_set(facts, id, value);
}

static void take_fault_facts(const struct mpw_fault_rec *rec, struct facts *facts)
{
	if (rec->sig != SIGSEGV)
		facts_set(facts, MPW_FACT_SIGNAL, rec->sig);
	set_nonzero(facts, MPW_FACT_STACK_POINTER, rec->sp);
	set_nonzero(facts, MPW_FACT_RETURN, rec->link);
	set_nonzero(facts, MPW_FACT_BAD_POINTER, rec->bad);
	set_nonzero(facts, MPW_FACT_STACK_MAX, rec->stack_max);
	if (rec->has_file) {
		facts_set(facts, MPW_FACT_FILE_BYTES, rec->file_bytes);
		facts_set(facts, MPW_FACT_FS_MAGIC, rec->fs_magic);
	}
	if (rec->has_file && rec->fs_room != UINT64_MAX)
		facts_set(facts, MPW_FACT_FS_ROOM, rec->fs_room);
	if (!rec->sender)
		return;
	facts_set(facts, MPW_FACT_SENDER, rec->sender);
	facts_set_word(facts, MPW_FACT_SENDER_COMM, rec->sender_comm,
		       strnlen(rec->sender_comm, sizeof(rec->sender_comm)));
}

static int take_fault(struct decoder *d, struct rest *r, const struct mpw_head *h, struct event *ev)
{
	const struct mpw_fault_rec *rec = (const struct mpw_fault_rec *)h;

	if (!rest_take(r, sizeof(*rec) - sizeof(*h)) || rec->access > MPW_ACCESS_EXEC)
		return -EINVAL;
	ev->type = EVENT_FAULT;
	ev->fault =
		(struct event_fault){ rec->addr, rec->ip, rec->code, rec->access, rec->handled };
	take_fault_facts(rec, &ev->facts);
	if (!(h->flags & MPW_F_STACK))
		return 0;
	if (take_stack(d, r, ev))
		return -EINVAL;
	d->raw.is_exact = true;
	return 0;
}

static int take_write(struct rest *r, const struct mpw_head *h, struct event *ev)
{
	const struct mpw_write_rec *rec = (const struct mpw_write_rec *)h;
	struct event_write *w = &ev->write;

	if (!rest_take(r, sizeof(*rec) - sizeof(*h)) || rec->how >= MPW_NR_WRITE_HOW ||
	    rec->flags & ~MPW_WRITE_FLAGS || !rec->tgid)
		return -EINVAL;
	ev->type = EVENT_WRITE;
	*w = (struct event_write){ .how = rec->how,
				   .flags = rec->flags,
				   .addr = rec->addr,
				   .len = rec->len,
				   .ret = rec->ret,
				   .pid = rec->tgid,
				   .tid = rec->tid,
				   .uid = rec->uid };
	memcpy(w->comm, rec->comm, sizeof(rec->comm));
	return 0;
}

static int take_kind(struct decoder *d, struct rest *r, const struct mpw_head *h, struct event *ev)
{
	const uint32_t *code;

	switch ((enum mpw_kind)h->kind) {
	case MPW_KIND_CALL:
		return take_call(d, r, h, ev);
	case MPW_KIND_EXEC:
		ev->type = EVENT_EXEC;
		return take_id(d, r, h, ev);
	case MPW_KIND_FORK:
		return take_fork(d, r, h, ev);
	case MPW_KIND_EXIT:
		ev->type = EVENT_EXIT;
		code = rest_take(r, 2 * sizeof(*code));
		if (!code)
			return -EINVAL;
		ev->exit_code = *code;
		return 0;
	case MPW_KIND_RANGE:
		ev->type = EVENT_RANGE;
		return take_id(d, r, h, ev);
	case MPW_KIND_WHO:
		ev->type = EVENT_PLACE;
		return take_id(d, r, h, ev);
	case MPW_KIND_FAULT:
		return take_fault(d, r, h, ev);
	case MPW_KIND_WRITE:
		return take_write(r, h, ev);
	}
	return -EINVAL;
}

struct decoder *decoder_new(struct object_table *objects)
{
	struct decoder *d = mem_alloc(sizeof(*d));

	d->objects = objects;
	return d;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	free(d->seen);
	buf_done(&d->conditions);
	free(d);
}

int decode(struct decoder *d, const void *record, size_t len, struct event *ret)
{
	struct rest r = { record, len };
	const struct mpw_head *h = rest_take(&r, sizeof(*h));

	if (!h || !h->tgid)
		return -EINVAL;
	event_clear(ret);
	ret->ts_ns = h->ts_ns;
	ret->mm = h->mm;
	ret->pid = h->tgid;
	ret->tid = h->tid;
	memcpy(ret->comm, h->comm, sizeof(h->comm));
	ret->sibling = h->flags & MPW_F_SIBLING;
	ret->range_unread = h->flags & MPW_F_BUSY;
	ret->racy = h->flags & MPW_F_RACY;
	ret->check = h->flags & MPW_F_CHECK;
	ret->uring = h->flags & MPW_F_URING;
	if (h->kind != MPW_KIND_RANGE)
		facts_set(&ret->facts, MPW_FACT_CPU, h->cpu);
	if (h->map_count)
		facts_set(&ret->facts, MPW_FACT_MAP_COUNT, h->map_count);
	d->last = NULL;
	if (take_kind(d, &r, h, ret))
		return -EINVAL;
	if (!(h->flags & (MPW_F_RANGE | MPW_F_BUSY)))
		return 0;
	if (take_range(d, &r, ret))
		return -EINVAL;
	ret->has_range = !ret->range_unread;
	return 0;
}
