"""What a person makes of the workspace: formulas, baselines, notes, settings of one chart, order and widths."""
import json
import subprocess
import sys

import demo
from browser import charts, settle, show, violations

PATH = "/p/cifar-vision"


def order(page):
    return page.evaluate("""() => [...document.querySelectorAll("section[aria-label='train'] chart-panel")]
        .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top) || parseFloat(a.style.left) - parseFloat(b.style.left)).map((panel) => panel.dataset.metric)""")


def menu(page, metric, entry):
    page.locator(f"chart-panel[data-metric='{metric}'] button[aria-label^='Chart menu']").click()
    page.get_by_role("menuitem", name=entry, exact=True).click()


def test_a_formula_is_drawn_for_each_run_and_stays_in_the_link(page, server):
    show(page, PATH)
    page.get_by_role("button", name="Add chart").click()
    dialog = page.get_by_role("dialog", name="Add chart")
    dialog.get_by_role("button", name="Formula").click()
    box = dialog.get_by_label("Formula")
    box.fill("`val/loss` -")
    assert "ends too early" in dialog.get_by_role("status").inner_text()
    box.fill("`val/nothing` - 1")
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
    page.wait_for_function("() => location.search.includes('vs=ratio')")
    settle(page)
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
    menu(page, "train/loss", "Settings…")
    dialog = page.get_by_role("dialog", name="Settings of train/loss")
    dialog.wait_for()
    assert violations(page) == []
    dialog.get_by_label("Smoothing").select_option("ema")
    dialog.get_by_label("Amount").fill("0.9")
    dialog.get_by_label("y from").fill("3")
    dialog.get_by_label("y to").fill("1")
    assert "lower one first" in dialog.get_by_role("status").inner_text()
    dialog.get_by_label("y from").fill("-1")
    dialog.get_by_label("y to").fill("9")
    dialog.get_by_label("Reference lines").fill("8.5 ceiling\n0.2 .. 0.4 expected")
    dialog.get_by_label("Notes").fill("1200 rate halved")
    dialog.get_by_role("button", name="Apply").click()
    settle(page)
    page.reload(wait_until="domcontentloaded")
    page.wait_for_selector("html[data-ready='1']")
    settle(page)
    chart = charts(page)["train/loss"]
    assert chart["yRange"] == [-1, 9] and chart["smoothing"] == {"kind": "ema", "amount": 0.9} and all(series["smoothed"] for series in chart["series"])
    options = page.evaluate("() => { const {references, events} = document.querySelector(\"chart-panel[data-metric='train/loss']\").chart.options; return {references, events}; }")
    assert options == {"references": [{"y": 8.5, "text": "ceiling"}, {"y": 0.2, "to": 0.4, "text": "expected"}], "events": [{"step": 1200, "kind": "note", "title": "rate halved"}]}
    assert charts(page)["val/loss"]["smoothing"] is None


def test_charts_are_moved_by_pointer_and_by_keys_and_made_wider(page):
    show(page, PATH)
    before = order(page)
    grip = page.locator(f"chart-panel[data-metric='{before[2]}'] .chart-grip")
    target = page.locator(f"chart-panel[data-metric='{before[0]}']").bounding_box()
    box = grip.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] - 30, box["y"] + 10, steps=3)
    page.wait_for_selector("chart-panel.dragged")
    page.mouse.move(target["x"] + 20, target["y"] + 60, steps=6)
    assert page.locator(".drop-mark").is_visible()
    page.mouse.up()
    page.wait_for_function("() => location.search.includes('order=')")
    settle(page)
    assert order(page) == [before[2], before[0], before[1]] and page.locator(".drop-mark, .dragged").count() == 0

    page.locator(f"chart-panel[data-metric='{before[2]}'] .chart-grip").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("name => document.activeElement.closest('chart-panel')?.style.left !== '0px'", arg=before[2])
    assert order(page) == [before[0], before[2], before[1]]
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function("() => location.search.includes('sizes=')")
    settle(page)
    widths = [page.locator(f"chart-panel[data-metric='{name}']").bounding_box()["width"] for name in (before[0], before[2])]
    assert widths[1] > 1.9 * widths[0]
    page.reload(wait_until="domcontentloaded")
    page.wait_for_selector("html[data-ready='1']")
    settle(page)
    assert order(page) == [before[0], before[2], before[1]]
    page.keyboard.press("Control+z")
    settle(page)


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
    menu(page, "val/loss", "View as table")
    table = page.get_by_role("dialog", name="val/loss as table")
    table.wait_for()
    assert table.locator("tbody tr").count() == 1
    page.keyboard.press("Escape")
    menu(page, "val/loss", "Copy code that fetches this")
    page.wait_for_selector("text=Code copied")
    code = page.evaluate("() => navigator.clipboard.readText()")
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert printed.stdout.startswith(f"{server.runs[1]} val/loss 100 ["), printed.stderr
    page.locator("chart-panel[data-metric='val/loss'] button[aria-label^='Chart menu']").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Download JSON").click()
    line, = json.loads(download.value.path().read_text())
    assert line["run"] == server.runs[1] and len(line["mean"]) == 100


