"""Plots of runs: a scatter chart's size and scales, turned axes of parallel coordinates, bars of groups."""
import json
import math

import pytest
from browser import address, settle, show, violations

STATE = "name => document.querySelector(name)?.debugState()"
AXES = "() => [0, 1].map((i) => document.querySelector('parallel-chart').chart.getModel().getComponent('parallelAxis', i).axis).map((axis) => axis.inverse)"
KEYS = ["config.lr", "summary.loss.last"]


@pytest.fixture(scope="module")
def plotted(server):
    """Six runs of two models; the ids by name."""
    runs = {}
    for place, (model, width) in enumerate([("vit", 8), ("vit", 16), ("vit", 64), ("cnn", 8), ("cnn", 32), ("mlp", 128)]):
        name = f"{model}-{place}"
        runs[name] = server.client.make_run("plotted", name, {"model": model, "width": width, "lr": 10.0 ** -place})
        server.client.log(runs[name], [0], {"loss": [float(place ** 2)]})
        server.client.finish(runs[name])
    return runs


def panels(*given):
    return f"panels={json.dumps(given)}"


def state(page, name):
    page.wait_for_function(f"name => ({STATE})(name)?.ready", arg=name)
    settle(page)
    return page.evaluate(STATE, name)


def test_size_and_scales_of_a_scatter_chart_are_chosen_and_stay_in_the_link(page, plotted):
    show(page, f"/p/plotted?{panels({'type': 'scatter', 'keys': KEYS})}")
    plain = state(page, "scatter-chart")
    assert plain["scales"] == ["linear", "linear"] and set(plain["sizes"]) == {9} and plain["trend"]
    page.get_by_role("button", name="Settings of plot loss by lr").click()
    page.get_by_label("Size", exact=True).select_option("config.width")
    page.get_by_label("Log x").check()
    settle(page)
    assert page.get_by_label("Log y").is_disabled()                        # one loss is 0
    page.wait_for_function(f"() => ({STATE})('scatter-chart').scales[0] === 'log'")
    settle(page)
    assert violations(page) == []
    page.keyboard.press("Escape")
    settle(page)
    assert page.get_by_role("dialog").count() == 0
    page.reload(wait_until="domcontentloaded")
    chosen = state(page, "scatter-chart")
    order = page.evaluate("() => document.querySelector('scatter-chart').items.map((item) => item.size)")
    assert chosen["scales"] == ["log", "linear"] and sorted(order) == [8, 8, 16, 32, 64, 128]
    assert all(abs(size - (5 + 17 * math.sqrt((width - 8) / 120))) < 1e-9 for size, width in zip(chosen["sizes"], order))
    tip = page.evaluate("() => { const chart = document.querySelector('scatter-chart'); return chart.tip(chart.items[0]); }")
    assert f"width: {order[0]}" in tip


def test_an_axis_of_parallel_coordinates_is_turned_by_key_and_stays_so(page, plotted):
    show(page, f"/p/plotted?{panels({'type': 'parallel', 'keys': KEYS})}")
    state(page, "parallel-chart")
    assert page.evaluate(AXES) == [False, False]
    page.get_by_role("button", name="Settings of plot Parallel coordinates").press("Enter")
    turn = page.get_by_role("group", name="Turn axes").get_by_role("button", name="loss")
    turn.press("Space")
    page.wait_for_function(f"() => ({AXES})()[1]")
    assert turn.get_attribute("aria-pressed") == "true" and page.evaluate(AXES) == [False, True]
    settle(page)
    assert violations(page) == []
    page.keyboard.press("Control+z")
    page.wait_for_function(f"() => !({AXES})()[1]")
    page.keyboard.press("Control+Shift+z")
    page.wait_for_function(f"() => ({AXES})()[1]")
    page.reload(wait_until="domcontentloaded")
    assert [axis["invert"] for axis in state(page, "parallel-chart")["axes"]] == [False, True]
    assert page.evaluate(AXES) == [False, True]


