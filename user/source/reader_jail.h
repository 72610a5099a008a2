/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rights of the processes that read others' files: to read any file, and nothing else. What this
 * user or kernel has no means for is left out without a word, as a traced file is no wiser by it.
 */
#ifndef SOURCE_READER_JAIL_H
#define SOURCE_READER_JAIL_H

/*
 * Gives up all descriptors but fd and all capabilities but those to read; nothing of the terminal
 * or its signals is left, memory and files are bounded. Returns fd's number from then on, or -1.
 */
int reader_jail_enter(int fd);
/* Allows no more system calls than it takes to read files and to answer. */
void reader_jail_lock(void);

#endif
