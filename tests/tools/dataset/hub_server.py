"""A hub on this machine: what huggingface_hub 2.4.0 asks of one during an upload, and the faults that a real one has.

Only large files by HTTP (LFS): it offers no xet, as other servers that speak the API.
"""

import base64
from collections.abc import Callable
import contextlib
import dataclasses
import hashlib
import http.server
import json
import re
import socket
import struct
import threading
import time
from typing import Any
import urllib.parse

TOKEN = "hf_" + "SecretOfTheTest0123456789"
_PAGE = 100


@dataclasses.dataclass(frozen=True)
class Blob:
    content: bytes
    large: bool = False

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def git_hash(self) -> str:
        content = self.content
        if self.large:
            content = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n" % (
                self.sha256.encode(), len(self.content),
            )  # fmt: skip
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@dataclasses.dataclass(frozen=True)
class Commit:
    id: str
    title: str
    files: dict[str, Blob]
    changed: tuple[str, ...] = ()


@dataclasses.dataclass
class Repo:
    private: bool
    commits: list[Commit]
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    branches: tuple[str, ...] = ()

    @property
    def head(self) -> Commit:
        return self.commits[-1]

    def at(self, revision: str) -> Commit | None:
        wanted = self.head.id if revision == "main" else self.tags.get(revision, revision)
        return next((commit for commit in self.commits if commit.id == wanted), None)

    def add(self, title: str, files: dict[str, Blob], changed: tuple[str, ...] = ()) -> Commit:
        made = hashlib.sha1(f"{len(self.commits)} {title} {sorted(files)} {time.time_ns()}".encode()).hexdigest()
        self.commits.append(Commit(made, title, files, changed))
        return self.head


@dataclasses.dataclass
class Fault:
    """What goes wrong with a request whose method and path fit, a number of times.

    Attributes:
        where: A pattern over "PUT /storage/…".
        status: The answer; None cuts the connection instead.
        after: With a cut: so many bytes of the body are read before; -1 does all that is asked and then loses the answer.
        times: How often.
        skip: So many requests that fit are let through first.
        headers: Of the answer.
        body: Of the answer.
        before: Called first, with the server.
    """

    where: str
    status: int | None = 500
    after: int = 0
    times: int = 1
    skip: int = 0
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    body: dict[str, Any] | None = None
    before: Callable[["HubServer"], None] | None = None


class _Server(http.server.ThreadingHTTPServer):
    """Knows how many of its connections are open.

    Attributes:
        open: How many; guarded by `changed`.
    """

    daemon_threads = True

    def __init__(self, *args: Any):
        self.open, self.changed = 0, threading.Condition()
        super().__init__(*args)

    def process_request(self, *args: Any) -> None:
        with self.changed:
            self.open += 1
        super().process_request(*args)

    def shutdown_request(self, *args: Any) -> None:
        super().shutdown_request(*args)
        with self.changed:
            self.open -= 1
            self.changed.notify()


class HubServer:
    """Runs in a thread; what it holds is plain to see.

    Attributes:
        repos: By id.
        stored: Large files by hash, committed or not.
        faults: What goes wrong next.
        asked: Every request as "POST /api/…", in order.
        put: The hashes of large files that came in whole, in order.
        xet: Whether it says that it stores files by chunks; it cannot, so a test that sets this stands in for that.
        commit_limit: So many files a commit; more of them time out.
        ignored: A pattern of files that a .gitignore on the hub leaves out.
        renamed: New names by old ones.
    """

    def __init__(self):
        self.repos: dict[str, Repo] = {}
        self.stored: dict[str, bytes] = {}
        self.faults: list[Fault] = []
        self.asked: list[str] = []
        self.put: list[str] = []
        self.role = "write"
        self.xet = False
        self.watch: Callable[[HubServer], None] = lambda _: None  # called after every request
        self.commit_limit: int | None = None
        self.ignored: str | None = None
        self.renamed: dict[str, str] = {}
        self.lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "HubServer":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()

    def after_the_last_request(self) -> None:
        """Returns when all that was sent by clients that are gone has been read and done."""
        with socket.create_connection(self._server.server_address) as last:  # those before it are taken before it
            last.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
            last.recv(1)
        with self._server.changed:
            assert self._server.changed.wait_for(lambda: self._server.open == 0, 600)

    def make(self, repo_id: str, *, private: bool = True, files: dict[str, bytes] | None = None) -> Repo:
        """A repository that was there before."""
        blobs = {name: Blob(content, name.endswith(".parquet")) for name, content in (files or {}).items()}
        self.repos[repo_id] = repo = Repo(private, [])
        repo.add("initial commit", {".gitattributes": Blob(b"*.parquet filter=lfs\n", large=False)} | blobs)
        self.stored |= {blob.sha256: blob.content for blob in blobs.values() if blob.large}
        return repo

    def fault(self, line: str) -> Fault | None:
        """The fault that this request meets."""
        with self.lock:
            for fault in self.faults:
                if re.search(fault.where, line) and fault.times:
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None


