/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inih takes lines apart, and is fed line by line from here: errors name the line, and lines that
 * inih would cut are refused.
 */
#include "cmd/rules_file.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/complain.h"
#include "detect/detectors.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

#define NAME_MAX_INI 48 /* inih cuts longer names without a word */

struct rules_reader {
	struct rules *rules;
	FILE *f;
	unsigned int line;
	unsigned int bad_line; /* the first with an error; 0: none */
	char why[160];
};

static void wrong(struct rules_reader *rd, unsigned int line, const char *why, const char *word)
{
	struct buf b = { 0 };

	if (rd->bad_line)
		return;
	rd->bad_line = line;
	escape_text_cut(&b, word, strlen(word), 60);
	snprintf(rd->why, sizeof(rd->why), "%s: %s", why, buf_str(&b));
	buf_done(&b);
}

/* Checks the name of a section, also of an empty one, which inih does not report. */
static void check_section(struct rules_reader *rd, const char *section)
{
	if (!strncmp(section, "rule ", 5)) {
		if (!detectors_have(section + 5))
			wrong(rd, rd->line, "no such rule", section + 5);
	} else if (strcmp(section, "thresholds") != 0 && strncmp(section, "suppress ", 9) != 0) {
		wrong(rd, rd->line, "neither [rule ID], [thresholds] nor [suppress NAME]", section);
	}
}

static char *next_line(char *line, int size, void *ctx)
{
	struct rules_reader *rd = ctx;
	char *end;

	if (!fgets(line, size, rd->f))
		return NULL;
	rd->line++;
	if (strlen(line) == (size_t)size - 1 && line[size - 2] != '\n')
		wrong(rd, rd->line, "the line is too long", line);
	/* inih would add an indented line to the value before, or rather replace that by it */
	memmove(line, line + strspn(line, " \t"), strlen(line + strspn(line, " \t")) + 1);
	end = *line == '[' ? strchr(line, ']') : NULL;
	if (end) {
		*end = '\0';
		check_section(rd, line + 1);
		*end = ']';
	}
	return line;
}

static struct rule_setting *setting_of(struct rules_reader *rd, const char *id)
{
	struct rules *r = rd->rules;
	struct rule_setting *s = rules_setting(r, id);

	if (s)
		return s;
	r->settings = mem_grow(r->settings, r->nr_settings + 1, sizeof(*r->settings));
	s = &r->settings[r->nr_settings++];
	*s = (struct rule_setting){ .id = mem_strdup(id), .severity = -1, .line = rd->line };
	return s;
}

static struct suppression *suppression_of(struct rules_reader *rd, const char *name)
{
	struct rules *r = rd->rules;
	size_t i;

	for (i = 0; i < r->nr_suppressions; i++)
		if (!strcmp(r->suppressions[i].name, name))
			return &r->suppressions[i];
	r->suppressions =
		mem_grow(r->suppressions, r->nr_suppressions + 1, sizeof(*r->suppressions));
	r->suppressions[i] = (struct suppression){ .name = mem_strdup(name), .line = rd->line };
	r->nr_suppressions++;
	return &r->suppressions[i];
}

static void take_rule(struct rules_reader *rd, const char *id, const char *key, const char *value)
{
	struct rule_setting *s = setting_of(rd, id);

	if (!strcmp(key, "enabled")) {
		s->disabled = !strcmp(value, "no");
		if (!s->disabled && strcmp(value, "yes") != 0)
			wrong(rd, rd->line, "neither yes nor no", value);
	} else if (!strcmp(key, "severity")) {
		s->severity = severity_find(value);
		if (s->severity < 0)
			wrong(rd, rd->line, "not one of info, low, medium, high", value);
	} else {
		wrong(rd, rd->line, "a rule has no such setting", key);
	}
}

static int set_map_count(struct thresholds *t, const char *value)
{
	t->map_count_is_set = true;
	return parse_u64(value, UINT64_MAX, &t->max_map_count);
}

static void take_threshold(struct rules_reader *rd, const char *key, const char *value)
{
	struct thresholds *t = &rd->rules->thresholds;
	int err;

	if (!strcmp(key, "anon-exec-after"))
		err = parse_duration(value, &t->anon_exec_after_ns);
	else if (!strcmp(key, "jit-changes"))
		err = parse_u64(value, UINT64_MAX, &t->jit_changes);
	else if (!strcmp(key, "unpack-bytes"))
		err = parse_size(value, &t->unpack_bytes);
	else if (!strcmp(key, "max-map-count"))
		err = set_map_count(t, value);
	else
		return wrong(rd, rd->line, "no such threshold", key);
	if (err)
		wrong(rd, rd->line, "not a value for this threshold", value);
}

