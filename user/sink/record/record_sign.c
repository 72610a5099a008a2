/* SPDX-License-Identifier: BSD-2-Clause */
/* Signatures are ssh-keygen's: keys, agents and hardware that people have already. */
#include <errno.h>

#include "core/signing.h"
#include "sink/record/record_private.h"
#include "util/errand.h"
#include "util/helper.h"

static int sign_text(void *key, const char *text, struct buf *ret, int *ret_fd)
{
	char *const argv[] = {
		"ssh-keygen", "-Y", "sign", "-f", key, "-n", SIGNING_NAMESPACE, NULL
	};

	(void)ret_fd;
	return helper_run(argv, text, ret);
}

static int sign(struct errand *signer, const uint8_t *hash, char hex[SEAL_HEX], struct buf *ret)
{
	struct buf text = { 0 };
	int status;

	seal_hex(hash, hex);
	signing_text(&text, hex);
	status = errand_run(signer, buf_str(&text), ret, NULL);
	buf_done(&text);
	return status ? -ENOKEY : 0;
}

int record_signer_new(const char *key, struct errand **ret)
{
	static const uint8_t nothing[SEAL_BYTES];
	struct errand *signer = errand_new(sign_text, (void *)key);
	struct buf signature = { 0 };
	char hex[SEAL_HEX];
	int err = sign(signer, nothing, hex, &signature);

	buf_done(&signature);
	if (err)
		errand_free(signer);
	else
		*ret = signer;
	return err;
}

int record_sign(struct record_db *d, struct errand *signer)
{
	struct buf signature = { 0 };
	char hex[SEAL_HEX];
	int err = sign(signer, d->hash, hex, &signature);

	if (!err)
		record_db_row(d, STMT_SIGNATURE, "ss", hex, buf_str(&signature));
	buf_done(&signature);
	return err;
}
