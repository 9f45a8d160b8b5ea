"""The stand-ins: what the picture's figure means, and that the tokenizer takes any prompt."""

import numpy as np
import pytest

from openpi.models.tokenizer import PaligemmaTokenizer
from tests.upstream.small.draw_actions import error_ratio
from tests.upstream.small.run_small import VOCABULARY


def test_the_error_is_nothing_for_the_recorded_and_one_for_holding_still():
    random = np.random.default_rng(0)
    states, recorded = random.normal(size=(4, 6)), random.normal(size=(4, 30, 6)) * [1, 10, 100, 1, 1, 1]
    still = np.repeat(states[:, None], 30, axis=1)
    assert error_ratio(states, recorded, recorded) == 0
    assert error_ratio(states, still, recorded) == pytest.approx(1)
    assert error_ratio(states, (still + recorded) / 2, recorded) == pytest.approx(0.5)


@pytest.mark.parametrize("prompt", ["pick up the bottle", "größer 東京 🤖", "x" * 50])
def test_any_prompt_has_tokens_that_the_small_model_knows(prompt):
    tokens, mask = PaligemmaTokenizer(200).tokenize(prompt, np.linspace(-1, 1, 6))
    assert tokens.shape == mask.shape == (200,)
    assert 10 < mask.sum() < 200
    assert tokens.max() < VOCABULARY
