/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unwinding by the tables for exceptions (.eh_frame), which compilers write for every function;
 * where there is none (code made at run time), by the frame pointer. Only the copy of the stack is
 * read. Each step gives an address in code, or ends the walk.
 */
#include "source/unwind.h"

#include <dwarf.h>
#include <string.h>

#include "wire.h"

/* Registers that raw_stack has: bit by DWARF number. */
#ifdef MPW_X86_64
#define KNOWN_REGS 0x1f0c8ULL /* bx, bp, sp, r12 to r15, ip */
#else
#define KNOWN_REGS ((1ULL << MPW_NR_REGS) - 1)
#endif

#define EXPR_DEPTH 16
#define EXPR_STEPS 256

struct unwind_walk {
	const struct raw_stack *raw;
	unwind_code_fn *code;
	void *ctx;
	uint64_t reg[MPW_NR_REGS];
	bool is_known[MPW_NR_REGS];
	bool is_exact; /* set if the instruction pointer is not behind a call */
};

static bool memory_at(const struct unwind_walk *w, uint64_t addr, uint64_t *ret)
{
	uint64_t at = addr - w->raw->reg[MPW_REG_SP];

	if (at > w->raw->len || w->raw->len - at < sizeof(*ret))
		return false;
	memcpy(ret, w->raw->data + at, sizeof(*ret));
	return true;
}

static bool reg_at(const struct unwind_walk *w, uint64_t number, uint64_t *ret)
{
	if (number >= MPW_NR_REGS || !w->is_known[number])
		return false;
	*ret = w->reg[number];
	return true;
}

/* ---- DWARF expressions, as far as they occur in such tables ---- */

struct expr {
	uint64_t v[EXPR_DEPTH];
	unsigned int nr;
	bool is_value; /* set if the result is the value itself, not its address */
};

static bool binary(struct expr *e, uint8_t atom)
{
	uint64_t a, b;

	if (e->nr < 2)
		return false;
	b = e->v[--e->nr];
	a = e->v[--e->nr];
	switch (atom) {
	case DW_OP_plus:
		a += b;
		break;
	case DW_OP_minus:
		a -= b;
		break;
	case DW_OP_and:
		a &= b;
		break;
	case DW_OP_or:
		a |= b;
		break;
	case DW_OP_shl:
		a = b < 64 ? a << b : 0;
		break;
	case DW_OP_ge:
		a = (int64_t)a >= (int64_t)b;
		break;
	default:
		return false;
	}
	e->v[e->nr++] = a;
	return true;
}

static bool push(struct expr *e, uint64_t v)
{
	if (e->nr == EXPR_DEPTH)
		return false;
	e->v[e->nr++] = v;
	return true;
}

static bool step(const struct unwind_walk *w, const uint64_t *cfa, const Dwarf_Op *op,
		 struct expr *e)
{
	uint64_t v;

	if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
		return push(e, op->atom - DW_OP_lit0);
	if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
		return reg_at(w, op->atom - DW_OP_breg0, &v) && push(e, v + op->number);
	switch (op->atom) {
	case DW_OP_bregx:
		return reg_at(w, op->number, &v) && push(e, v + op->number2);
	case DW_OP_regx: /* the value is in a register */
		e->is_value = true;
		return reg_at(w, op->number, &v) && push(e, v);
	case DW_OP_call_frame_cfa:
		return cfa && push(e, *cfa);
	case DW_OP_plus_uconst:
		return e->nr && (e->v[e->nr - 1] += op->number, true);
	case DW_OP_const1u:
	case DW_OP_const1s:
	case DW_OP_const2u:
	case DW_OP_const2s:
	case DW_OP_const4u:
	case DW_OP_const4s:
	case DW_OP_const8u:
	case DW_OP_const8s:
	case DW_OP_constu:
	case DW_OP_consts:
		return push(e, op->number);
	case DW_OP_deref:
		return e->nr && memory_at(w, e->v[e->nr - 1], &e->v[e->nr - 1]);
	case DW_OP_stack_value:
		e->is_value = true;
		return true;
	}
	return binary(e, op->atom);
}

/* cfa is NULL while the CFA is what is sought. */
static bool evaluate(const struct unwind_walk *w, const uint64_t *cfa, const Dwarf_Op *ops,
		     size_t nr, struct expr *e)
{
	size_t i;

	memset(e, 0, sizeof(*e));
	if (nr > EXPR_STEPS)
		return false;
	for (i = 0; i < nr; i++)
		if (!step(w, cfa, &ops[i], e))
			return false;
	return e->nr;
}

/* ---- steps ---- */

/* The value of a register in the caller of this frame. */
static bool caller_reg(const struct unwind_walk *w, Dwarf_Frame *frame, int number, uint64_t cfa,
		       uint64_t *ret)
{
	Dwarf_Op mem[3], *ops;
	struct expr e;
	size_t nr;

	if (dwarf_frame_register(frame, number, mem, &ops, &nr))
		return false;
	if (!nr && ops) /* undefined */
		return false;
	if (!nr) /* unchanged; but the stack pointer is where the frame began */
		return number == MPW_REG_SP ? (*ret = cfa, true) : reg_at(w, number, ret);
	if (!evaluate(w, &cfa, ops, nr, &e))
		return false;
	*ret = e.v[e.nr - 1];
	return e.is_value || memory_at(w, *ret, ret);
}

