"""The chunks that the first chart needs become one file, and every page works as before; no browser is needed to see that."""
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts/lib"))
from merge import Merging  # noqa: E402

MODULES = {
    "app.js": 'import {count} from "./counter.js"; import {early} from "./early.js"; import {format} from "./format.js";\n'
              'export const ready = import("./page.js").then(async ({default: page}) => page(format(count()), early(), (await import("./other.js")).other()));',
    "page.js": 'import {count} from "./counter.js"; import {twice} from "./twice.js";\nexport default (...words) => [...words, count(), twice("page")].join(" ");',
    "other.js": 'import {count, name as called} from "./counter.js"; import {format} from "./format.js"; import {twice} from "./twice.js"; import {early} from "./early.js";\n'
                'export const other = () => `${called} ${format(count())} ${twice("o")} ${early()}`;',
    "counter.js": "let n = 0;\nexport const count = () => ++n;\nexport const name = \"counter\";",
    "format.js": "export const format = (n) => `<${n}>`;",
    "twice.js": "export const twice = (text) => text + text;",
    "early.js": "let asked = 0;\nexport const early = () => `early${++asked}`;",
}
ESBUILD = ["esbuild", "--minify", "--target=es2022", "--log-level=warning"]


@pytest.mark.skipif(not shutil.which("esbuild") or not shutil.which("node"), reason="esbuild and node make and run it")
def test_merged_chunks_are_one_file_and_share_what_they_shared(tmp_path):
    sources, made = tmp_path / "sources", tmp_path / "made"
    sources.mkdir()
    for name, text in MODULES.items():
        (sources / name).write_text(text)
    meta = tmp_path / "meta.json"
    subprocess.run([*ESBUILD, "app.js", "--bundle", "--splitting", "--external:./early.js", "--format=esm", f"--outdir={made}", "--entry-names=[name]-[hash]", f"--metafile={meta}"], cwd=sources, check=True)
    shutil.copy(sources / "early.js", made)
    outputs = json.loads(meta.read_text())["outputs"]
    names = {output.get("entryPoint"): Path(path).name for path, output in outputs.items()}
    needed = sorted(name for name in (Path(path).name for path in outputs) if name != names["other.js"])
    before = set(path.name for path in made.glob("*.js"))

    first = Merging(made, {Path(path).name: output["exports"] for path, output in outputs.items()}, needed, names["app.js"]).run(ESBUILD)

    after = set(path.name for path in made.glob("*.js"))
    assert len(needed) >= 4 and first in after and "early.js" in after and len(after) == len(before) - len(needed) + 1
    assert not any(name in path.read_text() for name in needed for path in made.glob("*.js"))
    # Each file asks for the merged one at most once.
    assert all(path.read_text().count(f'from"./{first}"') <= 1 for path in made.glob("*.js"))
    # A file whose text changed has another name than before, so that no browser keeps an old one.
    assert names["other.js"] not in after
    (made / "run.mjs").write_text(f'const found = Object.entries(await import("./{first}")).find(([name]) => name.endsWith("_ready")); console.log(await found[1]);')
    (made / "package.json").write_text('{"type": "module"}')
    printed = subprocess.run(["node", "run.mjs"], cwd=made, capture_output=True, text=True, timeout=60)
    assert printed.stdout == "<1> early1 counter <2> oo early2 3 pagepage\n", printed.stderr
