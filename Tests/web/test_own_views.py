"""Order, sections, colours and saved views: a workspace as a person arranges it."""
import demo
from browser import address, charts, later, reload, settle, show, violations

PATH = "/p/cifar-vision"


def order(page):
    return page.evaluate("""() => [...document.querySelectorAll("section[aria-label='train'] chart-panel")]
        .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top) || parseFloat(a.style.left) - parseFloat(b.style.left)).map((panel) => panel.dataset.metric)""")


def test_charts_are_moved_by_pointer_and_by_keys_and_made_wider(page):
    show(page, PATH)
    before = order(page)
    grip = page.locator(f"chart-panel[data-metric='{before[2]}'] .chart-grip")
    target = page.locator(f"chart-panel[data-metric='{before[0]}']").bounding_box()
    box = grip.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    for turn in range(500):                                   # as a hand does, until the code for it is there
        page.mouse.move(box["x"] - 30 - turn % 2, box["y"] + 10)
        later(page, 10)
        if page.locator("chart-panel.dragged").count():
            break
    page.wait_for_selector("chart-panel.dragged")
    page.mouse.move(target["x"] + 20, target["y"] + 60, steps=6)
    settle(page)
    assert page.locator(".drop-mark").is_visible()
    page.mouse.up()
    address(page, "order=")
    assert order(page) == [before[2], before[0], before[1]] and page.locator(".drop-mark, .dragged").count() == 0

    page.locator(f"chart-panel[data-metric='{before[2]}'] .chart-grip").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("name => document.activeElement.closest('chart-panel')?.style.left !== '0px'", arg=before[2])
    assert order(page) == [before[0], before[2], before[1]]
    page.keyboard.press("Shift+ArrowRight")
    address(page, "sizes=")
    widths = [page.locator(f"chart-panel[data-metric='{name}']").bounding_box()["width"] for name in (before[0], before[2])]
    assert widths[1] > 1.9 * widths[0]
    reload(page)
    assert order(page) == [before[0], before[2], before[1]]
    page.keyboard.press("Control+z")
    settle(page)


def test_sections_of_ones_own_are_made_by_patterns(page, server):
    show(page, PATH)
    page.get_by_role("button", name="Layout").click()
    page.get_by_role("menuitemcheckbox", name="Own sections…").click()
    dialog = page.get_by_role("dialog", name="Own sections")
    dialog.get_by_label("Name of section 1").fill("losses")
    dialog.get_by_label("Pattern of section 1").fill("loss(")
    settle(page)
    assert dialog.get_by_role("button", name="Apply").is_disabled() and "group" in dialog.get_by_role("status").inner_text()
    dialog.get_by_label("Pattern of section 1").fill("loss$")
    settle(page)
    assert dialog.get_by_role("status").inner_text() == "2 metrics"
    assert violations(page) == []
    dialog.get_by_role("button", name="Apply").click()
    page.wait_for_selector("section[aria-label='losses'] chart-panel")
    settle(page)
    reload(page, "section[aria-label='losses'] chart-panel")
    assert page.locator(".section").first.get_attribute("aria-label") == "losses"
    assert page.locator("section[aria-label='losses'] chart-panel").evaluate_all("panels => panels.map((panel) => panel.dataset.metric)") == ["train/loss", "val/loss"]


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
    address(page, "color=config.optimizer.lr")
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


def test_the_hours_of_the_day_and_the_density_are_a_matter_of_taste(page, server):
    show(page, "/settings/appearance")
    page.get_by_label("1:36 pm").check()
    page.get_by_label("Compact").check()
    show(page, f"{PATH}?x=wall&m=val/loss")
    assert all(label.endswith(("am", "pm")) or label[:1].isdigit() for label in charts(page)["val/loss"]["ticks"]["x"])
    assert any(label.endswith(("am", "pm")) for label in charts(page)["val/loss"]["ticks"]["x"])
    assert page.locator("chart-panel").bounding_box()["height"] == 192
    settle(page)
