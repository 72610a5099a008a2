/* SPDX-License-Identifier: BSD-2-Clause */
/* The answer for one change, event, finding or mapping. */
#include "core/scope.h"

#include <errno.h>
#include <string.h>

#include "core/effect.h"
#include "core/refusal.h"
#include "core/stale.h"
#include "core/words.h"
#include "util/fmt.h"
#include "util/glob.h"

static const char letters[] = "rwx"; /* in the order of VMA_R, VMA_W and VMA_X */

/* ---- reading ---- */

int scope_parse_rights(struct scope *s, const char *text)
{
	const char *letter, *p = text;
	bool comes, goes;

	do {
		comes = *p != '-';
		goes = *p != '+';
		p += *p == '-' || *p == '+';
		if (!*p || *p == ',')
			return -EINVAL;
		for (; *p && *p != ','; p++) {
			letter = strchr(letters, *p);
			if (!letter)
				return -EINVAL;
			s->gained |= comes ? 1u << (letter - letters) : 0;
			s->ceased |= goes ? 1u << (letter - letters) : 0;
		}
	} while (*p++);
	return 0;
}

static int parse_side(struct scope_side *ret, const char *text, size_t len)
{
	size_t i;

	*ret = (struct scope_side){ 0 };
	while (len && *text == ' ')
		text++, len--;
	while (len && text[len - 1] == ' ')
		len--;
	ret->is_any = len == 1 && *text == '?';
	if (!len || ret->is_any || (len == 4 && !memcmp(text, "none", 4)))
		return 0;
	if (len != sizeof(letters) - 1)
		return -EINVAL;
	ret->is_mapped = true;
	for (i = 0; i < len; i++) {
		if (text[i] == '?')
			continue;
		if (text[i] != '-' && text[i] != letters[i])
			return -EINVAL;
		ret->mask |= 1u << i;
		ret->rights |= text[i] == '-' ? 0 : 1u << i;
	}
	return 0;
}

int scope_parse_turn(struct scope *s, const char *text)
{
	const char *sep = strchr(text, ':'), *to = sep ? sep + 1 : NULL;

	if (!sep) {
		to = strchr(text, '>'); /* as lines and rules have it */
		sep = to > text && to[-1] == '-' ? to - 1 : NULL;
		to = sep ? to + 1 : NULL;
	}
	if (!sep || parse_side(&s->from, text, sep - text) || parse_side(&s->to, to, strlen(to)))
		return -EINVAL;
	s->has_turn = true;
	return s->from.is_any && s->to.is_any ? -EINVAL : 0;
}

int scope_parse_range(struct scope *s, const char *text)
{
	size_t len = strcspn(text, "-+");
	uint64_t bytes;

	if (parse_addr(text, len, &s->lo))
		return -EINVAL;
	if (!text[len])
		s->hi = s->lo + 1;
	else if (text[len] == '-' && !parse_addr(text + len + 1, strlen(text + len + 1), &s->hi))
		;
	else if (text[len] == '+' && !parse_size(text + len + 1, &bytes))
		s->hi = s->lo + bytes;
	else
		return -EINVAL;
	return s->hi > s->lo ? 0 : -EINVAL;
}

/* ---- asking ---- */

bool scope_asks_rights(const struct scope *s)
{
	return s->gained || s->ceased || s->has_turn;
}

bool scope_is_some(const struct scope *s)
{
	return scope_asks_rights(s) || s->hi || s->min_bytes || s->mapping;
}

static bool has_name(const struct scope *s, const struct object *obj)
{
	struct buf b = { 0 };
	bool ret;

	if (!s->mapping)
		return true;
	if (!obj)
		return false;
	word_mapping_raw(&b, obj);
	ret = glob_matches_path(s->mapping, b.data, b.len);
	if (!ret && obj->deleted) {
		buf_puts(&b, " (deleted)");
		ret = glob_matches_path(s->mapping, b.data, b.len);
	}
	buf_done(&b);
	return ret;
}

bool scope_has_addr(const struct scope *s, uint64_t start, uint64_t end)
{
	return !s->hi || (start < s->hi && s->lo < end);
}

