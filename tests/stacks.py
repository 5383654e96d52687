"""Deploys templates with the clients that people use."""

import json
import os
import pathlib
import sys
import time

import harness
from harness import ACCOUNT, ROOT, SEOUL

EXAMPLES = ROOT / "examples"
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"


def environment_path():
    """Where clients are found: beside this Python first."""
    return f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"


def environment(lab, region=SEOUL, account=ACCOUNT):
    """What a client needs: nothing of the user's own configuration."""
    return {
        "PATH": environment_path(), "HOME": str(lab.place), "TMPDIR": str(lab.place),
        "AWS_ENDPOINT_URL": lab.url, "AWS_DEFAULT_REGION": region, "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "vpclab",
        "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "",
        "SAM_CLI_TELEMETRY": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"}


def client(lab, *command, region=SEOUL, account=ACCOUNT, cwd="/", timeout=180):
    """Runs `aws …` or `sam …` against the lab."""
    return harness.run(command, env=environment(lab, region, account), cwd=cwd, timeout=timeout)


def deploy(lab, template, stack, *, region=SEOUL, account=ACCOUNT, **parameters):
    """`aws cloudformation deploy`; answers the stack's outputs."""
    given = [f"{name}={value}" for name, value in parameters.items()]
    command = ("aws", "cloudformation", "deploy", "--stack-name", stack, "--template-file", template, "--no-fail-on-empty-changeset",
               "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", *(["--parameter-overrides", *given] if given else []))
    answer = client(lab, *command, region=region, account=account)
    # The CLI names its change set by the second, and a lab makes two in one: once more, in the next second.
    if "AlreadyExistsException" in answer.err:
        answer = client(lab, *command, region=region, account=account)
    assert answer.code == 0, f"{answer}\n{events(lab, stack, region, account)}"
    return outputs(lab, stack, region, account)


def outputs(lab, stack, region=SEOUL, account=ACCOUNT):
    seen = lab.client("cloudformation", region, account).describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in seen.get("Outputs", [])}


def events(lab, stack, region=SEOUL, account=ACCOUNT):
    """The stack's events that tell a reason, oldest first."""
    cloudformation = lab.client("cloudformation", region, account)
    try:
        seen = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    except cloudformation.exceptions.ClientError as why:
        return [str(why)]
    return [(event["LogicalResourceId"], event["ResourceStatus"], event.get("ResourceStatusReason", "")) for event in reversed(seen)]


def delete(lab, stack, region=SEOUL, account=ACCOUNT):
    """Deletes a stack and waits as the CLI does."""
    cloudformation = lab.client("cloudformation", region, account)
    stack_id = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack_id, WaiterConfig={"Delay": 1, "MaxAttempts": 120})


def invoke(lab, function, payload=None, region=SEOUL, account=ACCOUNT):
    """(function error or None, payload) of a synchronous invocation."""
    answer = lab.client("lambda", region, account).invoke(FunctionName=function, Payload=json.dumps(payload or {}))
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def until(check, patience=60):
    """Waits until a check holds."""
    end = time.monotonic() + patience
    while not check():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.1)