static void take_suppression(struct rules_reader *rd, const char *name, const char *key,
			     const char *value)
{
	struct suppression *s = suppression_of(rd, name);
	const struct {
		const char *key;
		char **field;
	} fields[] = { { "reason", &s->reason }, { "rule", &s->rule },
		       { "exe", &s->exe },	 { "path", &s->path },
		       { "caller", &s->caller }, { "transition", &s->transition } };
	size_t i;

	if (!strcmp(key, "mount")) {
		s->any_mount = !strcmp(value, "any");
		if (!s->any_mount)
			wrong(rd, rd->line, "not any", value);
		return;
	}
	if (!strcmp(key, "rule") && !detectors_have(value))
		return wrong(rd, rd->line, "no such rule", value);
	if (!*value)
		return wrong(rd, rd->line, "nothing is given for", key);
	for (i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (strcmp(key, fields[i].key) != 0)
			continue;
		free(*fields[i].field);
		*fields[i].field = mem_strdup(value);
		return;
	}
	wrong(rd, rd->line, "a suppression has no such condition", key);
}

static int take(void *ctx, const char *section, const char *key, const char *value)
{
	struct rules_reader *rd = ctx;

	if (strlen(section) > NAME_MAX_INI || strlen(key) > NAME_MAX_INI)
		wrong(rd, rd->line, "the name is too long", section);
	else if (!strncmp(section, "rule ", 5))
		take_rule(rd, section + 5, key, value);
	else if (!strcmp(section, "thresholds"))
		take_threshold(rd, key, value);
	else if (!strncmp(section, "suppress ", 9))
		take_suppression(rd, section + 9, key, value);
	return 1;
}

/* A suppression needs a reason, and at least one condition. */
static void check_suppressions(struct rules_reader *rd)
{
	size_t i;

	for (i = 0; i < rd->rules->nr_suppressions; i++) {
		const struct suppression *s = &rd->rules->suppressions[i];

		if (!s->reason)
			wrong(rd, s->line, "a suppression needs a reason", s->name);
		else if (!s->rule && !s->exe && !s->path && !s->caller && !s->transition)
			wrong(rd, s->line, "a suppression needs a condition", s->name);
	}
}

/* The kernel's limit, unless the file sets one. */
static void read_map_count(struct rules *r)
{
	FILE *f = fopen("/proc/sys/vm/max_map_count", "re");
	unsigned long long n;

	if (!f)
		return;
	if (fscanf(f, "%llu", &n) == 1)
		r->thresholds.max_map_count = n;
	fclose(f);
}

int rules_file_read(struct rules *r, const char *path)
{
	struct rules_reader rd = { .rules = r };
	int line;

	rules_init(r);
	read_map_count(r);
	if (!path)
		return 0;
	rd.f = fopen(path, "re");
	if (!rd.f) {
		complain("cannot read the rules in %s: %s", path, strerror(errno));
		return -EINVAL;
	}
	line = ini_parse_stream(next_line, &rd, take, &rd);
	if (!rd.bad_line && ferror(rd.f)) {
		complain("cannot read the rules in %s: %s", path, strerror(errno));
		fclose(rd.f);
		return -EINVAL;
	}
	fclose(rd.f);
	if (line > 0 && (!rd.bad_line || (unsigned int)line < rd.bad_line)) {
		rd.bad_line = 0;
		wrong(&rd, line, "neither [section] nor name = value", "the line");
	}
	check_suppressions(&rd);
	if (!rd.bad_line)
		return 0;
	complain("%s:%u: %s", path, rd.bad_line, rd.why);
	return -EINVAL;
}

void rules_file_report(const struct rules *r, const char *path, bool quiet)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < r->nr_settings && !quiet; i++)
		if (!r->settings[i].seen)
			complain("%s:%u: nothing met the rule %s", path, r->settings[i].line,
				 r->settings[i].id);
	for (i = 0; i < r->nr_suppressions && !quiet; i++) {
		const struct suppression *s = &r->suppressions[i];

		b.len = 0;
		if (!s->count)
			buf_printf(&b, "%s:%u: nothing matched the suppression ", path, s->line);
		escape_text(&b, s->name, strlen(s->name));
		if (s->count) {
			buf_puts(&b, " suppressed ");
			fmt_count(&b, s->count, "change");
			buf_puts(&b, ": ");
			escape_text(&b, s->reason, strlen(s->reason));
		}
		complain("%s", buf_str(&b));
	}
	buf_done(&b);
}
