/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/doubt.h"

#include <string.h>

#include "core/proc.h"
#include "core/sink.h"
#include "util/escape.h"
#include "util/fmt.h"

/* The entry of p; NULL if there is no room. */
static struct doubt *named(struct doubts *d, const struct proc *p)
{
	struct doubt *n;
	unsigned int i;

	for (i = 0; i < d->nr_named && d->named[i].pid != p->pid; i++)
		;
	if (i == DOUBT_NAMED)
		return NULL;
	n = &d->named[i];
	if (i == d->nr_named) {
		d->nr_named++;
		n->pid = p->pid;
	}
	if (p->comm[0]) /* a loss may come before the process's first event */
		memcpy(n->comm, p->comm, sizeof(n->comm));
	return n;
}

void doubts_lose(struct doubts *d, const struct proc *p, uint64_t lost)
{
	struct doubt *n = named(d, p);

	if (n)
		n->lost += lost;
}

void doubts_unread(struct doubts *d, const struct proc *p)
{
	struct doubt *n = named(d, p);

	d->nr_unread++;
	if (n)
		n->unread = true;
}

void doubts_drop(struct doubts *d, const struct proc *p)
{
	struct doubt *n = named(d, p);

	if (n)
		n->dropped = true;
}

void doubts_give_up(struct doubts *d, const struct proc *p, uint64_t nr)
{
	struct doubt *n = named(d, p);

	d->nr_given_up++;
	if (n && nr > n->given_up)
		n->given_up = nr;
}

bool totals_are_certain(const struct totals *t)
{
	return !t->lost && !t->dropped && !t->doubts.nr_unread && !t->doubts.nr_given_up;
}

static void put_name(struct buf *b, const struct doubt *n)
{
	if (n->comm[0])
		escape_text(b, n->comm, strnlen(n->comm, sizeof(n->comm)));
	else
		buf_puts(b, "process");
	buf_putc(b, ' ');
	buf_dec(b, n->pid);
}

static uint64_t lost_of(const struct doubt *n)
{
	return n->lost;
}

static uint64_t unread_of(const struct doubt *n)
{
	return n->unread;
}

static uint64_t given_up_of(const struct doubt *n)
{
	return n->given_up;
}

static uint64_t dropped_of(const struct doubt *n)
{
	return n->dropped;
}

/* " (node 42: 2, sh 43: 1)": those for whom "of" is not 0, with that number if it counts something. */
static void put_those(struct buf *b, const struct doubts *d, uint64_t (*of)(const struct doubt *),
		      bool counts)
{
	const char *between = " (";
	const struct doubt *n;

	for (n = d->named; n < d->named + d->nr_named; n++) {
		if (!of(n))
			continue;
		buf_puts(b, between);
		put_name(b, n);
		if (counts) {
			buf_puts(b, ": ");
			buf_dec(b, of(n));
		}
		between = ", ";
	}
	buf_puts(b, *between == ',' ? ")" : "");
}

static void put_lost(struct buf *b, const struct totals *t)
{
	if (!t->lost)
		return;
	fmt_count(b, t->lost, "record");
	buf_puts(b, t->lost == 1 ? " was lost" : " were lost");
	put_those(b, &t->doubts, lost_of, true);
	if (!t->over_share)
		return;
	buf_puts(b, ", ");
	buf_dec(b, t->over_share);
	buf_puts(b, " of them beyond the share of those who wrote them");
}

static void put_unread(struct buf *b, const struct doubts *d)
{
	if (!d->nr_unread)
		return;
	buf_puts(b, "the memory of ");
	fmt_count(b, d->nr_unread, "process");
	buf_puts(b, " was not known");
	put_those(b, d, unread_of, false);
}

static void put_given_up(struct buf *b, const struct doubts *d)
{
	if (!d->nr_given_up)
		return;
	buf_puts(b, "the memory of ");
	fmt_count(b, d->nr_given_up, "process");
	buf_puts(b, " was given up, as more mappings than the share of a process or a user");
	put_those(b, d, given_up_of, true);
}

void totals_put_doubts(struct buf *b, const struct totals *t)
{
	put_lost(b, t);
	if (t->lost && t->doubts.nr_unread)
		buf_puts(b, ", ");
	put_unread(b, &t->doubts);
	if (t->doubts.nr_given_up && (t->lost || t->doubts.nr_unread))
		buf_puts(b, ", ");
	put_given_up(b, &t->doubts);
}

void totals_put_dropped(struct buf *b, const struct totals *t)
{
	if (!t->dropped)
		return;
	fmt_count(b, t->dropped, "change");
	buf_puts(b, " found no room in what is remembered");
	put_those(b, &t->doubts, dropped_of, false);
}
