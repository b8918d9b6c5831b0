"""Measures the workspace on a real server: 20 runs × 5 metrics × 2 000 steps. Each number is the median over fresh loads; see `run --help`."""
import argparse
import pathlib
import statistics
import sys

from playwright.sync_api import TimeoutError as NoAnswer, sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/web"))
import browser as pages  # noqa: E402
import conftest  # noqa: E402
import demo  # noqa: E402

FIRST = "() => performance.getEntriesByName('app:first-chart')[0].startTime - performance.getEntriesByType('navigation')[0].responseEnd"
SCRIPTS = """() => { const chart = performance.getEntriesByName('app:first-chart')[0].startTime;
    const scripts = performance.getEntriesByType('resource').filter((entry) => entry.name.endsWith('.js') && entry.responseEnd < chart);
    return ['encodedBodySize', 'decodedBodySize'].map((name) => scripts.reduce((sum, entry) => sum + entry[name], 0) / 1000); }"""
# A slow client: a fourth of the machine's speed, 20 Mbit/s.
SLOW = {"offline": False, "latency": 0, "downloadThroughput": 20e6 / 8, "uploadThroughput": 20e6 / 8}


def context(chromium):
    return chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")


def load(page, base):
    page.goto(base + "/p/cifar-vision", wait_until="domcontentloaded")
    page.wait_for_selector("html[data-ready='1']")
    page.wait_for_selector("html[data-idle='1']")
    return page.evaluate(FIRST)


def cold(chromium, base, slow):
    """The first load of a fresh profile. Chromium's slow network sometimes never begins to load: then it is asked again."""
    for _ in range(3):
        try:
            return cold_once(chromium, base, slow)
        except NoAnswer:
            print("a page did not begin to load; once more", file=sys.stderr)
    raise SystemExit("Three pages in a row did not load.")


def cold_once(chromium, base, slow):
    made = context(chromium)
    page = made.new_page()
    if slow:
        session = made.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    try:
        return load(page, base)
    finally:
        made.close()


def warm(chromium, base, rounds):
    made = context(chromium)
    page = made.new_page()
    load(page, base)
    times = [load(page, base) for _ in range(rounds)]
    sizes = page.evaluate(SCRIPTS)
    made.close()
    return times, sizes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    server = conftest.Server()
    try:
        demo.seed(server.base)
        with sync_playwright() as playwright:
            chromium = pages.launch(playwright)
            times, (sent, plain) = warm(chromium, server.base, rounds)
            rows = [("first-chart-again", times, 300, "ms"), ("first-chart-empty-cache", [cold(chromium, server.base, False) for _ in range(rounds)], 300, "ms"),
                    ("first-chart-slow-client", [cold(chromium, server.base, True) for _ in range(rounds)], 1500, "ms"),
                    ("scripts-before-first-chart-sent", [sent], 150, "kB"), ("scripts-before-first-chart-plain", [plain], 150, "kB")]
            chromium.close()
    finally:
        server.close()
    for name, values, _, unit in rows:
        print(f"{name:34} {statistics.median(values):9.1f} {unit:3}   {min(values):.1f} – {max(values):.1f}")
    print()
    for name, values, needed, _ in rows:
        measured = statistics.median(values)
        print(f"BAR {name} {measured:.1f} {needed} {'ok' if measured <= needed else 'short'}")


if __name__ == "__main__":
    main()
