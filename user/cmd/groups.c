/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of each group, and the setters that only they need. */
#include "cmd/groups.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/moment.h"
#include "cmd/request.h"
#include "cmd/until.h"
#include "control.h"
#include "util/fmt.h"
#include "util/mem.h"
#include "util/term.h"

/* Gives each word of a list, with commas between them, to add(). 0, or the first that is not 0. */
static int each_word(const char *arg, int (*add)(void *field, const char *word), void *field)
{
	char *words = mem_strdup(arg), *rest = words, *word;
	int err = 0;

	while (!err && (word = strsep(&rest, ",")))
		err = add(field, word);
	free(words);
	return err;
}

static int add_id(void *field, const char *word)
{
	uint64_t id;
	int err = parse_u64(word, MPW_NR_PIDS - 1, &id);

	if (err || !id)
		return -EINVAL;
	id_list_add(field, id);
	return 0;
}

static int set_ids(const struct opt *o, void *field, const char *arg, const char **why)
{
	(void)o;
	*why = "not a process id, or several with commas between them";
	return each_word(arg, add_id, field);
}

static int add_user(void *field, const char *word)
{
	struct id_list *uids = field;
	const struct passwd *pw;
	uint64_t uid;

	if (uids->nr == MPW_NR_UIDS)
		return -E2BIG;
	if (parse_u64(word, UINT32_MAX, &uid)) {
		pw = getpwnam(word);
		if (!pw)
			return -ENOENT;
		uid = pw->pw_uid;
	}
	id_list_add(uids, uid);
	return 0;
}

static int set_users(const struct opt *o, void *field, const char *arg, const char **why)
{
	int err = each_word(arg, add_user, field);

	(void)o;
	*why = err == -E2BIG ? "more than 16 users" : "no such user";
	return err;
}

static int set_comm(const struct opt *o, void *field, const char *arg, const char **why)
{
	struct whom *whom = field;

	(void)o;
	whom->by_comm = true;
	*why = "not a glob, or several with commas between them (\\, in a name): names have 15 bytes at "
	       "most, and there is room for some 60 in all";
	return commglob_add(&whom->comm, arg);
}

static int set_cgroup(const struct opt *o, void *field, const char *arg, const char **why)
{
	struct whom *whom = field;

	(void)o;
	*why = "one cgroup at a time: name one that is above all of them";
	if (whom->by_cgroup)
		return -EINVAL;
	whom->by_cgroup = true;
	whom->cgroup = mem_strdup(arg);
	return 0;
}

