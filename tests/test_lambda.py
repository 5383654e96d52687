"""Lambda by boto3 and the aws CLI: functions that run, in a VPC and outside, and what their API refuses."""

import base64
import contextlib
import io
import json
import time
import zipfile

import pytest

import harness
import stacks
from errors import refused
from harness import ACCOUNT, OREGON, SEOUL
from topology import Network, tcp

AS_ORDINARY_USER_TOO = True
ROLE = f"arn:aws:iam::{ACCOUNT}:role/function"

CLIENT = """
import urllib.error, urllib.request
def handler(event, context):
    try:
        return urllib.request.urlopen(event["url"], timeout=3).read().decode()
    except urllib.error.HTTPError as error:
        return error.code
    except Exception as error:
        return type(getattr(error, "reason", error)).__name__
"""


def packed(text, name="app.py", more=()):
    """A zip of a file, and of more: names and contents."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for named, content in [(name, text), *more]:
            file.writestr(named, content)
    return data.getvalue()


class Functions:
    """Makes functions and calls them."""

    def __init__(self, lab):
        self.lab = lab
        self.api = lab.client("lambda")
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": trust})
        with contextlib.suppress(lab.client("iam").exceptions.EntityAlreadyExistsException):
            lab.client("iam").create_role(RoleName="function", AssumeRolePolicyDocument=document)

    def make(self, text, **settings):
        name = settings.pop("FunctionName", None) or harness.unique("f")
        settings = {"Runtime": "python3.12", "Role": ROLE, "Handler": "app.handler", **settings}
        self.api.create_function(FunctionName=name, Code={"ZipFile": packed(text)}, **settings)
        return name

    def call(self, name, event=None, **more):
        answer = self.api.invoke(FunctionName=name, Payload=json.dumps(event), **more)
        return json.loads(answer["Payload"].read() or "null"), answer

    def lines(self, name):
        events = self.lab.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        return [event["message"] for event in events]


@pytest.fixture(scope="module")
def functions(lab):
    return Functions(lab)


@pytest.fixture(scope="module")
def seoul(lab):
    return Network(lab, SEOUL, "10.0.0.0/16")


def eventually(check, patience=60):
    end = time.monotonic() + patience
    while True:
        try:
            return check()
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def test_a_function_runs_and_logs(functions):
    name = functions.make("def handler(event, context):\n    print('seen', event)\n    return [event, context.function_name]")
    value, answer = functions.call(name, {"a": "ü"}, LogType="Tail")
    assert (value, answer["ExecutedVersion"], "FunctionError" in answer) == ([{"a": "ü"}, name], "$LATEST", False)
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert tail.startswith("START RequestId: ") and "seen {'a': 'ü'}\nEND RequestId: " in tail and "\tInit Duration: " in tail

    def kept():
        lines = functions.lines(name)
        assert lines[0].startswith("INIT_START") and lines[-1].startswith("REPORT RequestId: ")

    eventually(kept)
    functions.api.get_waiter("function_active_v2").wait(FunctionName=name)


def test_the_cli(lab, functions, aws, tmp_path):
    (tmp_path / "f.zip").write_bytes(packed("def handler(event, context):\n    return 1 / event['by']"))

    def cli(*arguments):
        env = {**lab.environment(), "AWS_ENDPOINT_URL": lab.url, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "vpclab",
               "AWS_DEFAULT_REGION": SEOUL, "AWS_EC2_METADATA_DISABLED": "true"}
        answer = harness.run([aws, "lambda", *arguments], env=env, cwd=tmp_path)
        assert answer.code == 0, answer.err
        return json.loads(answer.out) if answer.out.strip() else None

    made = cli("create-function", "--function-name", "cli", "--runtime", "python3.13", "--role", ROLE, "--handler", "app.handler",
               "--zip-file", "fileb://f.zip")
    assert (made["State"], made["CodeSize"]) == ("Active", (tmp_path / "f.zip").stat().st_size)
    answer = cli("invoke", "--function-name", "cli", "--payload", base64.b64encode(b'{"by": 0}').decode()
                 if "aws-cli/2" in harness.run([aws, "--version"]).out else '{"by": 0}', "out.json")
    assert answer["FunctionError"] == "Unhandled"
    error = json.loads((tmp_path / "out.json").read_text())
    assert (error["errorType"], error["errorMessage"]) == ("ZeroDivisionError", "division by zero")
    cli("delete-function", "--function-name", "cli")


def test_new_code_and_settings_are_in_force_at_once(functions):
    name = functions.make("import os\ndef handler(event, context):\n    return ['old', os.environ.get('SET')]")
    assert functions.call(name)[0] == ["old", None]
    functions.api.update_function_configuration(FunctionName=name, Environment={"Variables": {"SET": "1"}})
    assert functions.call(name)[0] == ["old", "1"]
    functions.api.update_function_code(FunctionName=name, ZipFile=packed("def handler(event, context):\n    return 'new'"), Publish=True)
    assert functions.call(name)[0] == "new"


def test_logs_in_json(lab, functions):
    """https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html"""
    text = "import logging\ndef handler(e, c):\n  logging.debug('fine')\n  logging.warning('warned')\n  print('printed')"
    group = f"/own/{harness.unique('g')}"
    name = functions.make(text, LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG", "LogGroup": group})
    expected = {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG", "SystemLogLevel": "INFO", "LogGroup": group}
    assert functions.api.get_function_configuration(FunctionName=name)["LoggingConfig"] == expected
    functions.call(name)
    logs = lab.client("logs")

    def lines():
        lines = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
        return [json.loads(line) if line.startswith("{") else line for line in lines]

    def shown():
        kinds = [line if isinstance(line, str) else line.get("type") or line["message"] for line in lines()]
        assert kinds == ["platform.initStart", "platform.start", "fine", "warned", "printed\n", "platform.report"]

    eventually(shown)
    found = lines()
    assert found[2]["level"] == "DEBUG" and found[3]["level"] == "WARNING" and found[3]["requestId"] == found[1]["record"]["requestId"]
    stream = logs.describe_log_streams(logGroupName=group)["logStreams"][0]["logStreamName"]
    assert f"/{name}[$LATEST]" in stream and found[0]["record"]["instanceId"] == stream

    changed = functions.api.update_function_configuration(FunctionName=name, LoggingConfig={"ApplicationLogLevel": "ERROR", "SystemLogLevel": "WARN"})
    assert changed["LoggingConfig"] == {**expected, "ApplicationLogLevel": "ERROR", "SystemLogLevel": "WARN"}
    assert base64.b64decode(functions.call(name, LogType="Tail")[1]["LogResult"]) == b""
    changed = functions.api.update_function_configuration(FunctionName=name, LoggingConfig={"LogFormat": "Text"})
    assert changed["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": group}
    assert b"[WARNING]" in base64.b64decode(functions.call(name, LogType="Tail")[1]["LogResult"])
    text = 'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the LogFormat to "JSON" and try again.'
    with refused("InvalidParameterValueException", text):
        functions.api.update_function_configuration(FunctionName=name, LoggingConfig={"SystemLogLevel": "WARN"})


def test_logs_in_json_by_sam(lab, functions, tmp_path):
    template = tmp_path / "template.yaml"
    logging = lambda text: template.write_text(f"""
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {{Runtime: python3.12, Handler: index.handler, InlineCode: "def handler(e, c): print(1)"{text}}}
Outputs: {{Name: {{Value: !Ref F}}}}
""")
    stack = harness.unique("json")
    logging(", LoggingConfig: {LogFormat: JSON, SystemLogLevel: WARN}")
    name = stacks.deploy(lab, template, stack)["Name"]
    config = functions.api.get_function_configuration(FunctionName=name)["LoggingConfig"]
    assert config == {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "WARN", "LogGroup": f"/aws/lambda/{name}"}
    logging("")
    stacks.deploy(lab, template, stack)
    assert functions.api.get_function_configuration(FunctionName=name)["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"}
    stacks.delete(lab, stack)


def test_versions_and_aliases_run_what_they_name(functions):
    text = "def handler(event, context):\n    return [{}, context.function_version, context.invoked_function_arn.rsplit(':', 1)[1]]"
    name = functions.make(text.format(1))
    assert functions.api.publish_version(FunctionName=name)["Version"] == "1"
    assert functions.api.publish_version(FunctionName=name)["Version"] == "1", "nothing changed"
    functions.api.update_function_code(FunctionName=name, ZipFile=packed(text.format(2)))
    functions.api.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert functions.call(name)[0] == [2, "$LATEST", name]
    assert functions.call(f"{name}:live")[0] == [1, "1", "live"]
    assert functions.call(name, Qualifier="1")[0] == [1, "1", "1"]
    listed = functions.api.list_versions_by_function(FunctionName=name)["Versions"]
    assert [version["Version"] for version in listed] == ["$LATEST", "1"]


def test_layers_are_merged(functions):
    def layer(text):
        data = packed(text, "python/shared.py")
        return functions.api.publish_layer_version(LayerName="shared", Content={"ZipFile": data})["LayerVersionArn"]

    arn = layer("value = 'from the layer'")
    name = functions.make("import shared\ndef handler(event, context):\n    return shared.value", Layers=[arn])
    assert functions.call(name)[0] == "from the layer"
    functions.api.delete_layer_version(LayerName="shared", VersionNumber=1)
    assert functions.call(name)[0] == "from the layer"
    functions.api.update_function_configuration(FunctionName=name, Layers=[])
    value, answer = functions.call(name)
    assert value["errorType"] == "Runtime.ImportModuleError" and answer["FunctionError"] == "Unhandled"


def test_code_from_s3(lab, functions):
    s3 = lab.client("s3")
    s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": SEOUL})
    s3.put_object(Bucket="code", Key="a/f.zip", Body=packed("def handler(event, context):\n    return 'from S3'"))
    name = harness.unique("f")
    make = {"FunctionName": name, "Runtime": "python3.12", "Role": ROLE, "Handler": "app.handler"}
    message = "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."
    with refused("InvalidParameterValueException", message):
        functions.api.create_function(Code={"S3Bucket": "code", "S3Key": "nope"}, **make)
    functions.api.create_function(Code={"S3Bucket": "code", "S3Key": "a/f.zip"}, **make)
    s3.delete_object(Bucket="code", Key="a/f.zip")
    assert functions.call(name)[0] == "from S3"


def test_limits(functions):
    slow = functions.make("import time\ndef handler(event, context):\n    time.sleep(30)", Timeout=1)
    value, _ = functions.call(slow)
    assert value["errorType"] == "Sandbox.Timedout" and value["errorMessage"].endswith("Task timed out after 1.00 seconds")
    greedy = functions.make("import time\ndef handler(event, context):\n    x = bytearray(500 << 20)\n    time.sleep(30)", Timeout=20)
    value, _ = functions.call(greedy)
    assert value["errorMessage"].endswith("Runtime exited with error: signal: killed")
    functions.api.put_function_concurrency(FunctionName=slow, ReservedConcurrentExecutions=0)
    with refused("TooManyRequestsException", "Rate Exceeded.", 429):
        functions.call(slow)
    with refused("RequestTooLargeException", status=413):
        functions.call(slow, "x" * 6_291_456)


def test_events_run_later(functions):
    name = functions.make("def handler(event, context):\n    print('later', event)")
    _, answer = functions.call(name, {"n": 1}, InvocationType="Event")
    assert answer["StatusCode"] == 202

    def seen():
        assert "later {'n': 1}\n" in functions.lines(name)

    eventually(seen)
    assert functions.call(name, {}, InvocationType="DryRun")[1]["StatusCode"] == 204


def test_a_function_in_a_vpc_goes_through_the_fabric(lab, functions, seoul):
    allowed = seoul.group("allowed")
    endpoint = seoul.endpoint(seoul.group("endpoint", tcp(443, group=allowed)))
    backend = functions.make("import json\ndef handler(event, context):\n"
                             "    return {'statusCode': 200, 'body': event['requestContext']['identity']['sourceIp']}")
    api = lab.apigateway()
    policy = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]})
    rest = api.create_rest_api(name="a", policy=policy,
                               endpointConfiguration={"types": ["PRIVATE"], "vpcEndpointIds": [endpoint]})["id"]
    root = api.get_resources(restApiId=rest)["items"][0]["id"]
    api.put_method(restApiId=rest, resourceId=root, httpMethod="GET", authorizationType="NONE")
    arn = functions.api.get_function_configuration(FunctionName=backend)["FunctionArn"]
    uri = f"arn:aws:apigateway:{SEOUL}:lambda:path/2015-03-31/functions/{arn}/invocations"
    api.put_integration(restApiId=rest, resourceId=root, httpMethod="GET", type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    api.create_deployment(restApiId=rest, stageName="dev")

    event = {"url": f"https://{rest}.execute-api.{SEOUL}.amazonaws.com/dev/"}
    place = {"SubnetIds": [seoul.subnet], "SecurityGroupIds": [allowed]}
    client = functions.make(CLIENT, Timeout=10, VpcConfig=place)
    assert functions.call(client, event)[0] == 500, "no permission"
    source = f"arn:aws:execute-api:{SEOUL}:{ACCOUNT}:{rest}/*/GET/"
    functions.api.add_permission(FunctionName=backend, StatementId="api", Action="lambda:InvokeFunction",
                                 Principal="apigateway.amazonaws.com", SourceArn=source)
    ec2 = lab.ec2()

    def interfaces():
        return ec2.describe_network_interfaces(Filters=[{"Name": "interface-type", "Values": ["lambda"]}])["NetworkInterfaces"]

    (own,) = interfaces()
    assert functions.call(client, event)[0] == own["PrivateIpAddress"]
    assert own["Description"].startswith(f"AWS Lambda VPC ENI-{client}-") and own["RequesterManaged"]

    outside = functions.make(CLIENT, Timeout=10)
    assert functions.call(outside, event)[0] == "gaierror", "without a VPC there is no way into one"
    other = functions.make(CLIENT, Timeout=10, VpcConfig={**place, "SecurityGroupIds": [seoul.group("other")]})
    assert functions.call(other, event)[0] == "TimeoutError", "its group is not let in"
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=allowed)
    functions.api.delete_function(FunctionName=client)
    functions.api.delete_function(FunctionName=other)
    assert interfaces() == []


def test_what_is_refused(lab, functions):
    make = functions.make
    with refused("InvalidParameterValueException", "vpclab does not run functions of the runtime `java21` yet; it runs python3.*, "
                 "nodejs* and provided.*"):
        make("", Runtime="java21")
    with refused("AccessDeniedException", "Cross-account pass role is not allowed.", 403):
        make("", Role="arn:aws:iam::999999999999:role/r")
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    lab.client("iam").create_role(RoleName="other", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}))
    for role in ("missing", "other"):
        with refused("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."):
            make("", Role=f"arn:aws:iam::{ACCOUNT}:role/{role}")
    name = make("")
    with refused("ResourceConflictException", f"Function already exist: {name}", 409):
        make("", FunctionName=name)
    arn = f"arn:aws:lambda:{SEOUL}:{ACCOUNT}:function:nope"
    with refused("ResourceNotFoundException", f"Function not found: {arn}", 404):
        functions.call("nope")
    with refused("ResourceNotFoundException", f"Function not found: {arn}:live", 404):
        functions.call("nope", Qualifier="live")
    with refused("InvalidRequestContentException"):
        functions.api.invoke(FunctionName=name, Payload=b"{")
    with refused("InvalidParameterValueException", "Could not unzip uploaded file. Please check your file, then try to upload again."):
        functions.api.update_function_code(FunctionName=name, ZipFile=b"no zip")
    other = lab.client("lambda", SEOUL, "999999999999")
    with refused("AccessDeniedException", status=403):
        other.invoke(FunctionName=f"arn:aws:lambda:{SEOUL}:{ACCOUNT}:function:{name}")
    with refused("ResourceNotFoundException", status=404):
        lab.client("lambda", OREGON).get_function(FunctionName=name)


def test_functions_outlive_the_daemon(fresh):
    lab = fresh(ephemeral=False)
    lab.up()
    name = Functions(lab).make("def handler(event, context):\n    return 'still here'")
    assert Functions(lab).call(name)[0] == "still here"
    lab.down()
    lab.up()
    assert Functions(lab).call(name)[0] == "still here"


def test_accepted_events_outlive_the_daemon(fresh):
    """Killed while a function has its event: the event comes again, and only it."""
    lab = fresh(ephemeral=False)
    lab.up()
    functions = Functions(lab)
    name = functions.make("import time\ndef handler(event, context):\n    print('begun', event)\n    time.sleep(event['s'])\n    print('done', event)",
                          Timeout=60)
    functions.api.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    for event in ({"s": 40}, {"s": 0}):
        assert functions.call(name, event, InvocationType="Event")[1]["StatusCode"] == 202

    def begun():
        assert "begun {'s': 40}\n" in functions.lines(name)

    eventually(begun)
    functions.api.update_function_configuration(FunctionName=name, Timeout=3)
    lab.kill()
    lab.up()

    def again():
        lines = Functions(lab).lines(name)
        assert "done {'s': 0}\n" in lines
        assert any("Task timed out after 3.00 seconds" in line for line in lines), "the event that was begun came again"

    eventually(again, patience=60)
