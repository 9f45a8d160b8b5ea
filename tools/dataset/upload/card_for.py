"""Chooses the dataset card that an upload writes."""

import re

from tools.dataset.dataset import Dataset
from tools.dataset.upload.dataset_card import is_ours
from tools.dataset.upload.dataset_card import write_card
from tools.dataset.upload.files import CARD
from tools.dataset.upload.hub import Hub
from tools.dataset.upload.remote import Remote


def card_for(hub: Hub, dataset: Dataset, remote: Remote | None, license_name: str | None) -> tuple[bytes | None, str]:
    """The card to write and what to say of it; None where the one on the hub is to stay.

    A card that a person has written or edited, here or there, is never written over.
    """
    here = dataset.root / CARD
    own = here.read_bytes() if here.is_file() else None
    if own is not None and is_ours(own):  # it came with a download
        own = None
    there = hub.content(CARD, remote.commit) if remote is not None and CARD in remote.files else None
    if there is not None and license_name is None and is_ours(there):
        kept = re.search(r"^license: (.+)$", there.decode(), re.MULTILINE)
        license_name = kept[1] if kept else None
    card = own or write_card(dataset, hub.repo_id, license_name)
    if there is None:
        return card, "README.md of this folder" if own else "written"
    if there == card:
        return None, "as it was"
    if is_ours(there):
        return card, "README.md of this folder" if own else "written again"
    return None, "left as someone has written it on the hub; its numbers may be old"