static int set_select(const struct opt *o, void *field, const char *arg, const char **why)
{
	const char *word;

	(void)o;
	*why = "not a list of events: calls such as mprotect,mmap,brk, or exec,fork,exit,fault,write; !NAME leaves out";
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

static int set_verify(const struct opt *o, void *field, const char *arg, const char **why)
{
	struct check_options *check = field;

	check->verify = true;
	return arg ? opt_set_duration(o, &check->verify_ns, arg, why) : 0;
}

static int set_failed(const struct opt *o, void *field, const char *arg, const char **why)
{
	struct select *select = field;

	(void)o, (void)arg, (void)why;
	select->failed_only = true;
	return 0;
}

static int set_rights(const struct opt *o, void *field, const char *arg, const char **why)
{
	(void)o;
	*why = "not rights that come or go: x, wx; +x (comes), -w (goes), with commas between them";
	return scope_parse_rights(field, arg);
}

static int set_turn(const struct opt *o, void *field, const char *arg, const char **why)
{
	(void)o;
	*why = "not rights before and after: rw-:r-x, with ? for any of a place, ? alone for anything, "
	       "none for what is not mapped";
	return scope_parse_turn(field, arg);
}

static int set_range(const struct opt *o, void *field, const char *arg, const char **why)
{
	(void)o;
	*why = "not an address or a range, in hexadecimal: 7f21c0000000, 7f21c0000000-7f21c0010000, "
	       "7f21c0000000+64K";
	return scope_parse_range(field, arg);
}

static int set_until(const struct opt *o, void *field, const char *arg, const char **why)
{
	(void)o;
	*why = "not a rule (see FINDINGS in mprotwatch(8)), or info|low|medium|high, or several with commas "
	       "between them, and a time to go on: w-to-x, wx,jit-like+5s";
	return until_parse(field, arg);
}

#define AT(field) offsetof(struct request, field)

static const struct opt whom_rows[] = {
	{ 'p', "pid", "PID[,PID]", "trace these running processes", set_ids, AT(target.whom.pids),
	  0 },
	{ 'u', "user", "USER[,USER]", "trace processes of these users, by name or number",
	  set_users, AT(target.whom.uids), 0 },
	{ 'n', "comm", "GLOB[,GLOB]", "trace processes with a matching command name", set_comm,
	  AT(target.whom), 0 },
	{ 0, "exe", "GLOB", "trace processes of such a program: python3*, '/opt/*'", opt_set_string,
	  AT(target.whom.exe), 0 },
	{ 'c', "cgroup", "PATH", "trace processes in this cgroup and below", set_cgroup,
	  AT(target.whom), 0 },
	{ 0, "no-follow", NULL, "do not trace children", opt_set_true, AT(target.no_follow), 0 },
	{ 0 },
};

static const struct opt whom_more_rows[] = {
	{ 't', "tid", "TID[,TID]", "trace these threads", set_ids, AT(target.whom.tids), 0 },
	{ 'a', "all-processes", NULL, "trace the whole machine (what happens if nothing is named)",
	  opt_set_true, AT(target.all_processes), 0 },
	{ 'f', "follow", NULL, "trace children too (always so with -- COMMAND)", opt_set_true,
	  AT(target.whom.follow), 0 },
	{ 0 },
};

static const struct opt line_rows[] = {
	{ 'e', "event", "SET", "show these: mprotect,mmap,munmap,brk,exec,…; !NAME leaves out",
	  set_select, AT(show.select), 0 },
	{ 'x', "failed", NULL, "show failed calls only", set_failed, AT(show.select), 0 },
	{ 0, "fields", "NAME[,NAME]", "show these facts of it, too:" FACT_NAMES, set_fields,
	  AT(show.fields), 0 },
	{ 0, "time", "wall|rel|delta", "time of day, since the start, or since the line before",
	  opt_set_word, AT(show.time), TIME_WALL },
	{ 0, "no-header", NULL, "print no column names", opt_set_true, AT(show.no_header), 0 },
	{ 0, "max-events", "N", "stop after N shown events", opt_set_u64, AT(show.max_events), 0 },
	{ 0 },
};

static const struct opt turn_rows[] = {
	{ 0, "prot", "RIGHTS", "changes by which such a right comes or goes: x, wx; +x, -w",
	  set_rights, AT(show.scope), 0 },
	{ 0, "transition", "FROM:TO", "changes from and to these rights: rw-:r-x, ?:?wx, none:rwx",
	  set_turn, AT(show.scope), 0 },
	{ 0 },
};

static const struct opt place_rows[] = {
	{ 0, "map", "GLOB", "mappings with such a name: '*/libfoo*', '[heap]', '[anon:*'",
	  opt_set_string, AT(show.scope.mapping), 0 },
	{ 0, "addr", "ADDRESS", "what is at this address, or in a range: START-END, START+SIZE",
	  set_range, AT(show.scope), 0 },
	{ 0, "min-size", "SIZE", "ranges of so many bytes at least", opt_set_size,
	  AT(show.scope.min_bytes), 0 },
	{ 0 },
};

static const struct opt stack_rows[] = {
	{ 'k', "stack", NULL, "show each call's stack of functions", opt_set_true, AT(show.stack),
	  0 },
	{ 0 },
};

static const struct opt all_rows[] = {
	{ 0, "all", NULL, "show every region and process in the timeline", opt_set_true,
	  AT(show.all), 0 },
	{ 0 },
};

static const struct opt severity_rows[] = {
	{ 0, "severity", "info|low|medium|high",
	  "show findings from this on (medium; in the timeline low; of the findings command info)",
	  opt_set_word, AT(show.severity), 1 },
	{ 0 },
};

static const struct opt judge_rows[] = {
	{ 0, "rules", "FILE", "settings and suppressions of findings", opt_set_string,
	  AT(judge.rules), 0 },
	{ 0, "fail-on", "info|low|medium|high",
	  "exit with 4 if there was a finding like that; else with 3 if one may be missing",
	  opt_set_word, AT(judge.fail_on), 1 },
	{ 0 },
};

static const struct opt epilogue_rows[] = {
	{ 0, "timeline", NULL, "print the timeline at the end (always so with -p and COMMAND)",
	  opt_set_true, AT(epilogue.wanted), 0 },
	{ 0, "no-timeline", NULL, "print no timeline", opt_set_true, AT(epilogue.unwanted), 0 },
	{ 0 },
};

static const struct opt input_rows[] = {
	{ 'i', "input", "FILE", "of a recording (see mprotwatch record)", opt_set_string, AT(input),
	  0 },
	{ 0 },
};

static const struct opt output_rows[] = {
	{ 'o', "output", "FILE", "write data to FILE", opt_set_string, AT(output), 0 },
	{ 0 },
};

static const struct opt moment_rows[] = {
	{ 0, "at", "TIME",
	  "the end, in place of the recording's own; live: stop then. " MOMENT_FORMS,
	  opt_set_string, AT(at), 0 },
	{ 0, "since", "TIME", "only what happened, or was made, after this moment", opt_set_string,
	  AT(since), 0 },
	{ 0 },
};

static const struct opt schema_rows[] = {
	{ 0, "json-schema", NULL, "print the JSON Schema of these objects, and leave", opt_set_true,
	  AT(about.schema), 0 },
	{ 0 },
};

static const struct opt utc_rows[] = {
	{ 0, "utc", NULL, "time of day in UTC", opt_set_true, AT(show.utc), 0 },
	{ 0 },
};

static const struct opt color_rows[] = {
	{ 0, "color", "auto|always|never", "colour; auto: on a terminal, unless NO_COLOR is set",
	  opt_set_word, AT(show.color), TERM_COLOR_AUTO },
	{ 0 },
};

static const struct opt stop_rows[] = {
	{ 'd', "duration", "TIME", "stop after TIME: 10, 1.5s, 200ms, 5m", opt_set_duration,
	  AT(duration_ns), 0 },
	{ 0 },
};

static const struct opt until_rows[] = {
	{ 0, "until", "RULE[,RULE][+TIME]",
	  "stop when there is such a finding, or one of a severity; or TIME after it", set_until,
	  AT(until), 0 },
	{ 0 },
};

static const struct opt engine_rows[] = {
	{ 0, "ring-size", "SIZE", "size of the kernel's ring buffer (16M; 64M to record)",
	  opt_set_size, AT(engine.ring_bytes), 0 },
	{ 0, "tier", "truth|inference", "read changed ranges back in the kernel, or infer them",
	  opt_set_word, AT(engine.tier), LIVE_TIER_TRUTH },
	{ 0, "hook", "tracepoint|function",
	  "where to see calls; on their own functions, other calls pay nothing", opt_set_word,
	  AT(engine.hook), LIVE_HOOK_TRACEPOINT },
	{ 0, "compat", NULL, "see calls of 32-bit programs and int 0x80; taxes every call of all",
	  opt_set_true, AT(engine.compat), 0 },
	{ 0 },
};

static const struct opt check_rows[] = {
	{ 0, "verify", "[=TIME]",
	  "compare the mirrors with /proc/PID/maps at the end, and every TIME", set_verify,
	  AT(check), 0 },
	{ 0, "strict", NULL,
	  "exit with 3 if events were lost, or --verify found a difference or nothing to compare",
	  opt_set_true, AT(check.strict), 0 },
	{ 0 },
};

static const struct opt drop_rows[] = {
	{ 0, "no-drop", NULL, "keep rights that are needed no more, to find out what needs them",
	  opt_set_true, AT(keeps_rights), 0 },
	{ 0 },
};

static const struct opt quiet_rows[] = {
	{ 'q', "quiet", NULL, "print nothing on standard error but what goes wrong", opt_set_true,
	  AT(about.quiet), 0 },
	{ 0 },
};

static const struct opt verbose_rows[] = {
	{ 'v', "verbose", NULL,
	  "say more on standard error; -vv: what libbpf says; of record: show the lines, too",
	  opt_set_count, AT(about.verbose), 0 },
	{ 0 },
};

static const struct opt about_rows[] = {
	{ 'h', "help", NULL, "print this, and leave", opt_set_true, AT(about.help), 0 },
	{ 'V', "version", NULL, "print the version, and leave", opt_set_true, AT(about.version),
	  0 },
	{ 0 },
};

const struct group_row group_table[NR_OPTION_GROUPS] = {
	[GROUP_WHOM] = { "Whom to trace", whom_rows },
	[GROUP_WHOM_MORE] = { "Whom to trace", whom_more_rows },
	[GROUP_LINES] = { "What to show", line_rows },
	[GROUP_TURNS] = { "Only", turn_rows },
	[GROUP_PLACE] = { "Only", place_rows },
	[GROUP_STACK] = { "What to show", stack_rows },
	[GROUP_ALL] = { "What to show", all_rows },
	[GROUP_SEVERITY] = { "What to show", severity_rows },
	[GROUP_RULES] = { "What to show", judge_rows },
	[GROUP_EPILOGUE] = { "What to show", epilogue_rows },
	[GROUP_INPUT] = { "How to show it", input_rows },
	[GROUP_OUTPUT] = { "How to show it", output_rows },
	[GROUP_MOMENT] = { "When", moment_rows },
	[GROUP_SCHEMA] = { "How to show it", schema_rows },
	[GROUP_UTC] = { "How to show it", utc_rows },
	[GROUP_COLOR] = { "How to show it", color_rows },
	[GROUP_STOP] = { "When to stop", stop_rows },
	[GROUP_UNTIL] = { "When to stop", until_rows },
	[GROUP_ENGINE] = { "Engine", engine_rows },
	[GROUP_CHECK] = { "Engine", check_rows },
	[GROUP_DROP] = { "Besides", drop_rows },
	[GROUP_QUIET] = { "Besides", quiet_rows },
	[GROUP_VERBOSE] = { "Besides", verbose_rows },
	[GROUP_ABOUT] = { "Besides", about_rows },
};
