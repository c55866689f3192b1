#include "csys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int result(long value) { return value < 0 ? -errno : (int)value; }

int csys_open_terminal(int *master, int *slave, unsigned short rows, unsigned short columns) {
  char name[128];
  struct winsize size = {.ws_row = rows, .ws_col = columns};
  int problem, ours, theirs = -1;
  ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (ours < 0) return -errno;
  if (grantpt(ours) < 0 || unlockpt(ours) < 0) goto failed;
  problem = ptsname_r(ours, name, sizeof name);
  if (problem) { errno = problem; goto failed; }
  theirs = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (theirs < 0 || ioctl(theirs, TIOCSWINSZ, &size) < 0) goto failed;
  *master = ours;
  *slave = theirs;
  return 0;
failed:
  problem = errno;
  if (theirs >= 0) close(theirs);
  close(ours);
  return -problem;
}

int csys_has_ended(pid_t pid) {
  siginfo_t info = {0};
  if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0) return -errno;
  return info.si_pid == pid;
}

int csys_reap(pid_t pid) {
  int status;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return -errno;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

int csys_pidfd_open(pid_t pid) { return result(syscall(SYS_pidfd_open, pid, 0)); }
int csys_pidfd_signal(int descriptor, int signal) {
  return result(syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0));
}
int csys_pipe(int *ends) { return result(pipe2(ends, O_CLOEXEC)); }
int csys_exchange(const char *one, const char *other) {
  return result(renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE));
}
