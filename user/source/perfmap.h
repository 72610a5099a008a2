/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /tmp/perf-<pid>.map, where programs that make code tell what its functions are called:
 * lines of "START SIZE NAME", in hexadecimal, which are added while they run.
 */
#ifndef SOURCE_PERFMAP_H
#define SOURCE_PERFMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct perfmap;

struct perfmap *perfmap_new(void);
void perfmap_free(struct perfmap *pm);

/*
 * Look at the file of a process of uid, in its own /tmp, for what was added. It must be a regular
 * file of that user; of one that is too large the begin is read. Names and places found before stay.
 */
void perfmap_refresh(struct perfmap *pm, uint32_t pid, uint32_t ns_pid, uint32_t uid);

/* How much memory it takes. */
size_t perfmap_bytes(const struct perfmap *pm);

/* Take in lines, up to the last newline. Returns how many bytes that were. */
size_t perfmap_parse(struct perfmap *pm, const char *text, size_t len);

/* The function at addr, whose name has *ret_len bytes; NULL: none. Borrowed until the next refresh. */
const char *perfmap_find(struct perfmap *pm, uint64_t addr, uint64_t *ret_start, size_t *ret_len);

#endif
