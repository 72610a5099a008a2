/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands, and dispatch; nothing else. */
#include "cmd/cmd.h"

int main(int argc, char **argv)
{
	return cmd_trace(argc, argv);
}
