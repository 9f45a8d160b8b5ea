"""The commands of the project: each is a file here, or a folder with a `__main__` where it has parts of its own.

`just apply` is the way through four folders: `upstream` brings OpenPI and reads it, `plan` works out the patched tree in
memory by `codemods`, and `builds` writes it. `rebase_check` makes the same plan of upstream's other commits, and `bump`
moves the lock by both. `dataset` has the commands for datasets, and knows nothing of OpenPI's source.
"""
