"""Rules of the house that no linter knows. Layers are checked by import-linter (see pyproject.toml)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from webapp.cli.translate import CATALOGUE, faults
from webapp.config import ROOT

PARTS = ("webapp", "jobs", "sandbox")
SOURCES = sorted(file for part in PARTS for file in (ROOT / part).rglob("*.py"))
# The sandbox has neither people nor secrets that are real.
OURS = [file for file in SOURCES if not file.is_relative_to(ROOT / "sandbox")]
TEMPLATES = sorted((ROOT / "webapp" / "templates").rglob("*.html"))
LONGEST_FILE, LONGEST_FUNCTION = 250, 40

NETWORK = re.compile(r"(httpx|httpcore|requests|aiohttp|urllib3|urllib\.request|http\.client)(\.|$)")
WAY_OUT = ROOT / "webapp" / "connectors" / "network.py"
BARE_SQL = frozenset({"text", "exec_driver_sql", "literal_column"})
SECRETIVE = re.compile(r"hmac|signature|token|digest|fingerprint|password", re.IGNORECASE)


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def nodes(*kinds: type, files: list[Path] = SOURCES) -> Iterator[tuple[str, ast.AST]]:
    for file in files:
        for node in ast.walk(tree(file)):
            if isinstance(node, kinds):
                yield f"{named(file)}:{node.lineno}", node


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


@pytest.mark.parametrize("file", SOURCES, ids=named)
def test_a_file_says_one_thing(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_a_function_fits_a_screen():
    functions = nodes(ast.FunctionDef, ast.AsyncFunctionDef)
    assert [where for where, node in functions if node.end_lineno - node.lineno >= LONGEST_FUNCTION] == []


def test_only_one_module_reaches_the_network():
    imports = nodes(ast.Import, ast.ImportFrom, files=[file for file in SOURCES if file != WAY_OUT])
    assert [where for where, node in imports if any(map(NETWORK.match, imported(node)))] == []


def test_bare_sql_stays_with_the_models_where_the_wall_between_accounts_is_watched():
    outside = [file for file in OURS if not file.is_relative_to(ROOT / "webapp" / "models")]
    bare = [where for where, node in nodes(ast.Call, files=outside) if called(node) in BARE_SQL and is_function(node)]
    tables = [where for where, node in nodes(ast.Attribute, files=outside) if node.attr == "__table__"]
    assert bare + tables == []


def is_function(call: ast.Call) -> bool:
    """`text(…)` and `sqlalchemy.text(…)`, not a method of something else that has the name."""
    owner = getattr(call.func, "value", None)
    return called(call) != "text" or owner is None or getattr(owner, "id", "") in {"sa", "sqlalchemy"}


def test_nothing_is_put_on_a_page_unescaped():
    unsafe = re.compile(r"\|\s*safe\b|autoescape\s+false|\bMarkup\b")
    assert [named(file) for file in [*TEMPLATES, *SOURCES] if unsafe.search(file.read_text(encoding="utf-8"))] == []


def test_secrets_are_compared_in_constant_time():
    comparisons = nodes(ast.Compare, files=OURS)
    assert [where for where, node in comparisons if compares_secrets(node)] == []


def compares_secrets(node: ast.Compare) -> bool:
    """An `==` of two values of which one is called a secret. Columns in queries are not compared in Python."""
    if not any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops):
        return False
    sides = [node.left, *node.comparators]
    if any(isinstance(side, ast.Constant) or is_column(side) for side in sides):
        return False
    return any(SECRETIVE.search(last_name(side)) for side in sides)


def last_name(node: ast.AST) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")


def is_column(node: ast.AST) -> bool:
    """`UserSession.token_hash`, `cls.token_hash`: an attribute of a class."""
    owner = getattr(getattr(node, "value", None), "id", "")
    return isinstance(node, ast.Attribute) and (owner[:1].isupper() or owner == "cls")


@pytest.mark.parametrize("file", TEMPLATES, ids=named)
def test_a_template_has_no_script_and_no_style_of_its_own(file):
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"\son[a-z]+=|\sstyle=|javascript:|hx-on", text)


def test_every_polish_text_is_translated_and_sure():
    catalogue = polib.pofile(str(CATALOGUE))
    unfinished = [*catalogue.untranslated_entries(), *catalogue.fuzzy_entries(), *catalogue.obsolete_entries()]
    assert [entry.msgid for entry in unfinished] == []


def test_the_catalogue_has_exactly_the_texts_of_the_application():
    assert faults() == []


def test_no_file_names_a_package_index():
    pins = [*(ROOT / "requirements").glob("*.txt"), ROOT / "pyproject.toml"]
    assert [named(file) for file in pins if re.search(r"index-url|https?://", file.read_text(encoding="utf-8"))] == []
