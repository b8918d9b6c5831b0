"""What a person makes of charts: formulas, baselines, settings, legends, lines of groups, and what can be taken away."""
import json
import subprocess
import sys

import demo
from browser import address, chart_menu, charts, reload, settle, show, violations

PATH = "/p/cifar-vision"


def test_a_formula_is_drawn_for_each_run_and_stays_in_the_link(page, server):
    show(page, PATH)
    page.get_by_role("button", name="Add chart").click()
    dialog = page.get_by_role("dialog", name="Add chart")
    dialog.get_by_role("button", name="Formula").click()
    box = dialog.get_by_label("Formula")
    box.fill("`val/loss` -")
    settle(page)
    assert "ends too early" in dialog.get_by_role("status").inner_text()
    box.fill("`val/nothing` - 1")
    settle(page)
    assert "No run logs val/nothing" in dialog.get_by_role("status").inner_text()
    assert violations(page) == []
    box.fill("`val/loss` - `train/loss`")
    dialog.get_by_role("button", name="Add chart").click()
    page.wait_for_selector(".own-chart chart-panel")
    settle(page)
    page.reload(wait_until="domcontentloaded")
    page.wait_for_function("() => document.querySelector('.own-chart chart-panel')?.chart?.series.length === 20")
    settle(page)
    run = server.runs[0]
    drawn = page.evaluate("run => { const {data} = document.querySelector('.own-chart chart-panel').chart.series.find((each) => each.run === run); return [...data.x0].map((x, i) => [x, data.mean[i]]); }", run)
    answer = server.client.send("POST", "/series/query", {"runs": [run], "metrics": ["val/loss", "train/loss"], "buckets": 2000})
    value = {each["metric"]: dict(zip(each["x0"], each["mean"])) for each in answer["series"]}
    assert len(drawn) == 100
    # The training loss is drawn in buckets of a few steps: inside them is the mean of its neighbourhood.
    assert all(abs(y - (value["val/loss"][x] - value["train/loss"][x])) < 0.3 for x, y in drawn)


def test_runs_are_drawn_against_a_baseline(page, server):
    show(page, PATH)
    baseline = server.runs[2]
    page.locator(f".run-row[data-run='{baseline}'] .run-state").click()
    page.get_by_role("button", name="Baseline").click()
    page.wait_for_function("() => document.querySelector(\"chart-panel[data-metric='val/loss']\").chart.series.length === 19")
    settle(page)
    assert f"base={baseline}" in page.url and "vs=difference" in page.url
    link = page.url
    page.get_by_label("Against").select_option("ratio")
    address(page, "vs=ratio")
    middle = [series["last"] for series in charts(page)["val/accuracy"]["series"]]
    assert all(0.5 < value < 2 for value in middle)
    show(page, link.removeprefix(server.base) + f"&off={baseline}")
    state = charts(page)["val/loss"]
    assert len(state["series"]) == 19 and abs(state["yRange"][0]) < 1.5
    page.get_by_role("button", name="No baseline").click()
    settle(page)
    assert len(charts(page)["val/loss"]["series"]) == 19            # the baseline itself is still hidden


def test_settings_of_one_chart_are_kept_in_the_link(page):
    show(page, PATH)
    chart_menu(page, "train/loss", "Settings…")
    dialog = page.get_by_role("dialog", name="Settings of train/loss")
    dialog.wait_for()
    assert violations(page) == []
    dialog.get_by_label("Smoothing").select_option("ema")
    dialog.get_by_label("Amount").fill("0.9")
    dialog.get_by_label("y from").fill("3")
    dialog.get_by_label("y to").fill("1")
    settle(page)
    assert "lower one first" in dialog.get_by_role("status").inner_text()
    dialog.get_by_label("y from").fill("-1")
    dialog.get_by_label("y to").fill("9")
    dialog.get_by_label("Reference lines").fill("8.5 ceiling\n0.2 .. 0.4 expected")
    dialog.get_by_label("Notes").fill("1200 rate halved")
    dialog.get_by_role("button", name="Apply").click()
    settle(page)
    reload(page)
    chart = charts(page)["train/loss"]
    assert chart["yRange"] == [-1, 9] and chart["smoothing"] == {"kind": "ema", "amount": 0.9} and all(series["smoothed"] for series in chart["series"])
    options = page.evaluate("() => { const {references, events} = document.querySelector(\"chart-panel[data-metric='train/loss']\").chart.options; return {references, events}; }")
    assert options == {"references": [{"y": 8.5, "text": "ceiling"}, {"y": 0.2, "to": 0.4, "text": "expected"}], "events": [{"step": 1200, "kind": "note", "title": "rate halved"}]}
    assert charts(page)["val/loss"]["smoothing"] is None


def test_few_lines_have_a_legend_on_request_and_the_plot_stays_large(page, server):
    shown = ",".join(server.runs[:3])
    show(page, f"{PATH}?show=none&on={shown}")
    without = charts(page)["train/loss"]["area"]["height"]
    page.get_by_role("button", name="Layout").click()
    page.get_by_role("menuitemcheckbox", name="Legends of up to 8 lines").click()
    settle(page)
    legend = page.locator("chart-panel[data-metric='train/loss'] .legend")
    assert legend.is_visible() and legend.locator(".entry:not([hidden])").count() >= 2
    assert charts(page)["train/loss"]["area"]["height"] >= 0.85 * without
    assert legend.evaluate("box => box.scrollWidth <= box.clientWidth")
    show(page, f"{PATH}?legend=1")
    assert page.locator("chart-panel .legend:visible").count() == 0          # twenty lines: the list is the legend


