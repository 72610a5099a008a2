/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Build-ids are read from files that an attacker may have made: what is well formed is
 * read, and whatever else is there, nothing beyond its end is (the sanitizers watch).
 */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "source/buildid.h"

#define NOTES_AT 512

static const unsigned char note[] = { 4, 0, 0,	 0,   4,   0, 0,    0,	  3,	0,
				      0, 0, 'G', 'N', 'U', 0, 0xde, 0xad, 0xbe, 0xef };
/* NT_GNU_ABI_TAG, with a description that is padded */
static const unsigned char other[] = { 4,   0,	 0,   0, 5, 0, 0, 0, 1, 0, 0, 0,
				       'G', 'N', 'U', 0, 1, 2, 3, 4, 5, 0, 0, 0 };

struct file {
	unsigned char data[1024];
	size_t len;
};

static void put_notes(struct file *f)
{
	memcpy(f->data + NOTES_AT, other, sizeof(other));
	memcpy(f->data + NOTES_AT + sizeof(other), note, sizeof(note));
	f->len = NOTES_AT + sizeof(other) + sizeof(note);
}

static void make_64(struct file *f)
{
	Elf64_Ehdr e = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB },
			 .e_phoff = sizeof(e),
			 .e_phentsize = sizeof(Elf64_Phdr),
			 .e_phnum = 2 };
	Elf64_Phdr p[2] = { { .p_type = PT_LOAD },
			    { .p_type = PT_NOTE,
			      .p_offset = NOTES_AT,
			      .p_filesz = sizeof(other) + sizeof(note),
			      .p_align = 4 } };

	memset(f, 0, sizeof(*f));
	memcpy(f->data, &e, sizeof(e));
	memcpy(f->data + sizeof(e), p, sizeof(p));
	put_notes(f);
}

static void make_32(struct file *f)
{
	Elf32_Ehdr e = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB },
			 .e_phoff = sizeof(e),
			 .e_phentsize = sizeof(Elf32_Phdr),
			 .e_phnum = 1 };
	Elf32_Phdr p = { .p_type = PT_NOTE,
			 .p_offset = NOTES_AT,
			 .p_filesz = sizeof(other) + sizeof(note),
			 .p_align = 4 };

	memset(f, 0, sizeof(*f));
	memcpy(f->data, &e, sizeof(e));
	memcpy(f->data + sizeof(e), &p, sizeof(p));
	put_notes(f);
}

/* The build-id of the first len bytes, which lie at the end of their own memory. */
static void assert_id(const struct file *f, size_t len, const char *wanted)
{
	unsigned char *copy = malloc(len ? len : 1);
	struct buf id = { 0 };

	memcpy(copy, f->data, len);
	buildid_parse(copy, len, &id);
	if (wanted)
		assert_string_equal(buf_str(&id), wanted);
	buf_done(&id);
	free(copy);
}

static void test_found(void **state)
{
	struct file f;

	(void)state;
	make_64(&f);
	assert_id(&f, f.len, "deadbeef");
	make_32(&f);
	assert_id(&f, f.len, "deadbeef");
}

static void test_not_there(void **state)
{
	struct file f;
	size_t len;

	(void)state;
	make_64(&f);
	for (len = 0; len < f.len; len++)
		assert_id(&f, len, "");
	f.data[EI_DATA] = ELFDATA2MSB;
	assert_id(&f, f.len, "");
	make_64(&f);
	f.data[0] = '#';
	assert_id(&f, f.len, "");
}

/* Every byte of the headers and notes with values that lead out of the file. */
static void test_hostile(void **state)
{
	static const unsigned char bad[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct file f, g;
	size_t at, i, n;

	(void)state;
	for (i = 0; i < 2; i++) {
		(i ? make_32 : make_64)(&f);
		for (at = 0; at < f.len; at++)
			for (n = 0; n < 3 * sizeof(bad); n++) {
				g = f;
				memset(g.data + at, bad[n % sizeof(bad)], 1 << (n / sizeof(bad)));
				assert_id(&g, g.len, NULL);
			}
		memset(f.data + NOTES_AT, 0xff, 8); /* a name and a description of 4 GB */
		assert_id(&f, f.len, "");
	}
	make_64(&f);
	memset(f.data + offsetof(Elf64_Ehdr, e_phoff), 0xff, 8);
	assert_id(&f, f.len, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_not_there),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
