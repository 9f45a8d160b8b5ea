"""Images get smaller, and nothing else changes."""

import io

import numpy as np
import PIL.Image
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.tools.dataset.edits.edited import images
from tests.tools.dataset.edits.edited import in_order
from tests.tools.dataset.edits.edited import lines
from tests.tools.dataset.edits.edited import rows
from tests.tools.dataset.made_dataset import make_dataset
from tests.upstream.dataset_mutations import scene
from tests.upstream.dataset_mutations.by_the_guide import write_by_the_guide
from tools.dataset import jpeg
from tools.dataset.edits.recompress import Recompress
from tools.dataset.statistics import episode_stats
from tools.refusal import Refused
from tools.refusal import WrongUsage

CAMERA = "observation.images.scene"


@pytest.fixture
def root(tmp_path):
    """Noise as PNG in the one camera, which JPEG makes smaller; the guide's JPEG in the other."""
    write_by_the_guide(tmp_path / "in")
    rng = np.random.default_rng(0)
    for path in (tmp_path / "in/data").rglob("*.parquet"):
        table = pq.ParquetFile(path).read()
        cells = []
        for at in range(table.num_rows):
            out = io.BytesIO()
            PIL.Image.fromarray(rng.integers(0, 256, (scene.HEIGHT, scene.WIDTH, 3), np.uint8)).save(out, "PNG")
            cells.append({"bytes": out.getvalue(), "path": f"frame_{at:06d}.png"})
        at = table.schema.get_field_index(scene.CAMERAS[0])
        pq.write_table(table.set_column(at, table.schema.field(at), pa.array(cells, table.schema.field(at).type)), path)
    return tmp_path / "in"


def test_what_gets_smaller_is_jpeg_and_the_rest_stays(root):
    (root / "README.md").write_text("about it")
    [out] = Recompress(root, quality=70).apply()
    for episode in range(3):
        was, got = rows(root, episode), rows(out, episode)
        assert images(out, episode) == [jpeg.encode(jpeg.decode(data), 70) for data in images(root, episode)]
        assert got.column(scene.CAMERAS[0]).to_pylist()[2]["path"] == "frame_000002.jpg"
        assert images(out, episode, scene.CAMERAS[1]) == images(root, episode, scene.CAMERAS[1])
        for name in set(was.column_names) - set(scene.CAMERAS):
            assert got.column(name).equals(was.column(name)), name
        cells = {camera: got.column(camera).to_pylist() for camera in scene.CAMERAS}
        wanted = episode_stats({}, [(0, cells)], got.num_rows)
        stats = lines(out, "episodes_stats.jsonl")[episode]["stats"]
        assert {camera: stats[camera] for camera in scene.CAMERAS} == wanted
    assert (out / "README.md").exists()
    assert in_order(out)


def test_a_second_time_changes_no_image(root):
    [once] = Recompress(root).apply()
    [twice] = Recompress(once, quality=90).apply()
    assert twice.name == "in_recompressed_recompressed"
    assert images(twice, 2) == images(once, 2)


def test_a_jpeg_is_kept_unless_a_twentieth_is_saved(tmp_path):
    """Encoded again at its own quality it would lose some of what it shows, for nothing."""
    root = make_dataset(tmp_path / "in", 1)
    rng = np.random.default_rng(0)
    path = root / "data/chunk-000/episode_000000.parquet"
    table = pq.ParquetFile(path).read()
    smooth = [np.kron(rng.integers(0, 256, (8, 8, 3)), np.ones((8, 8, 1))).astype(np.uint8) for _ in range(6)]
    at = table.schema.get_field_index(CAMERA)
    cells = [{"bytes": jpeg.encode(image, 60), "path": None} for image in smooth]
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(cells, table.schema.field(at).type)), path)
    for quality, kept in ((60, True), (59, True), (30, False)):
        [out] = Recompress(root, quality, tmp_path / f"q{quality}").apply()
        assert (images(out, 0, CAMERA) == images(root, 0, CAMERA)) == kept


def test_less_quality_takes_less_room(root):
    sizes = []
    for quality in (30, 60, 95):
        [out] = Recompress(root, quality, root.with_name(f"q{quality}")).apply()
        sizes.append(sum(map(len, images(out, 0))))
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]


def test_without_images_there_is_nothing_to_do(root):
    from tools.dataset.edits.drop import Drop

    [one] = Drop(root, scene.CAMERAS[0]).apply()
    [none] = Drop(one, scene.CAMERAS[1]).apply()
    with pytest.raises(Refused, match="no feature of dtype image"):
        Recompress(none).apply()
    with pytest.raises(WrongUsage, match="--quality"):
        Recompress(root, quality=101).apply()


def test_an_image_that_does_not_decode_is_refused_by_name(root):
    path = root / "data/chunk-000/episode_000001.parquet"
    table = pq.ParquetFile(path).read()
    at = table.schema.get_field_index(scene.CAMERAS[0])
    cells = table.column(at).to_pylist()
    cells[3]["bytes"] = cells[3]["bytes"][:100]
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(cells, table.schema.field(at).type)), path)
    with pytest.raises(Refused, match=r"episode_000001\.parquet(.|\n)*frame 3(.|\n)*--episodes 1"):
        Recompress(root).apply()
    assert [one.name for one in root.parent.iterdir()] == ["in"]


def test_what_the_format_does_not_know_stays(root):
    for path in (root / "data").rglob("*.parquet"):
        table = pq.ParquetFile(path).read()
        pq.write_table(table.append_column("force", pa.array(np.arange(table.num_rows))), path)
    for name in ("episodes.jsonl", "tasks.jsonl"):
        text = (root / "meta" / name).read_text()
        (root / "meta" / name).write_text(text.replace("{", '{"operator": "Ada", '))
    (root / "meta/calibration.json").write_text("{}")
    [out] = Recompress(root).apply()
    assert rows(out, 1).column("force").to_pylist() == list(range(4))
    assert images(out, 1) != images(root, 1)
    for name in ("calibration.json", "episodes.jsonl", "tasks.jsonl", "info.json"):
        assert (out / "meta" / name).read_bytes() == (root / "meta" / name).read_bytes()


def test_statistics_that_were_there_are_those_of_the_new_images(tmp_path):
    name = "observation.images.scene"
    root = make_dataset(tmp_path / "made", 2)
    [out] = Recompress(root, quality=1).apply()
    for episode in range(2):
        was, got = (lines(one, "episodes_stats.jsonl")[episode]["stats"] for one in (root, out))
        cells = rows(out, episode).column(name).to_pylist()
        assert got[name] == episode_stats({}, [(0, {name: cells})], len(cells))[name] != was[name]
        assert {key: one for key, one in got.items() if key != name} == {
            key: one for key, one in was.items() if key != name
        }
