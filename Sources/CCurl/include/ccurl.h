#pragma once
#include <curl/curl.h>

/*
 * What is used of libcurl. It is loaded when the first request is made: with all that it needs itself (TLS, Kerberos, LDAP, SSH) it is half of the
 * start of a command, and most calls ask nobody anything.
 *
 * Its setters are variadic and its results unions; Swift sees neither. One wrapper per shape.
 */

/* Loads and sets up libcurl; once, before anything else of this file. NULL when it is ready, else why not. */
const char *ccurl_load(void);

typedef size_t (*ccurl_data_callback)(char *bytes, size_t size, size_t count, void *context);

CURL *ccurl_easy_init(void);
void ccurl_easy_cleanup(CURL *handle);
const char *ccurl_easy_strerror(CURLcode code);
CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_size(CURL *handle, CURLoption option, curl_off_t value);
CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode ccurl_set_callback(CURL *handle, CURLoption option, ccurl_data_callback value);
CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value);

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *line);
void ccurl_slist_free_all(struct curl_slist *list);

CURLM *ccurl_multi_init(void);
void ccurl_multi_cleanup(CURLM *multi);
CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *handle);
CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *handle);
CURLMcode ccurl_multi_perform(CURLM *multi, int *running);
/* Waits for the handles' sockets or for a wake-up, at most so many milliseconds. */
CURLMcode ccurl_multi_poll(CURLM *multi, int milliseconds);
CURLMcode ccurl_multi_wakeup(CURLM *multi);
/* The next finished handle and its result, or NULL. */
CURL *ccurl_next_done(CURLM *multi, CURLcode *result);
