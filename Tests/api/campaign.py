"""The fault campaign: a client that logs, a server that stores, a proxy between them that misbehaves, and a hand that kills both.

Whatever happens, every row for which `log` had returned is stored exactly once in the end, and the receipts say so. Needs only the `track`
program and Python's own library: tests run a short form, scripts/chaos the long one.
"""

import csv
import json
import os
import random
import re
import shutil
import signal
import socket
import string
import struct
import subprocess
import tempfile
import threading
import time
import urllib.request


class Proxy:
    """Passes HTTP on to a server, and now and then loses answers, repeats requests or answers, or cuts connections."""

    def __init__(self, chance, mischief):
        self.chance, self.mischief = chance, mischief
        self.target = None
        self.counts = {}
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        server = None
        try:
            while (request := self.message(client)) is not None:
                what = self.choose()
                self.counts[what] = self.counts.get(what, 0) + 1
                if what == "busy":
                    client.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 0\r\n\r\n")
                    continue
                if server is None:
                    server = socket.create_connection(self.target, timeout=10)
                if what == "request cut":
                    server.sendall(request[:len(request) // 2])
                    return
                server.sendall(request)
                if what == "request repeated":
                    if self.message(server) is None:
                        return
                    server.sendall(request)
                answer = self.message(server)
                if answer is None or what == "answer lost":
                    return
                if what == "answer cut":
                    client.sendall(answer[:len(answer) // 2])
                    return
                client.sendall(answer * 2 if what == "answer repeated" else answer)
        except OSError:
            pass
        finally:
            client.close()
            if server:
                server.close()

    def choose(self):
        if self.chance.random() >= self.mischief:
            return "passed"
        return self.chance.choice(["answer lost", "answer lost", "request repeated", "answer repeated", "request cut", "answer cut", "busy"])

    @staticmethod
    def message(connection):
        """One whole request or answer with its body; None when the connection ends first."""
        data = b""
        while b"\r\n\r\n" not in data:
            part = connection.recv(1 << 16)
            if not part:
                return None
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.I)
        missing = int(length.group(1)) - len(body) if length else 0
        parts = [data]
        while missing > 0:
            part = connection.recv(min(missing, 1 << 20))
            if not part:
                return None
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def stop(self):
        self.listener.close()


class Campaign:
    """One run that is logged by many short-lived processes, one after the other."""

    def __init__(self, track, migrations, kills, rows, seed=1, rate=20_000, mischief=0.15, say=lambda text: None):
        self.track, self.migrations, self.kills, self.rows, self.rate, self.say = track, migrations, kills, rows, rate, say
        self.chance = random.Random(seed)
        self.folder = tempfile.mkdtemp(prefix="track-campaign-")
        self.run = "".join(self.chance.choice(string.ascii_lowercase) for _ in range(8))
        self.proxy = Proxy(self.chance, mischief)
        self.environment = {**os.environ, "TRACK_URL": self.proxy.url, "TRACK_DIR": self.folder + "/client", "TRACK_SYSTEM": "off",
                            "TRACK_ENVIRONMENT": "off", "TRACK_COMMAND": track}
        for name in ("TRACK_API_KEY", "TRACK_MODE", "RANK", "SLURM_PROCID"):
            self.environment.pop(name, None)
        self.server = self.client = None
        self.next_step = 0
        self.logged = []            # ranges of steps for which `log` has returned
        self.maybe = set()          # steps that were being logged when the client was killed
        self.writers = {}           # name: how many rows it is known to have logged
        self.counts = {"client kills": 0, "server kills": 0, "sync kills": 0}

    # Processes

    def start_server(self):
        self.server = subprocess.Popen(
            [self.track, "serve", "--data", self.folder + "/server", "--port", "0", "--migrations", self.migrations],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.server.stdout:
            if match := re.match(r"Track is ready at http://([\d.]+):(\d+)", line):
                self.proxy.target = (match.group(1), int(match.group(2)))
                return
        raise RuntimeError("the server did not start")

    def kill_server(self):
        self.server.kill()
        self.server.wait()
        self.server.stdout.close()
        self.start_server()
        self.counts["server kills"] += 1

    def start_client(self, rows):
        self.ledger = f"{self.folder}/ledger-{self.next_step}"
        self.client = subprocess.Popen(
            [self.track, "rehearse", "--id", self.run, "--from", str(self.next_step), "--rows", str(rows), "--rate", str(self.rate),
             "--progress", self.ledger, "--deadline", "5"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=self.environment)

    def end_client(self, kill):
        """Takes down what the client is known to have logged."""
        if kill:
            self.client.kill()
            self.counts["client kills"] += 1
        output, _ = self.client.communicate()
        if not kill and self.client.returncode != 0:
            raise AssertionError(f"the client ended with {self.client.returncode}: {output}")
        try:
            count = struct.unpack("<q", open(self.ledger, "rb").read())[0]
        except (FileNotFoundError, struct.error):
            count = 0
        match = re.match(r"started \w+ (\S+)", output)
        if match:
            self.writers[match.group(1)] = (count, kill)
        self.logged.append(range(self.next_step, self.next_step + count))
        self.next_step += count
        if kill:
            self.maybe.add(self.next_step)
            self.next_step += 1
        self.client = None

    def sync(self, *arguments, timeout=120):
        return subprocess.run([self.track, "sync", *arguments], env=self.environment, capture_output=True, text=True, timeout=timeout)

    def kill_a_sync(self):
        process = subprocess.Popen([self.track, "sync", "--quiet"], env=self.environment)
        time.sleep(self.chance.uniform(0, 0.2))
        process.kill()
        process.wait()
        self.counts["sync kills"] += 1

    # The campaign

    def total(self):
        return sum(len(steps) for steps in self.logged)

    def perform(self):
        self.start_server()
        done = 0
        while done < self.kills:
            if self.client is None:
                self.start_client(self.rows)
            time.sleep(self.chance.uniform(0.02, 2 * self.rows / self.kills / self.rate))
            if self.chance.random() < 0.5:
                self.kill_server()
            else:
                self.end_client(kill=True)
            done += 1
            if self.chance.random() < 0.05:
                self.kill_a_sync()
            if done % 10 == 0:
                self.say(f"{done} kills, {self.total()} rows logged for certain")
        if self.client is not None:
            self.end_client(kill=True)
        if self.total() < self.rows:
            self.start_client(self.rows - self.total())
            self.end_client(kill=False)

    def settle(self):
        """The last sync: as often as the proxy makes it fail."""
        for _ in range(20):
            done = self.sync()
            if done.returncode == 0 and " 0 still writing" in done.stdout:
                return
            time.sleep(0.5)         # a detached sync may have the spool in hand
        raise AssertionError(f"not everything was delivered: {done.stdout}{done.stderr}")

    # The judgement

    def api(self, path):
        host, port = self.proxy.target
        with urllib.request.urlopen(f"http://{host}:{port}/api/v1{path}", timeout=60) as answer:
            return json.load(answer)

    def judge(self):
        """Returns what is wrong, in sentences."""
        problems = []
        record, writers = self.api(f"/runs/{self.run}"), self.api(f"/runs/{self.run}/writers")["writers"]
        self.proxy.mischief = 0             # the question is what is stored, not whether it can be asked
        check = subprocess.run([self.track, "verify", self.run], env=self.environment, capture_output=True, text=True, timeout=120)
        if check.returncode != 0:
            problems.append(f"track verify {self.run}: {check.stdout[-2000:]}{check.stderr}")
        self.stop_server()
        stored = self.stored_steps()
        certain = {step for steps in self.logged for step in steps}
        if missing := sorted(certain - stored):
            problems.append(f"{len(missing)} rows are lost, the first at step {missing[0]}")
        if foreign := stored - certain - self.maybe:
            problems.append(f"{len(foreign)} rows are stored that nobody logged, such as {min(foreign)}")
        if record["rows"] != len(stored):
            problems.append(f"{record['rows']} rows are stored, but they have {len(stored)} steps: some are there twice")
        problems += self.judge_receipts(writers)
        left = [name for _, _, names in os.walk(self.folder + "/client/spool") for name in names]
        if [name for name in left if name.endswith((".seg", ".json", ".refused"))]:
            problems.append(f"the spool still holds {left}")
        self.found = {"stored": len(stored), "writers": len(writers)}
        return problems

    def judge_receipts(self, writers):
        problems = []
        sums = {}
        for writer in writers:
            name = writer["name"].split(".")[0]
            known = sums.setdefault(name, {"rows": 0, "report": None})
            known["rows"] += writer["rows"] or 0
            known["report"] = writer.get("report") or known["report"]
        for name, (count, was_killed) in self.writers.items():
            known = sums.get(name)
            if known is None:
                if count:
                    problems.append(f"the server does not know writer {name}, which logged {count} rows")
                continue
            report = known["report"] or {}
            if not report.get("complete") or report.get("storedRows") != known["rows"] or report.get("loggedRows") != known["rows"]:
                problems.append(f"writer {name} has {known['rows']} rows stored, and its receipt is {report}")
            if not count <= known["rows"] <= count + was_killed:
                problems.append(f"writer {name} logged {count} rows; {known['rows']} are stored")
        return problems

    def stored_steps(self):
        """Every step that the database holds, with its values checked."""
        file = self.folder + "/export.csv"
        subprocess.run([self.track, "export", self.run, "--data", self.folder + "/server", "-o", file], check=True, timeout=600, stdout=subprocess.DEVNULL)
        steps = {"loss": set(), "copy": set()}
        with open(file, newline="") as text:
            for row in csv.DictReader(text):
                step, metric = int(row["step"]), row["metric"]
                assert float(row["value"]) == (step / 3 if metric == "loss" else step), row
                steps[metric].add(step)
        assert steps["loss"] == steps["copy"]
        return steps["loss"]

    def stop_server(self):
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(timeout=60)
            self.server.stdout.close()

    def close(self):
        if self.client:
            self.client.kill()
            self.client.communicate()
        if self.server and self.server.poll() is None:
            self.server.kill()
            self.server.wait()
            self.server.stdout.close()
        self.proxy.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    import argparse
    import pathlib
    import sys

    parser = argparse.ArgumentParser(description="The long form of the fault campaign: see scripts/chaos --help.")
    for name, default in (("kills", 200), ("rows", 1_000_000), ("rate", 20_000), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    migrations = pathlib.Path(__file__).resolve().parents[2] / "migrations" / "sqlite"
    campaign = Campaign(os.environ["TRACK_BINARY"], str(migrations), options.kills, options.rows, options.seed, options.rate,
                        say=lambda text: print(text, flush=True))
    started = time.monotonic()
    try:
        campaign.perform()
        campaign.settle()
        problems = campaign.judge()
    finally:
        if options.keep:
            print(f"everything is in {campaign.folder}")
            campaign.folder += "-gone"
        campaign.close()
    for problem in problems:
        print(problem)
    counts = ", ".join(f"{count} {name}" for name, count in {**campaign.counts, **campaign.proxy.counts}.items())
    print(f"chaos: {campaign.total()} rows logged for certain by {len(campaign.writers)} processes, {campaign.found['stored']} stored once each; {counts}; "
          f"{time.monotonic() - started:.0f} s: {'all is well' if not problems else f'{len(problems)} problems'}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
