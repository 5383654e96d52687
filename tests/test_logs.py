"""CloudWatch Logs with boto3 and the aws CLI."""

import time

import pytest
from botocore.exceptions import ClientError

import harness
import stacks
from harness import OREGON


def now():
    return int(time.time() * 1000)


def put(logs, group, stream, *messages, at=None):
    start = at or now() - 1000
    return logs.put_log_events(logGroupName=group, logStreamName=stream,
                               logEvents=[{"timestamp": start + n, "message": message} for n, message in enumerate(messages)])


@pytest.fixture
def group(lab):
    logs, name = lab.client("logs"), harness.unique("group")
    logs.create_log_group(logGroupName=name, tags={"team": "pets"})
    yield name
    logs.delete_log_group(logGroupName=name)


def code(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_streams_and_events(lab, group):
    logs = lab.client("logs")
    for stream in ("b", "a"):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    put(logs, group, "a", "one", "two ERROR", "three")
    put(logs, group, "b", "ERROR four", at=now())
    read = logs.get_log_events(logGroupName=group, logStreamName="a", startFromHead=True, limit=2)
    assert [event["message"] for event in read["events"]] == ["one", "two ERROR"]
    read = logs.get_log_events(logGroupName=group, logStreamName="a", nextToken=read["nextForwardToken"])
    assert [event["message"] for event in read["events"]] == ["three"]
    end = logs.get_log_events(logGroupName=group, logStreamName="a", nextToken=read["nextForwardToken"])
    assert end["events"] == [] and end["nextForwardToken"] == read["nextForwardToken"], "at the end the token stays"
    back = logs.get_log_events(logGroupName=group, logStreamName="a", nextToken=read["nextBackwardToken"])
    assert [event["message"] for event in back["events"]] == ["one", "two ERROR"]
    found = logs.filter_log_events(logGroupName=group, filterPattern="ERROR -four")["events"]
    assert [(event["logStreamName"], event["message"]) for event in found] == [("a", "two ERROR")]
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, limit=1)
    assert [event["message"] for page in pages for event in page["events"]] == ["one", "two ERROR", "three", "ERROR four"]
    streams = logs.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True)["logStreams"]
    assert [stream["logStreamName"] for stream in streams] == ["b", "a"]
    logs.delete_log_stream(logGroupName=group, logStreamName="b")
    assert code(logs.get_log_events, logGroupName=group, logStreamName="b") == "ResourceNotFoundException"


def test_what_is_refused(lab, group):
    logs = lab.client("logs")
    assert code(logs.create_log_group, logGroupName=group) == "ResourceAlreadyExistsException"
    assert code(logs.create_log_group, logGroupName="a b") == "InvalidParameterException"
    assert code(logs.put_retention_policy, logGroupName=group, retentionInDays=2) == "InvalidParameterException"
    with pytest.raises(ClientError, match="log stream does not exist"):
        put(logs, group, "none", "x")
    with pytest.raises(ClientError, match="chronological"):
        logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[
            {"timestamp": now(), "message": "b"}, {"timestamp": now() - 5, "message": "a"}])
    assert code(logs.filter_log_events, logGroupName=group, filterPattern="{ $.a = 1 }") == "InvalidParameterException"
    assert code(lab.client("logs", OREGON).describe_log_streams, logGroupName=group) == "ResourceNotFoundException"
    assert code(lab.client("logs", account="999999999999").describe_log_streams, logGroupName=group) == "ResourceNotFoundException"


def test_old_and_new_events_are_rejected(lab, group):
    logs = lab.client("logs")
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    told = put(logs, group, "s", "ancient", at=now() - 15 * 86_400_000)
    assert told["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    told = put(logs, group, "s", "future", at=now() + 3 * 3_600_000)
    assert told["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 0}
    assert logs.get_log_events(logGroupName=group, logStreamName="s")["events"] == []


def test_groups(lab, group):
    logs = lab.client("logs")
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    seen = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [(one["logGroupName"], one["retentionInDays"]) for one in seen] == [(group, 7)]
    assert seen[0]["arn"] == seen[0]["logGroupArn"] + ":*"
    logs.delete_retention_policy(logGroupName=group)
    assert "retentionInDays" not in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    arn = seen[0]["logGroupArn"]
    logs.tag_resource(resourceArn=arn, tags={"stage": "dev"})
    logs.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"stage": "dev"}


def test_aws_cli(lab, group):
    """What `aws logs tail` of version 2 asks, with the version 1 that is tested with."""
    logs = lab.client("logs")
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    put(logs, group, "s", "hello from the lab")
    answer = stacks.client(lab, "aws", "logs", "filter-log-events", "--log-group-name", group, "--interleaved")
    assert answer.code == 0 and "hello from the lab" in answer.out, answer


def test_events_survive_kill_minus_nine(fresh):
    import os
    import signal

    lab = fresh(ephemeral=False).up()
    logs = lab.client("logs")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    put(logs, "g", "s", "kept")
    os.kill(lab.pid, signal.SIGKILL)
    while harness.start_time(lab.pid) is not None:
        time.sleep(0.01)
    lab.up()
    events = lab.client("logs").get_log_events(logGroupName="g", logStreamName="s")["events"]
    assert [event["message"] for event in events] == ["kept"]
