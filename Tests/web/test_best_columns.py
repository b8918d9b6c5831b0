"""Columns that tell a metric where another one was best: of the runs in view, their groups, and in the file."""
import pathlib

import pytest
from browser import address, late_frames, settle, show, violations

CELL = "([name, place]) => [...document.querySelectorAll('run-table .grid-row')].find(r => !r.hidden && r.querySelector('.run-name')?.textContent.startsWith(name))?.querySelectorAll('.cell:not(.first)')[place]"
KEY = "at.val%252Facc.train/loss"                     # as a link has it


@pytest.fixture(scope="module")
def runs(server):
    """Two models; the loss is told at the greatest val/acc, which stands between two rows of the loss."""
    ids = {}
    for name, model, best in [("early", "vit", 2), ("middle", "vit", 4), ("late", "cnn", 6)]:
        ids[name] = server.client.make_run("at-best", name, {"model": model})
        steps = list(range(8))
        server.client.log(ids[name], steps, {"train/loss": [float(10 - s) if s % 2 == 0 else None for s in steps], "val/acc": [0.9 if s == best + 1 else 0.1 for s in steps]})
    return ids


def cell(page, name, place=0):
    return page.evaluate(f"(where) => {{ const cell = ({CELL})(where); return cell && [cell.textContent, cell.title]; }}", [name, place])


def wait_for(page, name, text, place=0):
    page.wait_for_function(f"([name, place, text]) => ({CELL})([name, place])?.textContent === text", arg=[name, place, text])


def test_the_value_at_anothers_best_is_told_with_where_it_was_and_follows_new_points(page, server, runs):
    show(page, f"/p/at-best/table?cols={KEY}&sort=name")
    wait_for(page, "early", "8")
    wait_for(page, "late", "4")
    assert cell(page, "early")[1] == "8, logged at step 2; val/acc was best, 0.9, at step 3"
    assert page.locator("run-table .grid-head button").nth(1).text_content() == "train/loss at best val/acc"
    server.client.log(runs["early"], [8], {"train/loss": [0.5], "val/acc": [0.95]})
    wait_for(page, "early", "0.5")
    settle(page)
    assert violations(page) == []


@pytest.mark.parametrize("ms", (45, 60, 75, 90))
def test_it_is_read_however_late_frames_come(page, runs, ms):
    late_frames(page, ms)
    show(page, f"/p/at-best/table?cols={KEY}")
    wait_for(page, "middle", "6")


def test_it_is_chosen_where_columns_are_and_stays_with_the_link(page, runs):
    show(page, "/p/at-best/table?cols=summary.train/loss.last")
    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Aggregation of train/loss").select_option("at best of")
    settle(page)
    assert page.get_by_label("Where is best, for train/loss").input_value() == "val/acc"
    wait_for(page, "late", "4")
    address(page, "at.val")
    show(page, page.evaluate("location.pathname + location.search"))
    wait_for(page, "middle", "6")


def test_groups_tell_what_their_members_come_to(page, runs):
    show(page, f"/p/at-best/table?cols={KEY}&group=config.model")
    wait_for(page, "model: cnn", "4")
    page.wait_for_function(f"([name, place]) => ({CELL})([name, place])?.title.includes('2 runs')", arg=["model: vit", 0])
    assert cell(page, "model: vit")[0].startswith(("7 ± 1.4", "3.25 ± 3.9"))          # the first run may have logged more


def test_runs_are_not_sorted_by_it_and_the_page_says_why(page, runs):
    show(page, f"/p/at-best/table?cols={KEY}")
    page.locator("run-table .grid-head button").nth(1).click()
    page.get_by_text("Runs cannot be sorted by “train/loss at best val/acc”").wait_for()
    assert "sort=" not in page.url


def test_the_file_holds_it_too(page, runs):
    show(page, f"/p/at-best/table?cols={KEY}&sort=name")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    head, *rows = pathlib.Path(download.value.path()).read_text().splitlines()
    assert head == "name,id,train/loss at best val/acc"
    assert [row.split(",")[2] for row in rows if row.startswith(("late,", "middle,"))] == ["4", "6"]


def test_the_sidebar_shows_it(page, runs):
    show(page, f"/p/at-best?cols={KEY}")
    page.wait_for_function("() => [...document.querySelectorAll('.run-row')].some(r => r.querySelector('.run-name')?.textContent === 'late' && r.querySelector('.run-extra').textContent === '4')")
