#pragma once
/* The one-block interface: a plain value, no allocation, cannot fail. EVP adds both and the same code below it. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

static inline void ccrypto_sha256_begin(SHA256_CTX *context) { SHA256_Init(context); }
static inline void ccrypto_sha256_add(SHA256_CTX *context, const void *bytes, size_t count) {
  SHA256_Update(context, bytes, count);
}
static inline void ccrypto_sha256_end(SHA256_CTX *context, unsigned char *digest) { SHA256_Final(digest, context); }
