/* SPDX-License-Identifier: BSD-2-Clause */
/* Signatures are ssh-keygen's: keys, agents and hardware that people have already. */
#include <errno.h>

#include "core/signing.h"
#include "sink/record/record_private.h"
#include "util/helper.h"

int record_sign(struct record_db *d, const char *key)
{
	static const uint8_t nothing[SEAL_BYTES];
	char hex[SEAL_HEX];
	char *const argv[] = { "ssh-keygen",	  "-Y", "sign", "-f", (char *)key, "-n",
			       SIGNING_NAMESPACE, NULL };
	struct buf signature = { 0 }, text = { 0 };
	int status;

	seal_hex(d ? d->hash : nothing, hex);
	signing_text(&text, hex);
	status = helper_run(argv, buf_str(&text), &signature);
	if (!status && d)
		record_db_row(d, STMT_SIGNATURE, "ss", hex, buf_str(&signature));
	buf_done(&signature);
	buf_done(&text);
	return status ? -ENOKEY : 0;
}
