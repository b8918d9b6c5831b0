"""The bundle puts each text of strings.js where it is used; no browser is needed to see that."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/lib"))
from texts import copy_with_texts, texts_of, with_texts  # noqa: E402

STRINGS = '''/** Texts. */
export const plural = (count, one) => (count === 1 ? one : `${one}s`);

export const chart = Object.freeze({
  menu: "Chart menu",      // of one chart
  hint: "Say \\"yes\\", {or}, `no`",
  more: ({count}) => `${count} more ${plural(count, "line")}`,
  range: ({from, to}) => `from ${from} to ${to}`,
  theme: ({dark}) => `${dark ? "dark, very" : "light"}`,
  months: ["Jan", "Feb"],
});
'''
TEXTS = texts_of(STRINGS)
IMPORT = 'import * as strings from "../strings.js";\n'


def bundled(code):
    return with_texts(IMPORT + code, TEXTS, ["plural"]).strip()


def test_texts_are_read_whatever_signs_they_hold():
    assert TEXTS == {"chart.menu": '"Chart menu"', "chart.hint": '"Say \\"yes\\", {or}, `no`"', "chart.more": '({count}) => `${count} more ${plural(count, "line")}`',
                     "chart.range": "({from, to}) => `from ${from} to ${to}`", "chart.theme": '({dark}) => `${dark ? "dark, very" : "light"}`', "chart.months": '["Jan", "Feb"]'}


@pytest.mark.parametrize("code, expected", [
    ("say(strings.chart.menu);", 'say("Chart menu");'),
    ("html`<b title=${strings.chart.menu}>${strings.chart.menu}</b>`;", 'html`<b title="Chart menu">Chart menu</b>`;'),
    ("html`<b title=${strings.chart.hint}>${strings.chart.hint}</b>`;", 'html`<b title=${"Say \\"yes\\", {or}, `no`"}>${"Say \\"yes\\", {or}, `no`"}</b>`;'),
    ("say(strings.chart.range({from: a ? b : c, to: f(x, y)}));", "say(`from ${a ? b : c} to ${f(x, y)}`);"),
    ("say(strings.chart.range({from, to: strings.chart.menu}));", 'say(`from ${from} to ${"Chart menu"}`);'),
    ("say(strings.chart.more({count: rows.length}));", 'import {plural} from "../strings.js";say(`${rows.length} more ${plural(rows.length, "line")}`);'),
    # What would be computed twice, a choice, and what may hold signs that are not what they seem stay calls.
    ("say(strings.chart.more({count: next()}));", f'import {{plural}} from "../strings.js";\nconst strings_chart_more = {TEXTS["chart.more"]};say(strings_chart_more({{count: next()}}));'),
    ("say(strings.chart.theme({dark}));", f'const strings_chart_theme = {TEXTS["chart.theme"]};say(strings_chart_theme({{dark}}));'),
    ("say(strings.chart.range({from: a.replace(/[}`]/, b), to}));", f'const strings_chart_range = {TEXTS["chart.range"]};say(strings_chart_range({{from: a.replace(/[}}`]/, b), to}}));'),
    ("say(strings.chart.months[3]);", 'const strings_chart_months = ["Jan", "Feb"];say(strings_chart_months[3]);'),
])
def test_a_text_stands_where_it_is_used(code, expected):
    assert bundled(code).replace(";\n", ";") == expected.replace(";\n", ";")


@pytest.mark.parametrize("code, why", [("strings.chart.menus", "strings.chart.menus"), ("strings.chart[key]", "strings.chart")])
def test_other_uses_are_refused(code, why):
    with pytest.raises(ValueError, match=re.escape(why)):
        bundled(code)


def test_what_is_no_text_is_refused():
    with pytest.raises(ValueError, match="no text"):
        texts_of('export const chart = Object.freeze({\n  menu: "Chart menu",\n  ...others,\n});\n')


def test_modules_without_texts_stay_as_they_are():
    assert with_texts("const strings = {};", TEXTS, []) == "const strings = {};"


def test_the_dashboards_modules_have_their_texts_and_stay_modules(tmp_path):
    copy_with_texts(ROOT / "web", tmp_path / "web")

    for path in (tmp_path / "web").rglob("*.js"):
        assert "vendor" in path.parts or path.name == "strings.js" or not re.search(r"\bstrings\.\w+\.\w", path.read_text()), path.name
    if shutil.which("esbuild"):
        subprocess.run(["esbuild", "app.js", "--bundle", "--format=esm", "--splitting", f"--outdir={tmp_path}/out", "--log-level=error"], cwd=tmp_path / "web", check=True)
