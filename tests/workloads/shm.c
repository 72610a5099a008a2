/* SPDX-License-Identifier: BSD-2-Clause */
/* System V shared memory: attached twice, with different rights, cut, replaced, detached. */
#include <sys/ipc.h>
#include <sys/shm.h>

#include "expect.h"

int main(void)
{
	int id = shmget(IPC_PRIVATE, 6 * PAGE, IPC_CREAT | 0600);
	char *p, *q, *room;

	MUST(id >= 0);
	p = (char *)SEEN_OK("shmat", shmat(id, NULL, 0));
	q = (char *)SEEN_OK("shmat", shmat(id, NULL, SHM_RDONLY));
	SEEN_OK("mprotect", mprotect(p + PAGE, 2 * PAGE, PROT_READ));
	SEEN_OK("munmap", munmap(p + 4 * PAGE, PAGE));
	SEEN_OK("shmdt", shmdt(p)); /* all three pieces */
	SEEN_ERR("shmdt", EINVAL, shmdt(p));
	SEEN_ERR("shmat", EINVAL, shmat(id, q + 1, 0));
	room = seen_pages(6, PROT_READ);
	SEEN_OK("shmat", shmat(id, room, SHM_REMAP | SHM_EXEC));
	MUST(!shmctl(id, IPC_RMID, NULL));
	SEEN_OK("shmdt", shmdt(q));
	SEEN_OK("shmdt", shmdt(room));
	return 0;
}
