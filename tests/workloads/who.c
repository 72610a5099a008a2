/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that is not what it is called:
 *
 * thread		its second thread, "HangWatcher", makes memory
 * thread leave		and the first thread leaves before the second
 * thread rename	and the first thread calls itself "renamed" meanwhile
 * left			the same, and makes memory until its stdin ends
 * claim PROGRAM	calls PROGRAM its program; status 77 if it may not
 * hide			has no arguments any more; status 77 if it may not
 *
 * What hides or claims says so in a line on stdout, and makes memory until its stdin ends.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <linux/prctl.h>
#include <unistd.h>

#define MAX_TEXTS 16

static void *map_some(void)
{
	return mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
}

static void *watch(void *unused)
{
	pthread_setname_np(pthread_self(), "HangWatcher");
	map_some();
	usleep(100000); /* the first thread does its part */
	map_some();
	return unused;
}

static int be_threads(const char *how)
{
	pthread_t t;

	pthread_create(&t, NULL, watch, NULL);
	if (how && !strcmp(how, "rename"))
		prctl(PR_SET_NAME, "renamed");
	if (how && !strcmp(how, "leave"))
		pthread_exit(NULL);
	pthread_join(t, NULL);
	return 0;
}

/* Puts a copy in the place of [start, end), which no file is behind: this code may be in it. */
static void copy_over(char *start, char *end, int prot)
{
	size_t len = end - start;
	char *copy = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(copy, start, len);
	mprotect(copy, len, prot);
	mremap(copy, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, start);
}

/* The kernel wants nothing of the old program to be mapped. */
static void leave_program(void)
{
	struct {
		char *start, *end;
		int prot;
	} texts[MAX_TEXTS];
	char line[4096], self[4096], prot[5], *name;
	int nr = 0, i;
	FILE *f = fopen("/proc/self/maps", "re");
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[len > 0 ? len : 0] = '\0';
	while (f && nr < MAX_TEXTS && fgets(line, sizeof(line), f)) {
		name = strchr(line, '/');
		line[strcspn(line, "\n")] = '\0';
		if (!name || strcmp(name, self) != 0 ||
		    sscanf(line, "%p-%p %4s", (void **)&texts[nr].start, (void **)&texts[nr].end,
			   prot) != 3)
			continue;
		texts[nr++].prot = (prot[0] == 'r' ? PROT_READ : 0) |
				   (prot[1] == 'w' ? PROT_WRITE : 0) |
				   (prot[2] == 'x' ? PROT_EXEC : 0);
	}
	if (f)
		fclose(f);
	for (i = 0; i < nr; i++)
		copy_over(texts[i].start, texts[i].end, texts[i].prot);
}

static int go_on(const char *what)
{
	puts(what);
	fflush(stdout);
	map_some();
	while (getchar() != EOF)
		map_some();
	return 0;
}

/* Tell the kernel how this process is laid out, as it is, but for these. Fields: proc(5). */
static int lay_out(int exe_fd, int keeps_args)
{
	struct prctl_mm_map map = { .exe_fd = exe_fd };
	unsigned long stat[52] = { 0 };
	char line[4096], *word, *save = NULL;
	FILE *f = fopen("/proc/self/stat", "re");
	int field = 3;

	if (!f || !fgets(line, sizeof(line), f))
		return -1;
	fclose(f);
	word = strtok_r(strrchr(line, ')') + 1, " ", &save);
	for (; word && field < 52; word = strtok_r(NULL, " ", &save))
		stat[field++] = strtoul(word, NULL, 10);
	map.start_code = stat[26];
	map.end_code = stat[27];
	map.start_stack = stat[28];
	map.start_data = stat[45];
	map.end_data = stat[46];
	map.start_brk = stat[47];
	map.brk = (unsigned long)sbrk(0);
	map.arg_start = stat[48];
	map.arg_end = keeps_args ? stat[49] : stat[48];
	map.env_start = stat[50];
	map.env_end = stat[51];
	return prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0);
}

static int claim(const char *program)
{
	int fd = open(program, O_RDONLY | O_CLOEXEC);

	leave_program();
	if (!lay_out(fd, 1))
		return go_on("CLAIMED");
	perror("PR_SET_MM_MAP");
	return 77;
}

static int hide(void)
{
	if (!lay_out(-1, 0))
		return go_on("HIDDEN");
	perror("PR_SET_MM_MAP");
	return 77;
}

static void *go_on_alone(void *unused)
{
	pthread_setname_np(pthread_self(), "HangWatcher");
	exit(go_on("LEFT"));
	return unused;
}

static int be_left(void)
{
	pthread_t t;

	pthread_create(&t, NULL, go_on_alone, NULL);
	pthread_exit(NULL);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "thread"))
		return be_threads(argv[2]);
	if (argc > 1 && !strcmp(argv[1], "left"))
		return be_left();
	if (argc > 2 && !strcmp(argv[1], "claim"))
		return claim(argv[2]);
	if (argc > 1 && !strcmp(argv[1], "hide"))
		return hide();
	fputs("usage: who thread [leave|rename] | left | claim PROGRAM | hide\n", stderr);
	return 2;
}
