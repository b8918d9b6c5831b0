#pragma once
#include <zlib.h>

// zlib's initialisers are macros, which Swift cannot call.

static inline int track_inflate_start(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

static inline int track_deflate_start(z_stream *stream, int level, int window_bits) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
}

// A few kilobytes at once: memory as small as they are, since clearing it would take longer than compressing. `runs_only` looks for runs of one
// byte instead of repeats anywhere. Returns the length; 0 if `capacity` is too small.
static inline unsigned long track_deflate_plane(const unsigned char *bytes, unsigned count, int window_bits, int runs_only, unsigned char *out,
                                                unsigned capacity) {
    z_stream stream = {0};
    if (deflateInit2(&stream, 4, Z_DEFLATED, window_bits, 6, runs_only ? Z_RLE : Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    stream.next_in = (unsigned char *)bytes;
    stream.avail_in = count;
    stream.next_out = out;
    stream.avail_out = capacity;
    int result = deflate(&stream, Z_FINISH);
    deflateEnd(&stream);
    return result == Z_STREAM_END ? stream.total_out : 0;
}