static bool has_range(const struct scope *s, uint64_t start, uint64_t end)
{
	return scope_has_addr(s, start, end) && end - start >= s->min_bytes;
}

static bool side_has(const struct scope_side *side, const struct attr *a)
{
	if (side->is_any)
		return true;
	if (attr_is_unknown(a) || attr_is_mapped(a) != side->is_mapped)
		return false;
	return (a->flags & side->mask) == side->rights;
}

static bool has_turn(const struct scope *s, const struct attr *before, const struct attr *after)
{
	const unsigned int comes = after->flags & ~before->flags,
			   goes = before->flags & ~after->flags;

	if ((s->gained || s->ceased) && !(comes & s->gained) && !(goes & s->ceased))
		return false;
	return !s->has_turn || (side_has(&s->from, before) && side_has(&s->to, after));
}

static bool has_all(const struct scope *s, uint64_t start, uint64_t end, const struct attr *before,
		    const struct attr *after)
{
	return has_range(s, start, end) && has_turn(s, before, after) &&
	       (has_name(s, before->obj) || has_name(s, after->obj));
}

bool scope_has_change(const struct scope *s, const struct change *ch)
{
	return !scope_is_some(s) || has_all(s, ch->start, ch->end, &ch->before, &ch->after);
}

/* The end of what a call asked for, which may be behind all addresses. */
static uint64_t end_of(uint64_t start, uint64_t len)
{
	return len > UINT64_MAX - start - page_bytes ? UINT64_MAX : page_up(start + len);
}

/* The change that a call asked for. */
static bool has_call(const struct scope *s, const struct event_call *c, const struct mm *mm)
{
	struct attr before = failed_place(c, mm), after = before;
	uint64_t start, len;

	if (!call_wanted(c, &start, &len))
		return false;
	if (c->id == MPW_CALL_MUNMAP)
		after = (struct attr){ 0 };
	if (call_names_prot(c->id))
		after.flags = (before.flags & ~VMA_PROT & ~VMA_UNKNOWN) | VMA_MAPPED |
			      (call_prot(c) & VMA_PROT);
	if (c->id == MPW_CALL_MMAP)
		after.obj = c->file;
	return has_all(s, page_down(start), end_of(start, len), &before, &after);
}

/* An access by the processor or another process, which changes no right. */
static bool has_access(const struct scope *s, uint64_t addr, uint64_t len, const struct object *obj)
{
	return !scope_asks_rights(s) && len <= UINT64_MAX - addr &&
	       has_range(s, addr, addr + len) && has_name(s, obj);
}

bool scope_has_event(const struct scope *s, const struct event *ev, const struct proc *p)
{
	struct attr at;

	if (!scope_is_some(s) || !p || event_is_snapshot(ev))
		return true;
	switch (ev->type) {
	case EVENT_CALL:
		return has_call(s, &ev->call, p->mm);
	case EVENT_FAULT:
		at = aspace_at(p->mm->as, ev->fault.addr);
		return fault_has_addr(&ev->fault) && has_access(s, ev->fault.addr, 1, at.obj);
	case EVENT_WRITE:
		at = stale_written(p, ev);
		return has_access(s, ev->write.addr, ev->write.len, at.obj);
	case EVENT_LOSS:
	case EVENT_RANGE:
	case EVENT_GUARDS:
		return true;
	case EVENT_EXEC:
	case EVENT_FORK:
	case EVENT_EXIT:
	case EVENT_PLACE:
	case EVENT_BUILD:
		break;
	}
	return false;
}

bool scope_has_finding(const struct scope *s, const struct finding *f)
{
	unsigned int i;

	if (!scope_is_some(s))
		return true;
	if (!scope_asks_rights(s) && has_range(s, f->start, f->end) && has_name(s, f->mapping))
		return true;
	for (i = 0; i < f->nr_kept; i++) {
		const struct finding_change *c = &f->changes[i];

		if (has_all(s, c->start, c->end, &c->before, &c->after))
			return true;
	}
	return false;
}

bool scope_has_mapping(const struct scope *s, uint64_t start, uint64_t end,
		       const struct object *obj)
{
	return has_range(s, start, end) && has_name(s, obj);
}
