/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 32-bit program without any library (so that it needs none to be built): a heap,
 * and a mapping at a place of its choice. It tells what it did as expect.h has it.
 */
#define PAGE 4096u
#define AT   0x20000000u

enum { EXIT = 1, WRITE = 4, GETPID = 20, BRK = 45, MUNMAP = 91, MPROTECT = 125, MMAP2 = 192 };

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

	base = (base + PAGE - 1) & -PAGE;
	say_call("brk", call3(BRK, base + 3 * PAGE, 0, 0));
	say_change(base, base + 3 * PAGE, "- rw-p [heap]\n");
	say_call("brk", call3(BRK, base + PAGE, 0, 0));
	say_change(base + PAGE, base + 3 * PAGE, "rw-p - [heap]\n");
}

void _start(void);

void _start(void)
{
	/* PROT_READ | PROT_WRITE; MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS */
	say_call("mmap", call6(MMAP2, AT, 4 * PAGE, 3, 0x32, -1, 0));
	say_change(AT, AT + 4 * PAGE, "- rw-p \n");
	say_call("mprotect", call3(MPROTECT, AT + PAGE, PAGE, 5));
	say_change(AT + PAGE, AT + 2 * PAGE, "rw-p r-xp \n");
	say_call("munmap", call3(MUNMAP, AT + 3 * PAGE, PAGE, 0));
	say_change(AT + 3 * PAGE, AT + 4 * PAGE, "rw-p - \n");
	heap();
	call3(EXIT, 0, 0, 0);
}