def test_bars_of_groups_are_means_of_all_runs_that_match_whatever_is_shown(page, server, plotted):
    query = f"group=config.model&grouped=1&off={plotted['vit-2']}&{panels({'type': 'bar', 'keys': ['summary.loss.last']})}"
    show(page, f"/p/plotted?{query}")
    page.wait_for_function(f"() => ({STATE})('bar-chart')?.bars.length === 3")
    bars = state(page, "bar-chart")["bars"]
    assert [(bar["name"], bar["count"]) for bar in bars] == [("model: mlp", 1), ("model: cnn", 2), ("model: vit", 3)]       # by value, the greatest first
    assert [bar["value"] for bar in bars] == pytest.approx([25, 12.5, 5 / 3])
    spread = math.sqrt(sum((value - 5 / 3) ** 2 for value in (0, 1, 4)) / 2)
    assert bars[2]["high"] - bars[2]["value"] == pytest.approx(spread) and bars[0]["low"] is None
    assert "3 groups of 6 runs" in page.locator("bar-chart .chips").inner_text()
    assert violations(page) == []
    show(page, f"/p/plotted?{query.replace('grouped=1', 'grouped=0')}")
    page.wait_for_function(f"() => ({STATE})('bar-chart')?.bars.length === 5")                                              # one of six is hidden
    settle(page)


BOTH_AT_ONCE = """async () => {
    const labelled = (text) => [...document.querySelectorAll("label")].find((label) => label.textContent.trim().startsWith(text)).querySelector("input, select");
    labelled("Log x").click();
    for (let turn = 0; turn < 20; turn++) await null;          // microtasks only: no frame comes between
    const size = labelled("Size");
    size.value = "config.width";
    size.dispatchEvent(new Event("change", {bubbles: true}));
}"""


def test_two_settings_within_a_frame_are_both_kept(page, plotted):
    show(page, f"/p/plotted/compare?part=plots&runs={','.join(plotted.values())}&px=config.lr&py=summary.loss.last")
    assert state(page, "scatter-chart")["scales"] == ["log", "linear"]
    page.evaluate(BOTH_AT_ONCE)
    address(page, "ps=config.width")
    assert "plog=none" in page.url and state(page, "scatter-chart")["scales"] == ["linear", "linear"]


def test_plots_of_compared_runs_have_the_same_tools(page, plotted):
    show(page, f"/p/plotted/compare?part=plots&runs={','.join(plotted.values())}&px=config.lr&py=summary.loss.last")
    assert state(page, "scatter-chart")["scales"] == ["log", "linear"]
    page.get_by_label("Log x").uncheck()
    page.get_by_label("Size", exact=True).select_option("config.width")
    page.wait_for_function(f"() => ({STATE})('scatter-chart').scales[0] === 'linear'")
    page.get_by_role("group", name="Turn axes").get_by_role("button", name="width").click()
    address(page, "turned=config.width")
    assert "ps=config.width" in page.url and "plog=none" in page.url
    page.reload(wait_until="domcontentloaded")
    seen = state(page, "scatter-chart")
    assert seen["scales"] == ["linear", "linear"] and max(seen["sizes"]) == 22
    page.locator("parallel-chart").scroll_into_view_if_needed()
    assert [axis["key"] for axis in state(page, "parallel-chart")["axes"] if axis["invert"]] == ["config.width"]
    assert violations(page) == []


def spread_of(place, step):
    """One histogram, its place told by the run."""
    return {"name": "weights/one", "step": step, "time": 1_700_000_000_000_000 + step, "edges": [place, place + 1, place + 2], "counts": [3, 1], "min": place, "max": place + 2,
            "sum": 0, "count": 4, "nan": 0}


@pytest.fixture(scope="module")
def spread(server):
    """Ten runs, nine of which log a histogram; the ids, the last name first."""
    runs = []
    for place in range(10):
        run = server.client.make_run("spread", f"run-{place}")
        server.client.log(run, [0], {"loss": [1.0]})
        if place != 8:
            server.client.send("POST", f"/runs/{run}/batches", {"histograms": [spread_of(place, step) for step in (0, 10, 20)]})
        server.client.finish(run)
        runs.insert(0, run)
    return runs