def test_numbers_code_and_json_can_be_taken_from_a_chart(page, server):
    show(page, f"{PATH}?show=none&on={server.runs[1]}")
    chart_menu(page, "val/loss", "View as table")
    table = page.get_by_role("dialog", name="val/loss as table")
    table.wait_for()
    assert table.locator("tbody tr").count() == 1
    page.keyboard.press("Escape")
    chart_menu(page, "val/loss", "Copy code that fetches this")
    page.wait_for_selector("text=Code copied")
    code = page.evaluate("() => navigator.clipboard.readText()")
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert printed.stdout.startswith(f"{server.runs[1]} val/loss 100 ["), printed.stderr
    page.locator("chart-panel[data-metric='val/loss'] button[aria-label^='Chart menu']").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Download JSON").click()
    line, = json.loads(download.value.path().read_text())
    assert line["run"] == server.runs[1] and len(line["mean"]) == 100


def test_a_text_stands_among_the_charts(page):
    panels = json.dumps([{"type": "text", "keys": ["**Result**: lion wins"]}, {"type": "formula", "keys": ["(("]}])
    show(page, f"{PATH}?panels={panels}")
    page.wait_for_selector(".own-text strong")
    assert page.locator(".own-text").inner_text() == "Result: lion wins"
    assert "None of the 20 shown runs logs this" in page.locator(".own-chart chart-panel .message").inner_text()
    assert violations(page) == []


def test_lines_go_through_the_last_value_on_request(page, server):
    show(page, f"{PATH}?line=last&show=none&on={server.runs[0]}")
    assert page.evaluate("() => document.querySelector(\"chart-panel[data-metric='train/loss']\").chart.options.aggregate") == "last"


def test_runs_are_set_side_by_side(page, server):
    for i, first in enumerate((0, 5000)):
        run = server.client.make_run("side-by-side", f"run-{i}")
        server.client.log(run, list(range(first, first + 100 * (i + 1))), {"loss": [1 / (s + 1) for s in range(100 * (i + 1))]})
    show(page, "/p/side-by-side")
    assert charts(page)["loss"]["full"] == [0, 5199]
    page.get_by_role("button", name="Layout").click()
    page.get_by_role("menuitemradio", name="Runs from their first value").click()
    settle(page)
    assert charts(page)["loss"]["full"] == [0, 199]
    show(page, "/p/side-by-side?align=percent")
    state = charts(page)["loss"]
    assert state["full"] == [0, 100] and page.locator("chart-panel .xname").inner_text() == "% of the run"


def test_the_runs_of_a_group_are_drawn_faint_behind_its_line(page, server):
    show(page, f"{PATH}?group=config.model&grouped=1&m=val/loss")
    layout = lambda: page.get_by_role("button", name="Layout").click()
    assert [series["member"] for series in charts(page)["val/loss"]["series"]] == [False] * len(demo.MODELS)
    layout()
    page.get_by_role("menuitemcheckbox", name="The runs behind their groups").click()
    page.wait_for_function("() => document.querySelector('chart-panel').chart?.series.length === 24")
    settle(page)
    series = charts(page)["val/loss"]["series"]
    members, groups = [one for one in series if one["member"]], [one for one in series if not one["member"]]
    assert series[-len(groups):] == groups and "members=1" in page.url
    colour = {one["name"].removeprefix("model: "): one["color"] for one in groups}
    models = {run: server.client.send("GET", f"/runs/{run}")["config"]["model"] for run in server.runs}
    assert all(one["color"] == colour[models[one["run"]]] and not one["banded"] for one in members)
    # What is read off are the groups; a run that is pointed at in the list is lit.
    box = page.locator("chart-panel .over").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("chart-panel .tip:not([hidden])")
    assert all(row["name"].startswith("model: ") for row in charts(page)["val/loss"]["rows"])
    page.locator(f".run-row[data-run='{server.runs[-1]}']").hover()
    page.wait_for_function("run => document.querySelector('chart-panel').chart.debugState().highlighted[0] === run", arg=server.runs[-1])
    settle(page)


def test_runs_that_no_other_beats_in_two_goals_are_joined_by_a_line(page, server):
    runs = {}
    for name, loss, speed in (("slow", 1.0, 10.0), ("beaten", 3.0, 10.0), ("fair", 2.0, 20.0), ("fast", 4.0, 40.0)):
        runs[name] = server.client.make_run("two-goals", name)
        server.client.log(runs[name], [0], {"loss": [loss], "speed": [speed]}, definitions=[{"metric": "loss", "goal": "minimize"}, {"metric": "speed", "goal": "maximize"}])
    panels = json.dumps([{"type": "scatter", "keys": ["summary.loss.last", "summary.speed.last"]}])
    show(page, f"/p/two-goals?panels={panels}")
    page.wait_for_function("() => document.querySelector('scatter-chart')?.debugState().ready")
    front = page.evaluate("() => document.querySelector('scatter-chart').debugState().pareto")
    assert sorted(front) == sorted(runs[name] for name in ("slow", "fair", "fast"))
