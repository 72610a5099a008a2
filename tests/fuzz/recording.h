/* SPDX-License-Identifier: BSD-2-Clause */
/* What the targets that read recordings do with one, as the commands would. */
#ifndef TESTS_FUZZ_RECORDING_H
#define TESTS_FUZZ_RECORDING_H

struct sqlite3;

/* Takes db over. Opens it as a recording, shows it, goes to moments in it, and queries it. */
void recording_try(struct sqlite3 *db);

#endif
