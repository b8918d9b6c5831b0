// What the disk and SQLite can do by themselves: the limits that the server's figures are read against.
#define _GNU_SOURCE
#include "load.h"
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { tries = 500, row_bytes = 1200 };

static double synced_appends(const char *path, size_t bytes) {
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (file < 0) fail(path);
    char *data = calloc(1, bytes);
    Times times = {0};
    for (int i = 0; i < tries; i++) {
        double start = now();
        if (write(file, data, bytes) != (ssize_t)bytes || fdatasync(file)) fail("fdatasync");
        note(&times, now() - start);
    }
    close(file);
    unlink(path);
    free(data);
    return percentile(&times, 0.5);
}

static sqlite3 *open_database(const char *path) {
    sqlite3 *database;
    if (sqlite3_open(path, &database) || sqlite3_exec(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", 0, 0, 0)) fail(path);
    return database;
}

static sqlite3_stmt *prepare_statement(sqlite3 *database, const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, 0)) { fprintf(stderr, "%s\n", sqlite3_errmsg(database)); exit(1); }
    return statement;
}

static double log_row_commits(const char *path) {
    sqlite3 *database = open_database(path);
    sqlite3_exec(database, "CREATE TABLE log (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)", 0, 0, 0);
    sqlite3_stmt *insert = prepare_statement(database, "INSERT INTO log (bytes) VALUES (?)");
    char data[row_bytes] = {0};
    Times times = {0};
    for (int i = 0; i < 4 * tries; i++) {
        double start = now();
        sqlite3_bind_blob(insert, 1, data, sizeof data, SQLITE_STATIC);
        if (sqlite3_step(insert) != SQLITE_DONE) fail("SQLite");
        sqlite3_reset(insert);
        note(&times, now() - start);
    }
    sqlite3_finalize(insert);
    sqlite3_close(database);
    return percentile(&times, 0.5);
}

int disk(const char *folder) {
    char path[4096];
    snprintf(path, sizeof path, "%s/raw", folder);
    double page = synced_appends(path, 4096), row = synced_appends(path, row_bytes);
    snprintf(path, sizeof path, "%s/raw.sqlite", folder);
    printf("%.1f %.1f %.1f\n", page, row, log_row_commits(path));
    return 0;
}

// The table that everybody would write first: one row for each point, eight series as training logs them.
int sqlite_rows(const char *folder, long points) {
    char path[4096];
    snprintf(path, sizeof path, "%s/rows.sqlite", folder);
    sqlite3 *database = open_database(path);
    sqlite3_exec(database, "CREATE TABLE point (series INTEGER, step INTEGER, time INTEGER, value REAL, PRIMARY KEY (series, step)) WITHOUT ROWID", 0, 0, 0);
    sqlite3_stmt *insert = prepare_statement(database, "INSERT INTO point VALUES (?, ?, ?, ?)");
    uint64_t random = 7;
    double start = now();
    for (long i = 0; i < points; i++) {
        if (i % 8000 == 0) sqlite3_exec(database, i ? "COMMIT; BEGIN" : "BEGIN", 0, 0, 0);
        sqlite3_bind_int64(insert, 1, i % 8);
        sqlite3_bind_int64(insert, 2, i / 8);
        sqlite3_bind_int64(insert, 3, 1700000000000000 + i);
        sqlite3_bind_double(insert, 4, unit(&random));
        if (sqlite3_step(insert) != SQLITE_DONE) fail("SQLite");
        sqlite3_reset(insert);
    }
    sqlite3_exec(database, "COMMIT", 0, 0, 0);
    double rate = points / (now() - start);
    sqlite3_finalize(insert);
    sqlite3_stmt *group = prepare_statement(database, "SELECT step * 1000 / ?, COUNT(*), MIN(value), MAX(value), AVG(value) FROM point WHERE series = 3 GROUP BY 1");
    sqlite3_bind_int64(group, 1, points / 8);
    start = now();
    while (sqlite3_step(group) == SQLITE_ROW) {}
    printf("%.0f %.1f\n", rate, (now() - start) * 1e3);
    sqlite3_finalize(group);
    sqlite3_close(database);
    return 0;
}
