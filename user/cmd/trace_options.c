/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows for every option of the live trace, and the setters that only it needs. */
#include "cmd/trace_options.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cgroup.h"
#include "cmd/complain.h"
#include "util/fmt.h"
#include "util/mem.h"

#define MAX_PID ((4 << 20) - 1) /* PID_MAX_LIMIT of 64-bit kernels, less one */

static int set_ids(const struct opt *o, void *field, const char *arg, const char **why)
{
	struct id_list *list = field;
	char *words = mem_strdup(arg), *save = NULL, *word;
	int err = 0;
	uint64_t id;

	(void)o;
	if (!*arg)
		err = -EINVAL;
	for (word = strtok_r(words, ",", &save); word && !err; word = strtok_r(NULL, ",", &save)) {
		err = parse_u64(word, MAX_PID, &id);
		if (!err && !id)
			err = -EINVAL;
		if (err)
			break;
		id_list_add(list, id);
	}
	free(words);
	*why = "not a process id";
	return err;
}

static int set_user(const struct opt *o, void *field, const char *arg, const char **why)
{
	struct whom *whom = field;
	const struct passwd *pw;
	uint64_t uid;

	(void)o;
	whom->by_uid = true;
	if (!parse_u64(arg, UINT32_MAX, &uid)) {
		whom->uid = uid;
		return 0;
	}
	pw = getpwnam(arg);
	*why = "no such user";
	if (!pw)
		return -ENOENT;
	whom->uid = pw->pw_uid;
	return 0;
}

static int set_comm(const struct opt *o, void *field, const char *arg, const char **why)
{
	struct whom *whom = field;

	(void)o;
	whom->by_comm = true;
	*why = "not a glob of at most 31 characters";
	return commglob_compile(arg, &whom->comm);
}

static int set_cgroup(const struct opt *o, void *field, const char *arg, const char **why)
{
	struct whom *whom = field;

	(void)o;
	(void)why;
	whom->by_cgroup = true;
	free(whom->cgroup);
	whom->cgroup = mem_strdup(arg);
	return 0;
}

static int set_select(const struct opt *o, void *field, const char *arg, const char **why)
{
	const char *word;

	(void)o;
	*why = "not a list of events: calls such as mprotect,mmap,brk, or exec,fork,exit,fault; !NAME leaves out";
	return select_parse(field, arg, &word);
}

static int set_fields(const struct opt *o, void *field, const char *arg, const char **why)
{
	uint32_t *fields = field;
	size_t len;
	int id;

	(void)o;
	*why = "not a list of facts, which are" FACT_NAMES;
	do {
		len = strcspn(arg, ",");
		id = fact_find(arg, len);
		if (id < 0)
			return id;
		*fields |= 1U << id;
		arg += len;
	} while (*arg++ == ',');
	return 0;
}

int trace_set_word(const struct opt *o, void *field, const char *arg, const char **why)
{
	const char *p = o->metavar;
	size_t len = strlen(arg);
	int i;

	for (i = 0; p; i++) {
		size_t n = strcspn(p, "|");

		if (n == len && !memcmp(p, arg, n)) {
			*(int *)field = i + o->value;
			return 0;
		}
		p = p[n] ? p + n + 1 : NULL;
	}
	*why = o->metavar;
	return -EINVAL;
}

static int set_verify(const struct opt *o, void *field, const char *arg, const char **why)
{
	struct trace_options *options = field;

	options->verify = true;
	return arg ? opt_set_duration(o, &options->verify_ns, arg, why) : 0;
}

#define AT(field) offsetof(struct trace_options, field)

