/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words between the reader (reader.c) and its workers (reader_worker.c): one packet for a question,
 * one for its answer. A worker may have been taken over by a file that it read, so its answers are
 * checked like the file.
 */
#ifndef SOURCE_READER_WIRE_H
#define SOURCE_READER_WIRE_H

#include <limits.h>
#include <stdint.h>

#define READER_WORKERS	4    /* at once */
#define READER_TEXT_MAX 4096 /* bytes in an answer's own packet */
#define READER_SEALS	(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

enum reader_kind {
	READER_BUILD_ID, /* text: the build-id */
	READER_ELF,	 /* elf */
	READER_MODULE,	 /* file: an elfcopy.h copy */
	READER_DEMANGLE, /* text: what the name of a function stands for */
	READER_PERF_MAP, /* file: the perf map's bytes from its offset `from` on, and map */
	READER_MAPS,	 /* file: that file of /proc/<pid>, as the next two */
	READER_SMAPS,
	READER_CMDLINE,
	READER_GUARDS, /* file: pairs of addresses, the start and end of guard regions */
};

struct reader_question {
	uint32_t kind; /* enum reader_kind */
	uint32_t pid;
	/* the mapped file, as mapfile_open() wants it */
	uint64_t start, end, off;
	uint64_t ino;
	uint32_t dev;
	/* the perf map */
	uint32_t ns_pid, uid;
	uint64_t map_ino, map_dev, from;
	uint32_t name_len;
	char name[PATH_MAX]; /* or of the function */
};

/* Bits of reader_answer.elf_flags. */
enum {
	READER_ELF_EXEC_STACK = 1 << 0,
	READER_ELF_TEXT_RELOCS = 1 << 1,
	READER_ELF_RELRO = 1 << 2,
};

struct reader_answer {
	int32_t err; /* 0, or -errno: nothing else is set then */
	uint32_t elf_flags;
	uint64_t relro_start, relro_end;
	uint64_t map_ino, map_dev, from; /* of a perf map; from: where the bytes stand in it */
	uint32_t text_len;
	char text[READER_TEXT_MAX];
};

/* A request to the keeper of workers: end the one in the slot, start one with the socket sent along. */
struct reader_order {
	uint32_t slot; /* less than READER_WORKERS */
};

/* The keeper's process, in which fork() returned 0; ctl is its socket. */
void reader_keep(int ctl) __attribute__((noreturn));
/* Answers questions from fd until its other end is closed. */
void reader_work(int fd) __attribute__((noreturn));

#endif
