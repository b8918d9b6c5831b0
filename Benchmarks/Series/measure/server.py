"""A server of its own for each part, and what it is asked."""
import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import time


class Server:
    """`track serve` on a free port and an empty folder."""

    def __init__(self, tools, folder, sync_delay_us=0):
        os.sync()                   # what earlier parts left in the system's cache is not to be written while this one waits for the disk
        self.tools, self.folder = tools, folder
        environment = dict(os.environ)
        if sync_delay_us:
            environment |= {"LD_PRELOAD": tools.sync_delay, "SYNC_DELAY_US": str(sync_delay_us)}
        self.process = subprocess.Popen(
            [tools.track, "serve", "--port", "0", "--data", folder, "--migrations", tools.migrations], env=environment, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if found := re.search(r"ready at http://[^:]+:(\d+)", line):
                self.port = int(found.group(1))
                break
        else:
            raise SystemExit("The server did not start.")
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=120)

    def request(self, method, path, body=None, accept="application/json"):
        self.connection.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json", "Accept": accept})
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status // 100 != 2:
            raise SystemExit(f"{method} {path}: {answer.status} {content[:300]}")
        return json.loads(content) if accept == "application/json" else content

    def make_runs(self, count, project="bench", **fields):
        return [self.request("POST", "/api/v1/runs", {"project": project, **fields})["run"]["id"] for _ in range(count)]

    def finish(self, run):
        self.request("POST", f"/api/v1/runs/{run}/finish", {"state": "finished"})

    def load(self, *arguments):
        """Runs the load generator against this server; the numbers that it prints."""
        self.connection.close()     # it would be closed as idle meanwhile; the next request opens another
        return self.tools.load(arguments[0], str(self.port), *arguments[1:])

    def ask(self, lines, count=50, method="POST", accept="application/vnd.track.series"):
        """p50 and p99 in ms, and the bytes of an answer."""
        path = os.path.join(self.folder, "requests")
        with open(path, "w") as file:
            file.write("\n".join(lines) + "\n")
        p50, p99, size = self.load("ask", method, accept, str(count), path)
        return p50 / 1000, p99 / 1000, size

    def memory(self, field="VmRSS"):
        """MB."""
        line = next(line for line in open(f"/proc/{self.process.pid}/status") if line.startswith(field + ":"))
        return int(line.split()[1]) / 1024

    def wait_until_folded(self, seconds=200):
        deadline = time.time() + seconds
        with sqlite3.connect(f"file:{self.folder}/track.sqlite?mode=ro", uri=True) as database:
            while database.execute("SELECT COUNT(*) FROM batch").fetchone()[0]:
                if time.time() > deadline:
                    raise SystemExit("Folding takes too long.")
                time.sleep(0.05)


def database_bytes(folder):
    """Bytes of all pages that hold something, of a server that has ended."""
    with sqlite3.connect(f"{folder}/track.sqlite") as database:
        value = lambda name: database.execute(f"PRAGMA {name}").fetchone()[0]
        return (value("page_count") - value("freelist_count")) * value("page_size")
