"""Makes a stand-in for PaliGemma's tokenizer, which upstream would download: `make_tokenizer.py FOLDER`."""

import io
import pathlib
import sys

import sentencepiece

# Where upstream looks below OPENPI_DATA_HOME before it downloads.
PLACE = "big_vision/paligemma_tokenizer.model"


def make_tokenizer(data_home: pathlib.Path) -> None:
    """Writes the tokenizer below a folder that OPENPI_DATA_HOME will name, unless it is there.

    It knows every byte, so any prompt can be encoded, in more tokens than PaliGemma's would take.
    """
    path = data_home / PLACE
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    sentences = [f"Task: put the block {i} on the square {-i}, State: {7 * i % 256};\nAction: " for i in range(300)]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences),
        model_writer=model,
        vocab_size=400,
        hard_vocab_limit=False,
        byte_fallback=True,
        pad_id=0,
        eos_id=1,
        bos_id=2,
        unk_id=3,
        minloglevel=2,
    )
    aside = path.with_suffix(".new")
    aside.write_bytes(model.getvalue())
    aside.replace(path)


if __name__ == "__main__":
    make_tokenizer(pathlib.Path(sys.argv[1]))
