"""Every page: no accessibility violation in both themes, fits 360 px, works by keyboard, says what is not there."""
import json

import demo
import pytest
from browser import address, charts, reload, settle, show, violations

PROJECT = "/p/cifar-vision"
PAGES = {
    "projects": "/", "workspace": PROJECT, "table": f"{PROJECT}/table", "compare": f"{PROJECT}/compare?runs=RUNS",
    "overview": f"{PROJECT}/r/RUN", "charts": f"{PROJECT}/r/RUN/charts", "histograms": f"{PROJECT}/r/RUN/histograms",
    "config": f"{PROJECT}/r/RUN/config", "logs": f"{PROJECT}/r/RUN/logs", "health": f"{PROJECT}/r/RUN/health", "appearance": "/settings/appearance", "keys": "/settings/keys",
    "grouped": f"{PROJECT}/table?group=config.model,config.optimizer.name", "not-found": "/nowhere",
}


def path_of(name, server):
    return PAGES[name].replace("RUNS", ",".join(server.runs[:4])).replace("RUN", server.runs[demo.SPIKE_RUN])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(name, dark, server, open_page):
    page = open_page(dark=dark)
    show(page, path_of(name, server))
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_is_usable_at_360_and_320_pixels(name, server, open_page):
    page = open_page(width=360, height=740, mobile=True)
    show(page, path_of(name, server))
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    assert page.locator("h1").count() == 1
    page.set_viewport_size({"width": 320, "height": 740})
    settle(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320


def test_tools_and_names_have_room_on_a_phone(server, open_page):
    name = "a-run-with-a-very-long-name-of-which-only-the-end-differs-seed-7"
    run = server.client.make_run("narrow", name)
    server.client.log(run, [0, 1], {"loss": [2.0, 1.0]})
    page = open_page(width=390, height=844, mobile=True)
    show(page, "/p/narrow?m=loss")
    bar = page.locator(".toolbar").bounding_box()
    assert bar["height"] <= 100 and bar["x"] >= 0 and bar["x"] + bar["width"] <= 390
    page.get_by_role("button", name="Show the runs").click()
    link = page.get_by_role("link", name=name, exact=True)
    link.wait_for()
    end, row = link.locator(".name-end").bounding_box(), page.locator(".sidebar").bounding_box()
    assert link.locator(".name-end").inner_text() == name[-8:] and end["x"] + end["width"] <= row["x"] + row["width"]
    show(page, f"/p/narrow/r/{run}")
    title = page.locator("h1").bounding_box()
    assert page.locator("h1").inner_text().strip() == name and title["x"] + title["width"] <= 390


def test_dialogs_and_menus_are_accessible_too(page, server):
    show(page, PROJECT)
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keyboard").wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator("chart-panel button[aria-label^='Chart menu']").first.click()
    page.wait_for_selector(".menu-list.floating")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("dialog", name="Choose columns").wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")


def test_forced_colours_draw_the_workspace(page):
    page.emulate_media(forced_colors="active")
    show(page, PROJECT)
    assert len(charts(page)) == 5


@pytest.mark.parametrize("path, words", [("/p/no-such-project", "There is no project no-such-project"), (f"{PROJECT}/r/zzzzzzzz", "There is no run zzzzzzzz"),
                                         (f"{PROJECT}/r/RUN/weights", "There is no tab weights"), (f"{PROJECT}/reports", "There is no page reports")])
def test_what_is_not_there_is_named(path, words, server, open_page):
    page = open_page(expected=("404",))
    show(page, path.replace("RUN", server.runs[0]), idle=False)
    assert page.get_by_role("heading", level=1).inner_text() == words


def test_two_runs_that_differ_in_one_nested_key_show_exactly_that_row(page, server):
    configs = [{"optimizer": {"name": "adamw", "schedule": {"warmup": warmup}}, "seed": 1} for warmup in (100, 200)]
    runs = [server.client.make_run("one-difference", f"warmup-{i}", config) for i, config in enumerate(configs)]
    show(page, f"/p/one-difference/compare?runs={','.join(runs)}")
    rows = page.locator("[aria-label='Config'] tbody tr")
    assert rows.count() == 1
    assert rows.first.get_attribute("data-path") == "optimizer.schedule.warmup"
    assert "100" in rows.first.inner_text() and "200" in rows.first.inner_text()
    page.get_by_label("Runs in rows").check()
    settle(page)
    assert page.locator("[aria-label='Config'] thead th").all_inner_texts() == ["Run", "optimizer.schedule.warmup"]
    assert [row.strip() for row in page.locator("[aria-label='Config'] tbody th").all_inner_texts()] == ["warmup-0", "warmup-1"]
    assert "swap=1" in page.url and violations(page) == []


def test_renaming_tagging_and_notes_are_kept(page, server):
    run = server.client.make_run("editing", "before")
    server.client.log(run, [0], {"loss": [1.0]})
    show(page, f"/p/editing/r/{run}")
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name", exact=True).fill("after")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('after')")
    page.get_by_label("Add tag").fill("good")
    page.keyboard.press("Enter")
    page.wait_for_selector(".tag-chip:has-text('good')")
    page.get_by_role("button", name="Write notes").click()
    page.get_by_label("Notes").fill("a <b>note</b>")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("text=a <b>note</b>")
    settle(page)
    record = server.client.send("GET", f"/runs/{run}")
    assert (record["name"], record["tags"], record["notes"]) == ("after", ["good"], "a <b>note</b>")


