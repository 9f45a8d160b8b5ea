# Every recipe is one command of tools/; `just COMMAND --help` shows what it takes.
set positional-arguments

root := justfile_directory()
python := root / ".venv/bin/python"

[private]
default:
    @"{{ root }}/justw" --list --unsorted

# Fetch the locked upstream, from git or else from the mirror
[no-cd, no-exit-message]
sync-upstream *args: _venv
    @"{{ python }}" -P -m tools.sync_upstream "$@"

# Build the patched tree: overlay and patches on the locked upstream
[no-cd, no-exit-message]
apply *args: _venv
    @"{{ python }}" -P -m tools.apply "$@"

# Say whether the build is clean, edited, or behind
[no-cd, no-exit-message]
status *args: _venv
    @"{{ python }}" -P -m tools.status "$@"

# Show the whole change to upstream
[no-cd, no-exit-message]
diff *args: _venv
    @"{{ python }}" -P -m tools.diff "$@"

# Write the series as patch files for git am
[no-cd, no-exit-message]
export *args: _venv
    @"{{ python }}" -P -m tools.export "$@"

# Carry edits of overlay files from the build back into overlay/
[no-cd, no-exit-message]
harvest *args: _venv
    @"{{ python }}" -P -m tools.harvest "$@"

# Write the files of a new robot
[no-cd, no-exit-message]
new-robot *args: _venv
    @"{{ python }}" -P -m tools.new_robot "$@"

# Measure: just bench apply
[no-cd, no-exit-message]
bench *args: _venv
    @"{{ python }}" -P -m tools.bench "$@"

# Run every test, and the linter
[no-exit-message]
test *args: _venv
    @"{{ python }}" -P -m tools.test "$@"

[no-exit-message, private]
_venv:
    @"{{ root }}/justw" --make-venv
