"""The demo goes on where it stopped, says what failed in one message, and leaves no server behind."""

import io
import itertools
import json
import pathlib
import re
import socket
import sys
import time
import types

import pytest

from tools import inside
from tools.builds import build
from tools.demo import __main__ as demo
from tools.demo import server
from tools.demo import waiting
from tools.demo.chain import Chain
from tools.demo.progress import Progress
from tools.demo.stages import REPO_ID
from tools.demo.stages import STAGES
from tools.demo.stages import Stage
from tools.demo.stages import check
from tools.demo.stages import dataset
from tools.demo.stages import resume
from tools.refusal import Refused
from tools.upstream import python_env


@pytest.fixture
def folder(tmp_path, monkeypatch) -> pathlib.Path:
    """The demo with a stand-in build and no environment to make; returns the folder of its run."""
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    monkeypatch.setattr(demo, "FOLDER", tmp_path / "build" / "demo")
    monkeypatch.setattr(build, "BUILD", tmp_path / "build" / "openpi")
    (tmp_path / "build" / "openpi").mkdir(parents=True)
    monkeypatch.setattr(build, "read", lambda out: types.SimpleNamespace(commit="one"))
    monkeypatch.setattr(python_env, "make", lambda: None)
    monkeypatch.setattr(inside, "python_for", lambda tree: pathlib.Path(sys.executable))
    return tmp_path / "build" / "demo"


@pytest.fixture
def stages(monkeypatch) -> list[str]:
    """Three stages, the second of which fails once; returns the list of those that ran."""
    ran = []

    def stage(name):
        def work(chain):
            ran.append(name)
            if ran == ["first", "second"]:
                raise Refused("the stage second", expected="it", found="not", todo="again")
            (chain.folder / name).touch()
            return f"{name} is done"

        return Stage(name, f"doing {name}", work, lambda chain: chain.folder / name)

    monkeypatch.setattr(demo, "STAGES", [stage(name) for name in ("first", "second", "third")])
    return ran


def test_it_goes_on_where_it_stopped(folder, stages, capsys, monkeypatch):
    with pytest.raises(Refused):
        demo.demo()
    assert demo.demo() == 0
    assert stages == ["first", "second", "second", "third"]
    shown = capsys.readouterr()
    assert "[2/3] doing second: second is done" in shown.err
    assert "[3/3] doing third: third is done" in shown.err
    assert "is done" not in shown.out  # once is enough
    assert "build/demo/actions.png" in shown.out
    # Whole: nothing runs again, and the summary is the same.
    assert demo.demo(json=True) == 0
    assert len(stages) == 4
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"]
    assert answer["stages"] == {name: f"{name} is done" for name in ("first", "second", "third")}
    # Asked for, or of another build: from the beginning, in an empty folder.
    (folder / "left").touch()
    demo.demo(again=True)
    assert len(stages) == 7
    assert not (folder / "left").exists()
    build.read = lambda out: types.SimpleNamespace(commit="two")
    demo.demo()
    assert len(stages) == 10
    monkeypatch.setattr(demo, "_code", lambda: "other stages")
    demo.demo()
    assert len(stages) == 13


def test_what_somebody_removed_is_made_again_and_what_follows_from_it(folder, stages):
    stages.append("so that none fails")
    demo.demo()
    (folder / "second").unlink()
    demo.demo()
    assert stages[1:] == ["first", "second", "third", "second", "third"]


def test_one_demo_at_a_time_and_what_one_left_behind_counts(folder, stages, monkeypatch):
    stages.append("so that none fails")
    started = []

    def leaves_a_child(chain):
        (chain.folder / "logs").mkdir()
        with chain.log("first").open("wb") as log:
            started.append(chain.start([sys.executable, "-c", "import time; time.sleep(60)"], log))
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "STAGES", [Stage("first", "doing first", leaves_a_child, lambda chain: chain.folder)])
    with pytest.raises(KeyboardInterrupt):
        demo.demo()
    with pytest.raises(Refused, match=re.escape("demo.lock")) as error:
        demo.demo()
    assert f"(process {started[0].pid})" in error.value.found
    started[0].kill()
    started[0].wait()
    with pytest.raises(FileExistsError):  # it begins
        demo.demo()
    started[-1].kill()