const struct opt trace_rows[] = {
	{ 'p', "pid", "PID[,PID]", "trace these running processes", set_ids, AT(whom.pids), 0,
	  "Whom to trace" },
	{ 't', "tid", "TID[,TID]", "trace these threads", set_ids, AT(whom.tids), 0, NULL },
	{ 'u', "user", "USER", "trace processes of this user, by name or number", set_user,
	  AT(whom), 0, NULL },
	{ 'n', "comm", "GLOB", "trace processes with a matching command name", set_comm, AT(whom),
	  0, NULL },
	{ 'c', "cgroup", "PATH", "trace processes in this cgroup and below", set_cgroup, AT(whom),
	  0, NULL },
	{ 'a', "all-processes", NULL, "trace the whole machine (what happens if nothing is named)",
	  opt_set_true, AT(all_processes), 0, NULL },
	{ 'f', "follow", NULL, "trace children too (always so with -- COMMAND)", opt_set_true,
	  AT(whom.follow), 0, NULL },
	{ 0, "no-follow", NULL, "do not trace children", opt_set_true, AT(no_follow), 0, NULL },

	{ 'e', "event", "SET", "show these: mprotect,mmap,munmap,brk,exec,…; !NAME leaves out",
	  set_select, AT(select), 0, "What to show" },
	{ 'x', "failed", NULL, "show failed calls only", opt_set_true, AT(failed_only), 0, NULL },
	{ 'k', "stack", NULL, "show each call's stack of functions", opt_set_true, AT(stack), 0,
	  NULL },
	{ 0, "fields", "NAME[,NAME]", "show these facts of it, too:" FACT_NAMES, set_fields,
	  AT(fields), 0, NULL },
	{ 0, "all", NULL, "show every region and process in the timeline", opt_set_true, AT(all), 0,
	  NULL },
	{ 0, "severity", "info|low|medium|high",
	  "show findings from this on (medium; in the timeline low; of the findings command info)",
	  trace_set_word, AT(severity), 1, NULL },
	{ 0, "rules", "FILE", "settings and suppressions of findings", opt_set_string, AT(rules), 0,
	  NULL },
	{ 0, "timeline", NULL, "print the timeline at the end (always so with -p and COMMAND)",
	  opt_set_true, AT(timeline), 0, NULL },
	{ 0, "no-timeline", NULL, "print no timeline", opt_set_true, AT(no_timeline), 0, NULL },

	{ 'i', "input", "FILE",
	  "show a recording (see mprotwatch record); -p, -u, -n and -c choose from it",
	  opt_set_string, AT(input), 0, "How to show it" },
	{ 'o', "output", "FILE", "write data to FILE", opt_set_string, AT(output), 0, NULL },
	{ 'j', "json", NULL, "write one JSON object per line", opt_set_true, AT(json), 0, NULL },
	{ 0, "json-schema", NULL, "print the JSON Schema of these objects, and leave", opt_set_true,
	  AT(schema), 0, NULL },
	{ 0, "time", "wall|rel|delta", "time of day, since the start, or since the line before",
	  trace_set_word, AT(time), TIME_WALL, NULL },
	{ 0, "utc", NULL, "time of day in UTC", opt_set_true, AT(utc), 0, NULL },
	{ 0, "color", "auto|always|never", "colour; auto: on a terminal, unless NO_COLOR is set",
	  trace_set_word, AT(color), TERM_COLOR_AUTO, NULL },
	{ 0, "no-header", NULL, "print no column names", opt_set_true, AT(no_header), 0, NULL },
	{ 'q', "quiet", NULL, "print neither banner nor totals on standard error", opt_set_true,
	  AT(quiet), 0, NULL },

	{ 'd', "duration", "TIME", "stop after TIME: 10, 1.5s, 200ms, 5m", opt_set_duration,
	  AT(duration_ns), 0, "When to stop" },
	{ 0, "max-events", "N", "stop after N shown events", opt_set_u64, AT(max_events), 0, NULL },

	{ 0, "fail-on", "info|low|medium|high", "exit with 4 if there was a finding like that",
	  trace_set_word, AT(fail_on), 1, NULL },

	{ 0, "ring-size", "SIZE", "size of the kernel's ring buffer (16M; 64M to record)",
	  opt_set_size, AT(ring_bytes), 0, "Engine" },
	{ 0, "tier", "truth|inference", "read changed ranges back in the kernel, or infer them",
	  trace_set_word, AT(tier), LIVE_TIER_TRUTH, NULL },
	{ 0, "compat", NULL, "see calls of 32-bit programs and int 0x80; taxes every call of all",
	  opt_set_true, AT(compat), 0, NULL },
	{ 0, "verify", "[=TIME]",
	  "compare the mirrors with /proc/PID/maps at the end, and every TIME", set_verify, 0, 0,
	  NULL },
	{ 0, "strict", NULL, "exit with 3 if events were lost, or --verify found a difference",
	  opt_set_true, AT(strict), 0, NULL },
	{ 'v', "verbose", NULL, "say more on standard error; -vv: what libbpf says", opt_set_count,
	  AT(verbose), 0, NULL },
	{ 'h', "help", NULL, "print this, and leave", opt_set_true, AT(help), 0, NULL },
	{ 'V', "version", NULL, "print the version, and leave", opt_set_true, AT(version), 0,
	  NULL },
	{ 0 },
};