/* True if the table says that there is nothing to return to. */
static bool is_outermost(Dwarf_Frame *frame, int ra)
{
	Dwarf_Op mem[3], *ops;
	size_t nr;

	return !dwarf_frame_register(frame, ra, mem, &ops, &nr) && !nr && ops;
}

enum step_result { STEP_DONE, STEP_END, STEP_UNKNOWN };

static enum step_result step_by_table(struct unwind_walk *w, Dwarf_Frame *frame)
{
	struct unwind_walk next = *w;
	uint64_t cfa, pc;
	Dwarf_Op *ops;
	struct expr e;
	size_t nr;
	int ra, i;

	if (!frame || dwarf_frame_cfa(frame, &ops, &nr) || !evaluate(w, NULL, ops, nr, &e))
		return STEP_UNKNOWN;
	cfa = e.v[e.nr - 1];
	ra = dwarf_frame_info(frame, NULL, NULL, &next.is_exact);
	if (is_outermost(frame, ra))
		return STEP_END;
	if (!caller_reg(w, frame, ra, cfa, &pc))
		return STEP_UNKNOWN;
	for (i = 0; i < MPW_REG_PC; i++)
		next.is_known[i] = caller_reg(w, frame, i, cfa, &next.reg[i]);
	if (!next.is_known[MPW_REG_SP]) {
		next.reg[MPW_REG_SP] = cfa;
		next.is_known[MPW_REG_SP] = true;
	}
	next.reg[MPW_REG_PC] = pc;
	*w = next;
	return STEP_DONE;
}

/* The frame pointer points to the caller's, and that stands below the return address. */
static enum step_result step_by_pointer(struct unwind_walk *w)
{
	uint64_t fp, caller_fp, pc;

	if (!reg_at(w, MPW_REG_FP, &fp))
		return STEP_UNKNOWN;
	if (!fp) /* as the ABIs have it at the first instruction of a program or thread */
		return STEP_END;
	if (fp < w->reg[MPW_REG_SP] || fp % 8 || !memory_at(w, fp, &caller_fp) ||
	    !memory_at(w, fp + 8, &pc))
		return STEP_UNKNOWN;
	w->reg[MPW_REG_FP] = caller_fp;
	w->reg[MPW_REG_SP] = fp + 16;
	w->reg[MPW_REG_PC] = pc;
	w->is_exact = false;
	return STEP_DONE;
}

/* An address without the signature that arm64 puts into return addresses. */
static uint64_t plain(uint64_t pc)
{
#ifdef __aarch64__
	return pc & ((1ULL << 48) - 1);
#else
	return pc;
#endif
}

static bool has_code(const struct unwind_walk *w)
{
	struct module *m = NULL;
	uint64_t addr;

	return w->code(w->ctx, w->reg[MPW_REG_PC] - !w->is_exact, &m, &addr);
}

/* One step to the caller, which has to be code. */
static enum step_result step_up(struct unwind_walk *w)
{
	uint64_t pc = w->reg[MPW_REG_PC] - !w->is_exact, addr;
	enum step_result r = STEP_UNKNOWN;
	struct module *m = NULL;

	if (!w->code(w->ctx, pc, &m, &addr))
		return STEP_UNKNOWN;
	if (m)
		r = step_by_table(w, module_frame(m, addr));
	if (r == STEP_UNKNOWN)
		r = step_by_pointer(w);
	if (r != STEP_DONE)
		return r;
	w->reg[MPW_REG_PC] = plain(w->reg[MPW_REG_PC]);
	if (!w->reg[MPW_REG_PC])
		return STEP_END;
	return has_code(w) ? STEP_DONE : STEP_UNKNOWN;
}

/*
 * The thread jumped to where no code is: by a call that pushed the address behind it, or left it in a
 * register.
 */
static enum step_result step_back(struct unwind_walk *w)
{
	uint64_t sp = w->reg[MPW_REG_SP], pc;

#ifdef MPW_X86_64
	if (!memory_at(w, sp, &pc))
		return STEP_UNKNOWN;
	w->reg[MPW_REG_SP] = sp + sizeof(pc);
#else
	(void)sp;
	pc = plain(w->reg[30]);
#endif
	w->reg[MPW_REG_PC] = pc;
	w->is_exact = false;
	return has_code(w) ? STEP_DONE : STEP_UNKNOWN;
}

void unwind(const struct raw_stack *raw, unwind_code_fn *code, void *ctx, struct unwound *ret)
{
	struct unwind_walk w = { .raw = raw, .code = code, .ctx = ctx, .is_exact = raw->is_exact };
	enum step_result r = STEP_DONE;
	int i;

	memcpy(w.reg, raw->reg, sizeof(w.reg));
	for (i = 0; i < MPW_NR_REGS; i++)
		w.is_known[i] = KNOWN_REGS >> i & 1;
	ret->nr = 0;
	if (!w.reg[MPW_REG_PC]) /* a frame without an address would be the end */
		r = step_back(&w);
	while (r == STEP_DONE && ret->nr < STACK_MAX_FRAMES) {
		ret->is_exact[ret->nr] = w.is_exact;
		ret->addr[ret->nr++] = w.reg[MPW_REG_PC];
		r = ret->nr == 1 && !has_code(&w) ? step_back(&w) : step_up(&w);
	}
	ret->is_cut = r != STEP_END;
}
