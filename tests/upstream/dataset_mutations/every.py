"""All mutations, in the order of the files that they change."""

from tests.upstream.dataset_mutations import camera_columns
from tests.upstream.dataset_mutations import column_types
from tests.upstream.dataset_mutations import columns_there
from tests.upstream.dataset_mutations import data_files
from tests.upstream.dataset_mutations import episodes_jsonl
from tests.upstream.dataset_mutations import episodes_stats_jsonl
from tests.upstream.dataset_mutations import images
from tests.upstream.dataset_mutations import index_columns
from tests.upstream.dataset_mutations import info_json
from tests.upstream.dataset_mutations import more_columns
from tests.upstream.dataset_mutations import numbers
from tests.upstream.dataset_mutations import parquet_files
from tests.upstream.dataset_mutations import schema_metadata
from tests.upstream.dataset_mutations import stray_files
from tests.upstream.dataset_mutations import tasks_jsonl
from tests.upstream.dataset_mutations import time_column
from tests.upstream.dataset_mutations import videos

MUTATIONS = (
    info_json.MUTATIONS
    + tasks_jsonl.MUTATIONS
    + episodes_jsonl.MUTATIONS
    + episodes_stats_jsonl.MUTATIONS
    + data_files.MUTATIONS
    + stray_files.MUTATIONS
    + parquet_files.MUTATIONS
    + schema_metadata.MUTATIONS
    + camera_columns.MUTATIONS
    + columns_there.MUTATIONS
    + column_types.MUTATIONS
    + more_columns.MUTATIONS
    + time_column.MUTATIONS
    + index_columns.MUTATIONS
    + numbers.MUTATIONS
    + images.MUTATIONS
    + videos.MUTATIONS
)