def test_bands_of_several_runs_are_added_to_the_workspace(page, spread):
    show(page, "/p/spread?sort=-name")
    page.get_by_role("button", name="Add chart").click()
    dialog = page.get_by_role("dialog", name="Add chart")
    dialog.get_by_role("button", name="Histogram").click()
    dialog.get_by_label("weights/one").check()
    settle(page)
    assert violations(page) == []
    dialog.get_by_role("button", name="Add chart").click()
    page.wait_for_function(f"() => ({STATE})('histogram-chart')?.runs.length === 8")
    seen = state(page, "histogram-chart")
    assert seen["mode"] == "bands" and [run["name"] for run in seen["runs"]] == [f"run-{place}" for place in (9, 7, 6, 5, 4, 3, 2, 1)]
    assert all(run["slices"] == 3 for run in seen["runs"]) and len({run["color"] for run in seen["runs"]}) == 8
    assert seen["yRange"][0] <= 1 and seen["yRange"][1] >= 11                     # of all runs
    head = page.locator("histogram-chart .chips")
    assert head.inner_text() == "+1"
    assert "drawn for the first 8" in head.locator(".chip").get_attribute("title")
    box = page.locator("histogram-chart .over").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("histogram-chart .tip:not([hidden])")
    lines = page.locator("histogram-chart .tip").inner_text().splitlines()
    assert lines[0] == "step 10" and lines[1].startswith("run-9: min 9 ·") and len(lines) == 9
    page.mouse.move(2, 2)
    settle(page)
    assert violations(page) == []


def test_a_histogram_panel_asks_only_for_what_is_shown_and_keeps_its_picture(page, spread):
    asked = []
    page.on("request", lambda request: asked.append(request.post_data_json) if request.url.endswith("/histograms/query") else None)
    text = {"type": "text", "keys": ["text"]}
    above = [text] * 24
    show(page, f"/p/spread?{panels(*above, {'type': 'histogram', 'keys': ['weights/one']})}&sort=-name&off={spread[0]}")
    settle(page)
    assert asked == []                                                            # it lies far below
    page.locator(".own-chart").last.scroll_into_view_if_needed()
    page.wait_for_function(f"() => ({STATE})('histogram-chart')?.runs.length === 8")
    seen = state(page, "histogram-chart")
    assert len(asked) == 1 and asked[0]["runs"] == spread[1:] and seen["runs"][0]["name"] == "run-7"
    page.locator("histogram-chart").get_by_label("Picture").select_option("heatmap")
    address(page, "heatmap")
    page.wait_for_function("() => document.querySelector('histogram-chart').shadowRoot.querySelector('.chips').textContent === 'run-7'")
    page.reload(wait_until="domcontentloaded")
    page.locator(".own-chart").last.scroll_into_view_if_needed()
    page.wait_for_function(f"() => ({STATE})('histogram-chart')?.mode === 'heatmap'")
    settle(page)


def test_a_histogram_that_no_shown_run_logs_is_said_in_words(page, spread):
    show(page, f"/p/spread?{panels({'type': 'histogram', 'keys': ['weights/none']})}")
    page.get_by_text("None of the shown runs logs this.").wait_for()
    settle(page)


FOCUS_AFTER = """async (button) => {
    button.click();
    for (let turn = 0; turn < 20 && button.getAttribute("aria-expanded") !== "true"; turn++) await null;      // microtasks only: nothing is painted between, no key can come
    return [button.getAttribute("aria-expanded"), button !== document.activeElement && button.parentElement.contains(document.activeElement)];
}"""


def test_what_opens_has_the_focus_before_another_key_can_come(page, plotted):
    show(page, f"/p/plotted?{panels({'type': 'parallel', 'keys': KEYS})}")
    state(page, "parallel-chart")
    openers = page.locator("main [aria-haspopup]:visible")
    kinds = {openers.nth(place).get_attribute("aria-haspopup") for place in range(openers.count())}
    assert kinds == {"menu", "dialog"}
    for place in range(openers.count()):
        opener = openers.nth(place)
        assert opener.evaluate(FOCUS_AFTER) == ["true", True], opener.get_attribute("title")
        page.keyboard.press("Escape")
        settle(page)
        assert opener.get_attribute("aria-expanded") == "false"
