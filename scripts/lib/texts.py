"""Puts the texts of web/strings.js where they are used, for bundles: a page then loads those of its own parts alone, and no keys.

A module that says `strings.chart.menu` has its literal afterwards, one that says `strings.chart.more({count: rows.length})` the template with that value
in it; what is neither becomes a constant of the module.
"""
import re
import shutil
from pathlib import Path

STRINGS = "strings.js"
SECTION = re.compile(r"^export const (\w+) = Object\.freeze\((?=\{)", re.MULTILINE)
HELPER = re.compile(r"^export const (\w+) = \(", re.MULTILINE)
ENTRY = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*(\w+): ", re.DOTALL)
IMPORT = re.compile(r'^import \* as strings from ("[^"]*strings\.js");$', re.MULTILINE)
USE = re.compile(r"\bstrings\.(\w+)\.(\w+)")
# Between tags, or the value of an attribute.
MARKUP = re.compile(r"(?:(?<=>)|((?<= )[a-z-]+=))\$\{strings\.(\w+)\.(\w+)\}(?=[<\s/>])")
# Where a text has a value, or the word for a count.
HOLE = re.compile(r'\$\{(?:(\w+)|plural\((\w+), ("[^"]*"(?:, "[^"]*")?)\))\}')


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


def parts_of(source: str, at: int) -> tuple[list[str], int]:
    """@returns what commas part in the bracket that opens at `at`, and the place after it"""
    end = past(source, at)
    parts, begin, at = [], at + 1, at + 1
    while at < end:
        if source[at] == "," or at == end - 1:
            parts.append(source[begin:at].strip())
            begin = at + 1
        at = past(source, at) if at < end - 1 else end
    return [part for part in parts if part], end


def filled(text: str, values: dict[str, str]) -> str | None:
    """@returns the template of a text with these values in it; None for other expressions, and where a value would be computed twice"""
    template = text[text.index("=> ") + 3:]
    holes = HOLE.findall(template)
    if template[0] != "`" or len(holes) != template.count("${"):
        return None
    names = [plain or counted for plain, counted, _ in holes]
    if any(names.count(name) != 1 and not re.fullmatch(r"[\w.]+", value) for name, value in values.items()):
        return None
    return HOLE.sub(lambda hole: f"${{{values[hole[1]]}}}" if hole[1] else f"${{plural({values[hole[2]]}, {hole[3]})}}", template)


class Module:
    """One module, and the texts that are put into it."""

    def __init__(self, source: str, texts: dict[str, str]):
        self.source, self.texts, self.constants = source, texts, {}

    def text(self, section: str, key: str) -> str:
        if f"{section}.{key}" not in self.texts:
            raise ValueError(f"{STRINGS} has no strings.{section}.{key}")
        return self.texts[f"{section}.{key}"]

    def in_markup(self, source: str) -> str:
        """Markup holds plain texts as they are."""
        def put(use: re.Match) -> str:
            text = self.text(use[2], use[3])
            is_plain = re.fullmatch(r'"[^"`$<>{}\\]+"', text) and text[1:-1].strip() == text[1:-1]
            return use[0] if not is_plain else f"{use[1]}{text}" if use[1] else text[1:-1]
        return MARKUP.sub(put, source)

    def in_code(self, source: str) -> str:
        made, at = "", 0
        while use := USE.search(source, at):
            text = self.text(use[1], use[2])
            made, at = made + source[at:use.start()], use.end()
            if text[0] == '"' and past(text, 0) == len(text):
                made += text
            elif source.startswith("({", at) and (call := self.called(text, source, at)):
                made, at = made + call[0], call[1]
            else:
                name = f"strings_{use[1]}_{use[2]}"
                self.constants[name] = text
                made += name
        return made + source[at:]

    def called(self, text: str, source: str, at: int) -> tuple[str, int] | None:
        """@returns the text with the values of the call at `at`, and the place after that; None if it stays a call"""
        try:
            values, end = parts_of(source, at + 1)
        except IndexError:
            return None
        if "/" in source[at:end] or source[end] != ")":       # a regular expression may hold what looks like brackets and quotes
            return None
        named = {part.partition(": ")[0]: self.in_code(part.partition(": ")[2] or part) for part in values}
        made = filled(text, named)
        return made and (made, end + 1)


def with_texts(source: str, texts: dict[str, str], helpers: list[str]) -> str:
    """@returns the module with its texts in it"""
    found = IMPORT.search(source)
    if not found:
        return source
    module = Module(source, texts)
    body = module.in_code(module.in_markup(source[found.end():]))
    if left := re.search(r"\bstrings\b[.\[]\w*", body):
        raise ValueError(f"a text is named as strings.section.key, not {left[0]}")
    lines = [f"const {name} = {text};" for name, text in module.constants.items()]
    used = [name for name in helpers if re.search(rf"\b{name}\(", "\n".join([body, *lines]))]
    imported = [f"import {{{', '.join(used)}}} from {found[1]};"] if used else []
    return source[:found.start()] + "\n".join(imported + lines) + body


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
