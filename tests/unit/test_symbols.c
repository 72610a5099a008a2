/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of functions come from files that an attacker may have made: what is well formed
 * is found, and damaged files and maps end in no name, never in more.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/stack.h"
#include "source/module.h"
#include "source/perfmap.h"
#include "source/unwind.h"
#include "util/mem.h"
#include "wire.h"

#define PLENTY (1ULL << 30)

static const char *found(struct perfmap *pm, uint64_t addr)
{
	static char name[STACK_SYMBOL_MAX + 1];
	uint64_t start;
	size_t len;
	const char *s = perfmap_find(pm, addr, &start, &len);

	if (!s)
		return NULL;
	memcpy(name, s, len);
	name[len] = '\0';
	return name;
}

static void map_lines_are_found(void **state)
{
	static const char text[] = "1000 10 first\n0x2000 20 second one\n1000 8 again\n3000 10 cut";
	struct perfmap *pm = perfmap_new();

	(void)state;
	assert_int_equal(perfmap_parse(pm, text, sizeof(text) - 1), sizeof(text) - 1 - 11);
	assert_string_equal(found(pm, 0x201f), "second one");
	assert_string_equal(found(pm, 0x1000), "again"); /* code that was put in another's place */
	assert_null(found(pm, 0x2020));
	assert_null(found(pm, 0xfff));
	assert_null(found(pm, 0x3000));
	perfmap_free(pm);
}

/* Lines that are added between two look-ups are merged, and later ones replace earlier ones. */
static void added_lines_are_merged(void **state)
{
	struct perfmap *pm = perfmap_new();
	unsigned int i, k;
	char line[64];

	(void)state;
	for (i = 0; i < 2000; i++) {
		k = i * 7919 % 1000; /* each place twice, in no order */
		perfmap_parse(pm, line,
			      snprintf(line, sizeof(line), "%x 10 f%u\n", 0x1000 + 16 * k, i));
		snprintf(line, sizeof(line), "f%u", i);
		assert_string_equal(found(pm, 0x1008 + 16 * k), line);
	}
	for (i = 1000; i < 2000; i++) {
		snprintf(line, sizeof(line), "f%u", i);
		assert_string_equal(found(pm, 0x1000 + 16 * (i * 7919 % 1000)), line);
	}
	perfmap_free(pm);
}

static void other_lines_are_not(void **state)
{
	static const char text[] = "\n \n1000\n1000 10\n1000 10 \n1000 0 none\n-1 10 a\n10 -1 b\n"
				   "ffffffffffffffff 10 c\n11111111111111111 1 d\nxyz 1 e\n";
	struct perfmap *pm = perfmap_new();
	char *longest = mem_alloc(100000);

	(void)state;
	perfmap_parse(pm, text, sizeof(text) - 1);
	assert_null(found(pm, 0x1000));
	assert_null(found(pm, UINT64_MAX));
	memset(longest, 'n', 99999);
	memcpy(longest, "5000 1 ", 7);
	longest[99998] = '\n';
	perfmap_parse(pm, longest, 99999);
	assert_int_equal(strlen(found(pm, 0x5000)), STACK_SYMBOL_MAX);
	free(longest);
	perfmap_free(pm);
}

/* ---- ELF files ---- */

struct bytes {
	char *data;
	size_t len;
};

/* This program, as the file that others are made of. */
static struct bytes read_self(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct bytes b = { .len = lseek(fd, 0, SEEK_END) };

	b.data = malloc(b.len);
	assert_int_equal(pread(fd, b.data, b.len, 0), b.len);
	close(fd);
	return b;
}

static struct module *module_of(const char *data, size_t len)
{
	int fd = memfd_create("elf", MFD_CLOEXEC);
	uint64_t budget = PLENTY;
	struct module *m;

	assert_int_equal(write(fd, data, len), len);
	m = module_read(fd, &budget, NULL);
	close(fd);
	return m;
}

/* The address in the file of a function that stands at fn here: found by its name. */
static uint64_t address_of(const struct module *m, const char *name)
{
	uint64_t addr, start = 0;
	const char *s;

	for (addr = 0; addr < PLENTY; addr += 4) {
		s = module_symbol(m, addr, &start);
		if (s && !strcmp(s, name))
			return addr;
	}
	return 0;
}

static void own_functions_are_found(void **state)
{
	struct bytes self = read_self();
	struct module *m = module_of(self.data, self.len);
	uint64_t addr;

	(void)state;
	assert_non_null(m);
	addr = address_of(m, "main");
	assert_int_not_equal(addr, 0);
	assert_non_null(module_frame(m, addr + 1));
	assert_null(module_frame(m, PLENTY));
	module_free(m);
	free(self.data);
}

static void a_small_budget_is_kept(void **state)
{
	struct bytes self = read_self();
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	uint64_t budget = 4096, start;
	struct module *m = module_read(fd, &budget, NULL);

	(void)state;
	assert_true(budget <= 4096);
	assert_null(module_symbol(m, 0x2000, &start));
	module_free(m);
	close(fd);
	free(self.data);
}

/* Any address may be code of m, at the same address. */
static bool all_is_code(void *ctx, uint64_t addr, struct module **ret_module, uint64_t *ret_addr)
{
	*ret_module = ctx;
	*ret_addr = addr % (4 << 20);
	return true;
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void try_all(struct module *m, uint32_t *random)
{
	unsigned char stack[MPW_STACK_BYTES];
	uint64_t reg[MPW_NR_REGS], at, start;
	struct raw_stack raw = { .reg = reg, .data = stack, .len = sizeof(stack) };
	struct unwound u;
	size_t i;

	for (i = 0; i < sizeof(stack); i++)
		stack[i] = next_random(random);
	for (i = 0; i < MPW_NR_REGS; i++)
		reg[i] = 0x7ff000000000 + next_random(random) % 8192;
	reg[MPW_REG_SP] = 0x7ff000000000;
	for (i = 0; i < 20; i++) {
		at = next_random(random) % (4 << 20);
		module_address(m, at, &start);
		module_symbol(m, at, &start);
		reg[MPW_REG_PC] = at;
		raw.len = next_random(random) % sizeof(stack);
		unwind(&raw, all_is_code, m, &u);
		assert_in_range(u.nr, 1, STACK_MAX_FRAMES);
	}
}

/* Headers, symbols and tables for unwinding are damaged alike. */
static void survives_any_file(void **state)
{
	struct bytes self = read_self();
	char *damaged = malloc(self.len);
	uint32_t random = 1;
	int round, i;

	(void)state;
	for (round = 0; round < 150; round++) {
		size_t len = round % 5 ? self.len : next_random(&random) % self.len;
		size_t reach = round % 3 ? self.len : 4096;
		struct module *m;

		memcpy(damaged, self.data, self.len);
		for (i = 0; i < 1 << round % 12; i++)
			damaged[next_random(&random) % reach] = next_random(&random);
		if (round % 2)
			memcpy(damaged, self.data, 64);
		m = module_of(damaged, len);
		if (m)
			try_all(m, &random);
		module_free(m);
	}
	free(damaged);
	free(self.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map_lines_are_found),	  cmocka_unit_test(added_lines_are_merged),
		cmocka_unit_test(other_lines_are_not),	  cmocka_unit_test(own_functions_are_found),
		cmocka_unit_test(a_small_budget_is_kept), cmocka_unit_test(survives_any_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
