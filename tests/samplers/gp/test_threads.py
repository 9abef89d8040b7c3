import torch

from jupyter_tune.samplers.gp.threads import one_thread


def test_the_limit_is_lifted_again():
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
