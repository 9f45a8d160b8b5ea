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
    @"{{ python }}" -I -m tools.sync_upstream "$@"

# Build the patched tree: overlay and patches on the locked upstream
[no-cd, no-exit-message]
apply *args: _venv
    @"{{ python }}" -I -m tools.apply "$@"

# Say whether the build is clean, edited, or behind
[no-cd, no-exit-message]
status *args: _venv
    @"{{ python }}" -I -m tools.status "$@"

# Show the whole change to upstream
[no-cd, no-exit-message]
diff *args: _venv
    @"{{ python }}" -I -m tools.diff "$@"

# Write the series as patch files for git am
[no-cd, no-exit-message]
export *args: _venv
    @"{{ python }}" -I -m tools.export "$@"

# Carry edits of overlay files from the build back into overlay/
[no-cd, no-exit-message]
harvest *args: _venv
    @"{{ python }}" -I -m tools.harvest "$@"

# Try the patches on every commit of upstream's history
[no-cd, no-exit-message]
rebase-check *args: _venv
    @"{{ python }}" -I -m tools.rebase_check "$@"

# Move the lock to a newer upstream, checked and tested first
[no-cd, no-exit-message]
bump *args: _venv
    @"{{ python }}" -I -m tools.bump "$@"

# Write the files of a new robot
[no-cd, no-exit-message]
new-robot *args: _venv
    @"{{ python }}" -I -m tools.new_robot "$@"

# Say whether a dataset opens in LeRobot and trains right
[no-cd, no-exit-message]
check-dataset *args: _venv
    @"{{ python }}" -I -m tools.dataset.check "$@"

# Mend what can be mended in a dataset, into a new folder
[no-cd, no-exit-message]
repair-dataset *args: _venv
    @"{{ python }}" -I -m tools.dataset.repair "$@"

# Make an episode of what was recorded when a recorder was killed
[no-cd, no-exit-message]
recover-dataset *args: _venv
    @"{{ python }}" -I -m tools.dataset.recover "$@"

# Make a LeRobot v2.1 dataset of one in v3.0 or v2.0, or of one with videos
[no-cd, no-exit-message]
convert-dataset *args: _venv
    @"{{ python }}" -I -m tools.dataset.convert "$@"

# Merge, split, delete episodes, recompress, rename or drop: into a new folder
[no-cd, no-exit-message]
edit-dataset *args: _venv
    @"{{ python }}" -I -m tools.dataset.edit "$@"

# Make one HTML page on which to look at a dataset
[no-cd, no-exit-message]
preview-dataset *args: _venv
    @"{{ python }}" -I -m tools.dataset.preview "$@"

# Upload a dataset to the Hugging Face hub and set its tag
[no-cd, no-exit-message]
upload-dataset *args: _venv
    @"{{ python }}" -I -m tools.dataset.upload "$@"

# Make the environment in which OpenPI itself runs
[no-cd, no-exit-message]
upstream-env *args: _venv
    @"{{ python }}" -I -m tools.upstream_env "$@"

# Run Python in the patched tree, with that environment
[no-cd, no-exit-message]
py *args: _venv
    @"{{ python }}" -I -m tools.py "$@"

# Run OpenPI from a dataset to actions: no GPU, no robot, no account
[no-cd, no-exit-message]
demo *args: _venv
    @"{{ python }}" -I -m tools.demo "$@"

# Measure, such as just bench apply; --help lists what
[no-cd, no-exit-message]
bench *args: _venv
    @"{{ python }}" -I -m tools.bench "$@"

# Run the linter and the tests, all or those of a path
[no-exit-message]
test *args: _venv
    @"{{ python }}" -I -m tools.test "$@"

[no-exit-message, private]
_venv:
    @"{{ root }}/justw" --make-venv
