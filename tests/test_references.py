"""Every citation leads to an entry of the bibliography, and every entry is cited."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"
sys.path.insert(0, str(NOTEBOOKS / "tools"))

from references import cited_as, entries, line, page  # noqa: E402

SOURCES = sorted((NOTEBOOKS / "src").glob("[0-9][0-9]_*.py"))
CITING = [*SOURCES, NOTEBOOKS / "README.md", ROOT / "README.md"]
BIBLIOGRAPHY = (NOTEBOOKS / "references.bib").read_text(encoding="utf-8")
KNOWN = entries(BIBLIOGRAPHY)
CITATION = re.compile(r"\[([^\]]*)\]\((?:notebooks/)?references\.md#([\w-]+)\)")
name = lambda path: path.stem  # noqa: E731


def without_comment_marks(text):
    """The text of a source with its lines of Markdown joined, so that no link is cut in two."""
    return re.sub(r"\n(?:# ?)?", " ", text)


def citations(text):
    """(what is written, key) of every citation."""
    return CITATION.findall(without_comment_marks(text))


def wrong_citations(text, known):
    """The citations whose key is unknown, or that call the entry by another name or year."""
    return [
        (written, key)
        for written, key in citations(text)
        if key not in known or not agrees(written, cited_as(known[key]))
    ]


def agrees(written, cited):
    """Whether a link's words fit an entry: its first author or its title word, and its year.

    "appendix C" or "the paper" is no claim about who wrote it; a year or a name is.
    """
    year = re.search(r"\b(?:19|20)\d\d\b", written)
    author = cited.split()[0]
    return not year or (year[0] in cited and author in written)


def uncited(texts, known):
    """The keys that no text cites."""
    return set(known) - {key for text in texts for _, key in citations(text)}


def has_sources_section(text):
    return re.search(r"^# ## (?:\d+\. )?Sources and further reading$", text, re.MULTILINE)


def test_the_page_is_what_the_bibliography_gives():
    assert (NOTEBOOKS / "references.md").read_text(encoding="utf-8") == page(BIBLIOGRAPHY)


@pytest.mark.parametrize("path", CITING, ids=name)
def test_every_citation_leads_to_its_entry(path):
    assert not wrong_citations(path.read_text(encoding="utf-8"), KNOWN)


def test_every_entry_is_cited():
    assert not uncited([path.read_text(encoding="utf-8") for path in CITING], KNOWN)


@pytest.mark.parametrize("path", [p for p in SOURCES if not p.name.startswith("00")], ids=name)
def test_every_notebook_names_its_sources(path):
    assert has_sources_section(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("key", KNOWN)
def test_an_entry_has_what_a_reader_needs_to_find_it(key):
    entry = KNOWN[key]
    assert {"author", "title", "year"} <= set(entry)
    assert {"eprint", "doi", "url", "pages"} & set(entry)
    assert re.fullmatch(rf"[a-z]+{entry['year']}[a-z]*", key)
    assert key.startswith(cited_as(entry).split()[0].lower())
    assert f'<a id="{key}"></a>' in line(key, entry)


ENTRY = (
    "@misc{doe2020,\n  author = {Jane Doe and Al Roe},\n  title = {On X},\n  year = {2020},\n}\n"
)


def test_an_entry_is_read_and_written():
    known = entries("% a comment\n\n" + ENTRY)
    assert known == {"doe2020": {"author": "Jane Doe and Al Roe", "title": "On X", "year": "2020"}}
    assert line("doe2020", known["doe2020"]) == (
        '<a id="doe2020"></a>**Doe and Roe (2020).** Jane Doe and Al Roe. *On X.*'
    )


@pytest.mark.parametrize(
    "bad",
    [
        ENTRY + ENTRY,
        ENTRY.replace("  year = {2020},\n", "  year = 2020,\n"),
        ENTRY.replace("},\n}", "}\n}"),
        "stray words\n" + ENTRY,
    ],
    ids=["twice", "no braces", "no comma", "stray"],
)
def test_a_bibliography_with_a_mistake_is_refused(bad):
    with pytest.raises(ValueError, match=r"not understood|twice"):
        entries(bad)


@pytest.mark.parametrize(
    "bad",
    ["[Doe (2020)](references.md#doe2021)", "[Doe (2021)](references.md#doe2020)",
     "[Poe\n# (2020)](references.md#doe2020)", "[Doe (2020)](notebooks/references.md#dow2020)"],
    ids=["key", "year", "author", "key in the README"],
)  # fmt: skip
def test_a_wrong_citation_is_caught(bad):
    assert wrong_citations(f"# as {bad}, section 3", entries(ENTRY))


def test_what_is_not_cited_or_has_no_sources_is_caught():
    known = entries(ENTRY)
    link = "](references.md#doe2020)"
    right = f"# [Doe and Roe (2020){link}, and\n# [the\n# paper{link}"
    assert not wrong_citations(right, known)
    assert not uncited([right], known)
    assert uncited(["# Doe (2020), without a link"], known) == {"doe2020"}
    assert has_sources_section("# text\n# ## 9. Sources and further reading\n")
    assert not has_sources_section("# ## Sources\n# as in Sources and further reading\n")