def test_the_selected_runs_are_exported(page, server):
    for name in ("one", "two", "three"):
        server.client.make_run("taken-away", name, {"lr": 0.1})
    show(page, "/p/taken-away/table?sort=name&cols=config.lr")
    page.get_by_role("checkbox", name="Select one").check()
    page.get_by_role("checkbox", name="Select two").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0] == "name,id,lr" and sorted(line.split(",")[0] for line in lines[1:]) == ["one", "two"]
    settle(page)


def test_bulk_delete_can_be_undone_and_else_happens(page, server):
    runs = [server.client.make_run("bulk", f"run-{i}") for i in range(3)]
    for run in runs:
        server.client.log(run, [0], {"loss": [1.0]})
    show(page, "/p/bulk/table")
    boxes = page.locator("run-table input[type=checkbox]")
    boxes.nth(0).check()
    page.get_by_role("button", name="Delete").click()
    page.wait_for_function("() => [...document.querySelectorAll('run-table .grid-row')].filter(r => !r.hidden).length === 2")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function("() => [...document.querySelectorAll('run-table .grid-row')].filter(r => !r.hidden).length === 3")
    page.locator("run-table input[type=checkbox]").nth(0).check()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Close message").click()
    page.wait_for_function("() => document.querySelectorAll('.toast').length === 0")
    settle(page)
    assert server.client.send("GET", "/projects/bulk/runs")["total"] == 2


def test_sorting_by_a_column_and_then_another(page):
    show(page, f"{PROJECT}/table")
    page.locator(".grid-head button[data-key='state']").click()
    page.locator(".grid-head button[data-key='name']").click(modifiers=["Shift"])
    address(page, "sort=state,name")
    names = page.evaluate("""() => [...document.querySelectorAll('.grid-row')].filter(r => !r.hidden).sort((a, b) => a.dataset.index - b.dataset.index)
        .map(r => [r.querySelector('.state').textContent.trim(), r.querySelector('.run-name').textContent])""")
    finished = [name for state, name in names if state == "finished"]
    assert finished == sorted(finished) and names[0][0] == "failed"[: len(names[0][0])] or names[0][0] in ("failed", "finished")


def test_logs_show_colours_search_and_link_to_lines(page, server):
    show(page, f"{PROJECT}/r/{server.runs[0]}/logs#line-100")
    page.wait_for_selector(".log-row.target")
    assert page.locator(".log-row .ansi-2").first.is_visible()
    page.get_by_role("searchbox", name="Search the log").fill("gradient norm")
    page.wait_for_selector(".log-row mark")
    settle(page)
    assert "of 401 lines" in page.locator(".log-tools").inner_text()


def test_histograms_are_drawn(page, server):
    show(page, f"{PROJECT}/r/{server.runs[0]}/histograms")
    page.wait_for_function("() => [...document.querySelectorAll('histogram-chart')].length === 4")
    settle(page)
    assert page.locator("histogram-chart").first.get_by_role("combobox").count() >= 1


