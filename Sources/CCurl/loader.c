#include "include/CCurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __APPLE__
static const char *const names[] = { "libcurl.4.dylib", NULL };
#else
static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4", NULL };
#endif

#define FUNCTIONS(DO) \
    DO(curl_global_init) DO(curl_easy_init) DO(curl_easy_cleanup) DO(curl_easy_reset) DO(curl_easy_perform) DO(curl_easy_strerror) \
    DO(curl_easy_setopt) DO(curl_easy_getinfo) DO(curl_slist_append) DO(curl_slist_free_all) DO(curl_getdate)

#define POINTER(name) static __typeof__(name) *loaded_##name;
FUNCTIONS(POINTER)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char failure[256];

// OpenSSL, where libcurl is built on it, clears itself away in exit(), and frees what a thread of ours frees that ends at the same moment:
// the process would die of a double free. Asked before anything else, it leaves that to the system.
static void keep_encryption_until_the_end(void *library) {
    enum { WITHOUT_EXIT_HANDLER = 0x00080000 };
    int (*prepare)(uint64_t, const void *) = (int (*)(uint64_t, const void *))dlsym(library, "OPENSSL_init_crypto");
    if (prepare) prepare(WITHOUT_EXIT_HANDLER, NULL);
}

static void load(void) {
    void *library = NULL;
    for (int i = 0; !library && names[i]; i++) library = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
    if (!library) {
        const char *reason = dlerror();
        snprintf(failure, sizeof failure, "%s cannot be loaded (%s); install libcurl 4", names[0], reason ? reason : "no reason is known");
        return;
    }
#define LOOK_UP(name) \
    if (!(loaded_##name = (__typeof__(name) *)dlsym(library, #name))) { \
        snprintf(failure, sizeof failure, "%s has no %s; install libcurl 4", names[0], #name); \
        return; \
    }
    FUNCTIONS(LOOK_UP)
    keep_encryption_until_the_end(library);
    loaded_curl_global_init(CURL_GLOBAL_ALL);
}

static int is_loaded(void) {
    pthread_once(&once, load);
    return failure[0] == 0;
}

CURL *track_curl_easy_init(void) { return is_loaded() ? loaded_curl_easy_init() : NULL; }
const char *track_curl_failure(void) { return is_loaded() ? "libcurl has no memory for a connection" : failure; }

void track_curl_easy_cleanup(CURL *handle) { if (handle) loaded_curl_easy_cleanup(handle); }
void track_curl_easy_reset(CURL *handle) { loaded_curl_easy_reset(handle); }
CURLcode track_curl_easy_perform(CURL *handle) { return loaded_curl_easy_perform(handle); }
const char *track_curl_easy_strerror(CURLcode code) { return loaded_curl_easy_strerror(code); }

long track_curl_status(CURL *handle) {
    long status = 0;
    loaded_curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

#define SETTER(name, type) \
    CURLcode name(CURL *handle, CURLoption option, type value) { return loaded_curl_easy_setopt(handle, option, value); }
SETTER(track_curl_set_long, long)
SETTER(track_curl_set_offset, curl_off_t)
SETTER(track_curl_set_text, const char *)
SETTER(track_curl_set_pointer, const void *)
SETTER(track_curl_set_write, track_curl_write)

CURLcode track_curl_set_progress(CURL *handle, track_curl_progress value) {
    return loaded_curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, value);
}

struct curl_slist *track_curl_slist_append(struct curl_slist *list, const char *line) { return loaded_curl_slist_append(list, line); }
void track_curl_slist_free_all(struct curl_slist *list) { loaded_curl_slist_free_all(list); }
time_t track_curl_getdate(const char *text) { return is_loaded() ? loaded_curl_getdate(text, NULL) : -1; }
