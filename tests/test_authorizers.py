"""Lambda authorizers of private APIs: by a SAM template and by calls, asked with `curl` inside an instance."""

import json

import pytest
from errors import refused

import stacks
import test_lambda
from harness import ACCOUNT, SEOUL
from topology import Network, tcp

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters: {Endpoint: {Type: String}}
Resources:
  Door:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            token = event["authorizationToken"]
            if token == "unknown":
                raise Exception("Unauthorized")
            if token == "broken":
                return {"principalId": "me"}
            effect = "Deny" if token == "no" else "Allow"
            resource = event["methodArn"] if token != "elsewhere" else event["methodArn"] + "/elsewhere"
            return {"principalId": token, "context": {"call": context.aws_request_id, "level": 3},
                    "policyDocument": {"Version": "2012-10-17", "Statement": [
                        {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}]}}
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      InlineCode: |
        import json
        def handler(event, context):
            return {"statusCode": 200, "body": json.dumps(event["requestContext"].get("authorizer"))}
      Events:
        Closed: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /closed, Method: get}}
        Open: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /open, Method: get, Auth: {Authorizer: NONE}}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      EndpointConfiguration: {Type: PRIVATE, VPCEndpointIds: [!Ref Endpoint]}
      Auth:
        DefaultAuthorizer: Token
        AddDefaultAuthorizerToCorsPreflight: false
        Authorizers:
          Token: {FunctionArn: !GetAtt Door.Arn, Identity: {Header: X-Token, ValidationExpression: "[a-z]+", ReauthorizeEvery: 300}}
        ResourcePolicy:
          CustomStatements:
            - {Effect: Allow, Principal: "*", Action: execute-api:Invoke, Resource: execute-api:/dev/GET/open}
            - {Effect: Deny, Principal: "*", Action: execute-api:Invoke, Resource: execute-api:/*, Condition: {StringNotEquals: {aws:SourceVpce: !Ref Endpoint}}}
Outputs:
  Api: {Value: !Ref Api}
  Door: {Value: !GetAtt Door.Arn}
"""


@pytest.fixture(scope="module")
def seoul(lab):
    network = Network(lab, SEOUL, "10.0.0.0/16")
    network.client = network.instance()
    network.door = network.endpoint(network.group("endpoint", tcp(443, cidr=network.cidr)))
    return network


@pytest.fixture(scope="module")
def stack(lab, seoul):
    template = lab.place / "authorizer.yaml"
    template.write_text(TEMPLATE)
    return stacks.deploy(lab, template, "authorizers", Endpoint=seoul.door)


def call(seoul, api, path, *options):
    return seoul.lab.curl(seoul.client, f"https://{seoul.host(api)}/dev{path}", *options, patience=15)


def test_a_token_decides(seoul, stack):
    ask = lambda token: call(seoul, stack["Api"], "/closed", "-H", f"X-Token: {token}")  # noqa: E731
    reply = ask("yes")
    said = json.loads(reply.body)
    assert reply.status == 200 and (said["principalId"], said["level"]) == ("yes", "3"), reply
    # The answer is kept: the function is not asked again.
    assert json.loads(ask("yes").body)["call"] == said["call"]
    assert json.loads(ask("other").body)["call"] != said["call"]
    denied = ask("no")
    assert (denied.status, denied.body) == (403, '{"Message":"User is not authorized to access this resource with an explicit deny"}')
    assert denied.headers["x-amzn-errortype"] == "AccessDeniedException"
    silent = ask("elsewhere")
    assert (silent.status, silent.body) == (403, '{"Message":"User is not authorized to access this resource"}')
    broken = ask("broken")
    assert (broken.status, broken.headers["x-amzn-errortype"], broken.body) == (500, "AuthorizerConfigurationException", '{"message":null}')


def test_without_a_legal_token_nobody_is_asked(seoul, stack):
    for options in [(), ("-H", "X-Token: 123"), ("-H", "X-Token: unknown")]:
        reply = call(seoul, stack["Api"], "/closed", *options)
        assert (reply.status, reply.body) == (401, '{"message":"Unauthorized"}'), options
        assert reply.headers["x-amzn-errortype"] == "UnauthorizedException"
    reply = call(seoul, stack["Api"], "/open")
    assert (reply.status, reply.body) == (200, "null")


def test_a_denial_of_the_resource_policy_comes_before_the_authorizer(lab, seoul, stack):
    other = Network(lab, SEOUL, "10.9.0.0/16")
    other.client = other.instance()
    other.endpoint(other.group("endpoint", tcp(443, cidr=other.cidr)))
    # A token that would be a 500 if the authorizer were asked, and whose answer nobody kept.
    reply = call(other, stack["Api"], "/closed", "-H", "X-Token: broken")
    assert reply.status == 403 and "with an explicit deny" in reply.body and "anonymous" in reply.body, reply


def test_explain_says_what_it_cannot_know(lab, seoul, stack):
    answer = lab.vpclab("explain", "--from", seoul.client, "--json", f"https://{seoul.host(stack['Api'])}/dev/closed")
    told = json.loads(answer.out)
    assert answer.code == 3 and told["verdict"] == "undetermined", answer
    assert "what the Lambda authorizer" in json.dumps(told)


def test_a_request_authorizer_by_calls(lab, seoul, stack):
    apigateway = seoul.apigateway
    code = """
def handler(event, context):
    assert event["type"] == "REQUEST" and "body" not in event, event
    team = event["queryStringParameters"]["team"]
    return {"principalId": team, "policyDocument": {"Version": "2012-10-17", "Statement": [
        {"Action": "*", "Effect": "Allow", "Resource": "*"}]}, "context": {"path": event["path"]}}
"""
    functions = test_lambda.Functions(lab)
    door = functions.api.get_function(FunctionName=functions.make(code))["Configuration"]["FunctionArn"]
    api = apigateway.create_rest_api(name="asked", endpointConfiguration={"types": ["PRIVATE"], "vpcEndpointIds": [seoul.door]})["id"]
    uri = f"arn:aws:apigateway:{SEOUL}:lambda:path/2015-03-31/functions/{door}/invocations"
    create = lambda **more: apigateway.create_authorizer(**{  # noqa: E731
        "restApiId": api, "name": "team", "type": "REQUEST", "authorizerUri": uri, "authorizerResultTtlInSeconds": 0,
        "identitySource": "method.request.querystring.team", **more})
    for wrong, text in [
        ({"authorizerUri": door}, "Invalid Authorizer URI"),
        ({"type": "COGNITO_USER_POOLS"}, "does not serve the authorizer type `COGNITO_USER_POOLS`"),
        ({"identitySource": "header.a"}, "Invalid mapping expression"),
        ({"authorizerResultTtlInSeconds": 4000}, "TTL must be between 0 and 3600"),
    ]:
        with pytest.raises(apigateway.exceptions.BadRequestException, match=text):
            create(**wrong)
    made = create()
    with refused("BadRequestException", "Authorizer name must be unique. Authorizer team already exists in this RestApi."):
        create()
    root = apigateway.get_resources(restApiId=api)["items"][0]["id"]
    place = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    with pytest.raises(apigateway.exceptions.BadRequestException, match="requires a valid authorizer"):
        apigateway.put_method(**place, authorizationType="CUSTOM")
    apigateway.put_method(**place, authorizationType="CUSTOM", authorizerId=made["id"])
    assert apigateway.get_method(**place)["authorizerId"] == made["id"]
    apigateway.put_method_response(**place, statusCode="200")
    apigateway.put_integration(**place, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    apigateway.put_integration_response(
        **place, statusCode="200", responseTemplates={"application/json": '"$context.authorizer.principalId at $context.authorizer.path"'})
    with pytest.raises(apigateway.exceptions.ConflictException, match="is referenced in method: /"):
        apigateway.delete_authorizer(restApiId=api, authorizerId=made["id"])
    allow = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    seoul.set_policy(api, {"Version": "2012-10-17", "Statement": [allow]})
    # API Gateway must be allowed to call the function, by the authorizer's own ARN.
    reply = call(seoul, api, "/?team=pets")
    assert (reply.status, reply.headers["x-amzn-errortype"]) == (500, "AuthorizerConfigurationException"), reply
    functions.api.add_permission(
        FunctionName=door, StatementId="door", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{SEOUL}:{ACCOUNT}:{api}/authorizers/{made['id']}")
    reply = call(seoul, api, "/?team=pets")
    assert (reply.status, reply.body) == (200, '"pets at /"'), reply
    assert call(seoul, api, "/").status == 401
    seen = apigateway.update_authorizer(restApiId=api, authorizerId=made["id"], patchOperations=[
        {"op": "replace", "path": "/authorizerResultTtlInSeconds", "value": "60"}, {"op": "replace", "path": "/name", "value": "teams"}])
    assert (seen["authorizerResultTtlInSeconds"], seen["name"]) == (60, "teams")
    assert [one["id"] for one in apigateway.get_authorizers(restApiId=api)["items"]] == [made["id"]]