def test_notes_are_markdown_and_never_markup(page, server):
    notes = "# Plan\n- [x] **warm up**\n- [ ] `lr` [docs](https://example.org/a)\n\n<img src=x onerror=alert(1)> [x](javascript:alert(1))"
    run = server.client.make_run("noted", "one", notes=notes)
    server.client.log(run, [0], {"loss": [1.0]})
    show(page, f"/p/noted/r/{run}")
    card = page.locator(".markdown")
    assert card.locator("h3").inner_text() == "Plan" and card.locator("li").count() == 2 and card.locator("strong").inner_text() == "warm up"
    assert card.locator("a").evaluate_all("links => links.map((link) => link.href)") == ["https://example.org/a"]
    assert card.locator("img").count() == 0 and "<img src=x onerror=alert(1)>" in card.inner_text()
    assert violations(page) == []


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


def test_a_log_line_leads_to_its_moment_on_the_charts_and_back(page, server):
    run = server.runs[0]
    show(page, f"{PATH}/r/{run}/logs#line-150")
    page.wait_for_selector(".log-row.target")
    line = page.locator(".log-row.target")
    text = line.locator("> span").inner_text()
    line.locator(".log-time").click()
    page.wait_for_selector("chart-panel")
    settle(page)
    state = charts(page)["train/loss"]
    low, high = state["xRange"]
    cross = page.evaluate("() => document.querySelector(\"chart-panel[data-metric='train/loss']\").chart.shadowRoot.querySelector('.cross').hidden")
    at = float(page.evaluate("() => new URLSearchParams(location.search).get('at')"))
    assert state["xKind"] == "wall" and low < at < high and cross is False

    over = page.locator("chart-panel[data-metric='train/loss'] .over").bounding_box()
    page.mouse.click(over["x"] + (at - low) / (high - low) * over["width"], over["y"] + over["height"] - 20)
    page.wait_for_function("() => document.querySelector(\"chart-panel[data-metric='train/loss']\").chart.debugState().pinned")
    menu(page, "train/loss", "Log at the pinned moment")
    page.wait_for_selector(".log-row.target")
    settle(page)
    found = page.locator(".log-row.target > span").inner_text()
    assert abs(int(found.split()[1]) - int(text.split()[1])) <= 20          # as near as a pixel of the chart


def test_runs_are_coloured_by_a_key_of_theirs(page, server):
    show(page, f"{PATH}?color=config.optimizer.name")
    page.wait_for_selector(".color-scale")
    colours = {series["run"]: series["color"] for series in charts(page)["val/loss"]["series"]}
    by_name = {}
    for i, run in enumerate(server.runs):
        by_name.setdefault(demo.OPTIMIZERS[i % 3], set()).add(colours[run])
    assert all(len(seen) == 1 for seen in by_name.values()) and len(set.union(*by_name.values())) == 3
    assert page.locator(".color-scale").inner_text().split() == ["adamw", "lion", "sgd"]
    page.get_by_role("button", name="Colours of runs").click()
    page.get_by_role("checkbox", name="optimizer.lr").check()
    page.wait_for_function("() => location.search.includes('color=config.optimizer.lr')")
    settle(page)
    assert page.locator(".color-scale .shades").is_visible() and "0.0001" in page.locator(".color-scale").inner_text().replace("1e-4", "0.0001")
    assert len({series["color"] for series in charts(page)["val/loss"]["series"]}) == 4
    assert violations(page) == []
    page.get_by_role("radio", name="Most distinct").check()
    settle(page)
    own = {series["run"]: series["color"] for series in charts(page)["val/loss"]["series"]}
    assert len(set(own.values())) == 16                             # twenty runs are too many: their own colours