def test_the_empty_project_waits_and_jumps_to_its_first_run(page, server):
    server.client.send("POST", "/projects", {"name": "brand-new"})
    show(page, "/p/brand-new")
    page.get_by_text("Waiting for the first run…").wait_for()
    page.wait_for_selector(".live-live")
    run = server.client.make_run("brand-new", "first")
    server.client.log(run, [0, 1], {"loss": [2.0, 1.0]})
    page.wait_for_selector("chart-panel")
    page.wait_for_function("() => document.querySelector('chart-panel').chart?.debugState().series.length === 1")
    settle(page)


def test_everything_by_keyboard_alone(page, server):
    show(page, PROJECT)
    page.keyboard.press("Tab")
    settle(page)
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    settle(page)
    assert page.evaluate("() => document.activeElement.id") == "main"
    page.keyboard.press("j")
    page.keyboard.press("Space")
    address(page, "off=")
    page.keyboard.press("m")
    page.keyboard.type("loss")
    page.keyboard.press("Escape")
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Control+b")
    settle(page)
    assert page.locator(".sidebar").count() == 0
    page.keyboard.press("Control+b")
    page.keyboard.press("t")
    settle(page)
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    page.keyboard.press("Control+k")
    page.get_by_role("dialog", name="Search and commands").wait_for()
    page.keyboard.type("runs table")
    page.keyboard.press("Enter")
    page.wait_for_selector("run-table .grid-row")
    page.locator("run-table").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    settle(page)
    assert page.locator(".bulk").is_visible()
    page.keyboard.press("Enter")
    page.wait_for_selector(".run-head")
    settle(page)
    page.keyboard.press("5")
    page.wait_for_function("() => location.pathname.endsWith('/config')")
    settle(page)


def test_keys_are_shown_once_and_the_browser_signs_in(make_server, open_page):
    server = make_server()
    page = open_page(server.base, expected=("401",))
    show(page, "/settings/keys")
    page.get_by_label("Name").fill("laptop")
    page.get_by_label("Scope").select_option("admin")
    page.get_by_role("button", name="Make key").click()
    key = page.locator(".key-shown code").inner_text()
    assert key.startswith("trk-") and len(key) == 44
    page.get_by_role("button", name="Settings and help").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.locator("input[name=key]").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Settings").wait_for()
    assert key not in json.dumps(page.evaluate("() => ({...localStorage, ...sessionStorage})"))
    settle(page)


def test_system_metrics_have_their_tab_and_stay_apart(page, server):
    run = server.client.make_run("systems", "one")
    server.client.log(run, [0, 1, 2], {"loss": [3.0, 2.0, 1.0], "system/cpu": [10.0, 50.0, 90.0], "system/memory": [1.0, 2.0, 3.0]})
    show(page, f"/p/systems/r/{run}/system")
    assert set(charts(page)) == {"system/cpu", "system/memory"}
    page.get_by_role("link", name="Charts").click()
    page.wait_for_selector("chart-panel[data-metric='loss']")
    settle(page)
    assert set(charts(page)) == {"loss"}


def test_events_are_marked_on_the_run_s_charts(page, server):
    show(page, f"/p/cifar-vision/r/{server.runs[0]}/charts")
    page.wait_for_function("() => document.querySelector('chart-panel').chart.options.events.length === 1")
    assert page.evaluate("() => document.querySelector('chart-panel').chart.options.events[0]")["title"] == "checkpoint"


def test_a_chart_of_ones_own_stays_in_the_link(page):
    show(page, PROJECT)
    page.get_by_role("button", name="Add chart").click()
    page.get_by_role("checkbox", name="train/loss").check()
    page.get_by_role("checkbox", name="val/loss").check()
    page.get_by_role("dialog").get_by_role("button", name="Add chart").click()
    page.wait_for_selector(".own-chart chart-panel")
    settle(page)
    reload(page, ".own-chart chart-panel")
    state = page.evaluate("() => document.querySelector('.own-chart chart-panel').chart.debugState()")
    assert state["title"] == "train/loss, val/loss" and len(state["series"]) == 40
    page.get_by_role("button", name="Remove chart 1").click()
    page.wait_for_selector(".own-chart", state="detached")


def test_charts_are_saved_as_files(page):
    show(page, PROJECT)
    for kind, start in (("CSV", b"run,"), ("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        page.locator("chart-panel[data-metric='val/loss'] button[aria-label^='Chart menu']").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=f"Download {kind}", exact=True).click()
        path = download.value.path()
        assert path.read_bytes().startswith(start), path.read_bytes()[:80]
        assert download.value.suggested_filename.startswith("cifar-vision_val-loss_")
