#include "ccurl.h"
#include <dlfcn.h>
#include <stdio.h>

/* Every function that is used, as it is declared in curl.h. */
#define FUNCTIONS(one)                                                                                                                 \
  one(global_init) one(easy_init) one(easy_cleanup) one(easy_strerror) one(easy_setopt) one(easy_getinfo) one(slist_append)            \
  one(slist_free_all) one(multi_init) one(multi_cleanup) one(multi_add_handle) one(multi_remove_handle) one(multi_perform)             \
  one(multi_poll) one(multi_wakeup) one(multi_info_read)

/* curl.h hides some of them behind macros that check types. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

#define FIELD(name) __typeof__(curl_##name) *name;
static struct { FUNCTIONS(FIELD) } lib;

const char *ccurl_load(void) {
  static char why[256];
  void *library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);
  const char *missing = 0;
  if (!library) {
    snprintf(why, sizeof why, "%s", dlerror());
    return why;
  }
#define FIND(name)                                                                                                                     \
  if (!(lib.name = (__typeof__(lib.name))dlsym(library, "curl_" #name))) missing = "curl_" #name;
  FUNCTIONS(FIND)
  if (missing) {
    snprintf(why, sizeof why, "libcurl.so.4 has no %s", missing);
    return why;
  }
  CURLcode code = lib.global_init(CURL_GLOBAL_ALL);
  return code == CURLE_OK ? 0 : lib.easy_strerror(code);
}

CURL *ccurl_easy_init(void) { return lib.easy_init(); }
void ccurl_easy_cleanup(CURL *handle) { lib.easy_cleanup(handle); }
const char *ccurl_easy_strerror(CURLcode code) { return lib.easy_strerror(code); }

CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) { return lib.easy_setopt(handle, option, value); }
CURLcode ccurl_set_size(CURL *handle, CURLoption option, curl_off_t value) { return lib.easy_setopt(handle, option, value); }
CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value) { return lib.easy_setopt(handle, option, value); }
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value) { return lib.easy_setopt(handle, option, value); }
CURLcode ccurl_set_callback(CURL *handle, CURLoption option, ccurl_data_callback value) {
  return lib.easy_setopt(handle, option, value);
}
CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value) { return lib.easy_getinfo(handle, info, value); }

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *line) { return lib.slist_append(list, line); }
void ccurl_slist_free_all(struct curl_slist *list) { lib.slist_free_all(list); }

CURLM *ccurl_multi_init(void) { return lib.multi_init(); }
void ccurl_multi_cleanup(CURLM *multi) { lib.multi_cleanup(multi); }
CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *handle) { return lib.multi_add_handle(multi, handle); }
CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *handle) { return lib.multi_remove_handle(multi, handle); }
CURLMcode ccurl_multi_perform(CURLM *multi, int *running) { return lib.multi_perform(multi, running); }
CURLMcode ccurl_multi_poll(CURLM *multi, int milliseconds) { return lib.multi_poll(multi, 0, 0, milliseconds, 0); }
CURLMcode ccurl_multi_wakeup(CURLM *multi) { return lib.multi_wakeup(multi); }

CURL *ccurl_next_done(CURLM *multi, CURLcode *result) {
  int left;
  CURLMsg *message;
  while ((message = lib.multi_info_read(multi, &left)))
    if (message->msg == CURLMSG_DONE) {
      *result = message->data.result;
      return message->easy_handle;
    }
  return 0;
}
