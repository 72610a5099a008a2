/* SPDX-License-Identifier: BSD-2-Clause */
/* An attacker may have made the file: only its start is read, and every field is checked. */
#include "source/buildid.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

#define MAX_ID_BYTES 64 /* SHA-1 has 20 */

struct bytes {
	const unsigned char *data;
	size_t len;
};

/* len bytes at off, or NULL if they are not all there. */
static const void *bytes_at(const struct bytes *b, uint64_t off, uint64_t len)
{
	return off <= b->len && len <= b->len - off ? b->data + off : NULL;
}

/* Notes are padded to 4 bytes, or to 8 in a segment that is aligned to 8. */
static bool find_note(const struct bytes *notes, uint64_t align, struct buf *ret)
{
	const unsigned char *name, *desc;
	uint64_t at = 0;
	Elf64_Nhdr n; /* the 32-bit one is equal */

	while (bytes_at(notes, at, sizeof(n))) {
		memcpy(&n, notes->data + at, sizeof(n));
		at += sizeof(n);
		name = bytes_at(notes, at, n.n_namesz);
		at = (at + n.n_namesz + align - 1) & ~(align - 1);
		desc = bytes_at(notes, at, n.n_descsz);
		at = (at + n.n_descsz + align - 1) & ~(align - 1);
		if (!name || !desc)
			return false;
		if (n.n_type != NT_GNU_BUILD_ID || n.n_namesz != sizeof(ELF_NOTE_GNU) ||
		    memcmp(name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) != 0)
			continue;
		if (!n.n_descsz || n.n_descsz > MAX_ID_BYTES)
			return false;
		for (uint32_t i = 0; i < n.n_descsz; i++)
			buf_printf(ret, "%02x", desc[i]);
		return true;
	}
	return false;
}

static bool find_in_segment(const struct bytes *file, uint64_t off, uint64_t len, uint64_t align,
			    struct buf *ret)
{
	struct bytes notes = { bytes_at(file, off, len), len };

	return notes.data && find_note(&notes, align == 8 ? 8 : 4, ret);
}

/* Both headers in their 64-bit form, as far as they are needed. */
static bool read_ehdr(const struct bytes *file, bool is_64, Elf64_Ehdr *ret)
{
	const void *at = bytes_at(file, 0, is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
	Elf32_Ehdr e;

	if (!at)
		return false;
	if (is_64) {
		memcpy(ret, at, sizeof(*ret));
		return ret->e_phentsize == sizeof(Elf64_Phdr);
	}
	memcpy(&e, at, sizeof(e));
	ret->e_phoff = e.e_phoff;
	ret->e_phnum = e.e_phnum;
	return e.e_phentsize == sizeof(Elf32_Phdr);
}

static bool read_phdr(const struct bytes *file, bool is_64, uint64_t off, Elf64_Phdr *ret)
{
	const void *at = bytes_at(file, off, is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
	Elf32_Phdr p;

	if (!at)
		return false;
	if (is_64) {
		memcpy(ret, at, sizeof(*ret));
		return true;
	}
	memcpy(&p, at, sizeof(p));
	ret->p_type = p.p_type;
	ret->p_offset = p.p_offset;
	ret->p_filesz = p.p_filesz;
	ret->p_align = p.p_align;
	return true;
}

void buildid_parse(const void *data, size_t len, struct buf *ret)
{
	const struct bytes file = { data, len };
	const unsigned char *ident = bytes_at(&file, 0, EI_NIDENT);
	const unsigned char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB :
										ELFDATA2MSB;

	Elf64_Ehdr e;
	Elf64_Phdr p;
	uint64_t off;
	bool is_64;

	if (!ident || memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_DATA] != order)
		return;
	is_64 = ident[EI_CLASS] == ELFCLASS64;
	if (!read_ehdr(&file, is_64, &e))
		return;
	for (off = e.e_phoff; e.e_phnum && off <= len; e.e_phnum--) {
		if (!read_phdr(&file, is_64, off, &p))
			return;
		if (p.p_type == PT_NOTE &&
		    find_in_segment(&file, p.p_offset, p.p_filesz, p.p_align, ret))
			return;
		off += is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	}
}
