/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments of a verb: parsed, and checked against each other. */
#include "cmd/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/cgroup.h"
#include "cmd/complain.h"
#include "cmd/verb.h"
#include "util/mem.h"

#define GROUPS_MAX (NR_OPTION_GROUPS + REQUEST_OUTPUTS_MAX)

static bool offers(const struct verb *v, const struct output *o)
{
	return v->kinds >> o->kind & 1;
}

/* The groups that a verb takes, over req's fields. */
static void list_groups(const struct verb *v, struct request *req,
			struct opt_group ret[GROUPS_MAX + 1])
{
	size_t n = 0, i, k;

	for (i = 0; i < NR_OPTION_GROUPS; i++) {
		if (i == GROUP_OWN && v->own_rows)
			ret[n++] = (struct opt_group){ v->own_heading, v->own_rows, req->own };
		for (k = 0; i == GROUP_FORMS && v->groups & GROUP(FORMS) && all_outputs[k]; k++)
			if (offers(v, all_outputs[k]) && all_outputs[k]->rows)
				ret[n++] = (struct opt_group){ all_outputs[k]->heading,
							       all_outputs[k]->rows,
							       req->outputs[k] };
		if (v->groups >> i & 1 && group_table[i].rows)
			ret[n++] = (struct opt_group){ group_table[i].heading, group_table[i].rows,
						       req };
	}
	ret[n] = (struct opt_group){ 0 };
}

static void request_init(struct request *req, const struct verb *v)
{
	size_t i;

	*req = (struct request){ .verb = v };
	select_all(&req->show.select);
	req->show.select.findings_only = v->findings_only;
	req->own = v->own_bytes ? mem_alloc(v->own_bytes) : NULL;
	for (i = 0; all_outputs[i]; i++)
		if (offers(v, all_outputs[i]))
			req->outputs[i] = mem_alloc(all_outputs[i]->options_bytes);
}

static int usage(const char *sentence)
{
	complain("%s (see --help)", sentence);
	return -EINVAL;
}

static char *join_arguments(const struct verb *v, int argc, char **argv)
{
	struct buf b = { 0 };
	char *ret;
	int i;

	buf_puts(&b, v->name ? v->name : "");
	for (i = 1; i < argc; i++) {
		if (b.len)
			buf_putc(&b, ' ');
		buf_puts(&b, argv[i]);
	}
	ret = mem_strdup(buf_str(&b));
	buf_done(&b);
	return ret;
}

/* A file that an output names takes the place of -o; but a recording is written besides. */
static int take_path(struct request *req, const struct output *o, const struct output_choice *c)
{
	if (!c->path || o->kind == OUTPUT_RECORDING)
		return 0;
	if (req->output) {
		complain("--%s names the file that is written: leave out -o (see --help)", o->name);
		return -EINVAL;
	}
	req->output = c->path;
	return 0;
}

/* Outputs are checked by themselves; of each kind one at most may be chosen. */
static int check_outputs(struct request *req)
{
	const struct output *chosen[NR_OUTPUT_KINDS] = { 0 }, *o;
	const struct output_choice *c;
	const char *wrong;
	size_t i;

	for (i = 0; all_outputs[i]; i++) {
		o = all_outputs[i];
		c = req->outputs[i];
		wrong = c && o->check ? o->check(c) : NULL;
		if (wrong)
			return usage(wrong);
		if (!c || !c->is_chosen)
			continue;
		if (chosen[o->kind]) {
			complain("--%s and --%s exclude each other (see --help)",
				 chosen[o->kind]->name, o->name);
			return -EINVAL;
		}
		if (o->shows_all && scope_is_some(&req->show.scope)) {
			complain("--%s shows all that changed: leave out --prot, --transition, "
				 "--map, --addr and --min-size (see --help)",
				 o->name);
			return -EINVAL;
		}
		chosen[o->kind] = o;
		if (take_path(req, o, c))
			return -EINVAL;
	}
	return 0;
}

/* A recording is no stream; and data that went to it while it is read would destroy it. */
static int check_files(const struct request *req)
{
	struct stat in, out;

	if (req->input && !strcmp(req->input, "-"))
		return usage("a recording is a database, which is read from a file: -i FILE");
	if (!req->input && req->verb->words == WORDS_NONE && (req->at || req->since))
		return usage("moments are of a recording: --at and --since need -i FILE");
	if (!req->input || !req->output || stat(req->input, &in) || stat(req->output, &out))
		return 0;
	if (in.st_dev != out.st_dev || in.st_ino != out.st_ino)
		return 0;
	return usage("the output is the recording that is read");
}

