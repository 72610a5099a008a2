/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SIGINT, SIGTERM and SIGHUP, by which people end a run. The first signal is noted, the second ends
 * the program at once, wherever that hangs: so a handler catches them, and no signalfd(2) waits for
 * them.
 */
#ifndef CMD_STOP_H
#define CMD_STOP_H

#include <signal.h>
#include <stdbool.h>

/*
 * Catches the signals from here on. An ignored one stays ignored: SIGHUP under nohup(1) and, if
 * !always, the others, as SIGINT is in the background of a script.
 */
void stop_catch(bool always);
/* Gives the signals back their default effect. */
void stop_leave(void);
/* The signal that came; 0: none did. For struct out, and for loops that are busy. */
const volatile sig_atomic_t *stop_signal(void);
/* Readable once a signal came, for loops that wait; -1: signals are not caught. */
int stop_fd(void);

#endif
