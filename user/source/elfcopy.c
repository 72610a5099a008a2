/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Anybody may have made the file: offsets and lengths are only used to read with, in bounds, and
 * what is nonsense is not copied. 64-bit files only, as module.c reads no others.
 */
#include "source/elfcopy.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/buildid.h"
#include "util/mem.h"

#define MAX_FILE_BYTES	 (1ULL << 30)
#define MAX_PART_BYTES	 (64ULL << 20)
#define MAX_COPY_BYTES	 (192ULL << 20)
#define MAX_HEADER_BYTES (8ULL << 20)
#define PIECE_BYTES	 65536

struct elfcopy_job {
	int in, out;
	uint64_t file_bytes, budget;
	Elf64_Ehdr eh;
	Elf64_Shdr *sections;
	char *names;
	uint64_t names_len;
};

/* All of len bytes at off; false if they are not there. */
static bool read_all(int fd, void *to, uint64_t len, uint64_t off)
{
	char *at = to;
	ssize_t n;

	for (; len; at += n, off += n, len -= n) {
		n = pread(fd, at, len, off);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return false;
	}
	return true;
}

int elfcopy_bytes(int in, uint64_t from, uint64_t to, int out, uint64_t at)
{
	static char piece[PIECE_BYTES];
	ssize_t n;

	while (from < to) {
		n = pread(in, piece, to - from < sizeof(piece) ? to - from : sizeof(piece), from);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : 0;
		if (pwrite(out, piece, n, at) != n)
			return -EIO;
		from += n;
		at += n;
	}
	return 0;
}

/* A part of the file that is worth having, if it is there and there is room for it. */
static int copy_part(struct elfcopy_job *j, uint64_t off, uint64_t len)
{
	if (off > j->file_bytes || len > j->file_bytes - off || len > MAX_PART_BYTES ||
	    len > j->budget)
		return 0;
	j->budget -= len;
	return elfcopy_bytes(j->in, off, off + len, j->out, off);
}

static const char *section_name(const struct elfcopy_job *j, const Elf64_Shdr *sh)
{
	return sh->sh_name < j->names_len ? j->names + sh->sh_name : "";
}

/* The table of sections, if it is of a sane form. */
static bool read_sections(struct elfcopy_job *j)
{
	const Elf64_Ehdr *eh = &j->eh;
	uint64_t len = (uint64_t)eh->e_shnum * sizeof(*j->sections);
	const Elf64_Shdr *names;

	if (!eh->e_shnum || eh->e_shentsize != sizeof(*j->sections) || len > MAX_HEADER_BYTES ||
	    eh->e_shoff > j->file_bytes)
		return false;
	j->sections = mem_alloc(len);
	if (!read_all(j->in, j->sections, len, eh->e_shoff))
		return false;
	if (eh->e_shstrndx >= eh->e_shnum)
		return false;
	names = &j->sections[eh->e_shstrndx];
	if (names->sh_size > MAX_HEADER_BYTES || names->sh_offset > j->file_bytes)
		return false;
	j->names = mem_alloc(names->sh_size + 1);
	j->names_len = names->sh_size;
	return read_all(j->in, j->names, j->names_len, names->sh_offset);
}

static int copy_sections(struct elfcopy_job *j, bool *ret_has_frames)
{
	const Elf64_Shdr *sh, *strings;
	int err = 0;

	for (sh = j->sections; sh < j->sections + j->eh.e_shnum && !err; sh++) {
		const char *name = section_name(j, sh);
		bool is_frames = !strcmp(name, ".eh_frame");

		if (is_frames || !strcmp(name, ".eh_frame_hdr") ||
		    sh - j->sections == j->eh.e_shstrndx)
			err = copy_part(j, sh->sh_offset, sh->sh_size);
		*ret_has_frames |= is_frames;
		if ((sh->sh_type != SHT_SYMTAB && sh->sh_type != SHT_DYNSYM) ||
		    sh->sh_link >= j->eh.e_shnum)
			continue;
		strings = &j->sections[sh->sh_link];
		err = err ? err : copy_part(j, sh->sh_offset, sh->sh_size);
		err = err ? err : copy_part(j, strings->sh_offset, strings->sh_size);
	}
	return err;
}

static int copy(struct elfcopy_job *j)
{
	const Elf64_Ehdr *eh = &j->eh;
	bool has_frames = false;
	int err = copy_part(
		j, 0, j->file_bytes < BUILDID_FILE_BYTES ? j->file_bytes : BUILDID_FILE_BYTES);

	err = err ? err : copy_part(j, eh->e_phoff, (uint64_t)eh->e_phnum * sizeof(Elf64_Phdr));
	err = err ? err : copy_part(j, eh->e_shoff, (uint64_t)eh->e_shnum * sizeof(Elf64_Shdr));
	if (!err && read_sections(j))
		err = copy_sections(j, &has_frames);
	if (!err && !has_frames) /* segments say where things are, or nothing does */
		err = copy_part(j, 0, j->file_bytes);
	return err;
}

int elfcopy(int in, int out)
{
	struct elfcopy_job j = { .in = in, .out = out, .budget = MAX_COPY_BYTES };
	struct stat st;
	int err;

	if (fstat(in, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > MAX_FILE_BYTES)
		return -EFBIG;
	j.file_bytes = st.st_size;
	if (!read_all(in, &j.eh, sizeof(j.eh), 0) || memcmp(j.eh.e_ident, ELFMAG, SELFMAG) != 0 ||
	    j.eh.e_ident[EI_CLASS] != ELFCLASS64)
		return -ENOEXEC;
	if (ftruncate(out, st.st_size))
		return -errno;
	err = copy(&j);
	free(j.sections);
	free(j.names);
	return err;
}
