"""How fast batches become durable, over HTTP: in rounds, so that no part has the good or the bad minute of a shared machine alone."""
import os
import subprocess
import tempfile
from statistics import median

import report
from server import Server

MEMORY = "/dev/shm"
SLOW_DISK_US = 5000


class Load:
    """Batches of one form from so many connections; what its rounds measured."""

    def __init__(self, name, form, rows, connections):
        self.name, self.form, self.rows, self.connections, self.rounds = name, form, rows, connections, []

    def of(self, column):
        """Rate (points/s), batches/s, p50 and p99 (µs), bytes a point, share of a core that the load took."""
        return [measured[column] for measured in self.rounds]

    def run(self, generator, port, seconds, runs):
        self.rounds.append(generator("ingest", port, self.form, str(self.rows), "8", str(seconds), *runs))

    def tell(self):
        is_rate = self.rows > 1
        rate, batches, middle, slow, _, load = map(median, zip(*self.rounds))
        pace = f"{report.number(batches)} batches/s, " if is_rate else ""
        report.spread(self.name, self.of(0) if is_rate else self.of(1), f"{'points' if is_rate else 'batches'}/s",
                      f"{pace}p50 {middle / 1000:.3g} ms, p99 {slow / 1000:.3g} ms; the load itself took {load:.0%} of a core")


class Served(Load):
    """Sent to our server."""

    def __init__(self, *load, sync_delay_us=0):
        super().__init__(*load)
        self.sync_delay_us = sync_delay_us

    def round(self, tools, seconds):
        self.measure(tools, seconds, tools.folder())

    def measure(self, tools, seconds, folder):
        with Server(tools, folder, self.sync_delay_us) as server:
            self.run(tools.load, str(server.port), seconds, server.make_runs(self.connections))


class InMemory(Served):
    """What all but the disk takes: the database where a sync costs nothing."""

    def round(self, tools, seconds):
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            self.measure(tools, seconds, folder)


class Limit(Load):
    """Sent to a bare C server, which stores nothing, or appends to one file and syncs it in groups."""

    def __init__(self, *load, stores):
        super().__init__(*load)
        self.stores = stores

    def round(self, tools, seconds):
        file = [os.path.join(tools.folder(), "sink")] if self.stores else []
        with subprocess.Popen([tools.generator, "sink", *file], stdout=subprocess.PIPE, text=True) as sink:
            try:
                self.run(tools.load, sink.stdout.readline().strip(), seconds, [f"{run:08d}" for run in range(self.connections)])
            finally:
                sink.kill()


def measure(tools, seconds, rounds):
    nothing = Limit("limit: 10 rows × 8, 64 connections, a C server that stores nothing", "raw", 10, 64, stores=False)
    bare = Limit("limit: the same, appended to one file and synced in groups", "raw", 10, 64, stores=True)
    raw = Served("raw columns, 1 000 rows × 8, 16 connections", "raw", 1000, 16)
    json = Served("JSON rows, 1 000 rows × 8, 16 connections", "json", 1000, 16)
    small = Served("raw columns, 10 rows × 8, 64 connections", "raw", 10, 64)
    single = Served("raw columns, 1 row × 8, one connection", "raw", 1, 1)
    slow = Served("10 rows × 8, 64 connections, with 5 ms more for each sync", "raw", 10, 64, sync_delay_us=SLOW_DISK_US)
    memory = [InMemory("no bar: 10 rows × 8, 64 connections, database in memory", "raw", 10, 64),
              InMemory("no bar: 1 row × 8, one connection, database in memory", "raw", 1, 1)] if os.path.isdir(MEMORY) else []
    loads = [nothing, bare, raw, json, small, single, *memory, slow]
    limits(tools)
    for _ in range(rounds):
        for load in loads:
            load.round(tools, seconds)
    for load in loads:
        load.tell()
    bars(raw, json, small, single, slow)


def limits(tools):
    sync, row, log_row = tools.load("disk", tools.folder())
    report.row("limit: fdatasync of 4 kB on this disk, p50", sync / 1000, "ms")
    report.row("limit: 1.2 kB appended to a file and synced, p50", row / 1000, "ms")
    report.row("limit: SQLite, one 1.2 kB log row a commit, FULL, p50", log_row / 1000, "ms")
    rate, _ = tools.load("sqlite", tools.folder(), "800000")
    report.row("limit: plain SQLite, a row a point, 8 000 a commit", rate, "points/s")


def bars(raw, json, small, single, slow):
    report.at_least("ingest_raw", median(raw.of(0)), 15e6)
    report.at_least("ingest_json", median(json.of(0)), 10e6)
    report.at_least("ingest_small", median(small.of(0)), 4e6)
    report.at_most("ingest_small_p99_ms", median(small.of(3)) / 1000, 5)
    report.at_least("ingest_single", median(single.of(1)), 10_000)
    report.at_most("ingest_single_p50_ms", median(single.of(2)) / 1000, 0.1)
    report.at_least("ingest_slow_disk", median(slow.of(0)), 0.3e6)
