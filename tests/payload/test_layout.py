"""Arrays and tensors with gaps, or axes in an unusual order, travel as buffers and come back the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jupyter_tune.payload.loading import load
from jupyter_tune.payload.packing import pack
from tests.trial_lab import cell

pytestmark = pytest.mark.usefixtures("bare_notebook")

DATA = np.arange(8.0 * 125_000)
TABLE = DATA.reshape(-1, 8)
IMAGES = DATA.reshape(-1, 20, 25, 4).transpose(0, 3, 1, 2)
RECORDS = np.zeros(200_000, dtype=[("x", "f8"), ("y", "f4")])

ARRAYS = {
    "every other": DATA[::2],
    "reversed": DATA[::-1],
    "most columns": TABLE[:, :7],
    "few columns": np.tile(TABLE, 2)[:, 2:5],
    "images": IMAGES,
    "images turned": IMAGES[::-1, :, ::-1],
    "repeated": np.broadcast_to(DATA[:8], (125_000, 8)),
    "times": DATA.astype("M8[ns]")[::-1],
    "a field": RECORDS["x"],
}


def there_and_back(folder: Path, **names: Any) -> tuple[dict[str, Any], int]:
    """What comes back, and the size of the pickle."""
    packed = pack(cell(names=names), folder)
    loaded: dict[str, Any] = load(packed.path)["names"]
    return loaded, packed.path.stat().st_size


@pytest.mark.parametrize("kind", ARRAYS)
def test_an_array_comes_back_as_it_was_and_not_in_the_pickle(tmp_path: Path, kind: str) -> None:
    array = ARRAYS[kind]
    names, in_pickle = there_and_back(tmp_path, array=array)
    back = names["array"]
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert (back == array).all()
    assert (back.flags.writeable, back.flags.aligned) == (array.flags.writeable, array.flags.aligned)
    assert in_pickle < 10_000


def test_views_of_one_array_are_sent_as_one_copy_and_stay_views(tmp_path: Path) -> None:
    names, _ = there_and_back(tmp_path, x=TABLE[:, :-1], images=IMAGES, whole=DATA, odd=DATA[1::2])
    assert sum(path.stat().st_size for path in tmp_path.glob("*.buffer")) < DATA.nbytes + 1000
    names["whole"][:] = -1
    assert (names["x"] == -1).all()
    assert (names["images"] == -1).all()
    assert (names["odd"] == -1).all()
    assert DATA[1] == 1


def test_an_array_that_uses_little_of_its_memory_is_sent_without_the_rest(tmp_path: Path) -> None:
    wide = np.zeros((150_000, 20))
    there_and_back(tmp_path, column=wide[:, 3])
    assert sum(path.stat().st_size for path in tmp_path.glob("*.buffer")) == wide.nbytes // 20


def test_tensors_too(tmp_path: Path) -> None:
    import torch

    whole = torch.arange(8.0 * 125_000)
    table = whole.reshape(-1, 8)
    tensors = {
        "turned": table.T,
        "columns": table[:, :6],
        "permuted": whole.reshape(50, -1, 8).permute(2, 0, 1),
        "expanded": whole[:8].expand(125_000, 8),
        "half": table.bfloat16().T,
        "conjugate": torch.complex(table, table).T.conj(),
    }
    names, in_pickle = there_and_back(tmp_path, **tensors)
    for name, tensor in tensors.items():
        assert names[name].dtype == tensor.dtype
        assert torch.equal(names[name], tensor), name
    assert in_pickle < 10_000
    names["turned"].fill_(-1)
    assert (names["columns"] == -1).all()
