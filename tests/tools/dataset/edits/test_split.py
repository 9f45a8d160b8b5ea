"""Two datasets of one: every episode in one of them, and always the same ones."""

import json

import pytest

from tests.tools.dataset.edits.edited import in_order
from tests.tools.dataset.edits.edited import info
from tests.tools.dataset.edits.edited import is_scene
from tests.tools.dataset.edits.edited import lines
from tests.upstream.dataset_mutations import scene
from tests.upstream.dataset_mutations.by_the_guide import write_by_the_guide
from tools.dataset.drafts import write_out
from tools.dataset.edits.split import Split
from tools.dataset.edits.split import held_out
from tools.refusal import Refused
from tools.refusal import WrongUsage


@pytest.fixture
def root(tmp_path):
    write_by_the_guide(tmp_path / "in")
    return tmp_path / "in"


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_each_episode_is_in_one_of_the_two(root, seed):
    train, held = Split(root, held_out=0.3, seed=seed).apply()
    assert (train.name, held.name) == ("in_train", "in_held_out")
    seen = []
    for out in (train, held):
        first = 0
        for episode, was in enumerate(info(out)["held_out_split"]["source_episodes"]):
            assert is_scene(out, episode, was, first)
            first += scene.LENGTHS[was]
            seen.append(was)
        assert in_order(out)
    assert sorted(seen) == [0, 1, 2]
    assert info(held)["total_episodes"] == 1


def test_it_says_which_episodes_went_where(root, capsys):
    _, held = Split(root).apply()
    (out,) = info(held)["held_out_split"]["source_episodes"]
    rest = {0: "1-2 as 0-1", 1: "0, 2 as 1", 2: "0-1"}[out]
    assert capsys.readouterr().err.splitlines()[-2:] == [
        f"train      in_train: episodes {rest}",
        f"held out   in_held_out: episodes {out}{' as 0' if out else ''}",
    ]


def test_each_names_the_other(root):
    train, held = Split(root, out=root.with_name("new")).apply()
    assert (train.name, held.name) == ("new_train", "new_held_out")
    told = info(train)["held_out_split"], info(held)["held_out_split"]
    assert [(one["part"], one["other"], one["source"], one["seed"]) for one in told] == [
        ("train", "new_held_out", "in", 0),
        ("held_out", "new_train", "in", 0),
    ]


def test_the_choice_follows_from_the_seed_alone_and_stays_so():
    assert held_out(100, 0.1, 0) == held_out(100, 0.1, 0)
    assert len({frozenset(held_out(100, 0.1, seed)) for seed in range(20)}) == 20
    assert sorted(held_out(10, 0.3, 0)) == [2, 4, 6]  # another choice would put held-out episodes into training


@pytest.mark.parametrize(
    ("total", "part", "many"), [(2, 0.01, 1), (2, 0.99, 1), (10, 0.1, 1), (10, 0.25, 2), (7, 0.5, 4)]
)
def test_both_have_an_episode_at_least(total, part, many):
    assert len(held_out(total, part, 0)) == many


@pytest.mark.parametrize("part", [0, 1, -0.1, 1.5, float("nan")])
def test_other_parts_are_wrong_usage(root, part):
    with pytest.raises(WrongUsage, match="--held-out"):
        Split(root, held_out=part).apply()


def test_one_episode_cannot_be_split(tmp_path):
    write_by_the_guide(tmp_path / "one", lengths=(5,))
    with pytest.raises(Refused, match="two episodes"):
        Split(tmp_path / "one").apply()


@pytest.mark.parametrize("name", ["in_train", "in_held_out"])
def test_where_one_folder_is_taken_neither_is_made(root, name):
    root.with_name(name).mkdir()
    with pytest.raises(Refused, match=name):
        Split(root).apply()
    assert sorted(one.name for one in root.parent.iterdir()) == sorted(["in", name])
    assert not list(root.with_name(name).iterdir())


class Killed(BaseException):
    """Stands for SIGKILL: nothing is put right behind it."""


def kill_between_the_two(root, monkeypatch, **options):
    put, done = write_out.os.rename, []

    def rename(old, new):
        if done:
            raise Killed
        done.append(new)
        put(old, new)

    with monkeypatch.context() as patch:
        patch.setattr(write_out.os, "rename", rename)
        with pytest.raises(Killed):
            Split(root, **options).apply()
    assert done == [root.with_name("in_held_out")]


def test_what_was_killed_between_the_two_is_finished_by_the_next_run(root, monkeypatch, capsys):
    whole = [sorted(content(out).items()) for out in Split(root, out=root.with_name("whole"), seed=1).apply()]
    kill_between_the_two(root, monkeypatch, seed=1)
    held = content(root.with_name("in_held_out"))
    train, again = Split(root, seed=1).apply()
    assert "going on" in capsys.readouterr().err
    assert content(again) == held
    assert in_order(train)
    assert in_order(again)
    assert info(train)["held_out_split"]["other"] == "in_held_out"
    named = [name for name, _ in whole[0]]
    assert sorted(content(train)) == named
    with pytest.raises(Refused, match="in_train"):  # now both are there
        Split(root, seed=1).apply()


@pytest.mark.parametrize("change", ["seed", "data", "a file"])
def test_what_is_not_the_other_half_is_left_and_named(root, monkeypatch, change):
    kill_between_the_two(root, monkeypatch, seed=1)
    held = root.with_name("in_held_out")
    if change == "data":  # the source was recorded again since
        path = root / "meta/episodes_stats.jsonl"
        stats = lines(root, "episodes_stats.jsonl")
        for line in stats:
            line["stats"]["action"]["mean"][0] += 1
        path.write_text("".join(json.dumps(line) + "\n" for line in stats))
    if change == "a file":
        next(held.rglob("*.parquet")).unlink()
    before = content(held)
    with pytest.raises(Refused, match="in_held_out"):
        Split(root, seed=2 if change == "seed" else 1).apply()
    assert content(held) == before
    assert not root.with_name("in_train").exists()


def content(root) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_broken_episode_leaves_neither(root):
    path = root / "data/chunk-000/episode_000002.parquet"
    data = bytearray(path.read_bytes())
    data[4:400] = bytes(396)
    path.write_bytes(data)
    with pytest.raises(Refused, match=r"episode_000002\.parquet"):
        Split(root, seed=1, held_out=0.5).apply()
    assert [one.name for one in root.parent.iterdir()] == ["in"]
