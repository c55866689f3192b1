#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "csys_birth.h"
#include "csys_files.h"

/* What Swift's Glibc module hides. Every function returns a value >= 0, or -errno. */

/* A program to start. The child leads its own session, has default signal dispositions and an empty signal mask,
   and holds no descriptor beside 0, 1, 2 and those in `kept`. */
struct csys_program {
  const char *path; /* as execve takes it; nothing is looked up */
  char *const *arguments;
  char *const *environment;
  const char *directory; /* NULL keeps ours */
  int input, output, error; /* become 0, 1 and 2 */
  int terminal; /* 1: `input` is a terminal, to be the controlling one */
  const int *kept; /* further descriptors the child keeps, under their own numbers */
  size_t kept_count;
};

/* The child's pid; -errno also when chdir or execve failed in the child. */
pid_t csys_start(const struct csys_program *program);

/* A new pseudo-terminal; both ends are close-on-exec. */
int csys_open_terminal(int *master, int *slave, unsigned short rows, unsigned short columns);

/* 1 when our child `pid` has ended (it is not reaped), 0 when it lives. */
int csys_has_ended(pid_t pid);
/* Reaps our ended child: 0...255 is its exit code, 256 + n its signal. Waits when it still lives. */
int csys_reap(pid_t pid);

int csys_pidfd_open(pid_t pid);
int csys_pidfd_signal(int descriptor, int signal);
/* Ask for `signal` when the thread that started us ends: call it on the main thread only. */

/* A pipe whose ends are close-on-exec. */
int csys_pipe(int *ends);
/* Exchanges two paths of one filesystem in one step. */
int csys_exchange(const char *one, const char *other);
