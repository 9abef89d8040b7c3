from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from jupyter_tune.errors import OptionError
from jupyter_tune.launch.clusters import cluster_of
from jupyter_tune.launch.option import MAGIC, TUNE
from jupyter_tune.launch.options import options_of, read_options

SECURITY = SimpleNamespace(
    require_encryption=True, tls_ca_file="CA", tls_client_cert="C", tls_client_key="K", tls_worker_key="W"
)


def a_cluster(address: str = "tcp://127.0.0.1:8786", security: object = None) -> SimpleNamespace:
    return SimpleNamespace(scheduler_address=address, security=security)


def a_client(address: str | None = "tcp://127.0.0.1:8786", security: object = None) -> SimpleNamespace:
    scheduler = None if address is None else SimpleNamespace(address=address)
    return SimpleNamespace(scheduler=scheduler, scheduler_info=lambda: {}, security=security)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tcp://localhost:1", "tls://10.0.0.5:8786"])
def test_an_address_is_taken_as_it_is(address):
    assert cluster_of(address, "on") == {"address": address, "security": None}


def test_a_scheduler_file_gives_its_address(tmp_path):
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"type": "Scheduler", "address": "tls://10.0.0.5:8786"}))
    assert cluster_of(str(file), "on")["address"] == "tls://10.0.0.5:8786"
    file.write_text("{}")
    with pytest.raises(
        OptionError, match=r"--on: .*scheduler.json is no scheduler file of Dask; give a Dask"
    ):
        cluster_of(str(file), "--on")


@pytest.mark.parametrize("made", [a_cluster, a_client])
def test_an_object_gives_its_address_and_what_a_client_needs_of_its_security(made):
    assert cluster_of(made("tls://10.0.0.5:8786", SECURITY), "on") == {
        "address": "tls://10.0.0.5:8786",
        "security": {
            "require_encryption": True,
            "tls_ca_file": "CA",
            "tls_client_cert": "C",
            "tls_client_key": "K",
        },
    }


def test_a_name_is_a_variable_of_the_notebook():
    notebook = {"client": a_client(), "n": 3}
    assert cluster_of("client", "--on", namespace=notebook)["address"] == "tcp://127.0.0.1:8786"
    with pytest.raises(OptionError, match=r"--on n: 3 \(int\) is no cluster; give a Dask Client"):
        cluster_of("n", "--on", namespace=notebook)
    with pytest.raises(OptionError, match="--on: there is no variable, address or file 'cleint'"):
        cluster_of("cleint", "--on", namespace=notebook)


@pytest.mark.parametrize("gone", [a_client(None), a_cluster(""), a_cluster("<Not Connected>")])
def test_an_object_without_a_scheduler_is_refused(gone):
    with pytest.raises(OptionError, match="is not connected to a scheduler; start it"):
        cluster_of(gone, "on")


def test_a_cluster_inside_the_notebook_s_process_is_refused():
    with pytest.raises(OptionError, match=r"inproc://.* start the cluster with processes"):
        cluster_of(a_cluster("inproc://10.0.0.5/1/1"), "on")


@pytest.mark.parametrize("host", ["10.0.0.5", "[2001:db8::1]", "no-such-host.invalid"])
def test_another_machine_without_tls_is_refused_unless_the_user_insists(host):
    address = f"tcp://{host}:8786"
    with pytest.raises(OptionError, match=r"has no TLS, .*Security.temporary.* or accept it by --insecure"):
        cluster_of(address, "--on")
    with pytest.raises(OptionError, match="or accept it by insecure=True"):
        cluster_of(a_client(address), "on")
    assert cluster_of(address, "on", insecure=True)["address"] == address


@pytest.mark.parametrize("value", [3, True, "", " ", b"tcp://h:1"])
def test_what_can_be_no_cluster_is_refused_with_the_other_options(value):
    with pytest.raises(OptionError, match=r"on: .* is no cluster; give a Dask Client"):
        read_options({"on": value}, TUNE)


def test_resources_are_numbers_by_name():
    read = options_of(MAGIC)["resources"].read
    assert read(["GPU=1", "MEMORY=1e9"], "--resources") == {"GPU": 1, "MEMORY": 1e9}
    assert read({"GPU": 2}, "resources") == {"GPU": 2}
    for wrong in (["GPU"], ["GPU=x"], {"GPU": 0}, ["=1"], 5):
        with pytest.raises(OptionError, match="--resources"):
            read(wrong, "--resources")
