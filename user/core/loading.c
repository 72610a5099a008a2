/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * glibc's loader maps all modules, relocates each, and makes its RELRO read-only. When it starts a
 * program, it unmaps its cache of names at last. Code of others that calls means that the loader is
 * done; but malloc, which the loader uses, is libc's.
 */
#include "core/loading.h"

#include <string.h>

#include "core/object.h"

static bool is_module(const struct object *obj)
{
	return obj && obj->kind == OBJECT_FILE;
}

bool loading_is_loader(const struct loading *l, const struct object *module)
{
	const char *name;

	if (!is_module(module))
		return false;
	if (l->loader)
		return object_same(l->loader, module);
	name = strrchr(module->name, '/');
	name = name ? name + 1 : module->name;
	return !strncmp(name, "ld-", 3) || !strncmp(name, "ld.so", 5) ||
	       !strncmp(name, "ld64.so", 7);
}

/* The module of the instruction that made the call. */
static const struct object *module_of_ip(const struct change *ch)
{
	return caller_at(ch->proc->mm, ch->ev->call.ip).obj;
}

bool loading_is_call(const struct loading *l, const struct change *ch)
{
	return ch->ev->type == EVENT_CALL && !ch->caller.is_copy &&
	       loading_is_loader(l, ch->caller.obj) && loading_is_loader(l, module_of_ip(ch));
}

bool loading_is_fresh(const struct loading *l, const struct object *module)
{
	unsigned int i;

	for (i = 0; is_module(module) && i < LOADING_FRESH; i++)
		if (l->fresh[i] && object_same(l->fresh[i], module))
			return true;
	return false;
}

static void fresh_add(struct loading *l, const struct object *module)
{
	if (loading_is_fresh(l, module))
		return;
	l->nr_fresh += !l->fresh[l->next_fresh];
	l->fresh[l->next_fresh] = module;
	l->next_fresh = (l->next_fresh + 1) % LOADING_FRESH;
}

static void fresh_remove(struct loading *l, const struct object *module)
{
	unsigned int i;

	for (i = 0; i < LOADING_FRESH; i++) {
		if (!l->fresh[i] || !object_same(l->fresh[i], module))
			continue;
		l->fresh[i] = NULL;
		l->nr_fresh--;
	}
}

static void end(struct loading *l)
{
	memset(l->fresh, 0, sizeof(l->fresh));
	l->nr_fresh = 0;
	l->is_starting = l->is_mapping = false;
}

void loading_exec(struct loading *l, const struct object *obj)
{
	if (obj->kind != OBJECT_FILE && obj->kind != OBJECT_MEMFD)
		return;
	if (!l->exe) { /* exec maps two files executable: the program, then the loader above it */
		l->exe = obj;
		l->is_starting = true;
		fresh_add(l, obj);
	} else if (!l->loader && !object_same(l->exe, obj)) {
		l->loader = obj;
	}
}

static bool is_cache(const struct object *obj)
{
	return is_module(obj) && strstr(obj->name, "/ld.so.cache");
}

/* A call of somebody else's. libc calls for the loader, too, and then nobody but libc is named. */
static void others_call(struct loading *l, const struct change *ch)
{
	const struct object *by = ch->caller.obj, *ip;

	if (!l->nr_fresh && !l->is_starting && !l->is_mapping)
		return;
	l->is_mapping = false;
	ip = module_of_ip(ch);
	if (is_module(by) && ip && object_same(by, ip) && !(l->exe && object_same(by, l->exe)))
		return;
	end(l);
}

void loading_change(struct loading *l, const struct change *ch, bool maps, bool is_relro)
{
	const struct object *before = ch->before.obj, *after = ch->after.obj;
	bool is_own;

	if (ch->ev->type != EVENT_CALL)
		return;
	if (!loading_is_call(l, ch)) {
		others_call(l, ch);
		return;
	}
	is_own = loading_is_loader(l, after); /* its RELRO holds the rights of stacks */
	if (maps)
		l->is_mapping = is_module(after) || ch->ev->call.arg[3] & ABI_MAP_FIXED;
	else
		l->is_mapping &= is_own || (after && after->kind < OBJECT_FILE);
	if (maps && is_module(after) && !is_own)
		fresh_add(l, after);
	if (is_relro)
		fresh_remove(l, after);
	if (l->is_starting && !after && is_cache(before))
		end(l);
}

void loading_hold(const struct loading *l)
{
	unsigned int i;

	object_hold(l->exe);
	object_hold(l->loader);
	for (i = 0; i < LOADING_FRESH; i++)
		object_hold(l->fresh[i]);
}
