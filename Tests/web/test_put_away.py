"""Archive, bin and other projects: what is put away is gone from lists and charts, is found again, and comes back."""
import re

import pytest
from browser import address, charts, settle, show, violations

ROWS = "() => [...document.querySelectorAll('run-table .grid-row')].filter(r => !r.hidden).map(r => r.querySelector('.run-name').textContent).sort().join()"


@pytest.fixture
def project(server, request):
    """A project of four finished runs; `project.ids` by name."""
    class Project:
        name = "put-away-" + re.sub(r"\W+", "-", request.node.name)[-40:].strip("-").lower()
        ids = {}
    Project.ids = {name: server.client.make_run(Project.name, name, {"lr": 0.1}) for name in ("one", "two", "three", "four")}
    for run in Project.ids.values():
        server.client.log(run, [0, 1], {"loss": [2.0, 1.0]})
        server.client.send("POST", f"/runs/{run}/finish", {"state": "finished"})
    return Project


def rows(page, names):
    page.wait_for_function(f"(wanted) => ({ROWS})() === wanted", arg=",".join(sorted(names)))


def choose(page, *names):
    settle(page)
    for name in names:
        page.get_by_role("checkbox", name=f"Select {name}", exact=True).check()


def bulk(page, label):
    page.get_by_role("region", name="Selected runs").get_by_role("button", name=label, exact=True).click()


def listing(page, label):
    page.get_by_role("button", name=re.compile("Which runs are listed|^(Bin|Archived|Runs and archived)$")).first.click()
    page.get_by_role("menuitemradio", name=label, exact=True).click()


def test_archived_runs_are_left_out_found_and_brought_back(page, server, project):
    show(page, f"/p/{project.name}/table")
    choose(page, "one", "two")
    bulk(page, "Archive")
    rows(page, ["three", "four"])
    listing(page, "Archived")
    address(page, "archived:true")
    rows(page, ["one", "two"])
    settle(page)
    assert violations(page) == []
    listing(page, "Runs and archived")
    rows(page, ["one", "two", "three", "four"])
    choose(page, "one")
    bulk(page, "Unarchive")
    page.get_by_text("Took one out of the archive").wait_for()
    listing(page, "Runs")
    rows(page, ["one", "three", "four"])
    show(page, f"/p/{project.name}")
    assert len(charts(page)["loss"]["series"]) == 3
    assert server.client.send("GET", f"/projects/{project.name}")["archived"] == 1


def test_the_bin_gives_back_by_undo_by_key_and_by_restore_and_deletes_for_ever_what_was_typed(page, server, project):
    show(page, f"/p/{project.name}/table")
    choose(page, "one")
    bulk(page, "Delete")
    rows(page, ["two", "three", "four"])
    page.get_by_text("Put one into the bin, for 30 days").wait_for()
    page.get_by_role("button", name="Undo").click()
    rows(page, ["one", "two", "three", "four"])
    choose(page, "one", "two")
    bulk(page, "Delete")
    rows(page, ["three", "four"])
    page.get_by_role("button", name="Undo").wait_for()
    page.keyboard.press("Control+z")
    rows(page, ["one", "two", "three", "four"])
    choose(page, "one", "two", "three")
    bulk(page, "Delete")
    rows(page, ["four"])
    listing(page, "Bin")
    rows(page, ["one", "two", "three"])
    choose(page, "three")
    bulk(page, "Restore")
    rows(page, ["one", "two"])
    choose(page, "one", "two")
    bulk(page, "Delete for ever…")
    settle(page)
    assert violations(page) == []
    confirm = page.get_by_role("button", name="Delete for ever", exact=True)
    assert confirm.is_disabled()
    page.get_by_label("Type 2 to confirm").fill("2")
    confirm.click()
    page.get_by_text(re.compile("Deleted 2 runs for ever; .* freed")).wait_for()
    page.get_by_role("heading", name="No run matches").wait_for()
    settle(page)
    assert server.client.send("GET", f"/projects/{project.name}/runs?filter=deleted%20in%20(true,false)")["matched"] == 2


def test_a_run_moves_with_its_points_and_its_page_follows(page, server, project):
    target = f"{project.name}-to"
    show(page, f"/p/{project.name}/table")
    choose(page, "one", "two")
    bulk(page, "Move to project…")
    settle(page)
    assert violations(page) == []
    page.get_by_role("combobox", name="Project").fill(target)
    page.get_by_role("button", name="Make the project and move").click()
    rows(page, ["three", "four"])
    page.get_by_role("button", name="Undo").wait_for()
    moved = server.client.send("GET", f"/projects/{target}/runs?sort=number")["runs"]
    assert [(run["name"], run["number"], run["color"]) for run in moved] in ([("one", 1, 0), ("two", 2, 1)], [("two", 1, 0), ("one", 2, 1)])
    show(page, f"/p/{project.name}/r/{project.ids['one']}")
    page.wait_for_function("path => location.pathname.endsWith(path)", arg=f"/p/{target}/r/{project.ids['one']}")
    page.get_by_text(f"one is in project {target}").wait_for()
    show(page, f"/p/{target}")
    assert len(charts(page)["loss"]["series"]) == 2
    server.client.send("PATCH", f"/runs/{project.ids['two']}", {"project": project.name})
    page.wait_for_function("() => document.querySelectorAll('.run-row:not([hidden])').length === 1")
    settle(page)


def test_one_run_is_put_away_from_its_page_and_says_so(page, server, project):
    show(page, f"/p/{project.name}/r/{project.ids['one']}")
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_text("This run is in the bin; 30 days are left").wait_for()
    settle(page)
    assert violations(page) == []
    page.get_by_role("button", name="Restore").click()
    page.wait_for_function("() => !document.querySelector('.put-away')")
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Archive").click()
    page.get_by_text("This run is archived").wait_for()
    settle(page)
    run = server.client.send("GET", f"/runs/{project.ids['one']}")
    assert "deletedAt" not in run and run["archivedAt"] > 0


def test_what_others_put_away_leaves_the_page_and_new_rows_do_not_bring_it_back(page, server, project):
    show(page, f"/p/{project.name}")
    server.client.send("PATCH", "/runs", {"runs": [project.ids["one"], project.ids["two"]], "changes": {"deleted": True}})
    page.wait_for_function("() => document.querySelectorAll('.run-row:not([hidden])').length === 2")
    server.client.log(project.ids["one"], [2], {"loss": [0.5]})
    server.client.log(project.ids["three"], [2], {"loss": [0.5]})
    page.wait_for_function("() => [...document.querySelectorAll('chart-panel')].some(p => p.chart?.debugState().series.some(s => s.buckets === 3))")
    settle(page)
    assert page.locator(".arrived").count() == 0
    assert page.locator(".shown-line").inner_text().startswith("2 of 2 shown")


def test_a_project_whose_runs_are_all_put_away_says_where_they_are(page, server, project):
    ids = list(project.ids.values())
    server.client.send("PATCH", "/runs", {"runs": ids[:1], "changes": {"archived": True}})
    server.client.send("PATCH", "/runs", {"runs": ids[1:], "changes": {"deleted": True}})
    show(page, f"/p/{project.name}/table", idle=False)
    page.get_by_role("heading", name="All runs are put away").wait_for()
    page.get_by_role("button", name="3 in the bin").click()
    rows(page, ["two", "three", "four"])
    settle(page)
    show(page, f"/p/{project.name}", idle=False)
    page.get_by_role("button", name="1 archived").click()
    page.wait_for_function("() => document.querySelectorAll('.run-row:not([hidden])').length === 1")
    page.wait_for_selector("chart-panel")
    settle(page)
