/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens recordings, and says why not. */
#include "cmd/recording.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/complain.h"
#include "util/escape.h"
#include "util/fmt.h"

struct replay *recording_open(const char *path, struct object_table *objects)
{
	struct replay_fault fault;
	struct replay *r = NULL;
	struct buf b = { 0 };
	int err = replay_open(path, objects, &r, &fault);

	if (!err)
		return r;
	if (!fault.why) {
		complain_name("cannot read the recording", path, err, fault.try);
		return NULL;
	}
	escape_text(&b, path, strlen(path));
	complain(fault.try ? "cannot read the recording '%s': %s (%s)" :
			     "cannot read the recording '%s': %s",
		 buf_str(&b), fault.why, fault.try);
	buf_done(&b);
	return NULL;
}

void recording_run_info(const struct replay_info *info, struct run_info *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->what = info->what;
	ret->tier = info->tier;
	ret->max_map_count = info->max_map_count;
	ret->is_named = info->is_named;
	ret->start_ns = info->start_ns;
	ret->boot_to_wall_ns = info->boot_to_wall_ns;
	snprintf(ret->boot_id, sizeof(ret->boot_id), "%s", info->boot_id);
}

void recording_complain(int err)
{
	if (err == -EBADMSG)
		complain("cannot read the recording further: it is damaged");
	else
		complain_errno("cannot read the recording further", err,
			       err == -ENOMEM ? TOO_MANY_MAPPINGS : NULL);
}

void recording_put_span(struct buf *b, const struct replay_info *info)
{
	buf_puts(b, "from ");
	fmt_rfc3339(b, info->start_ns + info->boot_to_wall_ns);
	buf_puts(b, " to ");
	fmt_rfc3339(b, info->end_ns + info->boot_to_wall_ns);
}

void recording_tell_skipped(const struct replay *r)
{
	struct buf b = { 0 };
	uint64_t nr_events, nr_facts;

	replay_skipped(r, &nr_events, &nr_facts);
	if (nr_events) {
		fmt_count(&b, nr_events, "event");
		complain("%s of kinds that this version does not know were skipped", buf_str(&b));
	}
	b.len = 0;
	if (nr_facts) {
		fmt_count(&b, nr_facts, "fact");
		complain("%s that this version does not know were skipped", buf_str(&b));
	}
	buf_done(&b);
}

void recording_tell_cut(const struct replay_info *info)
{
	struct buf b = { 0 };

	if (!info->was_cut)
		return;
	fmt_rfc3339(&b, info->end_ns + info->boot_to_wall_ns);
	complain(
		"the recording was cut off: its recorder did not come to an end; its last event is of %s",
		buf_str(&b));
	buf_done(&b);
}
