/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The programs of bpf/write.bpf.h, which see writes into processes by their number. None of them is
 * needed: where the kernel lacks the place for one, those writes are not seen.
 */
#ifndef SOURCE_LIVE_WRITE_H
#define SOURCE_LIVE_WRITE_H

struct btf;
struct live;

/*
 * Find the tracepoints that are needed, given sees_mem_write. 0, or -errno if they can't be read. To
 * be called before the programs are loaded, as writes_autoload().
 */
int writes_find(struct live *lv);
void writes_autoload(struct live *lv);
/* 0, or -errno. */
int writes_attach(struct live *lv);

/* 0 if writes to /proc/PID/mem can be seen; -errno: its opening alone. */
int kernel_sees_mem_write(const struct btf *btf);

#endif
