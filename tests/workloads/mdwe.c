/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mdwe [-f] COMMAND [ARG]...: runs COMMAND as systemd's MemoryDenyWriteExecute= would: by
 * prctl(2), or with -f by a seccomp filter with systemd's conditions, beside the other filters of a
 * service. Exits with 77 if this kernel can't.
 */
#include <stdio.h>
#include <string.h>

#include "filter.h"

#define SET_MDWE	 65 /* Linux 6.3 */
#define REFUSE_EXEC_GAIN 1

int main(int argc, char **argv)
{
	int filter = argc > 1 && !strcmp(argv[1], "-f");

	if (argc < 2 + filter)
		return 2;
	if (filter ? filter_service() : prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0)) {
		perror("mdwe");
		return 77;
	}
	execvp(argv[1 + filter], argv + 1 + filter);
	perror(argv[1 + filter]);
	return 127;
}
