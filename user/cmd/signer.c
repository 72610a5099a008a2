/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/signer.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/signing.h"
#include "source/distrust.h"
#include "source/replay.h"
#include "util/errand.h"
#include "util/escape.h"
#include "util/helper.h"
#include "util/mem.h"

#define SIGNATURE_MAX 16384

/* The text in column i, a copy; NULL if there is none of a size that makes sense. */
static char *text_of(sqlite3_stmt *s, int i)
{
	const char *text = (const char *)sqlite3_column_text(s, i);

	return text && strlen(text) <= SIGNATURE_MAX ? mem_strdup(text) : NULL;
}

/* The name by which allowed has the key; "" if it has not. */
static void find_name(const char *allowed, const char *path, struct buf *ret)
{
	char *const argv[] = { "ssh-keygen", "-Y", "find-principals", "-s",
			       (char *)path, "-f", (char *)allowed,   NULL };

	if (helper_run(argv, "", ret))
		ret->len = 0;
	ret->len = strcspn(buf_str(ret), "\n");
	buf_str(ret); /* ends there */
}

/* An errand_fn: the question is the hash, and the signature on the lines behind it. */
static int verify(void *ctx, const char *question, struct buf *ret, int *ret_fd)
{
	const char *allowed = ctx, *signature = strchrnul(question, '\n');
	char *hex = strndup(question, signature - question);
	char path[32];
	struct buf name = { 0 }, out = { 0 }, text = { 0 };
	int fd = helper_file(signature + !!*signature, path), err = -EBADMSG;

	(void)ret_fd;
	signing_text(&text, hex);
	find_name(allowed, path, &name);
	if (name.len) {
		char *const argv[] = { "ssh-keygen",	  "-Y", "verify",  "-f",
				       (char *)allowed,	  "-I", name.data, "-n",
				       SIGNING_NAMESPACE, "-s", path,	   NULL };

		err = helper_run(argv, buf_str(&text), &out) ? -EBADMSG : 0;
	}
	if (err) {
		buf_puts(ret, "not by one of the allowed signers, or of something else");
	} else {
		buf_puts(ret, "by ");
		escape_text(ret, name.data, name.len);
	}
	if (fd >= 0)
		close(fd);
	free(hex);
	buf_done(&name);
	buf_done(&out);
	buf_done(&text);
	return err;
}

static int ask(struct errand *signer, const char *hex, const char *signature, struct buf *ret)
{
	struct buf question = { 0 };
	int err;

	buf_printf(&question, "%s\n%s", hex, signature);
	err = errand_run(signer, buf_str(&question), ret, NULL);
	buf_done(&question);
	return err;
}

struct errand *signer_new(const char *allowed)
{
	return errand_new(verify, (void *)allowed);
}

int signer_check(struct replay *r, const char *hex, struct errand *signer, struct buf *ret)
{
	char *hash = NULL, *text = NULL;
	sqlite3_stmt *s = NULL;
	int err = 0;

	if (distrust_has_table(replay_db(r), "signature") &&
	    !sqlite3_prepare_v2(replay_db(r), "SELECT hash, text FROM signature", -1, &s, NULL) &&
	    sqlite3_step(s) == SQLITE_ROW) {
		hash = text_of(s, 0);
		text = text_of(s, 1);
	}
	sqlite3_finalize(s);
	if (!hash || !text) {
		buf_puts(
			ret,
			"not: whoever can write the file can make its hash, too; compare it with one "
			"that was kept elsewhere");
		err = signer ? -EBADMSG : 0;
	} else if (strcmp(hash, hex) != 0) {
		buf_puts(ret, "with another end: rows were added or removed there");
		err = -EBADMSG;
	} else if (!signer) {
		buf_puts(ret, "by a key that was not checked: --signer FILE does that");
	} else {
		err = ask(signer, hex, text, ret);
	}
	free(hash);
	free(text);
	return err;
}
