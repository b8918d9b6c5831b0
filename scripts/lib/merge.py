"""Merges the chunks that the first chart needs into one file: a browser asks for it once, and compiles it once.

Splitting gives a chunk to each set of pages that share code, most of them tiny; on the way to the first chart each costs a request of its own, six at a
time. The other files import from the merged one what they imported from its chunks.
"""
import hashlib
import json
import re
import subprocess
from pathlib import Path

REFERENCE = re.compile(r'"\./([^"/]+\.js)"')
IMPORT = re.compile(r'import(?:\{([^}]*)\}from)?"\./([^"]+)";')


class Merging:
    """One folder of chunks as esbuild made them. `needed` are the names to merge, `entry` the one that runs."""

    def __init__(self, folder: Path, exports: dict[str, list[str]], needed: list[str], entry: str):
        self.folder, self.exports, self.needed, self.entry = folder, exports, needed, entry

    def run(self, esbuild: list[str]) -> str:
        """@returns the merged file's name"""
        self.rename()
        source = self.folder / "app.js"        # named as the page names it where nothing is bundled
        source.write_text(f'import"./{self.entry}";' + "".join(self.reexport(name) for name in self.needed))
        others = [path.name for path in self.folder.glob("*.js") if path.name not in [*self.needed, source.name]]
        meta = self.folder / "merged.json"
        subprocess.run([*esbuild, source.name, "--bundle", "--format=esm", "--outdir=.", "--entry-names=[name]-[hash]", f"--metafile={meta.name}",
                        *(f"--external:./{name}" for name in others)], cwd=self.folder, check=True)
        first = Path(next(iter(json.loads(meta.read_text())["outputs"]))).name
        for path in [source, meta, *(self.folder / name for name in self.needed)]:
            path.unlink()
        for name in others:
            self.redirect(self.folder / name, first)
        return first

    def rename(self) -> None:
        """Files that import others are named by the digest of all: their text changes with the merged file's name."""
        files = sorted(self.folder.glob("*.js"))
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:8]
        moved = {path.name: f"{path.stem}-{digest}.js" for path in files if path.name not in self.needed and REFERENCE.search(path.read_text())}
        for path in files:
            path.write_text(REFERENCE.sub(lambda found: f'"./{moved.get(found[1], found[1])}"', path.read_text()))
            path.rename(path.with_name(moved.get(path.name, path.name)))

    def alias(self, chunk: str, name: str) -> str:
        return f"${self.needed.index(chunk)}_{name}"

    def reexport(self, chunk: str) -> str:
        names = ",".join(f"{name} as {self.alias(chunk, name)}" for name in self.exports[chunk])
        return f'export{{{names}}}from"./{chunk}";' if names else ""

    def redirect(self, path: Path, first: str) -> None:
        """Lets a file import from the merged one, all by one statement."""
        names = []

        def taken(found: re.Match) -> str:
            if found[2] not in self.needed:
                return found[0]
            names.extend(self.alias(found[2], *name.split(" as ", 1)[:1]) + " as " + name.split(" as ")[-1] for name in (found[1] or "").split(",") if name)
            return ""

        left = IMPORT.sub(taken, path.read_text())
        text = f'import{{{",".join(names)}}}from"./{first}";{left}' if names else left
        if kept := [name for name in self.needed if f'"./{name}"' in text]:
            raise ValueError(f"{path.name} still asks for {', '.join(kept)}")
        path.write_text(text)
