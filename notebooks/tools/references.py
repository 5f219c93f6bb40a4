"""Writes notebooks/references.md, for readers, from notebooks/references.bib.

    python notebooks/tools/references.py

A notebook cites an entry by a link, [Schulman et al. (2015)](references.md#schulman2015). The
BibTeX that is read is ours: a field on a line of its own, accents as they are.
"""

import re
from pathlib import Path

NOTEBOOKS = Path(__file__).parent.parent
ENTRY = re.compile(r"@(?P<kind>\w+)\{(?P<key>\w+),\n(?P<fields>(?:  \w+ = \{.*\},\n)+)\}\n")
FIELD = re.compile(r"  (\w+) = \{(.*)\},\n")
HEAD = """\
# References

What the notebooks cite, by link. In BibTeX: [references.bib](references.bib), from which this page
is made by `notebooks/tools/references.py`.
"""


def entries(bibliography: str) -> dict[str, dict[str, str]]:
    """key -> its fields; ValueError where a line is not understood, or a key occurs twice."""
    rest = re.sub(r"^%.*\n", "", ENTRY.sub("", bibliography), flags=re.MULTILINE).strip()
    if rest:
        raise ValueError(f"not understood: {rest.splitlines()[0]}")
    found = [(m["key"], dict(FIELD.findall(m["fields"]))) for m in ENTRY.finditer(bibliography)]
    if len(dict(found)) < len(found):
        raise ValueError("a key occurs twice")
    return dict(found)


def authors(entry: dict[str, str]) -> list[str]:
    """The authors' names, in their order; "others" stands for those left out."""
    return entry["author"].split(" and ")


def cited_as(entry: dict[str, str]) -> str:
    """The name of an entry in the text: Kakade and Langford (2002), Schulman et al. (2015)."""
    names = [name.split()[-1] for name in authors(entry)]
    who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return f"{who} ({entry['year']})"


def line(key: str, entry: dict[str, str]) -> str:
    """The entry as a paragraph of Markdown with its anchor and its links."""
    *first, last = authors(entry)
    people = f"{', '.join(first)} and {last}" if first else last
    where = [
        entry[k] for k in ("booktitle", "journal", "institution", "howpublished") if k in entry
    ]
    where += [f"{entry['edition']} edition"] if "edition" in entry else []
    where += [entry[k] for k in ("publisher",) if k in entry]
    where += [f"pages {entry['pages'].replace('--', '–')}"] if "pages" in entry else []
    links = []
    if "eprint" in entry:
        links.append(f"[arXiv:{entry['eprint']}](https://arxiv.org/abs/{entry['eprint']})")
    if "doi" in entry:
        links.append(f"[doi:{entry['doi']}](https://doi.org/{entry['doi']})")
    if "url" in entry:
        links.append(f"[{entry['url'].split('/')[2]}]({entry['url']})")
    title = entry["title"] + ("" if entry["title"].endswith("?") else ".")
    parts = [f"{people}. *{title}*", *([", ".join(where) + "."] if where else []), *links]
    return f'<a id="{key}"></a>**{cited_as(entry)}.** {" ".join(parts)}'


def page(bibliography: str) -> str:
    """The whole of references.md, its entries by name and year."""
    known = entries(bibliography)
    ordered = sorted(known, key=lambda key: (cited_as(known[key]).lower(), key))
    return "\n".join([HEAD, *(line(key, known[key]) + "\n" for key in ordered)])


if __name__ == "__main__":
    bibliography = (NOTEBOOKS / "references.bib").read_text(encoding="utf-8")
    (NOTEBOOKS / "references.md").write_text(page(bibliography), encoding="utf-8")
