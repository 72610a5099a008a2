/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events as text, for golden tests. A line is an event:
 *
 *	TIME PID COMM NAME WORD...
 *
 * TIME is milliseconds since the start. NAME is a call's, with its arguments, "=" and
 * its result (a number, r-x for a protection, or -ENAME), "at IP LINK" for the caller, behind it
 * "named FUNCTION OFFSET" for the function of LINK;
 * or range, exec, who, "fork PID [shared]", "exit CODE", "lost N", "fault ACCESS ADDR IP CODE
 * [handled]", "write HOW ADDR LEN RET PID TID UID COMM" with the words of enum mpw_write_flags behind
 * it. The words "busy", "racy", "check", "sibling", "compat", "rie", "maps", "unproven", "uring" set
 * the flags of struct event, "tid N" says which thread it was if not the first, "mm N" whose address
 * space it is if not the process's own, "mnt N" in which mount namespace its files are, "marks N"
 * their enum object_mark, "uid N", "ppid N", "nspid N", "started MS" and "heap ADDR" set its identity,
 * "tracer PID COMM" who ptraces it, NAME=VALUE is a fact of
 * facts.h, a list of words with a comma behind each. A comm is written with \xHH where it must be.
 *
 * Lines below it that are indented are mappings as /proc/<pid>/maps shows them: what
 * the kernel saw, in all the address space or in what "in LO-HI" says. What an mmap
 * mapped or a prctl named is the first of them, where the call has no "in". Behind the word "exe"
 * it is the process's program.
 *
 * A line "pages BYTES" is the size of the machine's pages; without it they have 4096.
 */
#ifndef TESTS_REPLAY_SCRIPT_H
#define TESTS_REPLAY_SCRIPT_H

#include "core/event.h"
#include "core/object.h"

/* Make page_bytes (abi.h) what the file at path says. */
void script_set_pages(const char *path);
/* Play the events of the file at path; ends the test where a line is wrong. Returns the last time. */
uint64_t script_play(const char *path, uint64_t start_ns, struct object_table *objects,
		     int (*fn)(void *ctx, const struct event *ev), void *ctx);

#endif