def test_a_view_that_somebody_else_saved_meanwhile_is_not_lost(page, server):
    show(page, PATH)
    page.get_by_role("button", name="Views").click()
    page.get_by_label("Name of this view").fill("shared view")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_selector("text=View “shared view” saved")
    views = server.client.send("GET", "/projects/cifar-vision/views")["views"]
    ours = next(view for view in views if view["name"] == "shared view")
    server.client.send("PUT", f"/projects/cifar-vision/views/{ours['id']}", {"name": "shared view", "shared": True, "state": {"x": "wall"}})
    page.keyboard.press("Escape")
    page.get_by_label("x-axis").select_option("relative")
    settle(page)
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="“shared view” was saved by somebody else")
    dialog.wait_for()
    assert dialog.locator("tbody tr").all_inner_texts() == ["x\twall\trelative"]
    assert violations(page) == []
    dialog.get_by_role("button", name="Save mine as a new view").click()
    page.wait_for_selector("text=View “shared view (mine)” saved")
    settle(page)
    stored = server.client.send("GET", f"/projects/cifar-vision/views/{ours['id']}")
    assert stored["state"] == {"x": "wall"}


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


def test_sections_of_ones_own_are_made_by_patterns(page, server):
    show(page, PATH)
    page.get_by_role("button", name="Layout").click()
    page.get_by_role("menuitemcheckbox", name="Own sections…").click()
    dialog = page.get_by_role("dialog", name="Own sections")
    dialog.get_by_label("Name of section 1").fill("losses")
    dialog.get_by_label("Pattern of section 1").fill("loss(")
    assert dialog.get_by_role("button", name="Apply").is_disabled() and "group" in dialog.get_by_role("status").inner_text()
    dialog.get_by_label("Pattern of section 1").fill("loss$")
    assert dialog.get_by_role("status").inner_text() == "2 metrics"
    assert violations(page) == []
    dialog.get_by_role("button", name="Apply").click()
    page.wait_for_selector("section[aria-label='losses'] chart-panel")
    settle(page)
    page.reload(wait_until="domcontentloaded")
    page.wait_for_selector("section[aria-label='losses'] chart-panel")
    settle(page)
    assert page.locator(".section").first.get_attribute("aria-label") == "losses"
    assert page.locator("section[aria-label='losses'] chart-panel").evaluate_all("panels => panels.map((panel) => panel.dataset.metric)") == ["train/loss", "val/loss"]


def test_a_project_opens_with_its_default_view(open_page, server):
    client = server.client
    run = client.make_run("opens", "one")
    client.log(run, [0, 1, 2], {"loss": [3.0, 2.0, 1.0], "accuracy": [0.1, 0.2, 0.3]})
    page = open_page()
    show(page, "/p/opens?m=loss&smooth=ema:0.5")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="Make this the project's default").click()
    page.wait_for_selector("text=View “Default” saved")
    settle(page)

    other = open_page()
    show(other, "/p/opens")
    assert list(charts(other)) == ["loss"] and "smooth=ema:0.5" in other.url
    assert other.locator(".saved-name").inner_text() == "Default"
    show(other, "/p/opens?m=acc")
    assert list(charts(other)) == ["accuracy"]


