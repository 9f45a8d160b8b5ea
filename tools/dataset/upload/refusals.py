"""What the hub and the network answer, in our words, and never with the token in them."""

from collections.abc import Callable
import logging
import re
import time
from typing import TypeVar

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.errors import OfflineModeIsEnabled
from huggingface_hub.utils import parse_ratelimit_headers

from tools.command import note
from tools.refusal import Refused

T = TypeVar("T")

# How long to wait before each further try, in seconds; the hub may ask for more.
WAITS_S = (1, 2, 4, 8, 16, 30)
# Longer than this is not waited for: the user is told when to come back.
LONGEST_WAIT_S = 15 * 60
_PASSING = (408, 429, 500, 502, 503, 504)
_NETWORK = (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError, ConnectionError, TimeoutError)
# What the resolver says of a name on a machine without a network; waiting some seconds does not mend that.
_HAS_NO_ADDRESS = re.compile(
    "Name or service not known|nodename nor servname|name resolution|getaddrinfo failed", re.IGNORECASE
)
# What the hub's library raises where the hub, the network or a file failed; anything else is a fault of ours.
FAILURES = (httpx2.HTTPError, OSError, RuntimeError, ValueError)


def patiently(call: Callable[[], T], what: str) -> T:
    """Calls the hub, and again where it was busy or the line was cut.

    Args:
        call: What to do; it must be right to do it twice.
        what: What is being done, for the line that says why it takes so long.

    Raises:
        Exception: What the last try raised, or the first that no waiting mends.
    """
    for wait_s in WAITS_S:
        try:
            return call()
        except FAILURES as e:
            if not is_passing(e):
                raise
            asked_s = _asked_to_wait(e)
            if asked_s is not None and asked_s > LONGEST_WAIT_S:
                raise
            pause_s = wait_s if asked_s is None else asked_s
            note(f"{what}: {_short(e)}; trying again in {pause_s:g} s")
        time.sleep(pause_s)
    return call()


def status_of(error: BaseException) -> int | None:
    """The HTTP status behind an error, through what the library has wrapped around it."""
    answer = _answer(error)
    return None if answer is None else answer.status_code


def is_passing(error: BaseException) -> bool:
    """Whether waiting may mend it."""
    status = status_of(error)
    if status is not None:
        return status in _PASSING
    chain = list(_chain(error))
    if any(isinstance(one, OfflineModeIsEnabled) or _HAS_NO_ADDRESS.search(str(one)) for one in chain):
        return False
    return any(isinstance(one, _NETWORK) for one in chain)


class Secret:
    """The token, so that nothing that is printed has it.

    Args:
        token: What must not be seen; None where there is none.
    """

    def __init__(self, token: str | None):
        self._token = token

    def hidden_in(self, text: str) -> str:
        """The text, without it."""
        return text.replace(self._token, "<token>") if self._token else text

    def guard_library(self) -> None:
        """Has the hub's library say what it has to say on standard error, through us."""
        logger = logging.getLogger("huggingface_hub")
        logger.handlers = [_Said(self)]
        logger.propagate = False


class _Said(logging.Handler):
    def __init__(self, secret: Secret):
        super().__init__()
        self._secret = secret

    def emit(self, record: logging.LogRecord) -> None:
        note(self._secret.hidden_in(record.getMessage().strip()))


def refusal_of(error: BaseException, repo_id: str, secret: Secret, *, by: str | None = None) -> Refused:
    """An error of the hub or the network as the four parts that a user needs.

    Args:
        error: What was raised.
        repo_id: The repository it was about.
        secret: What must not be shown.
        by: Whose token it was, where that is known.
    """
    status, said = status_of(error), secret.hidden_in(_said(error))
    again = "run the same command again: it goes on where it stopped"
    if any(isinstance(one, OfflineModeIsEnabled) for one in _chain(error)):
        return Refused("HF_HUB_OFFLINE", expected="leave to reach the hub", found="it is set", todo="unset it")
    if status is None and not any(isinstance(one, httpx2.HTTPError | ConnectionError) for one in _chain(error)):
        return Refused(repo_id, expected="the hub to take the files", found=said, todo=again)
    if status is None:
        todo = f"see to the network (or HF_ENDPOINT, where you set it), then {again}"
        return Refused(constants.ENDPOINT, expected="an answer from the hub", found=said, todo=todo)
    found = f"{status}: {said}"
    if status == 401:
        todo = "log in again with `hf auth login`, or set HF_TOKEN to a valid token"
        return Refused("the hub's token", expected="one that the hub knows", found=found, todo=todo)
    if status in (402, 403, 413) and any(word in said.lower() for word in ("storage", "quota", "limit", "payment")):
        todo = f"make room in the account of {repo_id.partition('/')[0]} (or have its plan raised), then {again}"
        return Refused(repo_id, expected="room for the files on the hub", found=found, todo=todo)
    if status == 403:
        whose = f"; this one is {by}'s" if by else ""
        todo = f"use a token with write access to {repo_id.partition('/')[0]}{whose}: `hf auth login`, or HF_TOKEN"
        return Refused(repo_id, expected="leave to write to it", found=found, todo=todo)
    if status == 404:
        todo = "see whether it was deleted or renamed, and whether the token may read it; then run the command again"
        return Refused(repo_id, expected="a repository that is there", found=found, todo=todo)
    if status == 409:
        return Refused(repo_id, expected="a name that is free", found=found, todo="name another repository")
    if status == 429:
        asked_s = _asked_to_wait(error)
        when = f"wait {max(1, round(asked_s / 60))} min" if asked_s else "wait some minutes"
        return Refused(
            repo_id, expected="fewer requests than the hub allows", found=found, todo=f"{when}, then {again}"
        )
    if status >= 500:
        return Refused(constants.ENDPOINT, expected="a hub in order", found=found, todo=f"wait a little, then {again}")
    return Refused(repo_id, expected="the hub to take the files", found=found, todo=f"mend what it names, then {again}")


def _chain(error: BaseException | None) -> list[BaseException]:
    found = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _answer(error: BaseException) -> httpx2.Response | None:
    for one in _chain(error):
        if isinstance(one, HfHubHTTPError | httpx2.HTTPStatusError):
            return one.response
    return None


def _asked_to_wait(error: BaseException) -> float | None:
    answer = _answer(error)
    if answer is None:
        return None
    limit = parse_ratelimit_headers(answer.headers)
    if limit is not None and limit.remaining == 0:
        return limit.reset_in_seconds
    after = answer.headers.get("Retry-After", "")
    return float(after) if after.isdigit() else None


def _short(error: BaseException) -> str:
    status = status_of(error)
    return f"the hub answered {status}" if status else "the connection broke"


def _said(error: BaseException) -> str:
    """What the server said, or else the last line of the library's own message."""
    for one in _chain(error):
        if isinstance(one, HfHubHTTPError) and one.server_message:
            return " ".join(one.server_message.split())[:300]
    # The innermost one names the cause; the library's outer ones say which file.
    texts = [" ".join(str(one).split()) for one in _chain(error)]
    shown = [text for text in (texts[0], texts[-1]) if text]
    return ": ".join(dict.fromkeys(shown))[:300] or type(error).__name__
