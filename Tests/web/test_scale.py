"""Many: ten thousand runs, a thousand metrics, a hundred runs in nine charts, a long run, a long log; and how fast."""
import json
import urllib.request

import pytest
import seeding
from browser import charts, later, settle, show
from conftest import ROOT
from pace import HEADROOM, allowance, computing

RUNS, METRICS, POINTS, LINES = 10_000, 1_000, 1_000_000, 60_000
MOST_NODES = 3000


@pytest.fixture(scope="module")
def crowd(make_server):
    """A server with a project for each kind of many; `full` sizes are `seeding.py`'s own."""
    server = make_server(options=("--durability", "normal"))
    seeding.many_runs(server.base, count=RUNS)
    seeding.wide_run(server.base, metrics=METRICS)
    server.long = seeding.long_run(server.base, points=POINTS)
    server.log = seeding.log_run(server.base, lines=LINES)
    server.grid = seeding.grid(server.base, steps=400)
    return server


@pytest.fixture
def crowded(crowd, open_page):
    return open_page(crowd.base)


def nodes(page):
    return page.evaluate("() => document.querySelectorAll('*').length")


def scroll(page, selector, pixels):
    """Scrolls by `pixels` in each of 60 frames. @returns what the page computed for each, in milliseconds"""
    spent = computing(page)
    before = spent()
    page.evaluate("""async ([selector, pixels]) => {
        const box = document.querySelector(selector);
        for (let i = 1; i <= 60; i++) {
            box.scrollTop = i * pixels;
            await new Promise(requestAnimationFrame);
        }
    }""", [selector, pixels])
    return (spent() - before) / 60


@pytest.mark.parametrize("path, box, pixels", [("/p/many-runs", "run-list", 200), ("/p/many-runs/table", "run-table", 200), ("/p/logs/r/LOG/logs", "log-view", 4000)],
                         ids=["list", "table", "log"])
def test_long_lists_scroll_smoothly_with_few_nodes(path, box, pixels, crowd, crowded):
    show(crowded, path.replace("LOG", crowd.log))
    crowded.wait_for_function("box => document.querySelector(box)?.scrollHeight > 10_000", arg=box)
    settle(crowded)
    assert nodes(crowded) < MOST_NODES
    cost, allowed = scroll(crowded, box, pixels), allowance(crowded)
    print(f"{box}: {cost:.1f} ms a frame, allowance {allowed:.1f}")
    assert cost <= 17 * allowed
    settle(crowded)
    assert nodes(crowded) < MOST_NODES


def test_ten_thousand_runs_are_shown_by_the_newest_and_reach_to_the_end(crowded):
    show(crowded, "/p/many-runs")
    assert "20 newest of 10\u2009000 shown" in crowded.locator(".shown-line").inner_text()
    crowded.evaluate("() => { const list = document.querySelector('run-list'); list.scrollTop = list.scrollHeight; }")
    crowded.wait_for_function("() => [...document.querySelectorAll('.run-row[aria-rowindex=\"10000\"] .run-name')].some((name) => name.textContent.startsWith('trial-0'))")
    settle(crowded)
    assert nodes(crowded) < MOST_NODES


def test_the_table_holds_ten_thousand_runs_and_filters_them(crowded):
    show(crowded, "/p/many-runs/table")
    crowded.get_by_role("combobox", name="Filter runs").fill("seed < 7")
    crowded.keyboard.press("Enter")
    crowded.wait_for_function("() => document.querySelector('run-table').getAttribute('aria-rowcount') === '8'")
    settle(crowded)


