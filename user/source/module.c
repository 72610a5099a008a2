/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libelf reads with pread(2), here, once; after that the file is not needed any more. Names come
 * from the symbol table or, in a stripped file, from the separate debug file with the build-id of
 * the file, else from the dynamic symbols.
 */
#include "source/module.h"

#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uthash.h>

#include "source/buildid.h"
#include "source/debuginfod.h"
#include "util/buf.h"
#include "util/limit.h"
#include "util/mem.h"

#define MAX_FILE_BYTES	  (1ULL << 30)
#define MAX_SECTION_BYTES (64ULL << 20)
#define MAX_LOADS	  64
#define MAX_RULES	  16384 /* remembered for a module at once */
#define MAX_RULE_BYTES	  4096
#define FRAME_BYTES	  (64ULL << 20) /* to find one rule with */
#define MANY_SECTIONS	  64
#define SECTION_BYTES	  512 /* kept by libelf of a section, at most */

#ifdef __x86_64__
#define MACHINE EM_X86_64
#else
#define MACHINE EM_AARCH64
#endif

struct load {
	uint64_t off, bytes, addr;
};

struct symbol {
	uint64_t start, size;
	const char *name;
};

/* dwarf_cfi_addrframe() costs microseconds, and a program has few places that make calls. */
struct cfi_rule {
	uint64_t addr;
	Dwarf_Frame *frame; /* malloc'ed; NULL: there is none */
	UT_hash_handle hh;
};

struct module {
	Elf *elf, *debug; /* debug: where the symbols are, if not in elf */
	Dwarf_CFI *cfi;
	struct load loads[MAX_LOADS];
	size_t nr_loads;
	struct symbol *symbols; /* by address */
	size_t nr_symbols;
	struct cfi_rule *rules;
};

/* ---- symbols ---- */

static size_t underscores(const char *s)
{
	return strspn(s, "_");
}

/* Symbols by address; of several names of one place, the one that people know comes first. */
static int compare_symbols(const void *a, const void *b)
{
	const struct symbol *s = a, *t = b;
	size_t us, ut;

	if (s->start != t->start)
		return s->start < t->start ? -1 : 1;
	us = underscores(s->name);
	ut = underscores(t->name);
	return us != ut ? (us < ut ? -1 : 1) : strcmp(s->name, t->name);
}

static void read_symbols(struct module *m, Elf *elf, Elf_Scn *scn, const GElf_Shdr *sh)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	size_t nr, i;

	if (!data || sh->sh_entsize != sizeof(Elf64_Sym))
		return;
	nr = data->d_size / sizeof(Elf64_Sym);
	if (nr > INT_MAX)
		return;
	m->symbols = mem_array(nr + 1, sizeof(*m->symbols));
	for (i = 0; i < nr; i++) {
		const char *name;
		GElf_Sym sym;

		if (!gelf_getsym(data, i, &sym) || sym.st_shndx == SHN_UNDEF || !sym.st_value)
			continue;
		if (GELF_ST_TYPE(sym.st_info) != STT_FUNC &&
		    GELF_ST_TYPE(sym.st_info) != STT_GNU_IFUNC)
			continue;
		name = elf_strptr(elf, sh->sh_link, sym.st_name);
		if (name && *name)
			m->symbols[m->nr_symbols++] =
				(struct symbol){ sym.st_value, sym.st_size, name };
	}
	qsort(m->symbols, m->nr_symbols, sizeof(*m->symbols), compare_symbols);
}

/* True if there is room for the section, which is taken off *budget. */
static bool may_keep(const GElf_Shdr *sh, uint64_t *budget)
{
	if (sh->sh_size > MAX_SECTION_BYTES || sh->sh_size > *budget)
		return false;
	*budget -= sh->sh_size;
	return true;
}

