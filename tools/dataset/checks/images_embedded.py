"""Asks whether every camera cell holds an image's bytes, as far as the file's footer tells."""

from collections.abc import Iterator

from tools.dataset.episode import Episode
from tools.dataset.finding import Finding

SENTENCE = "Every cell of a camera, or of another column of images, holds the image itself."
SEVERITY = "error"


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Counts the cells without bytes, which the footer knows; no image is read."""
    cameras = set(episode.images)
    if not cameras:
        return
    footer = episode.footer
    schema = footer.schema
    for at in range(len(schema)):
        camera, _, leaf = schema.column(at).path.rpartition(".")
        if leaf != "bytes" or camera not in cameras:
            continue
        nulls, first, row = 0, None, 0
        for number in range(footer.num_row_groups):
            group = footer.row_group(number)
            statistics = group.column(at).statistics
            if statistics is not None and statistics.has_null_count and statistics.null_count:
                nulls += statistics.null_count
                first = row if first is None else first
            row += group.num_rows
        if nulls:
            yield Finding(
                expected="bytes in every cell",
                found=f"{nulls} of {episode.rows} cells without",
                hint="a path leads to a file of the recording machine only, and a null cell becomes no image at all",
                file=episode.name,
                episode=episode.index,
                frame=first if nulls == episode.rows else None,
                column=camera,
            )
