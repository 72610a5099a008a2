/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Headers are copied into structures of our own, 64-bit ones whatever the file's class. Sums of
 * their fields may wrap: they are only compared with addresses from /proc.
 */
#include "source/elffile.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/vma.h"
#include "util/mem.h"

#define PHDRS_MAX   1024
#define DYNAMIC_MAX 65536 /* bytes */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OUR_DATA ELFDATA2LSB
#else
#define OUR_DATA ELFDATA2MSB
#endif

struct elf {
	int fd;
	bool is_64;
	uint64_t phoff;
	unsigned int phnum;
	Elf64_Phdr *phdrs;
};

static int read_at(int fd, void *to, size_t len, uint64_t off)
{
	ssize_t n;

	if (off > INT64_MAX - len)
		return -ENOEXEC;
	do
		n = pread(fd, to, len, off);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -ENOEXEC;
}

static int read_header(struct elf *e)
{
	union {
		unsigned char ident[EI_NIDENT];
		Elf32_Ehdr h32;
		Elf64_Ehdr h64;
	} h;
	unsigned int entry;
	int err = read_at(e->fd, &h, sizeof(h.h32), 0);

	if (err)
		return err;
	if (memcmp(h.ident, ELFMAG, SELFMAG) != 0 || h.ident[EI_DATA] != OUR_DATA)
		return -ENOEXEC;
	e->is_64 = h.ident[EI_CLASS] == ELFCLASS64;
	err = e->is_64 ? read_at(e->fd, &h, sizeof(h.h64), 0) : 0;
	if (err)
		return err;
	e->phoff = e->is_64 ? h.h64.e_phoff : h.h32.e_phoff;
	e->phnum = e->is_64 ? h.h64.e_phnum : h.h32.e_phnum;
	entry = e->is_64 ? h.h64.e_phentsize : h.h32.e_phentsize;
	if (entry != (e->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)) || e->phnum > PHDRS_MAX)
		return -ENOEXEC;
	return 0;
}

static int read_phdrs(struct elf *e)
{
	Elf32_Phdr *narrow;
	unsigned int i;
	int err;

	e->phdrs = mem_array(e->phnum + 1, sizeof(*e->phdrs));
	if (e->is_64)
		return read_at(e->fd, e->phdrs, e->phnum * sizeof(*e->phdrs), e->phoff);
	narrow = mem_array(e->phnum + 1, sizeof(*narrow));
	err = read_at(e->fd, narrow, e->phnum * sizeof(*narrow), e->phoff);
	for (i = 0; !err && i < e->phnum; i++)
		e->phdrs[i] = (Elf64_Phdr){ .p_type = narrow[i].p_type,
					    .p_flags = narrow[i].p_flags,
					    .p_offset = narrow[i].p_offset,
					    .p_vaddr = narrow[i].p_vaddr,
					    .p_filesz = narrow[i].p_filesz,
					    .p_memsz = narrow[i].p_memsz };
	free(narrow);
	return err;
}

static const Elf64_Phdr *phdr_find(const struct elf *e, uint32_t type)
{
	unsigned int i;

	for (i = 0; i < e->phnum; i++)
		if (e->phdrs[i].p_type == type)
			return &e->phdrs[i];
	return NULL;
}

/* Entry i of the dynamic section: returns its tag, with its value in *ret. */
static int64_t dynamic_entry(const struct elf *e, const void *dynamic, size_t i, uint64_t *ret)
{
	const Elf64_Dyn *wide = dynamic;
	const Elf32_Dyn *narrow = dynamic;

	*ret = e->is_64 ? wide[i].d_un.d_val : narrow[i].d_un.d_val;
	return e->is_64 ? wide[i].d_tag : narrow[i].d_tag;
}

static bool read_text_relocs(const struct elf *e)
{
	const Elf64_Phdr *ph = phdr_find(e, PT_DYNAMIC);
	size_t size = e->is_64 ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn), len, i;
	bool found = false;
	uint64_t value;
	int64_t tag;
	void *dynamic;

	if (!ph || ph->p_filesz > DYNAMIC_MAX)
		return false;
	len = ph->p_filesz;
	dynamic = mem_alloc(len + size);
	if (!read_at(e->fd, dynamic, len, ph->p_offset)) {
		for (i = 0; i < len / size && !found; i++) {
			tag = dynamic_entry(e, dynamic, i, &value);
			if (tag == DT_NULL)
				break;
			found = tag == DT_TEXTREL || (tag == DT_FLAGS && value & DF_TEXTREL);
		}
	}
	free(dynamic);
	return found;
}

/* The place where the file's address 0 is mapped; false if no segment holds the mapped offset. */
static bool find_bias(const struct elf *e, uint64_t start, uint64_t off, uint64_t *ret)
{
	const uint64_t in_page = page_bytes - 1;
	unsigned int i;

	for (i = 0; i < e->phnum; i++) {
		const Elf64_Phdr *ph = &e->phdrs[i];
		uint64_t first = ph->p_offset & ~in_page;

		if (ph->p_type != PT_LOAD || off < first ||
		    off - first >= ph->p_filesz + (ph->p_offset & in_page))
			continue;
		*ret = start - (off - first) - (ph->p_vaddr & ~in_page);
		return true;
	}
	return false;
}

int elffile_read(int fd, uint64_t start, uint64_t off, struct elf_facts *ret)
{
	struct elf e = { .fd = fd };
	const Elf64_Phdr *ph;
	uint64_t bias;
	int err = read_header(&e);

	memset(ret, 0, sizeof(*ret));
	err = err ? err : read_phdrs(&e);
	if (!err) {
		ph = phdr_find(&e, PT_GNU_STACK);
		ret->wants_exec_stack = ph && ph->p_flags & PF_X;
		ret->has_text_relocs = read_text_relocs(&e);
		ph = phdr_find(&e, PT_GNU_RELRO);
		ret->has_relro = ph;
		if (ph && find_bias(&e, start, off, &bias)) {
			ret->relro_start = page_down(bias + ph->p_vaddr);
			ret->relro_end = page_down(bias + ph->p_vaddr + ph->p_memsz);
		}
	}
	free(e.phdrs);
	return err;
}