/* Reads the first symbol table of that type, if it has functions. */
static bool find_symbols(struct module *m, Elf *elf, uint32_t type, uint64_t *budget)
{
	Elf_Scn *scn = NULL, *strings;
	GElf_Shdr sh, str;

	while ((scn = elf_nextscn(elf, scn))) {
		if (!gelf_getshdr(scn, &sh) || sh.sh_type != type)
			continue;
		strings = elf_getscn(elf, sh.sh_link);
		if (strings && gelf_getshdr(strings, &str) && may_keep(&sh, budget) &&
		    may_keep(&str, budget))
			read_symbols(m, elf, scn, &sh);
		break;
	}
	if (m->nr_symbols)
		return true;
	free(m->symbols);
	m->symbols = NULL;
	return false;
}

/*
 * Debug files are named by the build-id: a distribution installs them (they are root's), or a
 * server has them.
 */
static void find_debug(struct module *m, int fd, uint64_t *budget, struct errand *servers)
{
	char begin[BUILDID_FILE_BYTES], path[256];
	struct buf id = { 0 };
	ssize_t n = pread(fd, begin, sizeof(begin), 0);
	int debug = -1;

	if (n > 0)
		buildid_parse(begin, n, &id);
	if (id.len > 2) {
		snprintf(path, sizeof(path), "/usr/lib/debug/.build-id/%.2s/%s.debug", id.data,
			 buf_str(&id) + 2);
		debug = open(path, O_RDONLY | O_CLOEXEC);
		if (debug < 0)
			debug = debuginfod_open(servers, buf_str(&id));
	}
	buf_done(&id);
	if (debug < 0)
		return;
	m->debug = elf_begin(debug, ELF_C_READ, NULL);
	if (m->debug && find_symbols(m, m->debug, SHT_SYMTAB, budget)) {
		elf_cntl(m->debug, ELF_C_FDDONE);
	} else {
		elf_end(m->debug);
		m->debug = NULL;
	}
	close(debug);
}

