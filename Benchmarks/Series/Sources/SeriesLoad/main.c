// Load for the series benchmark. One thread; prepared bytes; results on one line.
//
//   SeriesLoad ingest PORT json|raw ROWS METRICS SECONDS RUN…   one connection a run → points/s batches/s p50 p99 (µs) bytes/point, own share of a core
//   SeriesLoad sink [FILE]                                      a server that answers batches and does nothing else, or appends them to FILE and syncs it → port
//   SeriesLoad fill PORT RUN ROWS METRICS float|double|spikes   one series a metric, sent whole → points/s
//   SeriesLoad ask PORT METHOD ACCEPT COUNT FILE                each line of FILE is "PATH BODY" → p50 p99 (µs) bytes of the last answer
//   SeriesLoad disk FOLDER                                      → fdatasync p50, 1.2 kB appended and synced p50, SQLite log row a commit p50 (µs)
//   SeriesLoad sqlite FOLDER POINTS                             a row a point, 8 000 a commit → points/s, 1 000 buckets by GROUP BY (ms)
#include "load.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **arguments) {
    const char *what = count > 1 ? arguments[1] : "";
    if (!strcmp(what, "ingest") && count > 7)
        return ingest(atoi(arguments[2]), !strcmp(arguments[3], "json"), atoi(arguments[4]), atoi(arguments[5]), atof(arguments[6]), arguments + 7, count - 7);
    if (!strcmp(what, "sink") && count < 4) return sink(count == 3 ? arguments[2] : 0);
    if (!strcmp(what, "fill") && count == 7) return fill(atoi(arguments[2]), arguments[3], atol(arguments[4]), atoi(arguments[5]), arguments[6]);
    if (!strcmp(what, "ask") && count == 7) return ask(atoi(arguments[2]), arguments[3], arguments[4], atoi(arguments[5]), arguments[6]);
    if (!strcmp(what, "disk") && count == 3) return disk(arguments[2]);
    if (!strcmp(what, "sqlite") && count == 4) return sqlite_rows(arguments[2], atol(arguments[3]));
    fprintf(stderr, "usage: see the top of main.c\n");
    return 2;
}
