/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of files promise something: x.svg is no place for text. */
#ifndef CMD_ENDING_H
#define CMD_ENDING_H

#include "cmd/request.h"

/*
 * 0, or -EINVAL after a sentence, if the ending of a file that is written belongs to another format
 * than is asked for.
 */
int ending_check(const struct request *req);

#endif
