"""One question asked of a dataset a file, with its repair where there is one. A file is found by being here.

A module holds `SENTENCE` (what must hold), `SEVERITY` ("error", "warning" or "note") and one or more of the functions
`of_dataset`, `of_unreadable`, `of_episode`, `of_looks`, and `gist` or `gist_of_looks` with `of_gists`, each of which
yields findings; tools.dataset.check_run calls them and puts in the name and the severity. Those of looks are asked of the
cameras that info.json tells of, and of every image where the module says `ALL_IMAGES = True`.
"""

# An error is what the pinned LeRobot refuses. These are errors though LeRobot opens the dataset and reads every item,
# since training would silently learn from wrong data.
STRICTER_ON_PURPOSE = {
    "action-there": "an action that info.json does not declare is checked by nothing",
    "actions-ahead": "actions that are states of frames before teach the policy to go back, and nothing looks at what they are",
    "camera-columns": "a camera that is not decoded, or without its colours, is handed on as it is; views have no word",
    "column-shapes": "values of another length than declared reach the model as they are, and are cut or padded there",
    "column-kinds": "text where numbers are declared is handed on as text; views of lists have no word in the metadata",
    "data-path": "where all episodes have one file, nothing says which file is whose, and a download fetches that one",
    "episode-index-column": "a wrong number cuts action chunks at another episode's end, and repeats wrong actions",
    "episodes-formed": "a length that is no whole number is cut to one in silence, and true is taken for 1",
    "episodes-listed": "a line whose number is no whole one is taken by its place among the others",
    "feature-columns": "a column that info.json declares and the files lack is handed on as None, or not at all",
    "features-formed": "columns that info.json does not declare are checked by nothing",
    "file-order": "LeRobot reads files in the order of their names and takes episodes by number: they no longer meet",
    "images-colour": "an image that is not RGB reaches the model with another number of colours, or as another picture",
    "images-decode": "Pillow fills in what a damaged JPEG lost, and a cell that is null becomes no image at all",
    "images-embedded": "a cell without bytes is read from a path that exists on the recording machine only, or is None",
    "images-size": "an image of another size is framed otherwise than those beside it, and nothing looks",
    "info-needed": "total_episodes that is true is taken for 1",
    "last-length": "the last episode's length is checked by nothing: too short, and its last actions are repeated",
    "no-nulls": "a null is handed on as None, and fails or is replaced far from here",
    "numbers-finite": "one NaN or infinite number of state or action makes the loss NaN, and with it all weights and statistics",
    "root-path": "a * or ? in the path matches other folders too, and their episodes are read as this dataset's",
    "same-columns": "numbers become text where the first file has text",
    "stray-files": "an archive is opened, and what is in it is read as data",
    "task-texts": "a task that is no text becomes the prompt as it is",
    "tasks-once": "of two texts for one task the last is taken, for all episodes",
    "video-streams": "frames of another size than declared reach the policy as they are",
    "version-3-0": "a label of a later format is not refused, and what follows is read by the wrong rules",
}
