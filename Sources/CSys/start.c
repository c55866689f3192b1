#include "csys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

/* Everything below runs between fork and execve of a program with threads: async-signal-safe calls only. */

static void default_signals(void) {
  struct sigaction standard = {.sa_handler = SIG_DFL};
  sigset_t none;
  sigemptyset(&standard.sa_mask);
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_others_on_exec(void) {
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  long limit = sysconf(_SC_OPEN_MAX); /* kernels before 5.11 */
  for (int fd = 3; fd < (limit > 0 && limit < 65536 ? limit : 65536); fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int keep(int fd) { return fcntl(fd, F_SETFD, 0); }

static int enter(const struct csys_program *program) {
  int standard[3] = {program->input, program->output, program->error};
  if (setsid() < 0) return -1;
  /* Out of the way of 0, 1 and 2 first: a source may itself be one of them. */
  for (int i = 0; i < 3; i++)
    if (standard[i] < 3 && (standard[i] = fcntl(standard[i], F_DUPFD, 3)) < 0) return -1;
  for (int i = 0; i < 3; i++)
    if (dup2(standard[i], i) < 0) return -1;
  if (program->terminal && ioctl(0, TIOCSCTTY, 0) < 0) return -1;
  close_others_on_exec();
  for (size_t i = 0; i < program->kept_count; i++)
    if (keep(program->kept[i]) < 0) return -1;
  if (program->directory && chdir(program->directory) < 0) return -1;
  default_signals();
  return execve(program->path, program->arguments, program->environment);
}

pid_t csys_start(const struct csys_program *program) {
  int report[2], problem = 0;
  sigset_t all, before;
  ssize_t count;
  if (pipe2(report, O_CLOEXEC) < 0) return -errno;
  /* No handler of ours may run in the child. */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = fork();
  if (pid == 0) {
    close(report[0]);
    /* The report must not be overwritten by dup2: move it above whatever is kept or standard. */
    if (report[1] < 3 && (report[1] = fcntl(report[1], F_DUPFD_CLOEXEC, 3)) < 0) _exit(127);
    enter(program);
    problem = errno;
    count = write(report[1], &problem, sizeof problem);
    _exit(127);
  }
  if (pid < 0) problem = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(report[1]);
  if (pid < 0) {
    close(report[0]);
    return -problem;
  }
  do count = read(report[0], &problem, sizeof problem);
  while (count < 0 && errno == EINTR);
  close(report[0]);
  if (count != sizeof problem) return pid;
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
  return -problem;
}
