#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What Swift's Glibc module hides about files. Every function returns a value >= 0, or -errno. Links are never followed. */

/* Opens a regular file for reading, without touching its access time where we may; `direct` 1: past the page cache. */
int csys_open_source(int folder, const char *name, int direct);
/* Creates a file that is not there yet, or (`fresh` 0) opens one that is, for reading and writing. The umask counts for `mode`. */
int csys_open_target(int folder, const char *name, int fresh, int direct, unsigned mode);
/* A directory: `listing` 1 to be read, 0 only to reach what is in it. */
int csys_open_folder(int folder, const char *name, int listing);

/* The names of the extended attributes, each ended by a NUL; the value of one; setting and removing one. `path` may go through
   /proc/self/fd. */
ssize_t csys_attributes(const char *path, char *names, size_t size);
ssize_t csys_attribute(const char *path, const char *name, void *value, size_t size);
int csys_set_attribute(const char *path, const char *name, const void *value, size_t size);
int csys_remove_attribute(const char *path, const char *name);
/* The same for an open file. */
ssize_t csys_open_attributes(int file, char *names, size_t size);
ssize_t csys_open_attribute(int file, const char *name, void *value, size_t size);

/* The next data at or after `offset`, -ENXIO behind the last; the next hole (the end of the file is one). */
int64_t csys_next_data(int file, int64_t offset);
int64_t csys_next_hole(int file, int64_t offset);

/* Sets blocks aside, where the filesystem can; 0 also where it cannot. */
int csys_allocate(int file, int64_t size);
/* Large blocks go back to the system as soon as they are freed, from now on. */
void csys_limit_memory(void);
/* Gives what the allocator does not use back to the system. */
void csys_trim_memory(void);
/* Writes the whole filesystem of an open file to its disk. */
int csys_sync_filesystem(int file);
/* Makes `target` share the blocks of `source`; -EOPNOTSUPP, -EXDEV, -EINVAL, -ENOTTY where that cannot be. */
int csys_share_blocks(int target, int source);
/* Takes the immutable and append-only flags from a file or directory. */
int csys_unprotect(int folder, const char *name);

/* Device numbers. */
unsigned csys_major(uint64_t device);
unsigned csys_minor(uint64_t device);
uint64_t csys_device(unsigned major, unsigned minor);
