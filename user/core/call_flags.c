/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of flags; the values are in abi.h. */
#include "core/call_flags.h"

#include "core/effect.h"

#define PREFIX 4 /* of MAP_ */

/* A flag of mmap(2); the others have no more than a name. */
static const struct {
	uint32_t bit;
	const char *name;
	bool matters, says_where;
} map_flags[] = {
	{ ABI_MAP_SHARED, "MAP_SHARED", false, false },
	{ ABI_MAP_PRIVATE, "MAP_PRIVATE", false, false },
	{ ABI_MAP_FIXED, "MAP_FIXED", true, true },
	{ ABI_MAP_ANONYMOUS, "MAP_ANONYMOUS", false, false },
	{ ABI_MAP_32BIT, "MAP_32BIT", true, false },
	{ ABI_MAP_GROWSDOWN, "MAP_GROWSDOWN", true, false },
	{ ABI_MAP_LOCKED, "MAP_LOCKED", true, false },
	{ ABI_MAP_NORESERVE, "MAP_NORESERVE", false, false },
	{ ABI_MAP_POPULATE, "MAP_POPULATE", false, false },
	{ ABI_MAP_STACK, "MAP_STACK", false, false },
	{ ABI_MAP_HUGETLB, "MAP_HUGETLB", true, false },
	{ ABI_MAP_FIXED_NOREPLACE, "MAP_FIXED_NOREPLACE", true, true },
};

static const struct flag_name {
	uint32_t bit;
	const char *name;
} remap_flags[] = { { ABI_MREMAP_MAYMOVE, "MREMAP_MAYMOVE" },
		    { ABI_MREMAP_FIXED, "MREMAP_FIXED" },
		    { ABI_MREMAP_DONTUNMAP, "MREMAP_DONTUNMAP" } },
  shm_flags[] = { { ABI_SHM_RDONLY, "SHM_RDONLY" },
		  { ABI_SHM_RND, "SHM_RND" },
		  { ABI_SHM_EXEC, "SHM_EXEC" } },
  advices[] = { { ABI_MADV_DONTFORK, "MADV_DONTFORK" },
		{ ABI_MADV_DOFORK, "MADV_DOFORK" },
		{ ABI_MADV_GUARD_INSTALL, "MADV_GUARD_INSTALL" },
		{ ABI_MADV_GUARD_REMOVE, "MADV_GUARD_REMOVE" } };

#define LENGTH(table) (sizeof(table) / sizeof(*(table)))

static size_t names_of(const struct flag_name *table, size_t nr, uint64_t bits,
		       const char *ret[CALL_FLAGS_MAX])
{
	size_t i, n = 0;

	for (i = 0; i < nr; i++)
		if (bits & table[i].bit)
			ret[n++] = table[i].name;
	return n;
}

size_t call_flags(const struct event_call *c, const char *ret[CALL_FLAGS_MAX])
{
	int32_t advice = call_advice(c);
	size_t i, n = 0;

	if (c->id == MPW_CALL_MREMAP)
		return names_of(remap_flags, LENGTH(remap_flags), c->arg[3], ret);
	if (c->id == MPW_CALL_SHMAT)
		return names_of(shm_flags, LENGTH(shm_flags), c->arg[2], ret);
	for (i = 0; i < LENGTH(advices) && advice >= 0; i++)
		if ((uint32_t)advice == advices[i].bit)
			ret[n++] = advices[i].name;
	for (i = 0; i < LENGTH(map_flags) && c->id == MPW_CALL_MMAP; i++)
		if (c->arg[3] & map_flags[i].bit)
			ret[n++] = map_flags[i].name;
	return n;
}

void word_call_flags(struct buf *b, const struct event_call *c)
{
	size_t i;

	for (i = 0; i < LENGTH(map_flags) && c->id == MPW_CALL_MMAP; i++) {
		if (!(c->arg[3] & map_flags[i].bit) || !map_flags[i].matters ||
		    (map_flags[i].says_where && !ret_is_error(c->ret)))
			continue;
		buf_putc(b, ' ');
		buf_puts(b, map_flags[i].name + PREFIX);
	}
}

uint64_t call_missed_hint(const struct event_call *c)
{
	uint64_t hint = page_down(c->arg[0]);

	if (c->id != MPW_CALL_MMAP || ret_is_error(c->ret) || hint == (uint64_t)c->ret ||
	    c->arg[3] & (ABI_MAP_FIXED | ABI_MAP_FIXED_NOREPLACE))
		return 0;
	return hint;
}
