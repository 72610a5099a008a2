/* SPDX-License-Identifier: BSD-2-Clause */
/* A recording read as the commands would, for all targets that have one. */
#ifndef TESTS_FUZZ_RECORDING_H
#define TESTS_FUZZ_RECORDING_H

#include <stddef.h>

struct sqlite3;

/* Takes db over; len is that of the input. Opens it as a recording, shows it, goes to moments in it, and queries it. */
void recording_try(struct sqlite3 *db, size_t len);

#endif
