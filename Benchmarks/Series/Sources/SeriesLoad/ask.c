#define _GNU_SOURCE
#include "load.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_lines = 1000, warm_up = 3 };

static int read_lines(const char *file, char **lines) {
    FILE *input = fopen(file, "r");
    if (!input) fail(file);
    int count = 0;
    size_t capacity;
    ssize_t length;
    while (count < most_lines && (lines[count] = NULL, capacity = 0, length = getline(&lines[count], &capacity, input)) > 0) {
        if (lines[count][length - 1] == '\n') lines[count][length - 1] = 0;
        count++;
    }
    fclose(input);
    return count;
}

static void make_request(Connection *connection, const char *method, const char *accept, char *line) {
    char *body = strchr(line, ' ');
    int path = body ? (int)(body - line) : (int)strlen(line);
    body = body ? body + 1 : "";
    connection->size = asprintf(&connection->request, "%s %.*s HTTP/1.1\r\nHost: localhost\r\nAccept: %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                                method, path, line, accept, strlen(body), body);
}

int ask(int port, const char *method, const char *accept, int count, const char *file) {
    char *lines[most_lines];
    int known = read_lines(file, lines);
    if (!known) { fprintf(stderr, "%s is empty\n", file); return 2; }
    Connection connection = {.fd = dial(port)};
    Times times = {0};
    for (int i = 0; i < count + warm_up; i++) {
        make_request(&connection, method, accept, lines[i % known]);
        exchange(&connection);
        if (i >= warm_up) note(&times, now() - connection.began);
        free(connection.request);
    }
    printf("%.1f %.1f %zu\n", percentile(&times, 0.5), percentile(&times, 0.99), connection.whole);
    return 0;
}