def test_a_log_is_filtered_by_level(page, server):
    run = server.client.make_run("levels", "talks")
    texts = ["INFO start", "epoch 1 error 0.3", "WARNING lr is high", "Traceback (most recent call last):", "ValueError: no"]
    server.client.send("POST", f"/runs/{run}/batches", {"rows": [{"step": 0, "values": {"loss": 1}}], "logs": [{"time": 1_700_000_000_000_000 + i, "stream": "stdout", "text": text} for i, text in enumerate(texts)]})
    show(page, f"/p/levels/r/{run}/logs")
    # Rows are used again in any order; their numbers say where they stand.
    shown = """texts => { const rows = [...document.querySelectorAll('.log-row:not([hidden])')].sort((a, b) => a.children[0].textContent - b.children[0].textContent);
        return JSON.stringify(rows.map((row) => row.lastElementChild.textContent)) === JSON.stringify(texts); }"""
    for level, wanted in (("warning", texts[2:]), ("error", texts[3:]), ("info", [texts[0], *texts[2:]]), ("all", texts)):
        page.get_by_label("Level").select_option(level)
        page.wait_for_function(shown, arg=wanted)
    page.get_by_label("Level").select_option("error")
    page.wait_for_function(shown, arg=texts[3:])
    page.wait_for_function("() => location.search === '?level=error'")
    settle(page)
    page.reload(wait_until="domcontentloaded")
    page.wait_for_function(shown, arg=texts[3:])
    settle(page)


def test_a_run_says_where_it_came_from_and_compare_what_of_that_differs(page, server):
    show(page, f"{PATH}/r/{server.runs[1]}")
    facts = page.locator("section.card", has=page.get_by_role("heading", name="Origin"))
    assert "train --lr 0.0003 --data 'cifar 10'" in facts.inner_text() and "8f14e45fceea with changes" in facts.inner_text() and "32 cores · 256 GiB" in facts.inner_text()
    facts.get_by_text("Changes that are not committed").click()
    assert "+let warmup = 100" in facts.locator(".diff").inner_text()
    assert violations(page) == []
    page.get_by_role("button", name="Compare with…").click()
    page.get_by_role("menuitem", name="The run before").click()
    page.wait_for_selector("[data-path='git.dirty']")
    settle(page)
    assert f"runs={server.runs[1]},{server.runs[0]}" in page.url
    rows = page.locator("section.differences", has=page.get_by_role("heading", name="Code and machine")).locator("tr[data-path]").evaluate_all("rows => rows.map((row) => row.dataset.path)")
    assert rows == ["command", "git.dirty", "host"]


def test_a_metric_is_drawn_over_what_it_declares_and_compared_by_its_goal(page, server):
    client = server.client
    runs = [client.make_run("declared", name) for name in ("first", "second", "third")]
    for i, run in enumerate(runs):
        client.log(run, [0, 10, 20], {"epoch": [0.0, 1.0, 2.0], "loss": [3.0, 2.0 + i, 1.0 + i]}, definitions=[{"metric": "loss", "goal": "minimize", "step": "epoch"}])
    show(page, "/p/declared")
    loss, epoch = charts(page)["loss"], charts(page)["epoch"]
    assert (loss["xKind"], loss["full"], epoch["xKind"], epoch["full"]) == ("metric:epoch", [0, 2], "step", [0, 20])
    show(page, f"/p/declared/r/{runs[2]}/charts")
    assert charts(page)["loss"]["xKind"] == "metric:epoch"
    page.get_by_role("button", name="Compare with…").click()
    page.get_by_role("menuitem", name="The best by loss").click()
    page.wait_for_selector("main h1:has-text('Compare 2 runs')")
    settle(page)
    assert f"runs={runs[2]},{runs[0]}" in page.url


def test_the_hours_of_the_day_and_the_density_are_a_matter_of_taste(page, server):
    show(page, "/settings/appearance")
    page.get_by_label("1:36 pm").check()
    page.get_by_label("Compact").check()
    show(page, f"{PATH}?x=wall&m=val/loss")
    assert all(label.endswith(("am", "pm")) or label[:1].isdigit() for label in charts(page)["val/loss"]["ticks"]["x"])
    assert any(label.endswith(("am", "pm")) for label in charts(page)["val/loss"]["ticks"]["x"])
    assert page.locator("chart-panel").bounding_box()["height"] == 192
    settle(page)
