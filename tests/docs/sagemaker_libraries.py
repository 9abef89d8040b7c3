"""SageMaker's side of its page, up to the request that it sends. `make test-integrations` runs it, where its
library is. The services of AWS that are asked before it (a role, a bucket) are stood in for.
"""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from tests.docs.pages import side

ROLE = "arn:aws:iam::111122223333:role/training"
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "sagemaker.amazonaws.com"}}


def answer(operation: str, given: dict[str, Any]) -> dict[str, Any]:
    """What AWS would answer."""
    match operation:
        case "GetRole":
            return {"Role": {"Arn": ROLE, "AssumeRolePolicyDocument": {"Statement": [TRUST]}}}
        case "SimulatePrincipalPolicy":
            allowed = [{"EvalActionName": name, "EvalDecision": "allowed"} for name in given["ActionNames"]]
            return {"EvaluationResults": allowed}
        case "GetCallerIdentity":
            return {"Account": "111122223333", "Arn": ROLE}
        case "ListBuckets":
            name = "sagemaker-us-east-1-111122223333"
            return {"Buckets": [{"Name": name, "CreationDate": datetime.datetime(2026, 1, 1)}]}
        case "CreateHyperParameterTuningJob":
            return {"HyperParameterTuningJobArn": "arn:aws:sagemaker:us-east-1:111122223333:tuning/digits"}
        case "DescribeHyperParameterTuningJob":
            return {"HyperParameterTuningJobName": "digits", "HyperParameterTuningJobStatus": "InProgress"}
    return {}


@pytest.mark.filterwarnings("ignore")
def test_sagemakers_side_asks_for_the_same_search(tmp_path, monkeypatch) -> None:
    from botocore.client import BaseClient

    asked: dict[str, dict[str, Any]] = {}

    def call(self: object, operation: str, given: dict[str, Any]) -> dict[str, Any]:
        asked[operation] = given
        return answer(operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("")
    for name, value in {
        "DEFAULT_REGION": "us-east-1",
        "ACCESS_KEY_ID": "x",
        "SECRET_ACCESS_KEY": "x",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    [block] = side("sagemaker.md", "SageMaker")
    exec(block, {"image": "my/training:latest", "role": ROLE})
    job = asked["CreateHyperParameterTuningJob"]["HyperParameterTuningJobConfig"]
    ranges = job["ParameterRanges"]
    assert job["Strategy"] == "Hyperband"
    assert job["ResourceLimits"] == {"MaxNumberOfTrainingJobs": 6, "MaxParallelTrainingJobs": 2}
    assert [each["Name"] for kind in ranges.values() for each in kind] == ["width", "lr", "act"]
