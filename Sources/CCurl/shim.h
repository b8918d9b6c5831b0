#pragma once
#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo take variable arguments, which Swift cannot call: one function for each kind of argument.

static inline CURLcode track_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode track_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode track_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode track_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}

typedef size_t (*track_curl_write)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode track_curl_set_write(CURL *handle, CURLoption option, track_curl_write value) {
    return curl_easy_setopt(handle, option, value);
}

typedef int (*track_curl_progress)(void *context, curl_off_t total_down, curl_off_t down, curl_off_t total_up, curl_off_t up);

static inline CURLcode track_curl_set_progress(CURL *handle, track_curl_progress value) {
    return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, value);
}

static inline long track_curl_status(CURL *handle) {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}
