#include "csys_files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <malloc.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

static int64_t result(int64_t value) { return value < 0 ? -errno : value; }

int csys_open_source(int folder, const char *name, int direct) {
  /* O_NONBLOCK: what was a file a moment ago may be a fifo now. */
  int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (direct ? O_DIRECT : 0);
  int file = openat(folder, name, flags | O_NOATIME);
  if (file < 0 && errno == EPERM) file = openat(folder, name, flags);
  return (int)result(file);
}

int csys_open_target(int folder, const char *name, int fresh, int direct, unsigned mode) {
  int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | (fresh ? O_CREAT | O_EXCL : 0) | (direct ? O_DIRECT : 0);
  return (int)result(openat(folder, name, flags, mode));
}

int csys_open_folder(int folder, const char *name, int listing) {
  return (int)result(openat(folder, name, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | (listing ? O_RDONLY : O_PATH)));
}

ssize_t csys_attributes(const char *path, char *names, size_t size) { return result(llistxattr(path, names, size)); }
ssize_t csys_attribute(const char *path, const char *name, void *value, size_t size) {
  return result(lgetxattr(path, name, value, size));
}
int csys_set_attribute(const char *path, const char *name, const void *value, size_t size) {
  return (int)result(lsetxattr(path, name, value, size, 0));
}
int csys_remove_attribute(const char *path, const char *name) { return (int)result(lremovexattr(path, name)); }
ssize_t csys_open_attributes(int file, char *names, size_t size) { return result(flistxattr(file, names, size)); }
ssize_t csys_open_attribute(int file, const char *name, void *value, size_t size) {
  return result(fgetxattr(file, name, value, size));
}

int64_t csys_next_data(int file, int64_t offset) { return result(lseek(file, offset, SEEK_DATA)); }
int64_t csys_next_hole(int file, int64_t offset) { return result(lseek(file, offset, SEEK_HOLE)); }

int csys_allocate(int file, int64_t size) {
  if (fallocate(file, 0, 0, size) == 0 || errno == EOPNOTSUPP || errno == ENOSYS) return 0;
  return -errno;
}
/* A threshold that is set stays: otherwise it rises with each large block that is freed. */
void csys_limit_memory(void) { mallopt(M_MMAP_THRESHOLD, 256 << 10); }
void csys_trim_memory(void) { malloc_trim(0); }
int csys_sync_filesystem(int file) { return (int)result(syncfs(file)); }
int csys_share_blocks(int target, int source) { return (int)result(ioctl(target, FICLONE, source)); }

int csys_unprotect(int folder, const char *name) {
  int flags, problem;
  int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return -errno;
  problem = ioctl(file, FS_IOC_GETFLAGS, &flags);
  if (problem == 0) {
    flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
    problem = ioctl(file, FS_IOC_SETFLAGS, &flags);
  }
  problem = problem < 0 ? -errno : 0;
  close(file);
  return problem;
}

unsigned csys_major(uint64_t device) { return major(device); }
unsigned csys_minor(uint64_t device) { return minor(device); }
uint64_t csys_device(unsigned major, unsigned minor) { return makedev(major, minor); }