def _handler(hub: HubServer) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_) -> None:
            pass

        def setup(self) -> None:
            super().setup()
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def answer(self, status: int, body: Any = None, **headers: str) -> None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            for key, value in headers.items():
                self.send_header(key.replace("_", "-"), value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def refuse(self, status: int, message: str, code: str | None = None) -> None:
            self.answer(status, {"error": message}, X_Error_Message=message, **({"X_Error_Code": code} if code else {}))

        def cut(self) -> None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
            self.connection.close()
            self.close_connection = True

        def body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found = b""
            while size := int(self.rfile.readline(), 16):
                found += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return found

        def do(self) -> None:
            path, _, query = self.path.partition("?")
            line = f"{self.command} {urllib.parse.unquote(path)}"
            hub.asked.append(line)
            fault = hub.fault(line)
            if fault and fault.before:
                fault.before(hub)
                fault = None if fault.status == 0 else fault
            if fault and fault.status is None and fault.after >= 0:
                self.rfile.read(min(fault.after, int(self.headers.get("Content-Length", 0))))
                self.cut()
                return
            content = self.body()
            if fault and fault.status is not None:
                headers = {key.replace("-", "_"): value for key, value in fault.headers.items()}
                self.answer(fault.status, fault.body or {"error": "made on purpose"}, **headers)
                return
            if fault:  # done, and nobody hears of it
                self.answer = lambda *_, **__: None
            for method, pattern, function in _ROUTES:
                match = re.fullmatch(pattern, path)
                if match and method == self.command:
                    with contextlib.nullcontext() if function is _store else hub.lock:
                        function(hub, self, [urllib.parse.unquote(one) for one in match.groups()], content, query)
                    break
            else:
                self.refuse(404, f"no such address: {line}")
            with hub.lock:
                hub.watch(hub)
            if fault:
                self.cut()

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do  # noqa: N815

        def may(self, *, write: bool = False) -> bool:
            """Whether the token is good; answers where it is not."""
            told = self.headers.get("Authorization")
            if told == f"Bearer {TOKEN}" or (told is None and not write):
                return True
            self.refuse(401, "Invalid credentials in Authorization header")
            return False

        def repo(self, repo_id: str) -> Repo | None:
            found = hub.repos.get(hub.renamed.get(repo_id, repo_id))
            anonymous = "Authorization" not in self.headers
            if found is None or (found.private and anonymous):
                self.refuse(401 if anonymous else 404, "Repository not found", "RepoNotFound")
                return None
            return found

    return Handler


def _who(hub: HubServer, handler, parts, content, query) -> None:
    if handler.may(write=True):
        handler.answer(
            200, {"name": "me", "type": "user", "auth": {"accessToken": {"displayName": "t", "role": hub.role}}}
        )


def _create(hub: HubServer, handler, parts, content, query) -> None:
    asked = json.loads(content)
    repo_id = f"{asked['organization']}/{asked['name']}"
    if not handler.may(write=True):
        return
    if asked["organization"] != "me":
        handler.refuse(403, "You don't have the rights to create a dataset under this namespace")
    elif repo_id in hub.repos:
        handler.refuse(409, "You already created this dataset repo")
    else:
        assert asked["type"] == "dataset"
        hub.make(repo_id, private=asked.get("visibility") == "private")
        handler.answer(200, {"url": f"{hub.url}/datasets/{repo_id}"})


def _info(hub: HubServer, handler, parts, content, query) -> None:
    if not handler.may() or (repo := handler.repo(parts[0])) is None:
        return
    commit = repo.at(parts[1] if len(parts) > 1 else "main")
    if commit is None:
        handler.refuse(404, "Invalid rev id", "RevisionNotFound")
        return
    name = hub.renamed.get(parts[0], parts[0])
    files = [{"rfilename": path} for path in sorted(commit.files)]
    about = {"id": name, "sha": commit.id, "private": repo.private, "tags": [], "downloads": 0, "siblings": files}
    handler.answer(200, about)


def _xet(hub: HubServer, handler, parts, content, query) -> None:
    if hub.xet:
        handler.answer(200, {"accessToken": "short-lived", "casUrl": hub.url, "exp": 2**31})
    else:
        handler.refuse(404, "no such address")


def _refs(hub: HubServer, handler, parts, content, query) -> None:
    if not handler.may() or (repo := handler.repo(parts[0])) is None:
        return
    branches = [{"name": n, "ref": f"refs/heads/{n}", "targetCommit": repo.head.id} for n in ("main", *repo.branches)]
    tags = [{"name": n, "ref": f"refs/tags/{n}", "targetCommit": to} for n, to in repo.tags.items()]
    handler.answer(200, {"branches": branches, "tags": tags, "converts": []})


def _tree(hub: HubServer, handler, parts, content, query) -> None:
    if not handler.may() or (repo := handler.repo(parts[0])) is None:
        return
    commit = repo.at(parts[1])
    if commit is None:
        handler.refuse(404, "Invalid rev id", "RevisionNotFound")
        return
    rows: list[dict] = []
    for name, blob in sorted(commit.files.items()):
        row = {"type": "file", "path": name, "size": len(blob.content), "oid": blob.git_hash}
        rows.append(
            row | ({"lfs": {"oid": blob.sha256, "size": row["size"], "pointerSize": 130}} if blob.large else {})
        )
    folders = {name.rpartition("/")[0] for name in commit.files if "/" in name}
    rows += [{"type": "directory", "path": name, "size": 0, "oid": "0" * 40} for name in sorted(folders)]
    start = int(urllib.parse.parse_qs(query).get("cursor", ["0"])[0])
    more = {}
    if start + _PAGE < len(rows):
        address = f"{hub.url}{handler.path.partition('?')[0]}?recursive=true&cursor={start + _PAGE}"
        more = {"Link": f'<{address}>; rel="next"'}
    handler.answer(200, rows[start : start + _PAGE], **more)


def _preupload(hub: HubServer, handler, parts, content, query) -> None:
    if not handler.may(write=True) or (repo := handler.repo(parts[0])) is None:
        return
    files = json.loads(content)["files"]
    assert len(files) <= 256
    answer = []
    for one in files:
        large = one["path"].endswith(".parquet") or one["size"] > 10_000_000
        known = repo.head.files.get(one["path"])
        answer.append(
            {
                "path": one["path"],
                "uploadMode": "lfs" if large else "regular",
                "shouldIgnore": bool(hub.ignored and re.search(hub.ignored, one["path"])),
                "oid": (known.sha256 if known.large else known.git_hash) if known else None,
            }
        )
    handler.answer(200, {"files": answer})


def _batch(hub: HubServer, handler, parts, content, query) -> None:
    if not handler.may(write=True) or handler.repo(parts[0]) is None:
        return
    objects = []
    for one in json.loads(content)["objects"]:
        row = {"oid": one["oid"], "size": one["size"]}
        if one["oid"] not in hub.stored:
            row["actions"] = {
                "upload": {"href": f"{hub.url}/storage/{one['oid']}?signed=1"},
                "verify": {"href": f"{hub.url}/verify"},
            }
        objects.append(row)
    handler.answer(200, {"transfer": "basic", "objects": objects})


def _store(hub: HubServer, handler, parts, content, query) -> None:
    assert "Authorization" not in handler.headers  # a signed address; the token is not for the storage
    if hashlib.sha256(content).hexdigest() != parts[0]:
        handler.answer(400, {"error": "not what was announced"})
        return
    with hub.lock:
        hub.put.append(parts[0])
        hub.stored[parts[0]] = content
    handler.answer(200, b"")


def _verify(hub: HubServer, handler, parts, content, query) -> None:
    handler.answer(200 if json.loads(content)["oid"] in hub.stored else 404, {})


def _yaml(hub: HubServer, handler, parts, content, query) -> None:
    wrong = "license: no" in json.loads(content)["content"]
    handler.answer(400 if wrong else 200, {"errors": [{"message": "license is not known"}] * wrong, "warnings": []})


def _commit(hub: HubServer, handler, parts, content, query) -> None:
    if not handler.may(write=True) or (repo := handler.repo(parts[0])) is None:
        return
    header, *lines = (json.loads(line) for line in content.splitlines())
    assert header["key"] == "header"
    if hub.commit_limit is not None and len(lines) > hub.commit_limit:
        handler.refuse(504, "the commit took too long")
        return
    if header["value"].get("parentCommit") not in (None, repo.head.id):
        handler.refuse(412, "A commit has happened since. Please refresh and try again.")
        return
    files = dict(repo.head.files)
    for line in lines:
        value = line["value"]
        if line["key"] == "deletedFile":
            if files.pop(value["path"], None) is None:
                handler.refuse(404, "A file with this name doesn't exist", "EntryNotFound")
                return
        elif line["key"] == "lfsFile":
            if value["oid"] not in hub.stored:
                handler.refuse(400, "an LFS file was not uploaded")
                return
            files[value["path"]] = Blob(hub.stored[value["oid"]], large=True)
        else:
            files[value["path"]] = Blob(base64.b64decode(value["content"]), large=False)
    changed = tuple(line["value"]["path"] for line in lines)
    commit = repo.add(header["value"]["summary"], files, changed)
    handler.answer(200, {"commitUrl": f"{hub.url}/{parts[0]}/commit/{commit.id}", "commitOid": commit.id})


def _tag(hub: HubServer, handler, parts, content, query) -> None:
    if not handler.may(write=True) or (repo := handler.repo(parts[0])) is None:
        return
    name = json.loads(content)["tag"]
    if name in repo.tags:
        handler.refuse(409, "Tag already exists")
    elif (commit := repo.at(parts[1])) is None:
        handler.refuse(404, "Invalid rev id", "RevisionNotFound")
    else:
        repo.tags[name] = commit.id
        handler.answer(200, {})


def _untag(hub: HubServer, handler, parts, content, query) -> None:
    if not handler.may(write=True) or (repo := handler.repo(parts[0])) is None:
        return
    if repo.tags.pop(parts[1], None) is None:
        handler.refuse(404, "Tag not found", "RevisionNotFound")
    else:
        handler.answer(200, {})


def _resolve(hub: HubServer, handler, parts, content, query) -> None:
    if not handler.may() or (repo := handler.repo(parts[0])) is None:
        return
    commit = repo.at(parts[1])
    if commit is None:
        handler.refuse(404, "Invalid rev id", "RevisionNotFound")
    elif (blob := commit.files.get(parts[2])) is None:
        handler.refuse(404, "Entry not found", "EntryNotFound")
    else:
        etag = blob.sha256 if blob.large else blob.git_hash
        handler.answer(200, blob.content, X_Repo_Commit=commit.id, ETag=f'"{etag}"')


_ID = "([^/]+/[^/]+)"
_ROUTES = (
    ("GET", "/api/whoami-v2", _who),
    ("POST", "/api/repos/create", _create),
    ("POST", "/api/validate-yaml", _yaml),
    ("GET", f"/api/datasets/{_ID}", _info),
    ("GET", f"/api/datasets/{_ID}/revision/([^/]+)", _info),
    ("GET", f"/api/datasets/{_ID}/refs", _refs),
    ("GET", f"/api/datasets/{_ID}/xet-write-token/main", _xet),
    ("GET", f"/api/datasets/{_ID}/tree/([^/]+)", _tree),
    ("POST", f"/api/datasets/{_ID}/preupload/([^/]+)", _preupload),
    ("POST", f"/api/datasets/{_ID}/commit/([^/]+)", _commit),
    ("POST", f"/api/datasets/{_ID}/tag/([^/]+)", _tag),
    ("DELETE", f"/api/datasets/{_ID}/tag/([^/]+)", _untag),
    ("POST", f"/datasets/{_ID}.git/info/lfs/objects/batch", _batch),
    ("PUT", "/storage/([0-9a-f]{64})", _store),
    ("POST", "/verify", _verify),
    ("GET", f"/datasets/{_ID}/resolve/([^/]+)/(.+)", _resolve),
    ("HEAD", f"/datasets/{_ID}/resolve/([^/]+)/(.+)", _resolve),
)
