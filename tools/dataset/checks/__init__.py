"""One question asked of a dataset a file, with its repair where there is one. A file is found by being here."""
