"""What one run tells beside its curves: notes, log, where it came from, what it is compared with."""
from browser import chart_menu, charts, settle, show, violations

PATH = "/p/cifar-vision"


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
    chart_menu(page, "train/loss", "Log at the pinned moment")
    page.wait_for_selector(".log-row.target")
    settle(page)
    found = page.locator(".log-row.target > span").inner_text()
    assert abs(int(found.split()[1]) - int(text.split()[1])) <= 20          # as near as a pixel of the chart


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
    settle(page)
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
