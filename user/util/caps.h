/* SPDX-License-Identifier: BSD-2-Clause */
/* Capabilities of this thread, capabilities(7): sets of bits by their numbers. */
#ifndef UTIL_CAPS_H
#define UTIL_CAPS_H

#include <linux/capability.h>
#include <stdint.h>

/* Debian 10's headers end before these. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38 /* Linux 5.8 */
#define CAP_BPF	    39 /* Linux 5.8 */
#endif
#ifndef CAP_CHECKPOINT_RESTORE
#define CAP_CHECKPOINT_RESTORE 40 /* Linux 5.9: map_files may be followed */
#endif

#define CAP_SET(cap) (1ULL << (cap))

/* Those that this thread has, or may take up; those that are in use. None if that is not known. */
uint64_t caps_permitted(void);
uint64_t caps_effective(void);
/* Uses those of wanted that are permitted, and no others; caps_use() takes up others again. */
void caps_use(uint64_t wanted);
/* Likewise, and gives up all others for good. */
void caps_keep(uint64_t wanted);

#endif
