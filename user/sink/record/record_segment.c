/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compression takes longer than a ring buffer can wait, so a thread does it. There is one thread at
 * a time, and nobody else touches its file until it is done.
 */
#include "sink/record/record_segment.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "util/mem.h"
#include "util/out.h"

#define LEVEL	   3
#define CHUNK	   (1u << 17)
#define MAX_NUMBER 999999

struct segments {
	char *path;
	bool compress;
	bool in_pieces; /* set when a run makes several files */
	uint64_t keep;
	unsigned int number; /* of the file that was closed last */
	unsigned int *kept;  /* numbers, oldest first */
	size_t nr_kept;
	pthread_t thread;
	bool busy;  /* set while there is a thread that has not been waited for */
	char *work; /* the thread's file */
	int err;    /* the first error of threads that have been waited for */
};

/* ---- one file ---- */

static char *name_of(const char *path, const char *suffix)
{
	char *name;

	if (asprintf(&name, "%s%s", path, suffix) < 0)
		abort();
	return name;
}

/* Compress in, to its end, into o. */
static int compress_stream(int in, struct out *o, ZSTD_CCtx *zstd)
{
	char *chunk = mem_alloc(CHUNK);
	size_t left = 1;
	ssize_t n = 1;

	while (!o->err && (n > 0 || left)) {
		ZSTD_inBuffer src = { chunk, 0, 0 };

		n = read(in, chunk, CHUNK);
		if (n < 0)
			break;
		src.size = n;
		do {
			ZSTD_outBuffer dst = { buf_reserve(&o->buf, CHUNK), CHUNK, 0 };

			left = ZSTD_compressStream2(zstd, &dst, &src,
						    n ? ZSTD_e_continue : ZSTD_e_end);
			if (ZSTD_isError(left)) {
				o->err = -EIO;
				break;
			}
			o->buf.len += dst.pos;
			out_flush(o);
		} while (!o->err && (src.pos < src.size || (!n && left)));
	}
	free(chunk);
	return n < 0 ? -errno : o->err;
}

/* Compress from to to, which must not exist; from is removed when to is on the disk. */
static int compress_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), err;
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	struct out o = { .fd = -1 };
	struct stat st;

	if (in >= 0)
		o.fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	err = in < 0 || o.fd < 0 ? -errno : 0;
	ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	if (in >= 0 && !fstat(in, &st)) /* for a reader that makes room first */
		ZSTD_CCtx_setPledgedSrcSize(zstd, st.st_size);
	if (!err)
		err = compress_stream(in, &o, zstd);
	if (!err && fsync(o.fd))
		err = -errno;
	if (o.fd >= 0 && out_close(&o) && !err)
		err = -EIO;
	if (in >= 0)
		close(in);
	ZSTD_freeCCtx(zstd);
	if (err && o.fd >= 0)
		unlink(to);
	return err ? err : unlink(from) ? -errno : 0;
}

/* Writes the file beside path that sha256sum(1) checks. */
static int checksum_file(const char *path)
{
	char *name = name_of(path, ".sha256"), hex[SHA256_DIGEST_STRING_LENGTH];
	const char *slash = strrchr(path, '/');
	struct out o = { .fd = -1 };
	int err = 0;

	if (!SHA256File(path, hex))
		err = -errno;
	if (!err)
		o.fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (!err && o.fd < 0)
		err = -errno;
	if (!err) {
		buf_printf(&o.buf, "%s  %s\n", hex, slash ? slash + 1 : path);
		err = out_close(&o);
	}
	free(name);
	return err;
}

static int finish_file(const char *path, bool compress)
{
	char *packed = name_of(path, ".zst");
	int err = compress ? compress_file(path, packed) : 0;

	if (!err)
		err = checksum_file(compress ? packed : path);
	free(packed);
	return err;
}

/* ---- all of them ---- */

static void *work(void *arg)
{
	struct segments *s = arg;

	return (void *)(intptr_t)finish_file(s->work, s->compress);
}

static void wait_for_work(struct segments *s)
{
	void *ret;

	if (!s->busy)
		return;
	pthread_join(s->thread, &ret);
	if (!s->err)
		s->err = (intptr_t)ret;
	s->busy = false;
	free(s->work);
	s->work = NULL;
}

static void start_work(struct segments *s, char *path)
{
	s->work = path;
	s->busy = !pthread_create(&s->thread, NULL, work, s);
	if (s->busy)
		return;
	if (!s->err)
		s->err = finish_file(path, s->compress);
	free(path);
	s->work = NULL;
}

static char *numbered(const struct segments *s, unsigned int number, const char *suffix)
{
	char *name;

	if (asprintf(&name, "%s.%06u%s", s->path, number, suffix) < 0)
		abort();
	return name;
}

static bool is_taken(const struct segments *s, unsigned int number)
{
	static const char *const suffixes[] = { "", ".zst", ".sha256", ".zst.sha256" };
	bool taken = false;
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(*suffixes) && !taken; i++) {
		char *name = numbered(s, number, suffixes[i]);

		taken = !faccessat(AT_FDCWD, name, F_OK, AT_SYMLINK_NOFOLLOW);
		free(name);
	}
	return taken;
}

static void remove_oldest(struct segments *s)
{
	static const char *const plain[] = { "", ".sha256" };
	static const char *const packed[] = { ".zst", ".zst.sha256" };
	size_t i;

	for (i = 0; i < 2; i++) {
		char *name = numbered(s, s->kept[0], s->compress ? packed[i] : plain[i]);

		unlink(name);
		free(name);
	}
	memmove(s->kept, s->kept + 1, --s->nr_kept * sizeof(*s->kept));
}

int segments_close_one(struct segments *s)
{
	char *name;

	wait_for_work(s);
	do
		s->number++;
	while (s->number < MAX_NUMBER && is_taken(s, s->number));
	name = numbered(s, s->number, "");
	if (renameat2(AT_FDCWD, s->path, AT_FDCWD, name, RENAME_NOREPLACE)) {
		free(name);
		return -errno;
	}
	s->kept = mem_grow(s->kept, s->nr_kept + 1, sizeof(*s->kept));
	s->kept[s->nr_kept++] = s->number;
	if (s->keep && s->nr_kept > s->keep)
		remove_oldest(s);
	start_work(s, name);
	return s->err;
}

int segments_close_last(struct segments *s)
{
	wait_for_work(s);
	if (!s->err && (s->compress || s->in_pieces))
		s->err = finish_file(s->path, s->compress);
	return s->err;
}

int segments_claim(const struct segments *s, bool force)
{
	static const char *const plain[] = { ".sha256", NULL };
	static const char *const packed[] = { ".zst", ".zst.sha256", NULL };
	const char *const *suffix = s->compress ? packed : plain;
	int err = 0;

	if (!s->compress && !s->in_pieces)
		return 0;
	for (; *suffix && !err; suffix++) {
		char *name = name_of(s->path, *suffix);

		if (force)
			err = unlink(name) && errno != ENOENT ? -errno : 0;
		else
			err = faccessat(AT_FDCWD, name, F_OK, AT_SYMLINK_NOFOLLOW) ? 0 : -EEXIST;
		free(name);
	}
	return err;
}

struct segments *segments_new(const char *path, bool compress, bool in_pieces, uint64_t keep)
{
	struct segments *s = mem_alloc(sizeof(*s));

	s->path = mem_strdup(path);
	s->compress = compress;
	s->in_pieces = in_pieces;
	s->keep = keep;
	return s;
}

void segments_free(struct segments *s)
{
	if (!s)
		return;
	wait_for_work(s);
	free(s->kept);
	free(s->path);
	free(s);
}
