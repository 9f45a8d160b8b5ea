"""The mirror: a source distribution, brought by pip, and checked by hash, without running anything that is in it.

Why pip, and why like this. Only pip knows the user's index, certificates, proxy and folders of wheels, so pip must do
the downloading, and no host is named here. What protects is the hash: `--require-hashes` makes pip refuse any other
archive than the lock's before it unpacks it, and we check the hash again. But `pip download` of a source distribution
insists on asking its build backend for metadata, which would bring the backend from the index, and run it or code of
the archive. With `--no-build-isolation` nothing more is downloaded, and in the Python that pip starts to ask, a
`sitecustomize` of ours answers before anything else is imported, with the name and version that the lock has. So the
one archive in a folder (`PIP_FIND_LINKS`) is enough on a machine without any network.
"""

import hashlib
import os
import pathlib
import re
import subprocess
import sys

from tools.lock import Mirror
from tools.refusal import Refused

# Python imports it first of all. pip asks through a script of its own, `_in_process.py HOOK FOLDER`; how it did so before
# there were hooks, by running setup.py, is refused. What else is a Python, such as the user's keyring, is let alone.
_ANSWERS = '''"""Answers pip with the metadata that the lock knows, so that no code of the archive runs."""
import json
import os
import pathlib
import sys
import traceback


def prepare_metadata_for_build_wheel(metadata_directory, **_):
    info = pathlib.Path(metadata_directory, "{stem}.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: {package}\\nVersion: {version}\\n")
    return info.name


def answer(hook, folder):
    asked = json.loads(pathlib.Path(folder, "input.json").read_text(encoding="utf-8"))
    known = {{"prepare_metadata_for_build_wheel": prepare_metadata_for_build_wheel}}
    answered = known.get(hook, lambda **_: [])(**asked["kwargs"])
    output = {{"return_val": answered, "unsupported": False}}
    pathlib.Path(folder, "output.json").write_text(json.dumps(output), encoding="utf-8")


asked_of_a_backend = any(os.path.basename(word) == "_in_process.py" for word in sys.orig_argv)
if asked_of_a_backend or any("setup.py" in word for word in sys.orig_argv):
    code = 1
    try:
        if asked_of_a_backend:
            answer(*sys.orig_argv[-2:])
            code = 0
    except BaseException:
        traceback.print_exc()  # Python itself would show it and go on
    os._exit(code)
'''


class NotFetched(Exception):  # noqa: N818  (an answer: there may be another source)
    """pip could not bring the archive; `str()` is what it said."""


def download(mirror: Mirror, folder: pathlib.Path, *, held: tuple[int, ...] = ()) -> pathlib.Path:
    """Brings the archive of the mirror and checks its hash.

    Args:
        mirror: Which one.
        folder: An empty folder of ours, to work in.
        held: Open files that pip keeps open too: the lock of the store, for a pip that outlives us.

    Returns:
        The archive, a .tar.gz in that folder.

    Raises:
        NotFetched: No index answered, or none has it.
        Refused: What came is not what the lock names.
    """
    stem = f"{re.sub(r'[-_.]+', '_', mirror.package).lower()}-{mirror.version}"
    answers = {"stem": stem, "package": mirror.package, "version": mirror.version}
    (folder / "answers").mkdir()
    (folder / "answers" / "sitecustomize.py").write_text(_ANSWERS.format(**answers))
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{mirror.package}=={mirror.version} --hash=sha256:{mirror.sha256}\n")
    options = ["--no-deps", "--no-build-isolation", "--require-hashes", "--no-input", "--progress-bar=off"]
    files = ["--no-binary", mirror.package, "--requirement", str(wanted), "--dest", str(folder / "got")]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pip", "download", *options, *files],
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        pass_fds=held,
    )
    if got := re.search(r"^\s*Got\s+([0-9a-f]{64})\s*$", done.stdout + done.stderr, re.MULTILINE):
        raise _wrong_hash(mirror, got[1])
    if done.returncode != 0:
        errors = [
            line for line in done.stderr.splitlines() if line.startswith(("ERROR:", "OSError", "WARNING: Retrying"))
        ]
        raise NotFetched("\n".join(errors or [done.stderr.strip()[-500:] or f"pip exited with {done.returncode}"]))
    archives = list((folder / "got").iterdir())
    if len(archives) != 1:
        raise NotFetched(f"pip brought {len(archives)} files: {', '.join(sorted(a.name for a in archives))}")
    check_hash(archives[0], mirror)
    return archives[0]


def check_hash(archive: pathlib.Path, mirror: Mirror) -> None:
    """Compares an archive with the lock.

    Raises:
        Refused: Its sha256 is another.
    """
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != mirror.sha256:
        raise _wrong_hash(mirror, found)


def _environment(folder: pathlib.Path) -> dict[str, str]:
    env = dict(os.environ)
    env.pop("PIP_PYTHON", None)  # pip would hand everything on to that one
    env["PYTHONPATH"] = str(folder / "answers")
    env["PIP_USE_PEP517"] = "1"  # ask through hooks, an archive without a pyproject.toml too
    env["TMPDIR"] = str(folder)  # so that a killed pip leaves nothing outside the folder
    env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    env.setdefault("PIP_RETRIES", "1")  # pip's own five make a machine without a network wait for minutes
    return env


def _wrong_hash(mirror: Mirror, found: str) -> Refused:
    return Refused(
        f"the archive of {mirror.package} {mirror.version}",
        expected=f"sha256 {mirror.sha256}, as upstream.lock has it",
        found=f"sha256 {found}",
        todo="mend mirror.sha256 in upstream.lock; where that is right, your package index serves something else",
    )
