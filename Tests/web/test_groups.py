"""Groups of runs in the sidebar and the table: counted by the server over all that match, members loaded as they are looked at."""
import pytest
import seeding
from browser import address, settle, show, violations
from pace import allowance, computing

RUNS, MOST_NODES = 10_000, 3000
LABELS = "() => [...document.querySelectorAll('.group-row')].filter(r => !r.hidden).sort((a, b) => a.dataset.index - b.dataset.index).map(r => r.querySelector('.run-name').textContent)"


@pytest.fixture(scope="module")
def crowd(make_server):
    server = make_server(options=("--durability", "normal"))
    seeding.many_runs(server.base, count=RUNS)
    return server


@pytest.fixture
def crowded(crowd, open_page):
    return open_page(crowd.base)


@pytest.fixture(scope="module")
def grouped(server):
    """Runs of two models, one without; `b` failed, `d` runs; the loss of each is its place."""
    for place, (name, config, state) in enumerate([("a", {"model": "vit", "deep": True}, "finished"), ("b", {"model": "vit", "deep": False}, "failed"),
                                                   ("c", {"model": "cnn", "deep": True}, "finished"), ("d", {"model": "vit", "deep": True}, None), ("e", {}, "finished")]):
        run = server.client.make_run("grouped", name, config)
        server.client.log(run, [0], {"loss": [float(place)]})
        if state:
            server.client.send("POST", f"/runs/{run}/finish", {"state": state})
    return "/p/grouped"


def cells(page, label):
    """A group's cells in the table, and what they say when hovered."""
    return page.evaluate("""label => { const row = [...document.querySelectorAll('run-table .group-row')].find(r => !r.hidden && r.querySelector('.run-name').textContent.startsWith(label));
        return [...row.querySelectorAll('.cell:not(.first)')].map(c => [c.textContent, c.title]); }""", label)


def test_groups_nest_with_what_is_missing_and_tell_states_mean_spread_and_range(page, grouped):
    show(page, f"{grouped}/table?group=config.model,config.deep&cols=state,summary.loss.last&sort=name")
    page.wait_for_function(f"() => ({LABELS})().length === 7")
    assert page.evaluate(LABELS) == ["model: cnn (1)", "deep: true (1)", "model: vit (3)", "deep: false (1)", "deep: true (2)", "no model (1)", "no deep (1)"]
    state, loss = cells(page, "model: vit")
    assert state[0] == "1 running, 1 failed, 1 finished"
    assert loss[0].startswith("1.333 ± 1.5") and "min 0, max 3, 3 runs" in loss[1]
    settle(page)
    assert violations(page) == []


def test_groups_open_and_close_by_key_and_follow_new_runs(page, server, grouped):
    show(page, f"{grouped}?group=config.model&sort=name")
    page.wait_for_function(f"() => ({LABELS})().length === 3")
    page.locator("run-list").focus()
    rows = "() => [...document.querySelectorAll('.run-row')].filter(r => !r.hidden).length"
    before = page.evaluate(rows)
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"before => ({rows})() === before - 1", arg=before)
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"before => ({rows})() === before", arg=before)
    settle(page)
    assert violations(page) == []
    run = server.client.make_run("grouped", "late", {"model": "cnn"})
    page.wait_for_function(f"() => ({LABELS})()[0] === 'model: cnn · 2'")
    server.client.send("DELETE", f"/runs/{run}")
    page.wait_for_function(f"() => ({LABELS})()[0] === 'model: cnn · 1'")


def test_a_group_is_selected_whole(page, grouped):
    show(page, f"{grouped}/table?group=config.model&sort=name")
    page.get_by_role("checkbox", name="Select the 3 runs of model: vit").check()
    page.get_by_text("3 selected").wait_for()


