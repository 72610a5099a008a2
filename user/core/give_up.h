/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where mirrors grow too heavy (weight.h), those who made them so pay: their mirrors are given up. What
 * a mirror had is unknown then, changes are shown as changes of unknown memory, and a snapshot takes
 * the mirror up again when there is room. Processes that are many, and small, are taken as ended: the
 * next event of each finds it anew.
 *
 * Events decide alone which mirrors are given up, so that no recording needs to have it.
 */
#ifndef CORE_GIVE_UP_H
#define CORE_GIVE_UP_H

struct event;
struct pipeline;

/* To be called after ev was applied. */
void give_up_if_heavy(struct pipeline *pl, const struct event *ev);

#endif
