"""A source archive is read whole, or refused: cut short, too large, or with what no upstream tree has."""

import gzip
import random
import tarfile

import pytest

from tests.tools.small_upstream import file_member
from tests.tools.small_upstream import pack
from tools.refusal import Refused
from tools.upstream import archive
from tools.upstream.store import File


def _refusal(tmp_path, content: bytes) -> Refused:
    path = tmp_path / "bad.tar.gz"
    path.write_bytes(content)
    with pytest.raises(Refused) as caught:
        archive.read_archive(path)
    assert [p.name for p in tmp_path.iterdir()] == ["bad.tar.gz"]
    return caught.value


GOOD = [file_member("top/a.py"), file_member("top/b/c.sh", mode=0o755)]

HOSTILE = {
    "absolute": file_member("/top/x"),
    "absolute in top": file_member("top//x"),
    "dot dot": file_member("top/../../x"),
    "dot dot at the front": file_member("../top/x"),
    "dot": file_member("top/./x"),
    "backslash": file_member("top/..\\x"),
    "newline": file_member("top/a\nb"),
    "not utf-8": file_member("top/\udcff"),
    "git folder": file_member("top/.git/config"),
    "git folder in capitals": file_member("top/b/.GIT/hooks/x"),
    "link out": file_member("top/l", b"", kind=tarfile.SYMTYPE, link="../x"),
    "link out from below": file_member("top/b/l", b"", kind=tarfile.SYMTYPE, link="../../x"),
    "absolute link": file_member("top/l", b"", kind=tarfile.SYMTYPE, link="/etc/passwd"),
    "hard link": file_member("top/l", b"", kind=tarfile.LNKTYPE, link="top/a.py"),
    "device": file_member("top/d", b"", kind=tarfile.CHRTYPE),
    "pipe": file_member("top/d", b"", kind=tarfile.FIFOTYPE),
    "twice": file_member("top/a.py", b"other"),
    "case": file_member("top/A.py"),
    "case of a folder": file_member("top/B/d"),
    "accent": file_member("top/e\u0301"),
    "file below a file": file_member("top/a.py/x"),
    "second top folder": file_member("other/x"),
    "file beside the top folder": file_member("x"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_member(tmp_path, name):
    refusal = _refusal(tmp_path, pack([*GOOD, file_member("top/\u00e9"), HOSTILE[name]]))
    assert refusal.where == "bad.tar.gz"


def test_link_then_file_through_it(tmp_path):
    link = file_member("top/l", b"", kind=tarfile.SYMTYPE, link="b")
    assert "inside a file or a link" in _refusal(tmp_path, pack([*GOOD, link, file_member("top/l/x")])).expected


CHAINS = {
    "up and out": [("top/p/q/d", "../.."), ("top/e", "p/q/d/../../../etc")],
    "the other way round": [("top/e", "p/q/d/../../../etc"), ("top/p/q/d", "../..")],
    "in other letters": [("top/p/q/d", "../.."), ("top/e", "p/q/D/../../../etc")],
    "straight through": [("top/p/q/d", "../.."), ("top/e", "p/q/d/b")],
    "with a slash at the end": [("top/p/q/d", "../.."), ("top/e", "p/q/d/")],
    "with a dot at the end": [("top/p/q/d", "../.."), ("top/e", "p/q/d/.")],
    "out and in again": [("top/l", "../top/a.py")],
}


@pytest.mark.parametrize("name", CHAINS)
def test_links_that_lead_out_together(tmp_path, name):
    links = [file_member(at, b"", kind=tarfile.SYMTYPE, link=target) for at, target in CHAINS[name]]
    assert "no other link" in _refusal(tmp_path, pack([*GOOD, *links])).expected


def test_a_link_to_a_link_is_fine(tmp_path):
    path = tmp_path / "good.tar.gz"
    links = [("top/one", "b/./c.sh"), ("top/b/two", "../one"), ("top/b/three", "../b"), ("top/four", "..a/../a.py")]
    members = [file_member(at, b"", kind=tarfile.SYMTYPE, link=target) for at, target in links]
    path.write_bytes(pack([*GOOD, *members]))
    assert archive.read_archive(path)["b/two"] == File("120000", b"../one")


def test_whatever_is_damaged_it_is_refused_or_read(tmp_path):
    """Bytes of headers are changed at random; an archive that was read is not looked at, one that fails must say so."""
    path = tmp_path / "odd.tar.gz"
    link = file_member("top/l", b"", kind=tarfile.SYMTYPE, link="a.py")
    tar = gzip.decompress(pack([*GOOD, link, file_member("top/ü" + "x" * 120)]))
    rng = random.Random(7)
    refused = 0
    for _ in range(300):
        damaged = bytearray(tar)
        header = rng.randrange(len(tar) // 512) * 512
        for _ in range(rng.randint(1, 4)):
            damaged[header + rng.randrange(512)] = rng.choice(
                [0, 0x20, 0x2D, 0x2E, 0x39, 0x80, 0xFF, rng.randrange(256)]
            )
        damaged[header + 148 : header + 156] = b" " * 8
        damaged[header + 148 : header + 156] = b"%06o\0 " % sum(damaged[header : header + 512])
        path.write_bytes(gzip.compress(damaged, 1))
        try:
            archive.read_archive(path)
        except Refused:
            refused += 1
    assert 60 < refused < 300


def test_a_size_beyond_all_bounds(tmp_path):
    tar = bytearray(gzip.decompress(pack(GOOD)))
    tar[124:136] = b"\x80" + b"\xff" * 11
    tar[148:156] = b" " * 8
    tar[148:156] = b"%06o\0 " % sum(tar[:512])
    assert "whole tar" in _refusal(tmp_path, gzip.compress(tar)).expected


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.95])
def test_cut_short(tmp_path, share):
    whole = pack([file_member(f"top/{n}", bytes(range(256)) * (n + 1)) for n in range(30)])
    assert "whole" in _refusal(tmp_path, whole[: int(len(whole) * share)]).expected


@pytest.mark.parametrize("cut", [512, 700, 1024, 1536, 2048])
def test_cut_short_inside(tmp_path, cut):
    """A gzip file that is whole, around a tar archive that is not."""
    tar = gzip.decompress(pack([file_member(f"top/{n}") for n in range(10)]))
    assert "whole tar" in _refusal(tmp_path, gzip.compress(tar[:cut])).expected


def test_damaged_header_is_not_taken_for_the_end(tmp_path):
    tar = bytearray(gzip.decompress(pack([file_member(f"top/{n}") for n in range(10)])))
    tar[5 * 1024] ^= 0xFF
    assert "no end mark after 5 files" in _refusal(tmp_path, gzip.compress(tar)).found


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 a zip", gzip.compress(b"no tar at all, but long enough" * 40, mtime=0)],
    ids=["empty", "zip", "gzip"],
)
def test_not_a_tar_gz(tmp_path, content):
    _refusal(tmp_path, content)


