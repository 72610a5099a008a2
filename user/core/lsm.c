/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SELinux's conditions (file_map_prot_check and selinux_file_mprotect of security/selinux/hooks.c). All
 * need the right to execute, as READ_IMPLIES_EXEC may add it:
 *
 *   execmem    the mapping is of no file, or of one inside the kernel that has no name (System V
 *              segments, shared anonymous memory), or it is private and writable, too. It is asked
 *              for every time, even where the mapping was executable before.
 *
 * The others are asked for by mprotect(2) alone, of a mapping that was not executable, before that;
 * the first that holds:
 *
 *   execheap   the mapping lies between the heap's start and the break
 *   execstack  it is of no file, and holds the process's first stack pointer, or the thread's present
 *              one, which no call shows: threads' stacks are left out here
 *   execmod    it is of a file, and a page of it was copied since somebody wrote to it: that is
 *              private memory which was writable. No call shows the write itself.
 *
 * The heap's condition was another from Linux 6.6 to 6.10: memory that touches the heap.
 *
 * RestrictFileSystemAccess= asks for a file on a signed dm-verity device wherever a mapping becomes
 * executable: memory of no file, memfd and shared memory have none. From systemd 262 on it refuses
 * private files that are writable and executable, too.
 */
#include "core/lsm.h"

#define BIT(ask) (1u << (ask))

static bool has_file(const struct object *obj)
{
	return obj && object_has_offsets(obj);
}

/* True for files of the kernel's own, which have no name that a policy could know. */
static bool is_inside(const struct object *obj)
{
	return obj->kind == OBJECT_SYSV || obj->kind == OBJECT_SHARED_ANON;
}

static bool is_private(const struct lsm_mapping *m)
{
	return !(m->after & VMA_SHARED);
}

static void ask_on_gain(const struct lsm_mapping *m, struct lsm_asks *ret)
{
	if (m->in_heap)
		ret->sure |= BIT(LSM_EXECHEAP);
	else if (!has_file(m->obj) && m->obj && m->obj->kind == OBJECT_STACK)
		ret->sure |= BIT(LSM_EXECSTACK);
	else if (has_file(m->obj) && is_private(m))
		*(m->before & VMA_W ? &ret->sure : &ret->maybe) |= BIT(LSM_EXECMOD);
}

struct lsm_asks lsm_asks(const struct lsm_mapping *m)
{
	bool gains = !(m->before & VMA_MAPPED) || !(m->before & VMA_X);
	bool is_unknown = m->obj && m->obj->kind == OBJECT_UNKNOWN;
	struct lsm_asks ret = { 0 };

	if (!(m->after & VMA_X))
		return ret;
	if (is_unknown)
		ret.maybe |= BIT(LSM_EXECMEM) | (gains ? BIT(LSM_FSACCESS) : 0);
	else if (!has_file(m->obj) || is_inside(m->obj) || (is_private(m) && m->after & VMA_W))
		ret.sure |= BIT(LSM_EXECMEM);
	if (is_unknown || !gains)
		return ret;
	if (m->before & VMA_MAPPED)
		ask_on_gain(m, &ret);
	if (!m->obj || m->obj->kind != OBJECT_FILE)
		ret.sure |= BIT(LSM_FSACCESS);
	else if (is_private(m) && m->after & VMA_W)
		ret.maybe |= BIT(LSM_FSACCESS);
	return ret;
}

void lsm_asks_add(struct lsm_asks *asks, struct lsm_asks more)
{
	asks->sure |= more.sure;
	asks->maybe = (asks->maybe | more.maybe) & ~asks->sure;
}

const char *lsm_ask_name(enum lsm_ask ask)
{
	switch (ask) {
	case LSM_EXECMEM:
		return "execmem";
	case LSM_EXECHEAP:
		return "execheap";
	case LSM_EXECSTACK:
		return "execstack";
	case LSM_EXECMOD:
		return "execmod";
	case LSM_FSACCESS:
		return "fsaccess";
	case NR_LSM_ASKS:
		break;
	}
	return "?";
}
