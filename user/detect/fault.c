/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault: a SIGSEGV or SIGBUS, with its cause: the change that took a right away, say, when, and by
 * whom. A handler may catch it, which is for information; where the process ends soon after, by a
 * signal that it sends itself or with a status, it ended by that fault.
 */
#include <signal.h>

#include "core/why_fault.h"
#include "core/words.h"
#include "detect/detectors.h"

#include "core/object.h"
#include "util/escape.h"
#include "util/fmt.h"

/* A handler writes reports, and maybe a core, before it ends the process. */
#define SIGNAL_REACH_NS 10000000000ULL
#define EXIT_REACH_NS	1000000000ULL
/* Who caught more faults than this, and went on, ends by another reason. */
#define CAUGHT_MAX 4

static const struct rule rules[] = { { .id = "fault" }, { 0 } };

struct state {
	struct trail trail;
	struct fault_seen caught; /* the last one that a handler caught */
	uint32_t pid;		  /* of the process that caught it; 0: none did */
	unsigned int nr_caught;
};

static void change(struct view *v)
{
	struct state *s = v->state;

	trail_change(&s->trail, v->ch, v->turns & TURN_MAPS);
}

static void failed(struct view *v)
{
	struct state *s = v->state;

	trail_refused(&s->trail, v->ch, v->proc->mm);
}

/* True if it is the access that was caught before, and nothing was done about that. */
static bool is_again(const struct state *s, const struct fault_seen *now)
{
	const struct fault_seen *was = &s->caught;
	const struct trail_step *st;

	if (!s->pid || was->tid != now->tid || was->f.ip != now->f.ip ||
	    was->f.addr != now->f.addr || was->f.code != now->f.code || was->sig != now->sig)
		return false;
	st = trail_find(&s->trail, now->f.addr, UINT64_MAX);
	return !st || st->nr <= was->step;
}

/* The handler of the fault that was caught could not be called: there was no stack for it. */
static bool is_without_handler(const struct state *s, const struct fault_seen *now)
{
	return s->pid && now->f.code == MPW_SI_KERNEL && !now->bad && s->caught.tid == now->tid &&
	       s->caught.f.ip == now->f.ip && now->sig == SIGSEGV;
}

/* Raise a finding on the fault that was caught; the change of v is another moment. */
static struct finding *raise_caught(struct view *v, const struct fault_seen *was)
{
	const uint64_t start = fault_has_addr(&was->f) ? page_down(was->f.addr) : 0;
	const struct change ch = { .ev = v->ev,
				   .proc = v->proc,
				   .start = start,
				   .end = fault_has_addr(&was->f) ? start + page_bytes : 0,
				   .before = was->at,
				   .after = was->at,
				   .caller = was->by };
	struct view at = *v;

	at.ch = &ch;
	return view_raise(&at, rules, SEVERITY_MEDIUM, FOLD_NEVER);
}

static void put_sender(struct buf *why, const struct view *v)
{
	const struct facts *facts = &v->ev->facts;
	const struct fact_value *comm = &facts->value[MPW_FACT_SENDER_COMM];
	uint64_t pid = facts_number(facts, MPW_FACT_SENDER);

	buf_puts(why, "sent by ");
	if (pid == v->ev->pid) {
		buf_puts(why, "itself");
	} else if (!pid) {
		buf_puts(why, "a process that is not known");
	} else {
		if (facts_have(facts, MPW_FACT_SENDER_COMM))
			escape_text(why, comm->word, comm->number);
		buf_printf(why, " %u", (unsigned int)pid);
	}
}

static bool is_sent_by_itself(const struct view *v)
{
	return v->ev->fault.code <= 0 && facts_number(&v->ev->facts, MPW_FACT_SENDER) == v->ev->pid;
}

/* True if the event ends the process within the reach of the handler of the fault that it caught. */
static bool ends_by_caught(const struct view *v, uint64_t reach_ns)
{
	const struct state *s = v->state;

	return s->pid == v->ev->pid && view_since(v, s->caught.ts_ns) <= reach_ns &&
	       !fault_is_mended(v, &s->caught);
}

/* "write to … was caught as SIGSEGV, and ended the process 3 ms later" */
static void put_ended(struct buf *why, const struct view *v, const struct fault_seen *was)
{
	why_access(why, was);
	buf_puts(why, " was caught as ");
	word_signal(why, was->sig);
	buf_puts(why, ", and ended the process ");
	fmt_duration(why, view_since(v, was->ts_ns));
	buf_puts(why, " later");
}

