/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts of the run, and names of numbers, at the begin of each file. */
#include <sys/utsname.h>

#include "core/words.h"
#include "sink/record/record_private.h"

static void put_names(struct record_db *db)
{
	uint64_t i;

	for (i = 0; i < MPW_NR_CALLS; i++)
		record_db_row(db, STMT_NAME_CALL, "is", i, call_name(i));
	for (i = EVENT_EXEC; i < NR_EVENT_TYPES; i++) {
		const struct event ev = { .type = i };

		record_db_row(db, STMT_NAME_CALL, "is", RECORD_EVENT_CALL + i, event_name(&ev));
	}
	for (i = 0; i <= OBJECT_UNKNOWN; i++)
		record_db_row(db, STMT_NAME_KIND, "is", i, word_kind(i));
}

void record_meta(struct record_db *db, const struct run_info *run, const char *arguments,
		 uint64_t nr_segment)
{
	struct utsname u;

	put_names(db);
	record_db_meta_text(db, "tool", "mprotwatch");
	record_db_meta_text(db, "version", MPW_VERSION);
	record_db_row(db, STMT_META, "st", "arguments", arguments);
	record_db_meta_text(db, "what", run->what);
	record_db_meta_text(db, "tier", run->tier);
	record_db_meta_text(db, "hook", run->hook ?: "");
	record_db_meta_text(db, "boot_id", run->boot_id);
	record_db_meta(db, "segment", nr_segment);
	record_db_meta(db, "max_map_count", run->max_map_count);
	record_db_meta(db, "page_bytes", page_bytes);
	record_db_meta(db, "named", run->is_named);
	record_db_meta(db, "event_kinds", NR_EVENT_TYPES);
	record_db_meta(db, "facts", MPW_NR_FACTS);
	record_db_meta(db, "start_ns", run->start_ns);
	record_db_meta(db, "boot_to_wall_ns", run->boot_to_wall_ns);
	if (uname(&u))
		return;
	record_db_meta_text(db, "host", u.nodename);
	record_db_meta_text(db, "kernel", u.release);
	record_db_meta_text(db, "machine", u.machine);
}
