"""Live: only what is new travels, nothing moves unless asked, one event stream for the browser, late and repeated points, restarts, odd axes."""
import json
import re
import time
import urllib.request

import demo
import pytest
from browser import charts, later, settle, show


def make(server, project, name, values, steps=None, **more):
    run = server.client.make_run(project, name, **more)
    server.client.log(run, steps or list(range(len(values))), {"loss": values})
    return run


def streams(server):
    """Event streams that the server holds open."""
    text = urllib.request.urlopen(f"{server.base}/metrics").read().decode()
    return int(float(re.search(r"^track_event_listeners(?:\{[^}]*\})? ([\d.]+)", text, re.M).group(1)))


def only_one_stream(server):
    """The server may notice only at its next heartbeat that a stream was left."""
    deadline = time.monotonic() + 60
    while (count := streams(server)) != 1:
        assert time.monotonic() < deadline, f"{count} streams are open"
        time.sleep(0.2)


def points(page, expected):
    page.wait_for_function("n => document.querySelector('chart-panel').chart.debugState().series[0]?.points === n", arg=expected)
    settle(page)


def test_only_what_is_new_travels_while_a_run_goes_on(page, server):
    run = make(server, "deltas", "one", [1 / (s + 1) for s in range(5000)])
    show(page, "/p/deltas")
    page.wait_for_selector(".live-live")
    settle(page)
    asked, sizes = [], []
    page.on("request", lambda r: asked.append((r.url, r.post_data_json if r.method == "POST" else None)))
    page.on("response", lambda r: sizes.append(int(r.headers.get("content-length", 0))))
    for i in range(3):
        server.client.log(run, [5000 + i], {"loss": [0.5]})
        points(page, 5001 + i)
    queries = [body for url, body in asked if url.endswith("/series/query")]
    assert len(queries) == 3 and all(len(body["since"]) == 1 and body["since"][0] for body in queries)
    assert len(asked) == 3, [url for url, _ in asked]
    assert sum(sizes) < 5000, sizes


def test_nothing_moves_unless_asked(page, server):
    runs = [make(server, "still", f"run-{i}", [1.0 + i, 0.5 + i]) for i in range(3)]
    show(page, "/p/still?sort=name")
    page.wait_for_selector(".live-live")
    order = "() => [...document.querySelectorAll('.run-row')].filter((row) => !row.hidden).sort((a, b) => a.dataset.index - b.dataset.index).map((row) => row.dataset.run)"
    before = page.evaluate(order)
    shift = "() => { window.moved = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) moved += entry.value; }).observe({type: 'layout-shift'}); }"
    page.evaluate(shift)
    server.client.log(runs[1], [2, 3], {"loss": [9.0, 0.1]})
    make(server, "still", "a-new-one", [3.0, 2.0])
    page.wait_for_selector(".arrived")
    assert page.locator(".arrived").inner_text() == "1 new run"
    later(page, 700)
    assert page.evaluate(order) == before and len(charts(page)["loss"]["series"]) == 3
    page.locator(".arrived").click()
    page.wait_for_function("() => document.querySelector('chart-panel').chart.series.length === 4")
    settle(page)
    assert page.evaluate("() => document.querySelector('.run-row[data-index=\"0\"]').textContent").find("a-new-one") >= 0


def test_one_event_stream_serves_all_tabs_of_a_browser(make_server, open_page):
    server = make_server()
    server.client, page = demo.Client(server.base), open_page(server.base)
    run = make(server, "tabs-a", "one", [1.0])
    other = make(server, "tabs-b", "two", [1.0])
    show(page, "/p/tabs-a")
    page.wait_for_selector(".live-live")
    only_one_stream(server)
    tabs = [page.context.new_page() for _ in range(3)]
    for tab, project in zip(tabs, ("tabs-a", "tabs-b", "tabs-a")):
        tab.base = page.base
        show(tab, f"/p/{project}")
        tab.wait_for_selector(".live-live")
    later(page, 400)
    only_one_stream(server)
    server.client.log(run, [1], {"loss": [2.0]})
    server.client.log(other, [1, 2], {"loss": [2.0, 3.0]})
    for tab, expected in ((page, 2), (tabs[0], 2), (tabs[1], 3), (tabs[2], 2)):
        tab.bring_to_front()
        points(tab, expected)
    for tab in tabs:
        tab.close()
    later(page, 400)
    only_one_stream(server)
    server.client.log(run, [2], {"loss": [2.0]})
    points(page, 3)


