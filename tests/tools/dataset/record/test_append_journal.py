"""The journal of a recording: whatever happens to its end, what is before it stays."""

import errno
import os
import struct

import pytest

from tools.dataset.record.append_journal import AppendJournal
from tools.dataset.record.append_journal import Journal

ABOUT = {"episode": 3, "robot_type": "tiny"}


@pytest.fixture
def path(tmp_path):
    journal = AppendJournal(tmp_path / "journal", ABOUT)
    for frame in range(4):
        journal.append({"task": f"Stäck {frame}"}, {"state": bytes([frame] * 12), "camera": b"\xff" * (50 * frame)})
    journal.close()
    return tmp_path / "journal"


def test_what_was_appended_is_read(path):
    journal = Journal.read(path)
    assert journal.about == ABOUT
    assert len(journal) == 4
    assert journal[2] == ({"task": "Stäck 2"}, {"state": b"\x02" * 12, "camera": b"\xff" * 100})
    assert (journal.end, journal.torn) == (path.stat().st_size, 0)
    assert sum(journal.size_of(frame) for frame in range(4)) < journal.end
    with pytest.raises(FileExistsError):
        AppendJournal(path, ABOUT)


def test_a_file_cut_at_any_byte_gives_the_frames_before_the_cut(path):
    data, whole = path.read_bytes(), Journal.read(path)
    ends = [whole.end - sum(whole.size_of(frame) for frame in range(done, 4)) for done in range(5)]
    for size in range(len(data)):
        path.write_bytes(data[:size])
        journal = Journal.read(path)
        assert len(journal) == sum(end <= size for end in ends[1:])
        assert journal.about == (ABOUT if size >= ends[0] else {})
        assert journal.end + journal.torn == size
        for frame in range(len(journal)):
            assert journal[frame] == whole[frame]


def test_no_byte_can_change_unseen(path):
    data, whole = path.read_bytes(), Journal.read(path)
    frames = [whole[frame] for frame in range(4)]
    first = whole.end - sum(whole.size_of(frame) for frame in range(4))
    for at in range(first, len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        journal = Journal.read(path)
        assert len(journal) < 4
        assert [journal[frame] for frame in range(len(journal))] == frames[: len(journal)]
        assert journal.torn


def test_where_the_json_of_a_record_ends_is_under_its_checksum_too(path):
    data, whole = bytearray(path.read_bytes()), Journal.read(path)
    last = whole.end - whole.size_of(3)
    text, blobs = struct.unpack_from("<II", data, last)
    struct.pack_into("<II", data, last, text - 1, blobs + 1)
    path.write_bytes(data)
    assert len(Journal.read(path)) == 3


def test_zeros_behind_the_end_are_no_frames(path):
    with path.open("ab") as file:
        file.write(bytes(4096))
    journal = Journal.read(path)
    assert (len(journal), journal.torn) == (4, 4096)


@pytest.mark.parametrize("content", [b"PAR1 and so on, long enough", b"openpi-overlay journal 2\n" + bytes(100), b"x"])
def test_another_file_is_no_journal(path, content):
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not a journal"):
        Journal.read(path)


def test_half_a_record_of_a_full_disk_is_taken_back(path, tmp_path, monkeypatch):
    journal = AppendJournal(tmp_path / "other", ABOUT)
    journal.append({}, {"state": b"first"})
    write = os.write

    def full(file, data):
        if len(data) < 100:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data[:100])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        journal.append({}, {"state": bytes(155)})
    with pytest.raises(OSError, match="No space"):
        AppendJournal(tmp_path / "third", ABOUT)
    assert not (tmp_path / "third").exists()
    monkeypatch.undo()
    journal.append({}, {"state": b"second"})
    journal.close()
    read = Journal.read(tmp_path / "other")
    assert [read[frame][1]["state"] for frame in range(len(read))] == [b"first", b"second"]
    assert read.torn == 0
