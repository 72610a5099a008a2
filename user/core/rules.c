/* SPDX-License-Identifier: BSD-2-Clause */
/* The user's settings: look-up, and matching of suppressions. */
#include "core/rules.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "core/words.h"

#define NS_PER_S 1000000000ULL

void rules_init(struct rules *r)
{
	memset(r, 0, sizeof(*r));
	r->thresholds = (struct thresholds){
		.anon_exec_after_ns = 10 * NS_PER_S,
		.jit_changes = 8,
		.unpack_bytes = 64 << 10,
		.max_map_count = 65530, /* the kernel's default */
	};
}

void rules_done(struct rules *r)
{
	size_t i;

	for (i = 0; i < r->nr_settings; i++)
		free(r->settings[i].id);
	for (i = 0; i < r->nr_suppressions; i++) {
		struct suppression *s = &r->suppressions[i];

		free(s->name);
		free(s->reason);
		free(s->rule);
		free(s->exe);
		free(s->path);
		free(s->caller);
		free(s->transition);
	}
	free(r->settings);
	free(r->suppressions);
}

struct rule_setting *rules_setting(const struct rules *r, const char *id)
{
	size_t i;

	for (i = 0; i < r->nr_settings; i++)
		if (!strcmp(r->settings[i].id, id))
			return &r->settings[i];
	return NULL;
}

/* True if the condition is a device and an inode as /proc/<pid>/maps has them: "08:01 131076". */
static bool is_inode(const char *condition, uint32_t *ret_dev, uint64_t *ret_ino)
{
	unsigned long major, minor;
	char *end;

	major = strtoul(condition, &end, 16);
	if (end == condition || *end != ':')
		return false;
	condition = end + 1;
	minor = strtoul(condition, &end, 16);
	if (end == condition || *end != ' ')
		return false;
	condition = end + strspn(end, " ");
	*ret_ino = strtoull(condition, &end, 10);
	*ret_dev = dev_make(major, minor);
	return end != condition && !*end;
}

/*
 * A name says which file it is where the tracer's mounts lead to it: whoever makes other mounts
 * chooses what is at their paths. A program that its process chose is no sign at all.
 */
static bool object_matches(const char *condition, const struct object *obj, bool any_mount)
{
	struct buf name = { 0 };
	uint32_t dev;
	uint64_t ino;
	bool yes;

	if (!condition)
		return true;
	if (obj && obj->marks & OBJECT_CLAIM)
		return false;
	if (is_inode(condition, &dev, &ino))
		return obj && object_has_offsets(obj) && !obj->inode_unknown && obj->ino == ino &&
		       obj->dev == dev;
	if (obj && (obj->marks & OBJECT_FOLDED || (obj->mnt_ns && !any_mount)))
		return false;
	word_object(&name, obj);
	yes = !fnmatch(condition, buf_str(&name), 0);
	buf_done(&name);
	return yes;
}

static bool transition_matches(const char *glob, const struct change *ch)
{
	struct buf text = { 0 };
	bool yes;

	if (!glob)
		return true;
	word_transition(&text, ch);
	yes = !fnmatch(glob, buf_str(&text), 0);
	buf_done(&text);
	return yes;
}

bool rules_suppress(struct rules *r, const struct rule *rule, const struct change *ch)
{
	size_t i;

	for (i = 0; i < r->nr_suppressions; i++) {
		struct suppression *s = &r->suppressions[i];

		if (s->rule && strcmp(s->rule, rule->id) != 0)
			continue;
		if (!object_matches(s->exe, ch->proc->exe, s->any_mount) ||
		    !object_matches(s->path, change_object(ch), s->any_mount) ||
		    !object_matches(s->caller, ch->caller.obj, s->any_mount) ||
		    !transition_matches(s->transition, ch))
			continue;
		s->count++;
		return true;
	}
	return false;
}