static int check_whom(struct request *req)
{
	struct whom_options *t = &req->target;
	struct whom *w = &t->whom;

	if (req->command && (whom_asks_kernel(w) || w->tids.nr || t->all_processes))
		return usage("a command is traced by itself: leave out -p, -t, -u, -n, -c and -a");
	if (req->input && (req->command || w->tids.nr || t->all_processes))
		return usage(
			"a recording is shown whole, or by -p, -u, -n and -c: leave out -t, -a and COMMAND");
	if (t->all_processes && (w->pids.nr || w->tids.nr))
		return usage("-a and -p or -t exclude each other");
	if (w->pids.nr && w->tids.nr)
		return usage("-p and -t exclude each other");
	if (w->by_cgroup && !req->input &&
	    cgroup_find(&w->cgroup, &t->cgroup_id, &t->cgroup_level)) {
		complain_name("cannot find in the unified hierarchy the cgroup", w->cgroup, -ENOENT,
			      NULL);
		return -EINVAL;
	}
	if (req->command && !t->no_follow)
		w->follow = true;
	return 0;
}

static int check_engine(struct request *req)
{
	struct engine_options *e = &req->engine;

	if (e->ring_bytes > 1ULL << 30)
		return usage("--ring-size is at most 1G");
	if (!e->ring_bytes) /* a disk may let a recorder wait for longer than a terminal */
		e->ring_bytes = req->verb->kinds >> OUTPUT_RECORDING & 1 ? 64 << 20 : 16 << 20;
	return 0;
}

static int take_command(struct request *req, int first, int argc, char **argv)
{
	if (first < argc) {
		if (strcmp(argv[first - 1], "--") != 0)
			return usage("a command to trace stands after \"--\"");
		req->command = argv + first;
	} else if (argc > 1 && !strcmp(argv[argc - 1], "--")) {
		return usage("no command after \"--\"");
	}
	return 0;
}

static int take_words(struct request *req, int first, int argc, char **argv)
{
	switch (req->verb->words) {
	case WORDS_COMMAND:
		return take_command(req, first, argc, argv);
	case WORDS_OPERANDS:
		req->operands = argv + first;
		req->nr_operands = argc - first;
		return 0;
	case WORDS_NONE:
		break;
	}
	if (first == argc)
		return 0;
	complain("%s takes no words without an option (see --help)", req->verb->name);
	return -EINVAL;
}

int request_parse(struct request *req, const struct verb *v, int argc, char **argv)
{
	struct opt_group groups[GROUPS_MAX + 1];
	int first;

	request_init(req, v);
	list_groups(v, req, groups);
	first = opt_parse(groups, argc, argv);
	if (first < 0)
		return first;
	if (req->about.help || req->about.version || req->about.schema)
		return 0;
	req->arguments = join_arguments(v, argc, argv);
	if (take_words(req, first, argc, argv) || check_outputs(req) || check_files(req) ||
	    check_whom(req))
		return -EINVAL;
	return check_engine(req);
}

void request_done(struct request *req)
{
	size_t i;

	whom_done(&req->target.whom);
	free(req->until.words);
	free(req->own);
	for (i = 0; i < REQUEST_OUTPUTS_MAX; i++)
		free(req->outputs[i]);
	free(req->arguments);
}

void request_help(const struct verb *v)
{
	struct opt_group groups[GROUPS_MAX + 1];
	struct request none = { .verb = v };

	list_groups(v, &none, groups);
	opt_help(groups, stdout);
}

void *request_output_options(const struct request *req, const char *name)
{
	size_t i;

	for (i = 0; all_outputs[i]; i++)
		if (!strcmp(all_outputs[i]->name, name))
			return req->outputs[i];
	return NULL;
}

const struct output *request_output(const struct request *req, enum output_kind kind,
				    void **ret_options)
{
	const struct output *ret = NULL;
	const struct output_choice *c;
	size_t i;

	for (i = 0; all_outputs[i]; i++) {
		if (all_outputs[i]->kind != kind)
			continue;
		c = req->outputs[i];
		if (ret && !(c && c->is_chosen))
			continue;
		ret = all_outputs[i];
		*ret_options = req->outputs[i];
	}
	return ret;
}

/* True if a timeline follows the lines at the end of the run. */
static bool wants_epilogue(const struct request *req, const struct run_info *run)
{
	const struct epilogue_options *e = &req->epilogue;
	void *options;
	bool as_text = !strcmp(request_output(req, OUTPUT_LINES, &options)->name, "text");

	if (e->unwanted || ((!as_text || req->verb->findings_only) && !e->wanted))
		return false;
	return e->wanted || run->is_named;
}

bool request_wants(const struct request *req, enum output_kind kind, const struct run_info *run)
{
	unsigned int kinds = req->verb->kinds;
	bool has_lines = kinds >> OUTPUT_LINES & 1;

	if (req->learn)
		return false;
	if (kinds >> OUTPUT_RECORDING & 1 && !req->about.verbose) /* a recorder shows nothing */
		return kind == OUTPUT_RECORDING;
	if (kind == OUTPUT_TIMELINE && has_lines)
		return wants_epilogue(req, run);
	return kinds >> kind & 1;
}
