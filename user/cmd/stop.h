/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SIGINT, SIGTERM and SIGHUP, by which people end a run. The first is noted, the second ends the
 * program at once, wherever that hangs: so they are caught, and no signalfd(2) waits for them.
 */
#ifndef CMD_STOP_H
#define CMD_STOP_H

#include <signal.h>
#include <stdbool.h>

/*
 * From here on. One that is ignored stays so: SIGHUP under nohup(1), and others if !always, as SIGINT is
 * in the background of a script.
 */
void stop_catch(bool always);
/* They do again what they did before. */
void stop_leave(void);
/* The signal that came; 0: none did. For struct out, and for loops that are busy. */
const volatile sig_atomic_t *stop_signal(void);
/* Readable when one came, for those that wait; -1: they are not caught. */
int stop_fd(void);

#endif
