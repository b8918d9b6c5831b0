"""Measures the series store over HTTP: see ../run --help."""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import ingest
import listing
import peers
import reading
import report

ROOT = pathlib.Path(__file__).resolve().parents[3]
PARTS = ["ingest", "read", "disk", "runs", "memory", "peers"]


class Tools:
    """The programs under test and beside it, and a place for data."""

    def __init__(self, arguments):
        self.track, self.generator = arguments.track, arguments.tools + "/SeriesLoad"
        self.sync_delay, self.migrations = arguments.tools + "/libSyncDelay.so", str(ROOT / "migrations/sqlite")
        self.place = tempfile.mkdtemp(prefix="track-series-", dir=arguments.folder)

    def folder(self):
        """A new folder; those that came before it are removed, so that each part finds the same free space."""
        shutil.rmtree(self.place, ignore_errors=True)
        os.makedirs(self.place, exist_ok=True)
        return tempfile.mkdtemp(dir=self.place)

    def load(self, *arguments):
        return [float(word) for word in subprocess.run([self.generator, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout.split()]


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=10_000_000)
    parser.add_argument("--held", type=int, default=100_000_000)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--folder")
    parser.add_argument("--track", required=True)
    parser.add_argument("--tools", required=True)
    return parser.parse_args()


def main():
    arguments = read_arguments()
    tools = Tools(arguments)
    work = {
        "ingest": lambda: ingest.measure(tools, arguments.seconds, arguments.rounds),
        "read": lambda: reading.measure(tools, arguments.points),
        "disk": lambda: reading.disk(tools),
        "runs": lambda: listing.measure(tools, arguments.runs),
        "memory": lambda: reading.memory(tools, arguments.held),
        "peers": lambda: peers.measure(tools),
    }
    report.heading("Benchmarks/Series/run " + " ".join(word for word in sys.argv[1:] if not word.startswith("/") and word not in ("--track", "--tools")))
    try:
        for part in PARTS:
            if part in (arguments.only or PARTS[:-1]):
                work[part]()
    finally:
        shutil.rmtree(tools.place, ignore_errors=True)


main()