def test_empty_archive(tmp_path):
    _refusal(tmp_path, pack([]))
    _refusal(tmp_path, pack([file_member("top", b"", kind=tarfile.DIRTYPE)]))


def test_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_BYTES", 100_000)
    bomb = pack([file_member("top/zeros", bytes(200_000))])
    assert len(bomb) < 2_000
    assert "at most 0 MB" in _refusal(tmp_path, bomb).expected


def test_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_FILES", 5)
    assert "at most 5 files" in _refusal(tmp_path, pack([file_member(f"top/{n}") for n in range(6)])).expected
    path = tmp_path / "bad.tar.gz"
    path.write_bytes(pack([file_member(f"top/{n}") for n in range(5)]))
    assert len(archive.read_archive(path)) == 5


def test_reads_files_modes_and_inner_links(tmp_path):
    path = tmp_path / "good.tar.gz"
    folder = file_member("top/empty", b"", kind=tarfile.DIRTYPE)
    link = file_member("top/b/l", b"", kind=tarfile.SYMTYPE, link="../a.py")
    path.write_bytes(pack([folder, *GOOD, link, file_member("top/ü ö", b"\0\xff")]))
    assert archive.read_archive(path) == {
        "a.py": File("100644", b"x\n"),
        "b/c.sh": File("100755", b"x\n"),
        "b/l": File("120000", b"../a.py"),
        "ü ö": File("100644", b"\0\xff"),
    }
