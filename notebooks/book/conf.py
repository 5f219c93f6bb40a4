"""Settings of the book for Sphinx; notebooks/tools/book.py builds it."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE), str(HERE.parent / "tools")]

from address import REPOSITORY  # noqa: E402 - found by the line above

project = "trpo_np"
author = copyright = "the authors of trpo_np"
html_title = "Trust Region Policy Optimization from scratch"
extensions = [
    *("myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "sphinx.ext.mathjax"),
    *("sphinx_design", "sphinx_copybutton"),
    *("extension.notebooks", "extension.equations", "extension.code", "extension.course"),
]

# Notebooks are shown as they were committed.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
myst_enable_extensions = ["dollarmath", "amsmath", "attrs_inline", "attrs_block", "colon_fence"]
myst_heading_anchors = 4
suppress_warnings = ["mystnb.unknown_mime_type"]

# MathJax from the site itself; tools/book.py puts it there.
mathjax_path = "mathjax/tex-chtml.js"
mathjax3_config = {"options": {"enableMenu": False}}

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "ignore-module-all": True}
add_module_names = False
viewcode_follow_imported_members = False
python_use_unqualified_type_names = True
default_role = "py:obj"

html_theme = "sphinx_book_theme"
html_static_path = ["static", "../../figures/trust_region.png"]
html_extra_path = ["../../figures/cheat_sheet.pdf", "../../figures/handout.pdf"]
html_context = {"default_mode": "auto"}
html_use_index = html_domain_indices = False  # the code has its own list
html_favicon = "static/favicon.svg"
html_css_files = ["book.css"]
html_js_files = [(name, {"defer": "defer"}) for name in ("book.js", "films.js")]
html_sourcelink_suffix = ""
html_theme_options = {
    "logo": {"text": "Trust regions,<br>from scratch"},
    "path_to_docs": "notebooks",
    "use_fullscreen_button": False,
    "collapse_navbar": True,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": {"**": ["page-toc.html"], "index": [], "trust_region": []},
    "footer_content_items": ["copyright.html"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
if REPOSITORY:
    html_theme_options |= {
        "repository_url": REPOSITORY,
        "repository_branch": "main",
        "use_repository_button": True,
        "launch_buttons": {
            "colab_url": "https://colab.research.google.com",
            "binderhub_url": "https://mybinder.org",
        },
    }
