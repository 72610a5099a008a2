/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text of /proc/<pid>/maps, stat or status, as the first byte says. A mirror of what maps
 * says, listed as maps does, reads as a mirror that is listed the same.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/show.h"
#include "sink/maps_list.h"
#include "source/procmaps.h"
#include "util/mem.h"
#include "wire.h"

static struct aspace *mirror_of(const struct seen_list *l)
{
	struct aspace *as = aspace_new();
	size_t i;

	for (i = 0; i < l->nr; i++)
		aspace_assign(as, l->v[i].start, l->v[i].end, &l->v[i].attr, NULL, NULL);
	show_check_mirror(as);
	return as;
}

static void read_back(struct object_table *objects, const struct seen_list *l)
{
	struct aspace *as = mirror_of(l), *again;
	struct seen_list back = { 0 };
	struct buf text = { 0 }, same = { 0 };

	maps_list(&text, as, false);
	assert(!procmaps_parse(objects, 0, buf_str(&text), text.len, &back));
	again = mirror_of(&back);
	maps_list(&same, again, false);
	assert(text.len == same.len && !memcmp(buf_str(&text), buf_str(&same), text.len));
	maps_diff(&same, as, again, true);
	aspace_free(as);
	aspace_free(again);
	seen_list_done(&back);
	buf_done(&text);
	buf_done(&same);
}

static void show_maps(const char *text, size_t len)
{
	struct event ev = { .type = EVENT_RANGE,
			    .ts_ns = 1,
			    .mm = 1,
			    .pid = 1,
			    .tid = 1,
			    .has_range = true,
			    .from_maps = true,
			    .hi = MPW_TASK_MAX };
	struct seen_list l = { 0 };
	struct show s;

	show_init(&s, len);
	if (!procmaps_parse(s.objects, 0, text, len, &l))
		read_back(s.objects, &l);
	ev.seen = l.v;
	ev.nr_seen = l.nr;
	show_feed(&s, &ev);
	ev.check = true;
	ev.nr_seen /= 2;
	show_feed(&s, &ev);
	seen_list_done(&l);
	show_done(&s);
}

static void show_identity(const char *text, size_t len, bool status)
{
	struct event ev = { .type = EVENT_RANGE, .pid = 1, .tid = 1 };
	char *copy = mem_alloc(len + 1);
	struct show s;

	memcpy(copy, text, len);
	if (status)
		procmaps_parse_status(copy, &ev);
	else
		procmaps_parse_stat(copy, &ev);
	assert(strnlen(ev.comm, sizeof(ev.comm)) < sizeof(ev.comm));
	show_init(&s, len);
	show_feed(&s, &ev);
	show_done(&s);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data + 1;

	if (!len)
		return 0;
	if (*data == 'i' || *data == 'u')
		show_identity(text, len - 1, *data == 'u');
	else
		show_maps(text, len - 1);
	return 0;
}
