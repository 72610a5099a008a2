/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /tmp/perf-<pid>.map, where programs that make code list its functions: lines of "START SIZE
 * NAME", in hexadecimal, added while the program runs.
 */
#ifndef SOURCE_PERFMAP_H
#define SOURCE_PERFMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a file that are read. */
#define PERFMAP_MAX_BYTES   (64u << 20)
#define PERFMAP_PIECE_BYTES (4u << 20) /* at once */

struct perfmap;
struct reader;

struct perfmap *perfmap_new(void);
void perfmap_free(struct perfmap *pm);

/*
 * A descriptor of the file of pid, in its own /tmp and by ns_pid, its number there (0: pid); or
 * -errno. May wait for ever, and the file be of any type.
 */
int perfmap_open(uint32_t pid, uint32_t ns_pid);
/*
 * Has r read what was added to that file. It must be a regular one of the user uid; of one that is
 * too large the start is read. A file that was replaced is read anew.
 */
void perfmap_refresh(struct perfmap *pm, struct reader *r, uint32_t pid, uint32_t ns_pid,
		     uint32_t uid);

/* Memory held, in bytes. */
size_t perfmap_bytes(const struct perfmap *pm);

/* Takes in the lines of text, up to the last newline. Returns how many bytes that were. */
size_t perfmap_parse(struct perfmap *pm, const char *text, size_t len);

/*
 * The function at addr, with its start and the bytes of its name; NULL: none. The name is borrowed
 * until the next refresh.
 */
const char *perfmap_find(struct perfmap *pm, uint64_t addr, uint64_t *ret_start, size_t *ret_len);

#endif
