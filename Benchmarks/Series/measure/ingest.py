"""How fast batches become durable, over HTTP."""
import os
import subprocess
import tempfile

import report
from server import Server

MEMORY = "/dev/shm"


def measure(tools, seconds):
    sync, row, log_row = tools.load("disk", tools.folder())
    report.row("limit: fdatasync of 4 kB on this disk, p50", sync / 1000, "ms")
    report.row("limit: 1.2 kB appended to a file and synced, p50", row / 1000, "ms")
    report.row("limit: SQLite, one 1.2 kB log row a commit, FULL, p50", log_row / 1000, "ms")
    rate, _ = tools.load("sqlite", tools.folder(), "800000")
    report.row("limit: plain SQLite, a row a point, 8 000 a commit", rate, "points/s")
    limit(tools, seconds, "limit: 10 rows × 8, 64 connections, a C server that stores nothing")
    limit(tools, seconds, "limit: the same, appended to one file and synced in groups", os.path.join(tools.folder(), "sink"))
    part(tools, seconds, "raw columns, 1 000 rows × 8, 16 connections", "raw", 1000, 16, "ingest_raw", 15e6)
    part(tools, seconds, "JSON rows, 1 000 rows × 8, 16 connections", "json", 1000, 16, "ingest_json", 10e6)
    part(tools, seconds, "raw columns, 10 rows × 8, 64 connections", "raw", 10, 64, "ingest_small", 4e6, p99=5)
    single(tools, seconds)
    in_memory(tools, seconds)
    part(tools, seconds, "10 rows × 8, 64 connections, with 5 ms more for each sync", "raw", 10, 64, "ingest_slow_disk", 0.3e6, sync_delay_us=5000)


def in_memory(tools, seconds):
    """What all but the disk takes: the small batches once more, with the database where a sync costs nothing."""
    if not os.path.isdir(MEMORY):
        return
    for name, rows, connections in ("10 rows × 8, 64 connections", "10", 64), ("1 row × 8, one connection", "1", 1):
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder, Server(tools, folder) as server:
            rate, batches, middle, slow, _, _ = server.load("ingest", "raw", rows, "8", str(seconds), *server.make_runs(connections))
        report.row(f"no bar: {name}, database in memory", rate, f"points/s  ({pace(batches, middle, slow)})")


def pace(batches, middle, slow):
    return f"{report.number(batches)} batches/s, p50 {middle / 1000:.3g} ms, p99 {slow / 1000:.3g} ms"


def limit(tools, seconds, name, *file):
    with subprocess.Popen([tools.generator, "sink", *file], stdout=subprocess.PIPE, text=True) as sink:
        try:
            port = sink.stdout.readline().strip()
            rate, batches, middle, slow, _, load = tools.load("ingest", port, "raw", "10", "8", str(seconds), *(f"{run:08d}" for run in range(64)))
        finally:
            sink.kill()
    report.row(name, rate, f"points/s  ({pace(batches, middle, slow)}; the load itself took {load:.0%} of a core)")


def part(tools, seconds, name, form, rows, connections, bar, needed, p99=None, sync_delay_us=0):
    with Server(tools, tools.folder(), sync_delay_us) as server:
        runs = server.make_runs(connections)
        rate, batches, middle, slow, size, load = server.load("ingest", form, str(rows), "8", str(seconds), *runs)
    report.row(name, rate, f"points/s  ({pace(batches, middle, slow)}, {size:.3g} bytes/point; the load itself took {load:.0%} of a core)")
    report.at_least(bar, rate, needed)
    if p99:
        report.at_most(bar + "_p99_ms", slow / 1000, p99)


def single(tools, seconds):
    with Server(tools, tools.folder()) as server:
        _, batches, middle, slow, _, load = server.load("ingest", "raw", "1", "8", str(seconds), *server.make_runs(1))
    report.row("raw columns, 1 row × 8, one connection", batches, f"batches/s  (p50 {middle / 1000:.3g} ms, p99 {slow / 1000:.3g} ms; the load itself took {load:.0%} of a core)")
    report.at_least("ingest_single", batches, 10_000)
    report.at_most("ingest_single_p50_ms", middle / 1000, 0.1)
