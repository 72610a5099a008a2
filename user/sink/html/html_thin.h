/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fewer rows for the same time: where a place changed several times within a slice of time, the
 * first and the last of these changes stay, and between them it has "several" states, as a set. So
 * what is dense gets coarser, evenly over the whole run, and what is not stays as it is; no state
 * that occurred is lost, and none is shown that did not occur.
 */
#ifndef SINK_HTML_THIN_H
#define SINK_HTML_THIN_H

#include "sink/html/html_rows.h"

/* Writes rows anew, with at most a half of max of them if that can be done. */
void html_thin(struct html_rows *rows, uint64_t max);

#endif
