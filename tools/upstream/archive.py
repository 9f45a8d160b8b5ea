"""Reads a source archive into memory, and refuses one that holds what an upstream tree never has."""

import gzip
import io
import pathlib
import tarfile
import unicodedata
import zlib

from tools.refusal import Refused
from tools.upstream.store import File

MAX_BYTES = 200_000_000  # the real one unpacks to 2 MB
MAX_FILES = 20_000  # the real one has 140


def read_archive(archive: pathlib.Path) -> dict[str, File]:
    """Reads a .tar.gz into memory; nothing is unpacked to disk.

    Returns:
        Each file by its path below the archive's one top folder.

    Raises:
        Refused: It is cut short, is no .tar.gz, is too large, or holds what an upstream tree never has: an absolute
            path, "..", a link that leaves the tree or goes through another, a device, two files of one name, names that
            differ only by case.
    """
    data = _decompress(archive)
    files: dict[str, File] = {}
    top = set()
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
            for count, member in enumerate(tar):
                if count >= MAX_FILES:
                    raise _refused(archive, f"at most {MAX_FILES:,} files", "more than that")
                parts = _checked_parts(archive, member.name)
                top.add(parts[0])
                if member.isdir():
                    continue
                name = "/".join(parts[1:])
                if not name or name in files:
                    found = f"{member.name!r} twice" if name else f"the file {member.name!r} beside or above it"
                    raise _refused(archive, "each file once, in one top folder", found)
                files[name] = _file(archive, tar, member, name)
            end = data[tar.offset :]
    except (tarfile.TarError, EOFError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as e:
        # tarfile promises TarError; damaged headers get other errors out of it, OverflowError for one.
        raise _refused(archive, "a whole tar archive", f"{type(e).__name__}: {e}") from None
    # tarfile takes a damaged header for the end of the archive; the real end is two blocks of zeros.
    if len(end) < 512 or any(end):
        raise _refused(archive, "a whole tar archive", f"no end mark after {len(files)} files")
    if len(top) != 1 or not files:
        raise _refused(archive, "one top folder with files in it", f"{len(files)} files in {sorted(top)}")
    _check_clashes(archive, files)
    _check_links(archive, files)
    return files


def _decompress(archive: pathlib.Path) -> bytes:
    try:
        with gzip.open(archive) as stream:
            data = stream.read(MAX_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as e:
        raise _refused(archive, "a whole .tar.gz", f"{e} ({archive.stat().st_size} bytes)") from None
    if len(data) > MAX_BYTES:
        raise _refused(archive, f"at most {MAX_BYTES / 1e6:.0f} MB when unpacked", "more than that")
    return data


def _checked_parts(archive: pathlib.Path, name: str) -> list[str]:
    parts = name.split("/")
    bad = (
        not name.isprintable()  # control characters, and bytes that are not UTF-8
        or "\\" in name
        or any(part in ("", ".", "..") or part.casefold() == ".git" for part in parts)
    )
    if bad:
        raise _refused(archive, "plain relative paths below one top folder", f"a member named {name!r}")
    return parts


def _file(archive: pathlib.Path, tar: tarfile.TarFile, member: tarfile.TarInfo, name: str) -> File:
    if member.issym():
        if not member.linkname.isprintable():
            raise _refused(archive, "links with plain targets", f"{member.name!r} -> {member.linkname!r}")
        return File("120000", member.linkname.encode())
    if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
        kind = "a hard link" if member.islnk() else "a device, a pipe or a sparse file"
        raise _refused(archive, "only files, folders and symbolic links", f"{member.name!r}, {kind}")
    stream = tar.extractfile(member)
    content = stream.read() if stream else b""
    if len(content) != member.size:
        raise _refused(archive, f"{member.size} bytes in {member.name!r}", f"{len(content)}, then the end")
    return File("100755" if member.mode & 0o100 else "100644", content)


def _check_clashes(archive: pathlib.Path, files: dict[str, File]) -> None:
    """On a disk that folds case or accents, as a Mac's does, two such names would be one file."""
    seen: dict[str, str] = {}
    for name in files:
        parts = name.split("/")
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            key = _folded(path)
            if seen.setdefault(key, path) != path:
                raise _refused(archive, "names that differ by more than case", f"{seen[key]!r} and {path!r}")
            if depth < len(parts) and path in files:
                raise _refused(archive, "no file inside a file or a link", f"{path!r} and {name!r}")


def _check_links(archive: pathlib.Path, files: dict[str, File]) -> None:
    """A link may name a file or a folder of the tree; through another link it would lead somewhere else than it says."""
    links = {_folded(name) for name, file in files.items() if file.mode == "120000"}
    for name, file in files.items():
        if file.mode != "120000":
            continue
        target = file.data.decode()
        at = name.split("/")[:-1]
        for part in target.split("/"):
            stays = bool(at) if part == ".." else not target.startswith("/")
            if not stays or (at and _folded("/".join(at)) in links):
                what = "links that stay in the tree, and go through no other link"
                raise _refused(archive, what, f"{name!r} -> {target!r}")
            at = at[:-1] if part == ".." else at if part in ("", ".") else [*at, part]


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _refused(archive: pathlib.Path, expected: str, found: str) -> Refused:
    return Refused(
        archive.name, expected=expected, found=found, todo="do not use this archive; see mirror in upstream.lock"
    )
