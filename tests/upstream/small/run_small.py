"""Runs a script with a model so small that two CPU cores train it: `run_small.py SCRIPT [ARGUMENT ...]`.

Upstream's debug configs have a small language model and still the whole image encoder, 1.6 GB of it. Here every model
is made with an encoder of one layer, a language model smaller than upstream's "dummy" variant (with the LoRA weights of
the variant that was asked for) and a vocabulary as large as that of the stand-in tokenizer. Only this process sees it: no
file of the tree is changed, and what the script does with the model is upstream's own.

SMALL_KEEP_ENCODER=1 leaves the image encoder whole.
"""

import dataclasses
import os
import runpy
import sys

# One layer of width 32 over patches of 56x56 pixels, 16 of them in an image.
ENCODER = "mu/56"
# Less of it than upstream's "dummy" has: attention over all tokens is most of what a step takes.
LANGUAGE = {"depth": 2, "num_heads": 4}
# make_tokenizer.py makes the stand-in tokenizer smaller than this.
VOCABULARY = 1024


def shrink() -> None:
    """Makes every model that is created from now on in this process small."""
    from openpi.models import gemma
    from openpi.models import siglip

    decode_variant, get_config = siglip.decode_variant, gemma.get_config
    dummy = dataclasses.replace(get_config("dummy"), **LANGUAGE)
    if os.environ.get("SMALL_KEEP_ENCODER") != "1":
        siglip.decode_variant = lambda variant: decode_variant(variant and ENCODER)
    gemma.get_config = lambda variant: dataclasses.replace(dummy, lora_configs=get_config(variant).lora_configs)
    gemma.PALIGEMMA_VOCAB_SIZE = VOCABULARY


if __name__ == "__main__":
    shrink()
    del sys.argv[0]
    # As `python SCRIPT` has it. A spawned data loader worker imports SCRIPT, not this file: it needs no model.
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    runpy.run_path(sys.argv[0], run_name="__main__")
