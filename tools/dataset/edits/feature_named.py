"""Finds the feature that a user means to change."""

from tools.dataset.drafts.draft import Draft
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.features import Feature
from tools.refusal import Refused


def feature_named(draft: Draft, name: str) -> Feature:
    """The feature of that name.

    Raises:
        Refused: There is none, or it is one that LeRobot needs under that name.
    """
    features = draft.features()
    if name in INDEX_FEATURES or name not in features:
        ours = [one for one in features if one not in INDEX_FEATURES]
        raise Refused(
            f"{draft.source.root}: {name!r}",
            expected=f"one of {', '.join(ours)}",
            found="a column that LeRobot needs as it is" if name in INDEX_FEATURES else "no feature of that name",
            todo="name one of those",
        )
    return features[name]