def test_late_and_repeated_points_stand_where_they_belong(page, server):
    run = make(server, "late", "one", [1.0, 1.0, 1.0, 1.0], steps=[0, 10, 20, 30])
    show(page, "/p/late")
    page.wait_for_selector(".live-live")
    server.client.log(run, [15, 40], {"loss": [7.0, 2.0]})
    points(page, 6)
    data = "() => { const {data} = document.querySelector('chart-panel').chart.series[0]; return [...data.x0].map((x, i) => [x, data.mean[i]]); }"
    assert page.evaluate(data) == [[0, 1], [10, 1], [15, 7], [20, 1], [30, 1], [40, 2]]
    show(page, "/p/late")
    assert page.evaluate(data) == [[0, 1], [10, 1], [15, 7], [20, 1], [30, 1], [40, 2]]


def test_words_are_marked_as_they_arrive(page, server):
    run = make(server, "words", "one", [1.0, 2.0, 1.5])
    show(page, "/p/words")
    page.wait_for_selector(".live-live")
    server.client.log(run, [3, 4, 5, 6], {"loss": [float("nan"), float("inf"), float("-inf"), 1.0]})
    points(page, 7)
    state = charts(page)["loss"]
    assert state["unplaced"] == {"nan": 1, "positiveInfinity": 1, "negativeInfinity": 1} and state["marks"] == 3
    assert page.locator("chart-panel .chip.error").inner_text() == "1 NaN, 1 +Inf, 1 \u2212Inf"
    page.wait_for_function("() => [...document.querySelectorAll('.run-badge')].some((badge) => /NaN/.test(badge.textContent))")


@pytest.mark.parametrize("scale", ["log", "symlog"])
def test_odd_axes_follow_the_run_and_say_what_they_cannot_show(scale, page, server):
    run = make(server, f"axis-{scale}", "one", [1000.0, 100.0, 10.0])
    view = json.dumps({"loss": {"yScale": scale}})
    show(page, f"/p/axis-{scale}?charts={view}")
    page.wait_for_selector(".live-live")
    server.client.log(run, [3, 4, 5], {"loss": [0.001, -5.0, 0.0]})
    points(page, 6)
    state = charts(page)["loss"]
    assert state["yScale"] == scale
    if scale == "log":
        assert state["dropped"] == {"count": 2, "exact": True} and 0 < state["yRange"][0] <= 0.001
        assert "2 values ≤ 0 not shown" in page.locator("chart-panel .chip.warn").inner_text()
    else:
        assert state["dropped"]["count"] == 0 and state["yRange"][0] <= -5


def test_a_restart_is_marked_where_the_run_was_resumed(page, server):
    run = make(server, "restarts", "one", [1.0] * 50)
    server.client.finish(run, "failed")
    server.client.send("POST", "/runs", {"id": run, "project": "restarts", "resume": "must", "resumeStep": 40})
    server.client.log(run, list(range(40, 80)), {"loss": [0.5] * 40}, attempt=2)
    show(page, f"/p/restarts/r/{run}/charts")
    page.wait_for_function("() => document.querySelector('chart-panel').chart?.options.events?.length === 1")
    assert page.evaluate("() => document.querySelector('chart-panel').chart.options.events[0]")["kind"] == "restart"
    assert page.evaluate("() => document.querySelector('chart-panel').chart.options.events[0].step") == 40
    settle(page)


def test_a_page_that_was_left_open_misses_nothing_between_reading_and_listening(server, open_page):
    """Points that are logged after the runs were read and before the event stream is open are drawn all the same."""
    page = open_page()
    run = make(server, "gap", "one", [1.0, 1.0])
    state = {"logged": False}

    def hold(route):
        response = route.fetch()
        if not state["logged"]:
            state["logged"] = True
            server.client.log(run, [2, 3, 4], {"loss": [2.0, 2.0, 2.0]})
        route.fulfill(response=response)

    page.route("**/projects/gap/runs*", hold)
    show(page, "/p/gap", idle=False)
    points(page, 5)


def test_an_answer_that_was_on_its_way_takes_nothing_back(server, open_page):
    """What the stream told meanwhile stands, although the answer was read before: who asks only for what grew asks for it."""
    page = open_page()
    run = server.client.make_run("overtaken", "one")
    server.client.log(run, [0, 1], {"loss": [1.0, 2.0], "acc": [0.1, 0.2]})
    shows, held = "text => document.querySelector('.run-row .run-extra')?.textContent === text", []

    def overtake(route):
        response = route.fetch()
        held.append(run)
        page.wait_for_function(shows, arg="2")
        server.client.log(run, [2], {"loss": [3.0], "acc": [0.3]})
        page.wait_for_function("() => document.querySelector('chart-panel').chart.debugState().series[0]?.points === 3")
        route.fulfill(response=response)

    page.route("**/projects/overtaken/runs?filter=state*", overtake)
    show(page, "/p/overtaken?cols=at.acc.loss", idle=False)
    page.wait_for_function(shows, arg="3")
    assert held == [run]
