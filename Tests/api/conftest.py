"""A real `track serve` for each test module: on a free port, with a data folder that goes with it."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

import pytest
import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]


def binary():
    """The `track` to test: TRACK_BINARY, or what the package's own build made."""
    given = os.environ.get("TRACK_BINARY")
    candidates = [pathlib.Path(given)] if given else [ROOT / ".build" / kind / "track" for kind in ("release", "debug")]
    for candidate in candidates:
        if candidate.exists():
            return str(candidate)
    raise RuntimeError("track is not built: swift build --product track, or set TRACK_BINARY")


class Server:
    """A server process. `url` is where it answers."""

    def __init__(self, *arguments, data=None):
        self.data = data or tempfile.mkdtemp(prefix="track-api-")
        self.owns_data = data is None
        self.arguments = [binary(), "serve", "--data", self.data, "--port", "0",
                          "--migrations", str(ROOT / "migrations" / "sqlite"), *arguments]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.output = []
        for line in self.process.stdout:
            self.output.append(line)
            match = re.match(r"Track is ready at (http://\S+)", line)
            if match:
                self.url = match.group(1)
                return
        raise RuntimeError(f"track did not start: {self.output} {self.process.stderr.read()}")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def stop(self):
        """Stops as an operator does; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)
            self.process.stdout.close()
            self.process.stderr.close()
        if self.owns_data:
            shutil.rmtree(self.data, ignore_errors=True)
        return self.process.returncode

    def api(self, method, path, **keywords):
        return requests.request(method, self.url + "/api/v1" + path, timeout=20, **keywords)


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def run(server):
    """The id of a fresh run."""
    return server.api("POST", "/runs", json={"project": "api"}).json()["run"]["id"]
