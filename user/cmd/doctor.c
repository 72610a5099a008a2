/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mprotwatch doctor: abilities of this machine and user, as a table or as one JSON object; status
 * 77 if tracing is not one of them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/verb.h"
#include "source/live_probe.h"
#include "util/escape.h"
#include "util/out.h"

struct doctor_options {
	bool json;
};

static const struct opt doctor_rows[] = {
	{ 'j', "json", NULL, "print one JSON object", opt_set_true,
	  offsetof(struct doctor_options, json), 0 },
	{ 0 },
};

static const char *tier_of(const struct probe_result *r)
{
	return r->truth ? "truth" : "inference";
}

static const char *why(int err)
{
	return strerrordesc_np(-err) ?: "unknown error";
}

static void put_table(struct buf *b, const struct probe_result *r)
{
	size_t i;

	buf_puts(b, "WHAT                     STATE    CONSEQUENCE\n");
	for (i = 0; i < r->nr; i++) {
		const struct probe *p = &r->v[i];

		buf_printf(b, "%-24s %-8s %s", p->label,
			   !p->error ? "ok" :
			   p->needed ? "MISSING" :
				       "missing",
			   p->consequence);
		if (p->error)
			buf_printf(b, " (%s)", p->error);
		buf_putc(b, '\n');
	}
	if (!r->err)
		buf_printf(b, "Tracing is possible, in the %s tier.\n", tier_of(r));
	else
		buf_printf(b, "Tracing is impossible: %s: %s%s%s%s.\n", r->fault.what, why(r->err),
			   r->fault.try ? " (" : "", r->fault.try ?: "", r->fault.try ? ")" : "");
}

/* "key":"text" */
static void put_text(struct buf *b, const char *key, const char *text)
{
	buf_printf(b, "\"%s\":", key);
	escape_json(b, text, strlen(text));
}

static void put_check(struct buf *b, const struct probe *p)
{
	buf_putc(b, '{');
	put_text(b, "name", p->name);
	buf_printf(b, ",\"ok\":%s,\"needed\":%s,", p->error ? "false" : "true",
		   p->needed ? "true" : "false");
	put_text(b, "consequence", p->consequence);
	if (p->error) {
		buf_putc(b, ',');
		put_text(b, "error", p->error);
	}
	buf_putc(b, '}');
}

static void put_json(struct buf *b, const struct probe_result *r)
{
	struct utsname u = { 0 };
	size_t i;

	uname(&u);
	buf_puts(b, "{\"type\":\"doctor\",\"tool\":\"mprotwatch\",");
	put_text(b, "version", MPW_VERSION);
	buf_putc(b, ',');
	put_text(b, "kernel", u.release);
	buf_putc(b, ',');
	put_text(b, "machine", u.machine);
	buf_printf(b, ",\"possible\":%s,", r->err ? "false" : "true");
	if (r->err) {
		put_text(b, "fault", r->fault.what);
		buf_putc(b, ',');
		put_text(b, "error", why(r->err));
	} else {
		put_text(b, "tier", tier_of(r));
	}
	buf_puts(b, ",\"checks\":[");
	for (i = 0; i < r->nr; i++) {
		if (i)
			buf_putc(b, ',');
		put_check(b, &r->v[i]);
	}
	buf_puts(b, "]}\n");
}

static int run(struct request *req)
{
	bool json = ((const struct doctor_options *)req->own)->json;
	struct probe_result r;
	struct out out;
	int err = out_open(&out, NULL), close_err;

	if (!err) {
		live_probe(&r);
		(json ? put_json : put_table)(&out.buf, &r);
		err = out_flush(&out);
		close_err = out_close(&out);
		err = err ? err : close_err;
	}
	if (err && err != -EPIPE) {
		complain_errno("cannot write", err, NULL);
		return EXIT_FAILED;
	}
	return r.err ? EXIT_UNSUPPORTED : EXIT_FINE;
}

const struct verb doctor_verb = {
	.name = "doctor",
	.help = "tell what this kernel and user can do",
	.usage =
		"Usage: mprotwatch doctor [OPTION]...\n"
		"Say what this kernel, its configuration and this user can do, and what follows.\n",
	.after = "\nExit status: 0 tracing is possible; 77 it is not; 1 failed; 2 wrong usage.",
	.groups = GROUP(ABOUT),
	.own_heading = "How to show it",
	.own_rows = doctor_rows,
	.own_bytes = sizeof(struct doctor_options),
	.run = run,
};