static const struct opt *row_find(const struct opt *rows, const char *long_name)
{
	for (; rows->long_name; rows++)
		if (!strcmp(rows->long_name, long_name))
			return rows;
	return NULL;
}

struct opt *trace_rows_with(const struct opt *own)
{
	const size_t nr = sizeof(trace_rows) / sizeof(*trace_rows);
	const struct opt *row, *mine;
	const char *heading = NULL;
	struct opt *ret;
	size_t n = 0;

	for (row = own; row->long_name; row++)
		n++;
	ret = mem_array(nr + n, sizeof(*ret));
	n = 0;
	for (row = trace_rows; row->long_name; row++) {
		mine = row_find(own, row->long_name);
		heading = row->heading ? row->heading : heading;
		if (mine && !mine->help)
			continue;
		ret[n] = mine ? *mine : *row;
		ret[n++].heading = heading;
		heading = NULL;
	}
	for (row = own; row->long_name; row++)
		if (row->help && !row_find(trace_rows, row->long_name))
			ret[n++] = *row;
	return ret;
}

static int usage(const char *sentence)
{
	complain("%s (see --help)", sentence);
	return -EINVAL;
}

int trace_options_parse(struct trace_options *o, const struct opt *rows, bool findings_only,
			int argc, char **argv)
{
	int first;

	memset(o, 0, sizeof(*o));
	select_all(&o->select);
	first = opt_parse(rows, o, argc, argv);
	if (first < 0)
		return first;
	if (o->help || o->version || o->schema)
		return 0;
	o->select.failed_only = o->failed_only;
	o->select.findings_only = findings_only;
	o->timeline_severity = o->severity ? o->severity : 1 + SEVERITY_LOW;
	if (!o->severity)
		o->severity = 1 + (findings_only ? SEVERITY_INFO : SEVERITY_MEDIUM);
	if (first < argc) {
		if (strcmp(argv[first - 1], "--") != 0)
			return usage("a command to trace stands after \"--\"");
		o->command = argv + first;
	} else if (argc > 1 && !strcmp(argv[argc - 1], "--")) {
		return usage("no command after \"--\"");
	}
	if (o->command && (o->whom.pids.nr || o->whom.tids.nr || o->all_processes ||
			   o->whom.by_uid || o->whom.by_cgroup || o->whom.by_comm))
		return usage("a command is traced by itself: leave out -p, -t, -u, -n, -c and -a");
	if (o->input && (o->command || o->whom.tids.nr || o->all_processes))
		return usage(
			"a recording is shown whole, or by -p, -u, -n and -c: leave out -t, -a and COMMAND");
	if (o->all_processes && (o->whom.pids.nr || o->whom.tids.nr))
		return usage("-a and -p or -t exclude each other");
	if (o->whom.pids.nr && o->whom.tids.nr)
		return usage("-p and -t exclude each other");
	if (o->whom.by_cgroup && !o->input &&
	    cgroup_find(&o->whom.cgroup, &o->cgroup_id, &o->cgroup_level))
		return usage("there is no such cgroup in the unified hierarchy");
	if (o->ring_bytes > 1ULL << 30)
		return usage("--ring-size is at most 1G");
	if (!o->ring_bytes) /* a disk may let a recorder wait for longer than a terminal */
		o->ring_bytes = o->record ? 64 << 20 : 16 << 20;
	if (o->command && !o->no_follow)
		o->whom.follow = true;
	return 0;
}

void trace_options_done(struct trace_options *o)
{
	whom_done(&o->whom);
}

/* A recorder shows nothing, unless asked to. */
static bool is_silent(const struct trace_options *o)
{
	return o->record && !o->verbose;
}

bool trace_wants_lines(const struct trace_options *o)
{
	return !o->only_timeline && !o->only_report && !o->learn && !o->audit && !is_silent(o);
}

bool trace_wants_timeline(const struct trace_options *o, const struct run_info *run)
{
	if (o->only_timeline)
		return true;
	if (is_silent(o) || o->only_report)
		return false;
	if (o->no_timeline || ((o->json || o->select.findings_only) && !o->timeline))
		return false;
	return o->timeline || run->is_named;
}
