"""Where the project can be had from, by those who run a notebook elsewhere."""

#: The public address of the repository, as https://github.com/OWNER/NAME. With one, each notebook
#: begins with a cell that installs the package on Colab, and the book's pages have buttons for
#: Colab and Binder. Empty: neither.
REPOSITORY = ""


def installing(repository: str = REPOSITORY) -> str:
    """The code of a cell that installs the package on Colab and does nothing elsewhere; empty
    without an address."""
    if not repository:
        return ""
    return f"""\
import sys

if "google.colab" in sys.modules:  # elsewhere the package is installed already
    %pip install -q "trpo_np[render] @ git+{repository}"
"""
