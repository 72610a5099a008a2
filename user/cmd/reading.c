/* SPDX-License-Identifier: BSD-2-Clause */
/* An attacker may have any number of such files: the first ones are named, the others counted. */
#include "cmd/reading.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "cmd/complain.h"
#include "source/reader.h"
#include "util/buf.h"
#include "util/escape.h"

#define MAX_NAMED 8

static void report(void *ctx, uint32_t pid, const char *name, int err)
{
	const char *why = err == -ETIMEDOUT ? "its file system does not answer" :
					      "what was to read it broke down";
	struct reading *rd = ctx;
	struct buf b = { 0 };

	if (rd->nr++ >= MAX_NAMED)
		return;
	if (err == -ENAMETOOLONG) {
		escape_text_cut(&b, name, strlen(name), 60);
		complain(
			"a function of process %u keeps its name %s: what it stands for is too much",
			pid, buf_str(&b));
		buf_done(&b);
		return;
	}
	if (*name)
		escape_text(&b, name, strlen(name));
	else
		buf_puts(&b, "the mappings, arguments or perf map");
	complain("cannot read %s of process %u: %s", buf_str(&b), pid, why);
	buf_done(&b);
}

void reading_begin(struct reading *rd, uint64_t wait_ns)
{
	rd->reader = reader_new(wait_ns, report, rd);
}

void reading_end(struct reading *rd)
{
	reader_free(rd->reader);
	rd->reader = NULL;
	if (rd->nr > MAX_NAMED)
		complain("%llu more files could not be read",
			 (unsigned long long)rd->nr - MAX_NAMED);
}
