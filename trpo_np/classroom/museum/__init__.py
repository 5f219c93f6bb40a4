"""The museum of bugs, notebook 11: its programs and checks, a file for each room."""