const char *module_symbol(const struct module *m, uint64_t addr, uint64_t *ret_start)
{
	size_t lo = 0, hi = m->nr_symbols;
	const struct symbol *s;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->symbols[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return NULL;
	s = &m->symbols[lo - 1];
	while (s > m->symbols && s[-1].start == s->start)
		s--;
	for (; s < m->symbols + lo; s++) {
		if (s->size && addr - s->start >= s->size)
			continue;
		*ret_start = s->start;
		return s->name;
	}
	return NULL;
}

/* ---- how to return ---- */

/* The table is named by a section or, in a file without sections, by a segment. */
static bool may_keep_frames(Elf *elf, uint64_t file_bytes, uint64_t *budget)
{
	Elf_Scn *scn = NULL;
	size_t names;
	GElf_Shdr sh = { .sh_size = file_bytes };
	const char *name;
	bool found = false;

	while (!elf_getshdrstrndx(elf, &names) && (scn = elf_nextscn(elf, scn)) && !found) {
		name = gelf_getshdr(scn, &sh) ? elf_strptr(elf, names, sh.sh_name) : NULL;
		found = name && !strcmp(name, ".eh_frame");
	}
	if (!found)
		sh.sh_size = file_bytes;
	return may_keep(&sh, budget);
}

static void drop_rules(struct module *m)
{
	struct cfi_rule *r, *next;

	HASH_ITER(hh, m->rules, r, next) {
		HASH_DEL(m->rules, r);
		free(r->frame);
		free(r);
	}
}

/*
 * Tables may name a register with a number of nine digits, or save all registers a million times:
 * gigabytes for a file of a few bytes. libdw has no limit of its own, so it meets the kernel's,
 * which it survives; no other thread is there to meet the limit, too.
 */
static Dwarf_Frame *find_frame(Dwarf_CFI *cfi, uint64_t addr)
{
	struct rlimit was;
	Dwarf_Frame *frame = NULL;
	bool limited = limit_memory(FRAME_BYTES, &was);

	if (dwarf_cfi_addrframe(cfi, addr, &frame))
		frame = NULL;
	if (limited)
		setrlimit(RLIMIT_AS, &was);
	if (malloc_usable_size(frame) <= MAX_RULE_BYTES)
		return frame;
	free(frame);
	return NULL;
}

Dwarf_Frame *module_frame(struct module *m, uint64_t addr)
{
	struct cfi_rule *r;

	if (!m->cfi)
		return NULL;
	HASH_FIND(hh, m->rules, &addr, sizeof(addr), r);
	if (r)
		return r->frame;
	if (HASH_COUNT(m->rules) >= MAX_RULES)
		drop_rules(m);
	r = mem_alloc(sizeof(*r));
	r->addr = addr;
	r->frame = find_frame(m->cfi, addr);
	HASH_ADD(hh, m->rules, addr, sizeof(r->addr), r);
	return r->frame;
}

/* ---- the file ---- */

static bool read_loads(struct module *m)
{
	size_t nr, i;
	GElf_Phdr ph;

	if (elf_getphdrnum(m->elf, &nr))
		return false;
	for (i = 0; i < nr && m->nr_loads < MAX_LOADS; i++)
		if (gelf_getphdr(m->elf, i, &ph) && ph.p_type == PT_LOAD)
			m->loads[m->nr_loads++] =
				(struct load){ ph.p_offset, ph.p_filesz, ph.p_vaddr };
	return m->nr_loads;
}

bool module_address(const struct module *m, uint64_t off, uint64_t *ret)
{
	size_t i;

	for (i = 0; i < m->nr_loads; i++) {
		const struct load *l = &m->loads[i];

		if (off < l->off || off - l->off >= l->bytes)
			continue;
		*ret = l->addr + (off - l->off);
		return true;
	}
	return false;
}

/*
 * libelf takes room for as many sections as the file claims, millions in a sparse file whose first
 * section's header says so. No linker makes an executable with so many.
 */
static bool may_keep_headers(int fd, uint64_t *budget)
{
	Elf64_Ehdr eh;
	GElf_Shdr all = { 0 };

	if (pread(fd, &eh, sizeof(eh), 0) != sizeof(eh) ||
	    memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0 || eh.e_ident[EI_CLASS] != ELFCLASS64)
		return false;
	if ((!eh.e_shnum && eh.e_shoff) || eh.e_phnum == PN_XNUM)
		return false;
	all.sh_size = (uint64_t)eh.e_shnum * SECTION_BYTES;
	return eh.e_shnum <= MANY_SECTIONS || may_keep(&all, budget);
}

static bool is_native(Elf *elf)
{
	GElf_Ehdr eh;

	return elf_kind(elf) == ELF_K_ELF && gelf_getclass(elf) == ELFCLASS64 &&
	       gelf_getehdr(elf, &eh) && eh.e_machine == MACHINE;
}

struct module *module_read(int fd, uint64_t *budget, struct errand *servers)
{
	struct module *m;
	struct stat st;
	Elf *elf;

	elf_version(EV_CURRENT);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || (uint64_t)st.st_size > MAX_FILE_BYTES ||
	    !may_keep_headers(fd, budget))
		return NULL;
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf)
		return NULL;
	m = mem_alloc(sizeof(*m));
	m->elf = elf;
	if (!is_native(elf) || !read_loads(m)) {
		module_free(m);
		return NULL;
	}
	if (may_keep_frames(elf, st.st_size, budget))
		m->cfi = dwarf_getcfi_elf(elf);
	if (!find_symbols(m, elf, SHT_SYMTAB, budget))
		find_debug(m, fd, budget, servers);
	if (!m->nr_symbols)
		find_symbols(m, elf, SHT_DYNSYM, budget);
	elf_cntl(elf, ELF_C_FDDONE);
	return m;
}

void module_free(struct module *m)
{
	if (!m)
		return;
	drop_rules(m);
	free(m->symbols);
	if (m->cfi)
		dwarf_cfi_end(m->cfi);
	elf_end(m->debug);
	elf_end(m->elf);
	free(m);
}
