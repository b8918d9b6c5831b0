"""A real server with real data, and one Chromium for all page tests."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import browser as pages  # noqa: E402
import chart_page  # noqa: E402
import demo  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("TRACK_BINARY", str(ROOT / ".build/release/track"))
READY = re.compile(rb"ready at (http://\S+)")


class Server:
    """`track serve` on a free port of loopback; can be killed and started again on the same data."""

    def __init__(self, data=None, options=()):
        self.folder = None if data else tempfile.TemporaryDirectory(prefix="track-web-")
        self.data, self.options, self.port = data or self.folder.name, options, 0
        self.start()

    def start(self):
        command = [BINARY, "serve", "--host", "127.0.0.1", "--port", str(self.port), "--data", self.data, "--web", str(ROOT / "web"), *self.options]
        if not Path(BINARY).resolve().is_relative_to(ROOT):
            command += ["--migrations", str(ROOT / "migrations/sqlite")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = b""
        for line in self.process.stdout:
            said += line
            if found := READY.search(line):
                self.base = found.group(1).decode().rstrip("/")
                self.port = int(self.base.rsplit(":", 1)[1].split("/")[0])
                return
        raise RuntimeError(f"The server did not start: {said.decode()}")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=15)
        self.process.stdout.close()
        if self.folder:
            self.folder.cleanup()


@pytest.fixture(scope="session")
def make_server():
    """Makes more servers; all are stopped at the end."""
    made = []

    def make(**options):
        made.append(Server(**options))
        return made[-1]

    yield make
    for server in made:
        server.close()


@pytest.fixture(scope="session")
def server(make_server):
    """A server with the demo project; its runs' ids are `server.runs`."""
    server = make_server()
    server.runs = demo.seed(server.base)
    server.client = demo.Client(server.base)
    return server


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        browser = pages.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, server):
    with pages.page(chromium, server.base) as page:
        yield page


@pytest.fixture
def open_page(chromium, server):
    """Opens pages with options of `browser.page`; for dark, small, or tests with expected problems."""
    from contextlib import ExitStack
    with ExitStack() as stack:
        yield lambda base=None, **options: stack.enter_context(pages.page(chromium, base or server.base, **options))


@pytest.fixture(scope="session")
def charts_base():
    """Where the charts' stand-alone page is served."""
    with chart_page.serve() as address:
        yield address


@pytest.fixture
def opened(charts_base, chromium):
    """Opens the stand-alone page with scenes; closes it, and checks that nothing was complained of, at the end of the test."""
    from contextlib import ExitStack
    with ExitStack() as stack:
        yield lambda *scenes, **options: stack.enter_context(chart_page.chart_page(chromium, charts_base, scenes, **options))