def test_the_whole_table_is_exported_not_only_what_was_scrolled_to(crowded):
    show(crowded, "/p/many-runs/table?cols=config.seed")
    with crowded.expect_download() as download:
        crowded.get_by_role("button", name="CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0] == "name,id,seed" and len(lines) == RUNS + 1
    settle(crowded)


def test_a_thousand_metrics_cost_what_is_on_the_screen(crowded):
    show(crowded, "/p/many-metrics")
    assert crowded.locator(".section-head").count() == 100
    assert crowded.locator("chart-panel").count() == 0
    crowded.get_by_role("searchbox", name="Filter metrics").fill("metric3")
    crowded.wait_for_selector("chart-panel")
    settle(crowded)
    assert 0 < crowded.locator("chart-panel").count() <= 60
    assert nodes(crowded) < MOST_NODES


def test_twelve_spikes_in_a_million_points_are_drawn_whole_and_zoomed(crowd, crowded):
    show(crowded, "/p/long")
    chart = charts(crowded)["loss"]
    assert chart["series"][0]["points"] == POINTS and chart["yRange"][1] >= seeding.SPIKE
    peaks = "() => { const {data} = document.querySelector('chart-panel').chart.series[0]; return [...data.max].flatMap((m, i) => (m > 40 ? [[data.x0[i], data.x1[i]]] : [])); }"
    spikes = seeding.spikes_of(POINTS)
    found = crowded.evaluate(peaks)
    assert all(any(a <= spike <= b for a, b in found) for spike in spikes) and len(found) == 12

    view = json.dumps({"loss": {"range": [spikes[5] - 100, spikes[5] + 100]}})
    show(crowded, f"/p/long?charts={view}")
    assert crowded.evaluate(peaks) == [[spikes[5], spikes[5]]]


def test_a_log_is_searched_to_its_end_and_the_last_search_counts(crowd, crowded):
    show(crowded, f"/p/logs/r/{crowd.log}/logs")
    box = crowded.get_by_role("searchbox", name="Search the log")
    box.fill("overflow")
    box.fill("overflow [0-9]*5000$")
    crowded.wait_for_function("() => document.querySelector('.log-tools').innerText.includes('6 of 60')")
    settle(crowded)
    lines = crowded.locator(".log-row:not([hidden]) > span:last-child").all_inner_texts()
    assert lines == [f"warning: overflow {n}" for n in range(5000, LINES, 10_000)]


def test_a_hundred_runs_in_nine_charts_follow_the_pointer(crowd, crowded):
    crowded.set_viewport_size({"width": 1600, "height": 1000})
    show(crowded, "/p/grid?show=all")
    states = charts(crowded)
    assert len(states) == 9 and all(len(state["series"]) == 100 for state in states.values())
    box = crowded.locator("chart-panel series-chart").first.bounding_box()
    crowded.mouse.move(box["x"] + 100, box["y"] + 100)
    spent = computing(crowded)
    before = spent()
    crowded.evaluate("""async () => {
        const over = document.querySelector('chart-panel series-chart').shadowRoot.querySelector('.over'), box = over.getBoundingClientRect();
        for (let i = 0; i < 70; i++) {
            over.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + 20 + i * 3, clientY: box.top + 90 + 50 * Math.sin(i / 6), bubbles: true, composed: true, pointerId: 1, pointerType: 'mouse'}));
            await new Promise(requestAnimationFrame);
        }
    }""")
    cost, allowed = (spent() - before) / 70, allowance(crowded)
    print(f"hover: {cost:.1f} ms a frame, allowance {allowed:.1f}")
    assert cost <= 17 * allowed
    later(crowded, 200)
    lit = crowded.evaluate("() => [...document.querySelectorAll('chart-panel')].map((panel) => panel.chart.debugState().highlighted[0])")
    assert len(set(lit)) == 1 and lit[0] in crowd.grid


def test_hovering_one_of_nine_charts_lights_the_run_everywhere(page, server):
    show(page, "/p/cifar-vision")
    box = page.locator("chart-panel[data-metric='train/loss'] series-chart").bounding_box()
    page.mouse.move(box["x"] + 150, box["y"] + 120)
    page.mouse.move(box["x"] + 160, box["y"] + 160)
    page.wait_for_selector(".run-row.lit")
    lit = page.locator(".run-row.lit").get_attribute("data-run")
    assert charts(page)["train/loss"]["highlighted"] == lit or charts(page)["train/loss"]["nearest"]["run"] == lit
    tips = page.evaluate("() => [...document.querySelectorAll('chart-panel')].filter(p => p.chart.debugState().tooltip).length")
    assert tips == 1


def test_code_styles_and_requests_of_the_first_screen_stay_within_budget(page, server):
    queries = []
    page.on("request", lambda request: queries.append(request.url) if request.url.endswith("/series/query") else None)
    show(page, "/p/cifar-vision")
    files = page.evaluate("() => performance.getEntriesByType('resource').map((e) => [new URL(e.name).pathname, e.encodedBodySize, e.decodedBodySize])")
    # What the page itself names is fetched before the first chart; on a slow machine more may come before it, but nothing waits for that.
    named = set(page.evaluate("() => [...document.querySelectorAll('link[rel=modulepreload], script[src]')].map((e) => new URL(e.href ?? e.src).pathname)"))
    scripts = [entry for entry in files if entry[0] in named]
    sent, plain = (sum(entry[k] for entry in scripts) for k in (1, 2))
    style = sum(entry[2] for entry in files if entry[0].endswith(".css"))
    print(f"before the first chart: {len(scripts)} scripts, {sent} B sent, {plain} B plain; CSS {style} B; series queries {len(queries)}")
    assert len(scripts) == len(named) and 0 < sent <= 150_000
    # Modules as they are written are served only where scripts/bundle has no esbuild.
    if any("/app-" in name for name in named):
        assert plain <= 150_000
        ours = sum(path.stat().st_size for path in (ROOT / "web/built").glob("*.js") if not path.name.startswith("echarts-")) - (ROOT / "web/vendor/preact.js").stat().st_size
        print(f"all first-party scripts: {ours} B")
        assert ours <= 400_000
    assert style <= 40_000
    assert not any(entry[0].endswith((".woff", ".woff2", ".ttf")) for entry in files)
    assert len(queries) <= 6


def test_the_first_chart_costs_little(page, server):
    """20 runs, warm server. What the page computes until its first charts stand counts, since the rest is the machine's to wait for."""
    spent = computing(page)
    costs, times = [], []
    for _ in range(3):
        show(page, "/p/cifar-vision", idle=False)
        costs.append(spent())                       # counts from the navigation
        times.append(page.evaluate("() => performance.getEntriesByName('app:first-chart')[0].startTime - performance.getEntriesByType('navigation')[0].responseEnd"))
        settle(page)
    allowed = allowance(page)
    print(f"first chart: {[round(t) for t in times]} ms after the HTML, of which {[round(t) for t in costs]} computing; allowance {allowed:.1f}")
    assert min(costs) <= 300 * allowed


def test_an_idle_page_is_quiet(page, server):
    show(page, "/p/cifar-vision?show=none")
    later(page, 500)
    asked = []
    page.on("request", lambda r: asked.append(r.url))
    later(page, 3000)
    assert asked == []


def test_the_series_of_a_chart_travel_in_few_bytes(page, server):
    """What the page itself asks for a chart of 20 runs, at full width: 1 000 buckets in about 500 kB, 25 bytes each."""
    asked = []
    page.on("request", lambda request: asked.append(request.post_data_json) if request.url.endswith("/series/query") else None)
    page.set_viewport_size({"width": 1240, "height": 800})
    show(page, "/p/cifar-vision?m=train/loss&row=1")
    body = {**asked[0], "metrics": ["train/loss"]}
    assert body["buckets"] == 1000 and len(body["runs"]) == 20
    request = urllib.request.Request(f"{server.base}/api/v1/series/query", json.dumps(body).encode(), {"Content-Type": "application/json", "Accept": "application/vnd.track.series"})
    size = len(urllib.request.urlopen(request).read())
    print(f"{size} bytes")
    assert size <= 520_000
