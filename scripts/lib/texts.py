"""Puts the texts of web/strings.js where they are used, for bundles: a page then loads those of its own parts alone, and no keys.

A module that says `strings.chart.menu` has its literal afterwards; a text with values, or any other, becomes a constant of the module.
"""
import re
import shutil
from pathlib import Path

STRINGS = "strings.js"
SECTION = re.compile(r"^export const (\w+) = (?=\{)", re.MULTILINE)
HELPER = re.compile(r"^export const (\w+) = (?!\{)", re.MULTILINE)
ENTRY = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*(\w+): ", re.DOTALL)
IMPORT = re.compile(r'^import \* as strings from ("[^"]*strings\.js");$', re.MULTILINE)
USE = re.compile(r"\bstrings\.(\w+)\.(\w+)")


def past(source: str, at: int) -> int:
    """@returns the place after the literal, comment or bracket that begins at `at`, else after one sign"""
    sign = source[at]
    if source.startswith("//", at):
        return source.index("\n", at)
    if source.startswith("/*", at):
        return source.index("*/", at) + 2
    if sign in "([{":
        at += 1
        while source[at] not in ")]}":
            at = past(source, at)
    elif sign in "\"'`":
        at += 1
        while source[at] != sign:
            at = past(source, at + 1) if sign == "`" and source.startswith("${", at) else at + (2 if source[at] == "\\" else 1)
    return at + 1


def texts_of(source: str) -> dict[str, str]:
    """@returns the expression of each text by `section.key`"""
    texts = {}
    for section in SECTION.finditer(source):
        at, end = section.end() + 1, past(source, section.end()) - 1
        while entry := ENTRY.match(source, at, end):
            begin = at = entry.end()
            while at < end and source[at] != ",":
                at = past(source, at)
            texts[f"{section[1]}.{entry[1]}"] = source[begin:at].strip()
            at += 1
        if left := source[at:end].strip():
            raise ValueError(f"{STRINGS}: {section[1]} has {left.splitlines()[0]!r}, which is no text")
    return texts


def with_texts(module: str, texts: dict[str, str], helpers: list[str]) -> str:
    """@returns the module with its texts in it"""
    found = IMPORT.search(module)
    if not found:
        return module
    constants = {}

    def put(use: re.Match) -> str:
        text = texts.get(f"{use[1]}.{use[2]}")
        if text is None:
            raise ValueError(f"{STRINGS} has no {use[0]}")
        if text[0] == '"' and past(text, 0) == len(text):
            return text
        name = f"strings_{use[1]}_{use[2]}"
        constants[name] = text
        return name

    body = USE.sub(put, module[found.end():])
    if left := re.search(r"\bstrings\b(?!_)[.\[]\w*", body):
        raise ValueError(f"a text is named as strings.section.key, not {left[0]}")
    lines = [f"const {name} = {text};" for name, text in constants.items()]
    used = [name for name in helpers if re.search(rf"\b{name}\b", " ".join(constants.values()))]
    imported = [f"import {{{', '.join(used)}}} from {found[1]};"] if used else []
    return module[:found.start()] + "\n".join(imported + lines) + body


def copy_with_texts(web: Path, into: Path) -> None:
    """Copies the dashboard's modules, their texts in them; of `strings.js` only what the texts share is left."""
    shutil.copytree(web, into, ignore=shutil.ignore_patterns("built", ".built-*", "test"))
    source = (web / STRINGS).read_text()
    texts, helpers = texts_of(source), HELPER.findall(source)
    for path in into.rglob("*.js"):
        if "vendor" not in path.parts:
            path.write_text(with_texts(path.read_text(), texts, helpers))
    first = SECTION.search(source)
    (into / STRINGS).write_text(source[:first.start()] if first else source)