/* A signal that is no access ends the process. */
static void ended_by_signal(struct view *v, int sig)
{
	struct state *s = v->state;
	struct finding *f;

	if ((is_sent_by_itself(v) || fault_is_access(&v->ev->fault)) &&
	    ends_by_caught(v, SIGNAL_REACH_NS)) {
		f = raise_caught(v, &s->caught);
		if (f) {
			put_ended(&f->why, v, &s->caught);
			buf_puts(&f->why, " with ");
			word_signal(&f->why, sig);
			buf_puts(&f->why, ": ");
			why_fault(&f->why, v, &s->trail, &s->caught);
		}
		s->pid = 0;
		return;
	}
	if (sig != SIGSEGV && sig != SIGBUS && is_sent_by_itself(v))
		return; /* abort(3), and what has to do with memory only by chance */
	if (fault_is_access(&v->ev->fault))
		return;
	f = view_raise(v, rules, SEVERITY_MEDIUM, FOLD_NEVER);
	if (!f)
		return;
	word_signal(&f->why, sig);
	buf_puts(&f->why, " ended the process: ");
	put_sender(&f->why, v);
}

static void caught(struct view *v, struct state *s, const struct fault_seen *now)
{
	struct finding *f;

	if (!is_again(s, now)) {
		s->nr_caught++;
		f = view_raise(v, rules, SEVERITY_INFO, FOLD_PROCESS);
		if (f) {
			why_access(&f->why, now);
			buf_puts(&f->why, " was caught as ");
			word_signal(&f->why, now->sig);
			buf_puts(&f->why, ": ");
			why_fault(&f->why, v, &s->trail, now);
		}
	}
	s->caught = *now;
	s->pid = v->ev->pid;
}

static void fault(struct view *v)
{
	struct state *s = v->state;
	struct fault_seen now;
	struct finding *f;
	bool again, no_handler;

	fault_see(v, &s->trail, &now);
	if (!fault_is_access(&now.f) || (now.sig != SIGSEGV && now.sig != SIGBUS)) {
		ended_by_signal(v, now.sig);
		return;
	}
	if (now.f.handled) {
		caught(v, s, &now);
		return;
	}
	no_handler = is_without_handler(s, &now);
	if (no_handler)
		now = s->caught;
	again = no_handler || is_again(s, &now);
	s->pid = 0;
	f = no_handler ? raise_caught(v, &now) : view_raise(v, rules, SEVERITY_MEDIUM, FOLD_NEVER);
	if (!f)
		return;
	why_access(&f->why, &now);
	buf_puts(&f->why, " ended the process");
	if (now.sig != SIGSEGV) {
		buf_puts(&f->why, " with ");
		word_signal(&f->why, now.sig);
	}
	if (again)
		buf_puts(&f->why, no_handler ? ", whose handler had no stack to run on" :
					       " after a handler had caught it");
	buf_puts(&f->why, ": ");
	why_fault(&f->why, v, &s->trail, &now);
}

static void ended(struct view *v)
{
	struct state *s = v->state;
	uint32_t code = v->ev->exit_code, status = code >> 8;
	struct finding *f;

	if (code == EXIT_UNSEEN || code & 0xff || !status || s->nr_caught > CAUGHT_MAX ||
	    !ends_by_caught(v, EXIT_REACH_NS))
		return;
	f = raise_caught(v, &s->caught);
	if (!f)
		return;
	put_ended(&f->why, v, &s->caught);
	buf_printf(&f->why, " with exit status %d: ", (int)status);
	why_fault(&f->why, v, &s->trail, &s->caught);
}

static void forked(struct view *v)
{
	struct state *s = v->state;

	trail_fork(&s->trail);
	s->pid = 0;
	s->nr_caught = 0;
}

static void gone(struct view *v)
{
	struct state *s = v->state;

	trail_done(&s->trail);
}

static void hold(struct view *v)
{
	const struct state *s = v->state;

	trail_hold(&s->trail);
	object_hold(s->caught.at.obj);
	object_hold(s->caught.by.obj);
	object_hold(s->caught.called_by.obj);
}

const struct detector detector_fault = {
	.name = "fault",
	.rules = rules,
	.turns = TURN_CHANGES,
	.state_bytes = sizeof(struct state),
	.hold = hold,
	.change = change,
	.failed = failed,
	.fault = fault,
	.ended = ended,
	.forked = forked,
	.gone = gone,
};
