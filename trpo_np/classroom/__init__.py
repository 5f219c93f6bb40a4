"""What the notebooks need beside the package: figures with alt text, and checks of exercises."""
