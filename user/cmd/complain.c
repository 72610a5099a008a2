/* SPDX-License-Identifier: BSD-2-Clause */
/* Sentences for people, all in one form. */
#include "cmd/complain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "util/escape.h"

void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("mprotwatch: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

void complain_errno(const char *what, int err, const char *try)
{
	char text[128];
	const char *why = strerror_r(-err, text, sizeof(text));

	if (try)
		complain("%s: %s (%s)", what, why, try);
	else
		complain("%s: %s", what, why);
}

void complain_name(const char *what, const char *name, int err, const char *try)
{
	struct buf b = { 0 };

	buf_printf(&b, "%s '", what);
	escape_text(&b, name, strlen(name));
	buf_putc(&b, '\'');
	complain_errno(buf_str(&b), err, try);
	buf_done(&b);
}

void complain_file(const char *name, int err)
{
	complain_name("cannot open", name, err,
		      err == -ELOOP ?
			      "it is a symbolic link" :
		      err == -EMEDIUMTYPE ?
			      "it is a FIFO or a socket, to which somebody else may listen" :
			      NULL);
}

void complain_process(const char *what, uint32_t pid, int err)
{
	char path[32], subject[64];

	snprintf(path, sizeof(path), "/proc/%u", pid);
	snprintf(subject, sizeof(subject), "%s process %u", what, pid);
	if (access(path, F_OK))
		complain("%s: no such process", subject);
	else if (err == -ENOENT || err == -ESRCH)
		complain("%s: it has no memory of its own (a kernel thread, or a zombie)", subject);
	else if (err == -EACCES || err == -EPERM)
		complain(
			"%s: its mappings are hidden from this user (it belongs to another, or has "
			"capabilities that you have not)",
			subject);
	else if (err == -EINVAL)
		complain("%s: its mappings in %s make no sense", subject, path);
	else
		complain_errno(subject, err, NULL);
}

int stdout_status(int status)
{
	bool failed = fflush(stdout) || ferror(stdout);

	return failed && status == EXIT_FINE ? EXIT_FAILED : status;
}
