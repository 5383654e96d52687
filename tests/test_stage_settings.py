"""What SAM's templates set beside methods: CORS, gateway responses, access and execution logs, limits."""

import json
import time

import pytest
from errors import refused

import stacks
import topology
from harness import ACCOUNT, SEOUL
from topology import Network

ROLE = f"arn:aws:iam::{ACCOUNT}:role/logs"
FORMAT = '{"requestId":"$context.requestId","status":$context.status,"path":"$context.resourcePath","type":"$context.error.responseType","user":"$context.identity.user"}'
TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Account:
    Type: AWS::ApiGateway::Account
    Properties: {CloudWatchRoleArn: "%(role)s"}
  AccessLog: {Type: AWS::Logs::LogGroup}
  Api:
    Type: AWS::Serverless::Api
    DependsOn: Account
    Properties:
      StageName: dev
      TracingEnabled: true
      EndpointConfiguration: {Type: PRIVATE}
      Auth:
        ResourcePolicy:
          CustomStatements:
            - {Effect: Allow, Principal: "*", Action: execute-api:Invoke, Resource: execute-api:/*}
            - {Effect: Deny, Principal: "*", Action: execute-api:Invoke, Resource: execute-api:/dev/GET/secret}
      Cors: {AllowOrigin: "'https://web.example.com'", AllowMethods: "'GET,OPTIONS'", AllowHeaders: "'X-Token'", MaxAge: "'600'"}
      GatewayResponses:
        DEFAULT_4XX:
          ResponseParameters: {Headers: {Access-Control-Allow-Origin: "'*'", X-Came-From: method.request.header.origin}}
        THROTTLED:
          StatusCode: 503
          ResponseTemplates: {application/json: '{"why":$context.error.messageString,"type":"$context.error.responseType"}'}
      AccessLogSetting: {DestinationArn: !GetAtt AccessLog.Arn, Format: '%(format)s'}
      MethodSettings:
        - {ResourcePath: "/*", HttpMethod: "*", LoggingLevel: INFO, DataTraceEnabled: true, MetricsEnabled: true}
        - {ResourcePath: /~1rare, HttpMethod: GET, ThrottlingBurstLimit: 1, ThrottlingRateLimit: 0.001}
      DefinitionBody: %(body)s
Outputs:
  Api: {Value: !Ref Api}
  AccessLog: {Value: !Ref AccessLog}
"""


@pytest.fixture(scope="module")
def seoul(lab):
    network = Network(lab, SEOUL, "10.0.0.0/16")
    network.client = network.instance()
    network.door = network.endpoint(network.group("endpoint", topology.tcp(443, cidr=network.cidr)))
    return network


@pytest.fixture(scope="module")
def stack(lab, seoul):
    body = json.loads(topology.openapi({"/pets": {"get": topology.PETS}, "/rare": {"get": "[]"}, "/secret": {"get": "[]"}}))
    template = lab.place / "stage.yaml"
    template.write_text(TEMPLATE % {"role": ROLE, "format": FORMAT, "body": json.dumps(body)})
    return stacks.deploy(lab, template, "stage-settings")


def call(seoul, stack, path, *options):
    return seoul.lab.curl(seoul.client, f"https://{seoul.host(stack['Api'])}/dev{path}", *options)


def lines(lab, group, pattern, patience=10):
    """The messages of a group that have a text, waited for."""
    logs = lab.client("logs")
    end = time.monotonic() + patience
    while True:
        try:
            found = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"] if pattern in event["message"]]
        except logs.exceptions.ResourceNotFoundException:
            found = []
        if found or time.monotonic() > end:
            return found
        time.sleep(0.2)


def test_preflight_requests_are_answered(seoul, stack):
    answer = call(seoul, stack, "/pets", "-X", "OPTIONS")
    assert answer.status == 200
    headers = {name: answer.headers[name] for name in answer.headers if name.startswith("access-control")}
    assert headers == {
        "access-control-allow-origin": "https://web.example.com", "access-control-allow-methods": "GET,OPTIONS",
        "access-control-allow-headers": "X-Token", "access-control-max-age": "600"}


def test_errors_are_worded_by_gateway_responses(seoul, stack):
    answer = call(seoul, stack, "/secret", "-H", "Origin: https://web.example.com")
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (403, "*")
    assert answer.headers["x-came-from"] == "https://web.example.com"
    assert answer.headers["x-amzn-errortype"] == "AccessDeniedException"
    assert call(seoul, stack, "/nothing").headers["access-control-allow-origin"] == "*"


def test_limits(seoul, stack):
    assert call(seoul, stack, "/rare").status == 200
    answer = call(seoul, stack, "/rare")
    assert (answer.status, json.loads(answer.body)) == (503, {"why": "Too Many Requests", "type": "THROTTLED"})
    # Without a response of its own: the type's status and text.
    apigateway = seoul.apigateway
    apigateway.delete_gateway_response(restApiId=stack["Api"], responseType="THROTTLED")
    apigateway.create_deployment(restApiId=stack["Api"], stageName="dev")
    answer = call(seoul, stack, "/rare")
    assert (answer.status, answer.body, answer.headers["x-amzn-errortype"]) == (429, '{"message":"Too Many Requests"}', "TooManyRequestsException")
    assert call(seoul, stack, "/pets").status == 200


def test_logs_arrive(lab, seoul, stack):
    answer = call(seoul, stack, "/pets")
    request = answer.headers["x-amzn-requestid"]
    seen = [json.loads(line) for line in lines(lab, stack["AccessLog"], request)]
    assert seen == [{"requestId": request, "status": 200, "path": "/pets", "type": "-", "user": "-"}]
    request = call(seoul, stack, "/secret").headers["x-amzn-requestid"]
    assert json.loads(lines(lab, stack["AccessLog"], request)[0])["type"] == "ACCESS_DENIED"
    execution = lines(lab, f"API-Gateway-Execution-Logs_{stack['Api']}/dev", request)
    assert f"({request}) Method completed with status: 403" in execution


def test_settings_are_shown(seoul, stack):
    stage = seoul.apigateway.get_stage(restApiId=stack["Api"], stageName="dev")
    assert stage["tracingEnabled"] and stage["accessLogSettings"]["format"] == FORMAT
    assert {key: (setting["loggingLevel"], setting["throttlingBurstLimit"]) for key, setting in stage["methodSettings"].items()} == {
        "*/*": ("INFO", 5000), "~1rare/GET": ("OFF", 1)}
    assert seoul.apigateway.get_account()["cloudwatchRoleArn"] == ROLE


def test_logging_needs_the_accounts_role(lab):
    network = Network(lab, SEOUL, "10.0.0.0/16", account="222233334444")
    api = network.api(topology.openapi({"/pets": {"get": "[]"}}, topology.policy(topology.statement())))
    patch = {"restApiId": api, "stageName": "dev", "patchOperations": [{"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"}]}
    with refused("BadRequestException", "CloudWatch Logs role ARN must be set in account settings to enable logging"):
        network.apigateway.update_stage(**patch)
    role = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": ROLE}]
    assert network.apigateway.update_account(patchOperations=role)["cloudwatchRoleArn"] == ROLE
    assert network.apigateway.update_stage(**patch)["methodSettings"]["*/*"]["loggingLevel"] == "INFO"
