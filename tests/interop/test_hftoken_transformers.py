# SPDX-License-Identifier: Apache-2.0
"""hftoken run for the real transformers, as somebody's script calls it; without torch it loads files and no weights."""

import pytest
from interop_tools import missing
from people import LLAMA, VENV, digest_of

pytestmark = [pytest.mark.client("transformers"), pytest.mark.once]

TRAIN = """
import argparse, hashlib
from transformers import AutoConfig, PreTrainedConfig
from transformers.utils import cached_file

class PracticeConfig(PreTrainedConfig):
    model_type = "practice"

parser = argparse.ArgumentParser()
parser.add_argument("--model")
parser.add_argument("--weights")
words = parser.parse_args()
AutoConfig.register("practice", PracticeConfig)
print(AutoConfig.from_pretrained(words.model).repo)
print(hashlib.sha256(open(cached_file(words.model, words.weights), "rb").read()).hexdigest())
"""


@pytest.fixture
def user(people):
    if not list(VENV.parent.glob("lib/python*/site-packages/transformers")):
        missing("no transformers: run tests/interop/fetch_clients.sh")
    (people.folder / "train.py").write_text(TRAIN)
    return people


@pytest.mark.parametrize("repo, path, token", [("bob/private-model", "model.safetensors", "bob-read"),
                                               (LLAMA, "model-00001-of-00001.safetensors", "alice-read")])
def test_training_script(user, repo, path, token):
    """A private and a gated model; the token in the environment is dead."""
    out = user.runs("--", VENV / "python", "train.py", "--model", repo, "--weights", path,
                    HF_TOKEN=user.hub.token("alice-deleted"))
    assert out.splitlines() == [repo, digest_of(repo, path)]
    assert user.content_saw() >= 1 and user.hub_saw() == {token}
