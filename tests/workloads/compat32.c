/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 32-bit program, of i386 or ARM, without any library (so that it needs none to be built): a heap,
 * and a mapping at a place of its choice. It tells what it did as expect.h has it.
 */
#define AT 0x20000000u

enum { EXIT = 1, WRITE = 4, GETPID = 20, BRK = 45, MUNMAP = 91, MPROTECT = 125, MMAP2 = 192 };

#ifdef __arm__
static long call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	register long r3 __asm__("r3") = d;
	register long r4 __asm__("r4") = e;
	register long r5 __asm__("r5") = f;

	/* the number's register may be the compiler's for frames */
	__asm__ volatile("push {r7}\n\t"
			 "mov r7, %1\n\t"
			 "svc #0\n\t"
			 "pop {r7}"
			 : "+r"(r0)
			 : "r"(nr), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5)
			 : "memory");
	return r0;
}
#else
static long call6(long nr, long a, long b, long c, long d, long e, long f)
{
	const long rest[] = { a, f, nr };
	long ret;

	__asm__ volatile("push %%ebx\n\t"
			 "push %%ebp\n\t"
			 "mov (%%eax), %%ebx\n\t"
			 "mov 4(%%eax), %%ebp\n\t"
			 "mov 8(%%eax), %%eax\n\t"
			 "int $0x80\n\t"
			 "pop %%ebp\n\t"
			 "pop %%ebx"
			 : "=a"(ret)
			 : "a"(rest), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory");
	return ret;
}
#endif

static unsigned long page;

static long call3(long nr, long a, long b, long c)
{
	return call6(nr, a, b, c, 0, 0, 0);
}

static void say(const char *s)
{
	unsigned int n = 0;

	while (s[n])
		n++;
	call3(WRITE, 1, (long)s, n);
}

static void say_number(unsigned long v, unsigned int base)
{
	char text[12], *p = text + sizeof(text);

	*--p = '\0';
	do
		*--p = "0123456789abcdef"[v % base];
	while (v /= base);
	say(base == 16 ? "0x" : "");
	say(p);
}

static void say_call(const char *name, unsigned long result)
{
	say("CALL ");
	say_number(call3(GETPID, 0, 0, 0), 10);
	say(" ");
	say(name);
	say(" ");
	say_number(result, 16);
	say("\n");
}

static void say_change(unsigned long start, unsigned long end, const char *rest)
{
	say("CHANGE ");
	say_number(start, 16);
	say(" ");
	say_number(end, 16);
	say(" ");
	say(rest);
}

static void heap(void)
{
	unsigned long base = call3(BRK, 0, 0, 0);

	base = (base + page - 1) & -page;
	say_call("brk", call3(BRK, base + 3 * page, 0, 0));
	say_change(base, base + 3 * page, "- rw-p [heap]\n");
	say_call("brk", call3(BRK, base + page, 0, 0));
	say_change(base + page, base + 3 * page, "rw-p - [heap]\n");
}

/* The entry, and the kernel's stack with the arguments, the environment and the auxiliary vector. */
#ifdef __arm__
__asm__(".globl _start\n_start: mov r0, sp\n bl run\n");
#else
__asm__(".globl _start\n_start: mov %esp, %eax\n push %eax\n call run\n");
#endif

void run(const unsigned long *stack);

void run(const unsigned long *stack)
{
	const unsigned long *v = stack + 1 + stack[0] + 1;

	while (*v++) /* the environment */
		;
	while (*v != 6 /* AT_PAGESZ */)
		v += 2;
	page = v[1];
	/* PROT_READ | PROT_WRITE; MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS */
	say_call("mmap", call6(MMAP2, AT, 4 * page, 3, 0x32, -1, 0));
	say_change(AT, AT + 4 * page, "- rw-p \n");
	say_call("mprotect", call3(MPROTECT, AT + page, page, 5));
	say_change(AT + page, AT + 2 * page, "rw-p r-xp \n");
	say_call("munmap", call3(MUNMAP, AT + 3 * page, page, 0));
	say_change(AT + 3 * page, AT + 4 * page, "rw-p - \n");
	heap();
	call3(EXIT, 0, 0, 0);
}
