"""Behind a path prefix, with grouped answers, on small screens: what the other pages' tests do not reach."""
import json

import demo
from browser import charts, reload, settle, show, violations

PATH = "/p/cifar-vision"


def test_lives_under_a_path_prefix(make_server, open_page):
    server = make_server(options=("--path-prefix", "/tools/track"))
    base = server.base if server.base.endswith("/tools/track") else server.base + "/tools/track"
    client = demo.Client(base)
    run = client.make_run("prefixed", "one", {"lr": 0.1})
    client.log(run, [0, 1, 2], {"loss": [3.0, 2.0, 1.0]})
    page = open_page(base)
    show(page, "/p/prefixed")
    page.wait_for_selector(".live-live")
    page.get_by_role("link", name="one", exact=True).click()
    page.wait_for_selector(".run-head")
    settle(page)
    assert page.url == f"{base}/p/prefixed/r/{run}"
    reload(page)
    page.get_by_role("link", name="Track: all projects").click()
    page.get_by_role("link", name="prefixed").wait_for()
    settle(page)


def test_groups_are_drawn_as_one_line_each(page, server):
    def answer(route):
        asked = route.request.post_data_json
        if not asked.get("group"):
            return route.continue_()
        assert asked["group"] == {"by": ["config.model"], "aggregate": "median", "band": "std"}
        entry = {"run": None, "points": 4, "raw": False, "domain": [0, 3], "bucketCount": 2, "x0": [0, 2], "x1": [1, 3], "count": [2, 2], "first": [1, 1], "last": [1, 1],
                 "min": [0, 0], "max": [2, 2], "mean": [1, 1.5], "low": [0.5, 1], "high": [1.5, 2], "runs": [5, 5]}
        series = [{**entry, "metric": metric, "group": {"config.model": model}} for metric in asked["metrics"] for model in demo.MODELS]
        return route.fulfill(json={"x": "step", "buckets": 500, "series": series, "missing": []})

    page.route("**/series/query", answer)
    show(page, f"{PATH}?group=config.model&grouped=1&agg=median&band=std")
    names = [series["name"] for series in charts(page)["train/loss"]["series"]]
    assert names == [f"model: {model}" for model in demo.MODELS]


def test_the_runs_are_a_sheet_on_a_phone(open_page):
    page = open_page(width=390, height=844, mobile=True)
    show(page, PATH)
    assert page.locator(".sidebar").count() == 0
    page.get_by_role("button", name="Show the runs").click()
    page.wait_for_selector(".sidebar run-list")
    box = page.locator(".sidebar").bounding_box()
    assert box["width"] == 390 and box["y"] > 150
    assert violations(page) == []
    page.get_by_role("button", name="Hide the sidebar").click()
    settle(page)


def test_an_error_names_itself_and_trying_again_works(server, open_page):
    page = open_page(expected=("500", "403"))
    broken = {"left": 1}

    def answer(route):
        if broken["left"]:
            broken["left"] -= 1
            return route.fulfill(status=500, json={"error": {"code": "internal", "message": "The disk made a strange noise.", "details": {}, "requestId": "r-42"}})
        return route.continue_()

    page.route("**/projects/cifar-vision/runs*", answer)
    show(page, PATH, idle=False)
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert "The disk made a strange noise." in alert.inner_text() and "HTTP 500" in alert.inner_text() and "r-42" in alert.inner_text()
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector("chart-panel")
    settle(page)


def test_one_failing_chart_leaves_the_others_whole(server, open_page):
    page = open_page(expected=("500",))

    def answer(route):
        asked = route.request.post_data_json
        if "val/loss" in asked["metrics"] and len(asked["metrics"]) == 1:
            return route.fulfill(status=500, json={"error": {"code": "internal", "message": "Not today.", "details": {}, "requestId": "r-1"}})
        return route.continue_()

    page.route("**/series/query", answer)
    view = json.dumps({"val/loss": {"range": [0, 500]}})
    show(page, f"{PATH}?charts={view}")
    assert charts(page)["train/loss"]["series"] and "Not today." in charts(page)["val/loss"]["message"]


def test_names_are_text_whatever_they_hold(page, server):
    name = "<img src=x onerror=alert(1)>"
    run = server.client.make_run("hostile", name, {name: name}, tags=[name], notes=name)
    server.client.log(run, [0, 1], {name: [1.0, 2.0]})
    for path in ("/p/hostile", "/p/hostile/table", f"/p/hostile/r/{run}", f"/p/hostile/r/{run}/config", f"/p/hostile/compare?runs={run}"):
        show(page, path)
        assert page.locator("img[src='x']").count() == 0
        assert page.get_by_text(name).count() > 0