def test_ten_thousand_runs_are_grouped_over_all_and_stay_fluid(crowded):
    show(crowded, "/p/many-runs/table?group=config.lr&cols=state,summary.loss.last,config.seed")
    crowded.wait_for_function(f"() => ({LABELS})().length === 4")
    assert [label.split(" (")[1] for label in crowded.evaluate(LABELS)] == ["2\u2009500)"] * 4
    assert cells(crowded, "lr: 0.1")[2][0].startswith("4998 ± ")            # the mean of every fourth of 0 … 9 999
    crowded.locator("run-table .group-row:not([hidden]) .run-name").first.click()
    crowded.wait_for_function("() => document.querySelector('run-table').getAttribute('aria-rowcount') === '2505'")
    crowded.wait_for_function("() => [...document.querySelectorAll('run-table .grid-row a[href]')].filter(a => !a.closest('[hidden]')).length > 10")
    settle(crowded)
    spent = computing(crowded)
    before = spent()
    crowded.evaluate("""async () => { const box = document.querySelector('run-table');
        for (let i = 1; i <= 60; i++) { box.scrollTop = i * 100; await new Promise(requestAnimationFrame); } }""")
    cost = (spent() - before) / 60
    print(f"{cost:.1f} ms a frame")
    assert cost <= 17 * allowance(crowded)
    crowded.wait_for_function("() => [...document.querySelectorAll('run-table .grid-row')].filter(r => !r.hidden).every(r => r.querySelector('.run-name').textContent !== '…')")
    settle(crowded)
    assert crowded.evaluate("() => document.querySelectorAll('*').length") < MOST_NODES


def test_a_large_group_is_selected_whole_though_few_of_it_are_loaded(crowded):
    show(crowded, "/p/many-runs/table?group=config.lr&cols=config.lr")
    crowded.get_by_role("checkbox", name="Select the 2\u2009500 runs of lr: 0.1", exact=True).check()
    crowded.get_by_text("2\u2009500 selected").wait_for()
    with crowded.expect_download() as download:
        crowded.get_by_role("button", name="Export").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 2501 and all(line.split(",")[2] == "0.1" for line in lines[1:])
    settle(crowded)


def test_a_group_shows_what_was_chosen_while_its_members_are_awaited_and_takes_it_back_if_they_do_not_come(crowd, open_page):
    page = open_page(crowd.base, expected=("500",))
    show(page, "/p/many-runs?group=config.lr&show=none")
    page.wait_for_function(f"() => ({LABELS})().length === 4")
    boxes, comes, seen = page.get_by_role("checkbox", name="Show lr: "), iter([False, True]), []

    def hold(route):
        page.evaluate("() => { const list = document.querySelector('run-list'); list.move(1); list.move(-1); }")      # draws all rows again
        seen.append([boxes.nth(0).is_checked(), boxes.nth(1).is_checked()])
        if next(comes):
            route.continue_()
        else:
            route.fulfill(status=500, json={"error": {"code": "internal", "message": "No members today."}})

    page.route("**/runs?*columns=", hold)
    boxes.nth(0).click()
    page.get_by_text("No members today.").wait_for()
    page.wait_for_function("() => document.querySelectorAll('.run-eye:checked').length === 0")
    boxes.nth(0).click()
    page.wait_for_function("() => document.querySelector('.shown-line').textContent.startsWith('100 of')")
    assert seen == [[True, False]] * 2
    settle(page)


def test_where_nothing_matches_each_condition_says_what_it_removes(page, grouped):
    show(page, f"{grouped}/table?q=model:vit state:finished name = c")
    page.get_by_text("it removes all 5").wait_for()
    told = page.get_by_role("list", name="What each condition removes")
    told.wait_for()
    assert [" ".join(text.split()) for text in told.locator("li").all_inner_texts()] == [
        "model:vit removes 2 of 5 Take away", "state:finished removes 2 of 5 Take away", "name = c removes 4 of 5 Take away"]
    settle(page)
    assert violations(page) == []
    page.get_by_role("button", name="Take away model:vit").click()
    page.wait_for_function("() => [...document.querySelectorAll('run-table .grid-row')].filter(r => !r.hidden).map(r => r.querySelector('.run-name').textContent).join() === 'c'")
    settle(page)


def test_latest_and_running_are_one_click_and_long_names_wrap_on_request(page, grouped):
    show(page, grouped)
    page.get_by_role("button", name="Show running ones only").click()
    address(page, "show=running")
    assert page.locator(".shown-line").inner_text().startswith("1 of 5 shown")
    page.get_by_role("button", name="Show running ones only").click()
    page.get_by_role("button", name="Show the latest only").click()
    address(page, "show=latest")
    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Wrap long names").check()
    page.wait_for_function("() => document.querySelector('.run-row').getBoundingClientRect().height === 44")
    settle(page)
    assert violations(page) == []
