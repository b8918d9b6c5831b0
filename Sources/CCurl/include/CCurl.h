// libcurl, loaded when the first request is made. Linked, it and the thirty libraries that it needs would be loaded by every program that
// might log: six milliseconds of each start and four megabytes of a server that never asks another.
//
// The names are libcurl's with `track_` before them. curl_easy_setopt and curl_easy_getinfo take variable arguments, which Swift cannot
// call: there is one function for each kind of argument. Thread-safe as libcurl is: a handle belongs to one thread at a time.
#pragma once
#include <curl/curl.h>

// NULL: libcurl could not be loaded, and track_curl_failure says why.
CURL *track_curl_easy_init(void);
const char *track_curl_failure(void);

void track_curl_easy_cleanup(CURL *handle);
void track_curl_easy_reset(CURL *handle);
CURLcode track_curl_easy_perform(CURL *handle);
const char *track_curl_easy_strerror(CURLcode code);
long track_curl_status(CURL *handle);

CURLcode track_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode track_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode track_curl_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode track_curl_set_pointer(CURL *handle, CURLoption option, const void *value);

typedef size_t (*track_curl_write)(char *bytes, size_t size, size_t count, void *context);
CURLcode track_curl_set_write(CURL *handle, CURLoption option, track_curl_write value);

typedef int (*track_curl_progress)(void *context, curl_off_t total_down, curl_off_t down, curl_off_t total_up, curl_off_t up);
CURLcode track_curl_set_progress(CURL *handle, track_curl_progress value);

struct curl_slist *track_curl_slist_append(struct curl_slist *list, const char *line);
void track_curl_slist_free_all(struct curl_slist *list);

// Seconds since 1970 of a date as HTTP writes it; −1 if it is none, or if libcurl could not be loaded.
time_t track_curl_getdate(const char *text);
