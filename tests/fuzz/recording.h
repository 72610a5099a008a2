/* SPDX-License-Identifier: BSD-2-Clause */
/* What the targets that read recordings do with one, as the commands would. */
#ifndef TESTS_FUZZ_RECORDING_H
#define TESTS_FUZZ_RECORDING_H

#include <stddef.h>

struct sqlite3;

/* Takes db over; len is that of the input. Opens it as a recording, shows it, goes to moments in it, and queries it. */
void recording_try(struct sqlite3 *db, size_t len);

#endif
