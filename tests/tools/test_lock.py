"""The lock is read whole, or refused with the place that is wrong."""

import dataclasses
import tomllib

import pytest

from tools import lock as locks
from tools.command import ROOT
from tools.refusal import Refused

TEXT = """\
url = "https://host.invalid/openpi.git"
commit = "0123456789abcdef0123456789abcdef01234567"
date = "2026-06-15"

[mirror]
package = "some-openpi"
version = "0.1.1"
sha256 = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
commit = "89abcdef0123456789abcdef0123456789abcdef"
date = "2025-10-18"
differs = ["One line is another.", "A file is added."]
"""


def _refusal(tmp_path, text: str | bytes) -> Refused:
    path = tmp_path / "upstream.lock"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(Refused) as caught:
        locks.read_lock(path)
    refusal = caught.value
    assert str(path) in refusal.where
    assert all((refusal.expected, refusal.found, refusal.todo))
    return refusal


def test_missing(tmp_path):
    with pytest.raises(Refused) as caught:
        locks.read_lock(tmp_path / "upstream.lock")
    assert caught.value.found == "no such file"


def test_bad_toml_names_the_line(tmp_path):
    assert "line 3" in _refusal(tmp_path, TEXT.replace('date = "2026-06-15"', "date = 2026-06-")).found


def test_not_utf8(tmp_path):
    assert "utf-8" in _refusal(tmp_path, b'url = "\xff"').found


@pytest.mark.parametrize("line", [line for line in TEXT.splitlines() if "=" in line])
def test_each_key_is_needed(tmp_path, line):
    refusal = _refusal(tmp_path, TEXT.replace(f"{line}\n", "", 1))
    assert refusal.where.endswith(line.split(" = ")[0])
    assert ("mirror." in refusal.where) == (TEXT.index(line) > TEXT.index("[mirror]"))


def test_mirror_is_needed(tmp_path):
    assert _refusal(tmp_path, TEXT.partition("[mirror]")[0]).where.endswith(": mirror")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('"2026-06-15"', "2026-06-15", ": date"),
        ('"2026-06-15"', '"2026-13-15"', ": date"),
        ('"2026-06-15"', '"20260615"', ": date"),
        ('"2026-06-15"', '"15.6.2026"', ": date"),
        ('"https://host.invalid/openpi.git"', '""', ": url"),
        ('"https://host.invalid/openpi.git"', "7", ": url"),
        ('01234567"', '0123456"', ": commit"),
        ('01234567"', '012345678"', ": commit"),
        ('"0123456789abcdef', '"0123456789ABCDEF', ": commit"),
        ('"0123456789abcdef0123456789abcdef01234567"', '"main"', ": commit"),
        ('ddeeff"', 'ddee"', ": mirror.sha256"),
        ('ddeeff"', 'ddeeff\\n"', ": mirror.sha256"),
        ('ddeeff"', 'ddeegg"', ": mirror.sha256"),
        ('"89abcdef', '"x9abcdef', ": mirror.commit"),
        ('"2025-10-18"', '"2025-02-30"', ": mirror.date"),
        ('"some-openpi"', '"some-openpi --index-url x"', ": mirror.package"),
        ('"some-openpi"', '"-r"', ": mirror.package"),
        ('"0.1.1"', '"0.1.1\\n-r other.txt"', ": mirror.version"),
        ('"0.1.1"', "0.1", ": mirror.version"),
        ('["One line is another.", "A file is added."]', '"One line is another."', ": mirror.differs"),
        ('["One line is another.", "A file is added."]', "[1]", ": mirror.differs"),
        ('url = "', 'branch = "main"\nurl = "', ": branch"),
        ('package = "', 'name = "main"\npackage = "', ": mirror.name"),
    ],
)
def test_wrong_value_names_the_key(tmp_path, old, new, where):
    assert old in TEXT
    assert _refusal(tmp_path, TEXT.replace(old, new, 1)).where.endswith(where)


def test_mirror_that_is_no_table(tmp_path):
    assert _refusal(tmp_path, TEXT.partition("[mirror]")[0] + "mirror = 3").where.endswith(": mirror")


def test_reads_every_value(tmp_path):
    path = tmp_path / "upstream.lock"
    path.write_text(TEXT)
    read = dataclasses.asdict(locks.read_lock(path))
    read["mirror"]["differs"] = list(read["mirror"]["differs"])
    assert read == tomllib.loads(TEXT)


def test_the_projects_own_lock():
    lock = locks.read_lock(ROOT / "upstream.lock")
    assert lock.commit == "15a9616a00943ada6c20a0f158e3adb39df2ccac"
    assert (lock.mirror.package, lock.mirror.version) == ("rlinf-openpi", "0.1.1")
    assert len(lock.mirror.differs) == 4
