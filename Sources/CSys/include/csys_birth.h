#pragma once
#include <stdint.h>

/* When the file at `path` was made, in nanoseconds since 1970; -errno, and -ENODATA where the filesystem does not keep it. */
int64_t csys_birth(const char *path);
