"""Many: ten thousand runs, a thousand metrics, a hundred runs in nine charts; and how fast."""
import json
import urllib.request

import demo
import pytest
from browser import charts, settle, show

RUNS, METRICS = 10_000, 1_000


@pytest.fixture(scope="module")
def crowd(make_server):
    """A server with a project of many runs and one of many metrics."""
    from concurrent.futures import ThreadPoolExecutor
    server = make_server(options=("--durability", "normal"))
    client = demo.Client(server.base)

    def one(i):
        run = client.make_run("many-runs", f"trial-{i:05d}", {"lr": 10 ** -(1 + i % 4), "seed": i})
        client.send("POST", f"/runs/{run}/batches", {"rows": [{"step": 0, "values": {"loss": 1 / (i + 1)}}]})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(RUNS)))
    run = client.make_run("many-metrics", "wide")
    client.log(run, list(range(20)), {f"layer{i // 10}/metric{i % 10}": [s * (i + 1) for s in range(20)] for i in range(METRICS)})
    return server


def frames(page, act):
    """Times between frames while `act`, a function of the frame's number, runs for 60 frames."""
    return page.evaluate("""async (source) => { const act = document.frameActs[source]; const times = []; let last = performance.now();
        for (let i = 0; i < 60; i++) { act(i); await new Promise(requestAnimationFrame); const now = performance.now(); times.push(now - last); last = now; }
        return times; }""", act)


def test_ten_thousand_runs_scroll_to_the_end(crowd, open_page):
    page = open_page(crowd.base)
    show(page, "/p/many-runs")
    assert "20 newest of 10\u2009000 shown" in page.locator(".shown-line").inner_text()
    assert page.evaluate("() => document.querySelectorAll('*').length") < 3000
    page.evaluate("() => { document.frameActs = {scroll: (i) => { document.querySelector('run-list').scrollTop = i * 200; }}; window.__long.length = 0; }")
    times = sorted(frames(page, "scroll"))
    print("scrolling: median", times[30], "ms, worst", times[-1])
    assert times[30] < 34
    page.evaluate("() => { const list = document.querySelector('run-list'); list.scrollTop = list.scrollHeight; }")
    page.wait_for_function("() => [...document.querySelectorAll('.run-name')].some(n => n.textContent === 'trial-00000')")
    settle(page)
    assert page.evaluate("() => document.querySelectorAll('*').length") < 3000


def test_the_table_holds_ten_thousand_runs_and_filters_them(crowd, open_page):
    page = open_page(crowd.base)
    show(page, "/p/many-runs/table")
    page.get_by_role("combobox", name="Filter runs").fill("seed < 7")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('run-table').getAttribute('aria-rowcount') === '8'")
    settle(page)


def test_a_thousand_metrics_cost_what_is_on_the_screen(crowd, open_page):
    page = open_page(crowd.base)
    show(page, "/p/many-metrics")
    assert page.locator(".section-head").count() == 100
    assert page.locator("chart-panel").count() == 0
    page.get_by_role("searchbox", name="Filter metrics").fill("metric3")
    page.wait_for_selector("chart-panel")
    settle(page)
    assert 0 < page.locator("chart-panel").count() <= 60
    assert page.evaluate("() => document.querySelectorAll('*').length") < 3000


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


def test_first_party_code_and_requests_stay_within_budget(page, server):
    sizes, queries = {}, []
    page.on("response", lambda r: sizes.__setitem__(r.url.split("?")[0].removeprefix(server.base), int(r.headers.get("content-length", 0)) if not r.headers.get("content-encoding") else len(r.body())))
    page.on("request", lambda r: queries.append(r.url) if r.url.endswith("/series/query") else None)
    show(page, "/p/cifar-vision")
    script = sum(len(urllib.request.urlopen(server.base + path).read()) for path in sizes if path.endswith(".js"))
    style = sum(len(urllib.request.urlopen(server.base + path).read()) for path in sizes if path.endswith(".css"))
    marks = dict(page.evaluate("() => performance.getEntriesByType('mark').map(m => [m.name, m.startTime])"))
    print(f"JS {script} B, CSS {style} B, series queries {len(queries)}, marks {json.dumps(marks)}")
    assert len(queries) <= 6
    assert style <= 40_000
    assert script <= 400_000


def test_an_idle_page_is_quiet(page, server):
    show(page, "/p/cifar-vision?show=none")
    page.wait_for_timeout(500)
    asked = []
    page.on("request", lambda r: asked.append(r.url))
    page.wait_for_timeout(3000)
    assert asked == []