def test_a_run_that_was_killed_after_its_last_checkpoint_goes_on(chain):
    (chain.last / "params").mkdir(parents=True)
    assert resume(chain) == f"step 4 was reached already: {chain.last}"


def test_without_a_build_it_makes_one(folder, stages, monkeypatch, capsys):
    build.BUILD.rmdir()
    called = []
    monkeypatch.setattr(demo, "apply", lambda **options: called.append(options) or print("a table"))
    stages.append("so that none fails")
    demo.demo(json=True)
    assert called == [{"json": False}]
    shown = capsys.readouterr()
    assert json.loads(shown.out)["ok"]
    assert "a table" in shown.err


def test_a_marker_that_was_not_written_whole_is_none(tmp_path):
    progress = Progress(tmp_path, {"build": "one"})
    assert not progress.fits()
    progress.begin()
    assert progress.fits()
    assert not Progress(tmp_path, {"build": "two"}).fits()
    progress.mark("first", "said", 1.5)
    assert (progress.said("first"), progress.seconds("first")) == ("said", 1.5)
    (tmp_path / "done" / "first.json").write_text('{"said": "sa')
    assert not progress.is_done("first")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


# As train.py's progress bar, its own line and orbax write it; what the screen is to show then.
TOLD = {
    "18:01:00.000 [I] Progress on: -/220 rate:- remaining:? elapsed:00:00 postfix:- (1:tqdm_logging.py:154)": "step 0 of",
    "18:01:02.000 [I] Progress on: 7.00it/220it rate:2.3s/it remaining:08:00 elapsed:00:10 (1:tqdm.py:154)": "step 7 of",
    "Step 150: grad_norm=0.5, loss=0.17": "",
    "18:01:10.000 [I] Progress on: 160it/220it rate:2.3s/it remaining:02:00 elapsed:06:00 (1:tqdm.py:154)": "step 160 of",
    "18:01:11.000 [I] Finished blocking save in 2.74 seconds.": "",
}


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands at 75 s after the stage began."""
    times = itertools.chain([0.0], itertools.repeat(75.0))
    monkeypatch.setattr(waiting, "time", types.SimpleNamespace(monotonic=lambda: next(times)))


def show_a_stage(log: pathlib.Path, screen: io.StringIO, monkeypatch) -> str:
    log.write_text("18:00:00.000 [I] Progress on: 99.0it/220it rate:1 (another run's)\n")
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(waiting, "_TERMINAL_EVERY_S", 0.01)
    monkeypatch.setattr(waiting, "_ELSE_EVERY_S", 0.01)
    with waiting.shown("[5/8] training", log), log.open("a", buffering=1) as file:
        wait_for(screen, "1:15")
        for line, shows in TOLD.items():
            file.write(line[:40])  # half a line tells nothing
            file.flush()
            time.sleep(0.02)
            file.write(f"{line[40:]}\n")
            wait_for(screen, shows)
    return screen.getvalue()


def wait_for(screen: io.StringIO, text: str) -> None:
    until = time.monotonic() + 60
    while text not in screen.getvalue() and time.monotonic() < until:
        time.sleep(0.01)


SHOWN = [f"[5/8] training … 1:15, step {step} of 220" for step in (0, 7, 160)]


def test_a_terminal_shows_step_and_time_in_place(tmp_path, monkeypatch, clock):
    monkeypatch.setenv("COLUMNS", "60")
    said = show_a_stage(tmp_path / "train.log", Terminal(), monkeypatch)
    assert "\n" not in said
    lines = [line.rstrip() for line in said.split("\r")]
    assert list(dict.fromkeys(line for line in lines if line)) == ["[5/8] training … 1:15", *SHOWN]
    assert max(map(len, said.split("\r"))) == 59
    assert said.endswith(f"\r{' ' * 59}\r")  # what is said next begins at the left, with nothing behind it


def test_where_there_is_no_terminal_each_is_a_line_and_they_are_rare(tmp_path, monkeypatch, clock):
    assert waiting._ELSE_EVERY_S >= 30  # noqa: SLF001
    said = show_a_stage(tmp_path / "train.log", io.StringIO(), monkeypatch)
    assert "\r" not in said
    assert list(dict.fromkeys(said.splitlines())) == ["[5/8] training …", "[5/8] training … 1:15", *SHOWN]


def test_how_far_a_stage_came_that_failed_stays_to_be_seen(tmp_path, monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with pytest.raises(KeyboardInterrupt), waiting.shown("[5/8] training", tmp_path / "none.log"):
        raise KeyboardInterrupt
    assert screen.getvalue().rstrip(" \n").endswith("\r[5/8] training … 0:00")
    assert screen.getvalue().endswith("\n")


def test_the_stages_have_names_of_their_own():
    assert len({stage.name for stage in STAGES}) == len(STAGES)
    assert [stage.name for stage in STAGES] == [stage.run.__name__ for stage in STAGES]


@pytest.fixture
def chain(tmp_path) -> Chain:
    """A chain whose interpreter is this one and whose tree is empty."""
    return Chain(tmp_path / "tree", pathlib.Path(sys.executable), tmp_path / "run", steps=(2, 4), batch=1)


def test_a_command_that_fails_is_said_in_one_message(chain):
    assert chain.call("fine", [sys.executable, "-c", "print('yes')"]).endswith("yes\n")
    with pytest.raises(Refused) as error:
        chain.call("broken", [sys.executable, "-c", "print('before'); raise RuntimeError('no such thing')"])
    assert "RuntimeError: no such thing" in error.value.found
    assert "broken.log" in error.value.todo
    refusal = "refused: here\\n  expected: this\\n  found:    that\\n  do:       so"
    with pytest.raises(Refused) as error:
        chain.call("asked", [sys.executable, "-c", f"print('noise'); import sys; sys.exit('{refusal}')"])
    assert error.value.found.startswith("refused: here\n  expected: this")
    assert "noise" not in error.value.found


def test_a_run_sees_no_network_no_gpu_and_nothing_outside_its_folder(chain):
    env = chain.environment()
    assert env["HF_HUB_OFFLINE"] == env["HF_DATASETS_OFFLINE"] == "1"
    assert env["JAX_PLATFORMS"] == "cpu"
    for name in ("HOME", "HF_HOME", "HF_LEROBOT_HOME", "OPENPI_DATA_HOME"):
        assert env[name].startswith(str(chain.folder))


def test_the_dataset_is_written_and_checked_by_our_own_tools(chain):
    assert "2 episodes of 60 frames" in dataset(chain)
    assert re.fullmatch(r"in order but for .* in 2 episodes, 120 frames", check(chain))
    (chain.folder / "datasets" / REPO_ID / "meta" / "tasks.jsonl").write_text("")
    with pytest.raises(Refused) as error:
        check(chain)
    assert error.value.where == "the stage check"


LISTENS = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(600)"


def stand_in_server(monkeypatch, code: str) -> None:
    def script(self, name, port, *args):
        return [sys.executable, "-c", code, port.partition("=")[2]]

    monkeypatch.setattr(Chain, "script", script)


def test_the_server_is_gone_after_an_error(chain, monkeypatch):
    monkeypatch.setattr(server, "_END_S", 600)
    stand_in_server(
        monkeypatch, f"import signal; signal.signal(signal.SIGTERM, lambda *_: exit('asked to')); {LISTENS}"
    )
    with pytest.raises(ZeroDivisionError), server.serving(chain) as port:  # noqa: PT012
        assert listens(port)
        raise ZeroDivisionError
    assert not listens(port)
    assert chain.log("serve").read_text().endswith("asked to\n")  # and not killed


def test_a_server_that_will_not_end_is_killed(chain, monkeypatch):
    monkeypatch.setattr(server, "_END_S", 0.5)
    stand_in_server(monkeypatch, f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {LISTENS}")
    with server.serving(chain) as port:
        assert listens(port)
    assert not listens(port)


def test_a_server_that_ends_before_it_listens(chain, monkeypatch):
    stand_in_server(monkeypatch, "raise SystemExit('no such checkpoint')")
    with pytest.raises(Refused) as error, server.serving(chain):
        pass
    assert "no such checkpoint" in error.value.found


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
