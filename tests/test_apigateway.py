"""The API Gateway part of the control plane by boto3."""

import datetime
import json
import re

import pytest

import topology
from errors import refused
from harness import ACCOUNT, OREGON, SEOUL
from topology import PETS, Network, openapi, policy, statement

NO_API = "zzzzzzzzzz"
INVALID_POLICY = "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."
VPCE = "vpce-0123456789abcdef0"


@pytest.fixture(scope="module")
def apigateway(lab):
    return lab.apigateway()


@pytest.fixture(scope="module")
def seoul(lab):
    """A network with an endpoint and a client, to see what an API really answers."""
    network = Network(lab, SEOUL, "10.0.0.0/16")
    network.client = network.instance()
    network.door = network.endpoint(network.group("endpoint", topology.tcp(443, cidr=network.cidr)))
    return network


def call(seoul, api, tail="/dev/pets", *options):
    return seoul.lab.curl(seoul.client, f"https://{seoul.host(api)}{tail}", *options)


def patch(apigateway, api, *operations):
    patches = [dict(zip(("op", "path", "value"), operation, strict=False)) for operation in operations]
    return apigateway.update_rest_api(restApiId=api, patchOperations=patches)


def test_create_get_list_update_delete(lab, apigateway):
    made = apigateway.create_rest_api(name="one", description="first", tags={"team": "blue"}, endpointConfiguration={"types": ["PRIVATE"], "vpcEndpointIds": [VPCE]})
    api = made["id"]
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert re.fullmatch("[a-z0-9]{10}", api) and re.fullmatch("[a-z0-9]{6,10}", made["rootResourceId"])
    assert made["endpointConfiguration"] | {"ipAddressType": "dualstack"} == {"types": ["PRIVATE"], "vpcEndpointIds": [VPCE], "ipAddressType": "dualstack"}
    assert isinstance(made["createdDate"], datetime.datetime)
    kept = apigateway.get_rest_api(restApiId=api)
    assert {key: kept[key] for key in ("name", "description", "tags", "disableExecuteApiEndpoint")} == {
        "name": "one", "description": "first", "tags": {"team": "blue"}, "disableExecuteApiEndpoint": False}
    assert api in [item["id"] for item in apigateway.get_rest_apis()["items"]]
    patch(apigateway, api, ("replace", "/name", "uno"), ("replace", "/description", "prima"))
    assert apigateway.get_rest_api(restApiId=api)["name"] == "uno"
    for region, account in ((OREGON, ACCOUNT), (SEOUL, "222233334444")):
        assert lab.apigateway(region, account).get_rest_apis()["items"] == []
        with refused("NotFoundException", f"Invalid API identifier specified {account}:{api}", 404):
            lab.apigateway(region, account).get_rest_api(restApiId=api)
        with refused("NotFoundException", status=404):
            lab.apigateway(region, account).delete_rest_api(restApiId=api)
    assert apigateway.delete_rest_api(restApiId=api)["ResponseMetadata"]["HTTPStatusCode"] == 202
    with refused("NotFoundException", f"Invalid API identifier specified {ACCOUNT}:{api}", 404):
        apigateway.get_rest_api(restApiId=api)


def test_pages(apigateway):
    made = sorted(apigateway.create_rest_api(name=f"page-{number}")["id"] for number in range(7))
    pages = list(apigateway.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 3}))
    assert all(len(page["items"]) <= 3 for page in pages) and len(pages) >= 3
    seen = [item["id"] for page in pages for item in page["items"]]
    assert len(seen) == len(set(seen)) and set(made) <= set(seen)
    for api in made:
        apigateway.delete_rest_api(restApiId=api)


def test_refusals(apigateway):
    with refused("BadRequestException"):
        apigateway.create_rest_api(name="")
    with refused("ValidationException", re.compile(".*UNDERGROUND.*enum value set.*")):
        apigateway.create_rest_api(name="x", endpointConfiguration={"types": ["UNDERGROUND"]})
    with refused("BadRequestException"):
        apigateway.create_rest_api(name="x", endpointConfiguration={"types": ["REGIONAL"], "vpcEndpointIds": [VPCE]})
    with refused("BadRequestException", re.compile("vpclab does not serve apigateway:CreateApiKey yet")):
        apigateway.create_api_key(name="x")
    with refused("BadRequestException", re.compile(".*cloneFrom.*")):
        apigateway.create_rest_api(name="x", cloneFrom=NO_API)
    with refused("BadRequestException"):
        apigateway.import_rest_api(body=b"{")
    with refused("BadRequestException"):
        apigateway.import_rest_api(body=b'{"openapi": "3.0.1"}')
    with refused("NotFoundException", status=404):
        apigateway.create_deployment(restApiId=NO_API, stageName="dev")
    with refused("NotFoundException", "Invalid stage identifier specified", 404):
        api = apigateway.create_rest_api(name="x")["id"]
        apigateway.get_stage(restApiId=api, stageName="dev")
    with refused("BadRequestException", "The REST API doesn't contain any methods"):
        apigateway.create_deployment(restApiId=api, stageName="dev")
    apigateway.delete_rest_api(restApiId=api)


def test_a_private_api_without_policy_cannot_be_deployed(apigateway, seoul):
    api = seoul.api(openapi({"/pets": {"get": PETS}}), stage=None)
    with refused("BadRequestException", "Private REST API doesn't have a resource policy attached to it"):
        apigateway.create_deployment(restApiId=api, stageName="dev")
    assert call(seoul, api).body == '{"message":"Forbidden"}'
    seoul.set_policy(api, policy(statement()))
    assert call(seoul, api).body == PETS
    apigateway.delete_rest_api(restApiId=api)


def test_policy_is_expanded_and_escaped_as_aws_does(apigateway):
    """Short resources become the API's ARN when saved; GetRestApi escapes the document once more than JSON does."""
    given = policy(statement(resource="execute-api:/dev/GET/pets"), statement("Deny", resource=["execute-api:/*", "arn:aws:execute-api:us-east-1:1:x/*"], StringNotEquals={"aws:SourceVpce": VPCE}))
    api = apigateway.import_rest_api(parameters={"endpointConfigurationTypes": "PRIVATE"}, body=openapi({"/pets": {"get": PETS}}, given))["id"]
    kept = apigateway.get_rest_api(restApiId=api)["policy"]
    arn = f"arn:aws:execute-api:{SEOUL}:{ACCOUNT}:{api}"
    assert kept.startswith(r'{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"'), kept
    assert rf'\"Resource\":\"{arn}\/dev\/GET\/pets\"' in kept
    # As clients undo it: the text is the inside of a JSON string.
    document = json.loads(json.loads(f'"{kept}"'))
    expected = json.loads(json.dumps(given))
    expected["Statement"][0]["Resource"] = f"{arn}/dev/GET/pets"
    expected["Statement"][1]["Resource"][0] = f"{arn}/*"
    assert document == expected
    assert apigateway.update_rest_api(restApiId=api, patchOperations=[])["policy"] == kept
    for broken in ("{", "[]", json.dumps(policy({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"})), json.dumps({"Statement": [{"Effect": "Perhaps", "Principal": "*", "Action": "*", "Resource": "*"}]})):
        with refused("BadRequestException", INVALID_POLICY):
            patch(apigateway, api, ("replace", "/policy", broken))
    assert apigateway.get_rest_api(restApiId=api)["policy"] == kept
    apigateway.delete_rest_api(restApiId=api)


def test_patch_operations(apigateway, seoul):
    api = seoul.api(openapi({"/pets": {"get": PETS}}, policy(statement())))
    alias = f"https://{seoul.alias(api, seoul.door)}/dev/pets"
    assert seoul.lab.curl(seoul.client, alias).body == PETS, "the wildcard in the endpoint's own VPC covers every alias"
    patch(apigateway, api, ("add", "/endpointConfiguration/vpcEndpointIds", seoul.door))
    assert apigateway.get_rest_api(restApiId=api)["endpointConfiguration"]["vpcEndpointIds"] == [seoul.door]
    patch(apigateway, api, ("remove", "/endpointConfiguration/vpcEndpointIds", seoul.door))
    assert apigateway.get_rest_api(restApiId=api)["endpointConfiguration"].get("vpcEndpointIds", []) == []
    with refused("BadRequestException"):
        patch(apigateway, api, ("replace", "/endpointConfiguration/types/PRIVATE", "EDGE"))
    with refused("BadRequestException"):
        patch(apigateway, api, ("replace", "/colour", "red"))
    with refused("BadRequestException"):
        patch(apigateway, api, ("multiply", "/name", "x"))
    # All or nothing.
    with refused("BadRequestException"):
        patch(apigateway, api, ("replace", "/name", "changed"), ("replace", "/colour", "red"))
    assert apigateway.get_rest_api(restApiId=api)["name"] == "pets"
    patch(apigateway, api, ("replace", "/endpointConfiguration/types/PRIVATE", "REGIONAL"))
    assert apigateway.get_rest_api(restApiId=api)["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert call(seoul, api).status == 403
    apigateway.delete_rest_api(restApiId=api)


def test_an_api_made_piece_by_piece(apigateway, seoul):
    """Resources, methods and integrations by their own calls; the deployment is a snapshot."""
    made = apigateway.create_rest_api(name="pieces", endpointConfiguration={"types": ["PRIVATE"]}, policy=json.dumps(policy(statement())))
    api, root = made["id"], made["rootResourceId"]
    pets = apigateway.create_resource(restApiId=api, parentId=root, pathPart="pets")["id"]
    with refused("ConflictException", "Another resource with the same parent already has this name: pets", 409):
        apigateway.create_resource(restApiId=api, parentId=root, pathPart="pets")
    with refused("BadRequestException"):
        apigateway.create_resource(restApiId=api, parentId=root, pathPart="a b")
    rest = apigateway.create_resource(restApiId=api, parentId=pets, pathPart="{proxy+}")["id"]
    assert sorted(item["path"] for item in apigateway.get_resources(restApiId=api)["items"]) == ["/", "/pets", "/pets/{proxy+}"]

    def method(resource, verb, body, status="200"):
        where = {"restApiId": api, "resourceId": resource, "httpMethod": verb}
        apigateway.put_method(**where, authorizationType="NONE")
        apigateway.put_method_response(**where, statusCode=status)
        apigateway.put_integration(**where, type="MOCK", requestTemplates={"application/json": json.dumps({"statusCode": int(status)})})
        apigateway.put_integration_response(**where, statusCode=status, responseTemplates={"application/json": body})
        return where

    where = method(pets, "GET", PETS)
    method(rest, "ANY", '{"path": "$context.path"}')
    with refused("ConflictException", "Method already exists for this resource", 409):
        apigateway.put_method(**where, authorizationType="NONE")
    first = apigateway.create_deployment(restApiId=api, stageName="dev")["id"]
    assert call(seoul, api).body == PETS
    assert call(seoul, api, "/dev/pets/a/b", "-X", "PATCH").body == '{"path": "/dev/pets/a/b"}'
    assert call(seoul, api, "/dev/pets", "-X", "POST").body == '{"message":"Missing Authentication Token"}'
    # Edited, not deployed: the old answer. Deployed: the new one. The stage turned back: the old one again.
    apigateway.put_integration_response(**where, statusCode="200", responseTemplates={"application/json": "[]"})
    assert call(seoul, api).body == PETS
    second = apigateway.create_deployment(restApiId=api, stageName="dev")["id"]
    assert call(seoul, api).body == "[]"
    apigateway.update_stage(restApiId=api, stageName="dev", patchOperations=[{"op": "replace", "path": "/deploymentId", "value": first}])
    assert call(seoul, api).body == PETS
    with refused("BadRequestException", "Active stages pointing to this deployment must be moved or deleted"):
        apigateway.delete_deployment(restApiId=api, deploymentId=first)
    apigateway.create_stage(restApiId=api, stageName="live", deploymentId=second, variables={"colour": "red"})
    assert call(seoul, api, "/live/pets").body == "[]"
    with refused("ConflictException", "Stage already exists", 409):
        apigateway.create_stage(restApiId=api, stageName="live", deploymentId=second)
    assert {stage["stageName"] for stage in apigateway.get_stages(restApiId=api)["item"]} == {"dev", "live"}
    assert {item["id"] for item in apigateway.get_deployments(restApiId=api)["items"]} == {first, second}
    apigateway.delete_resource(restApiId=api, resourceId=pets)
    assert call(seoul, api).body == PETS, "a snapshot outlives what it was made of"
    apigateway.delete_rest_api(restApiId=api)
    assert call(seoul, api).body == '{"message":"Forbidden"}'


def test_mock_answers(apigateway, seoul):
    """Status, headers and content types of MOCK; its failures are the API's, not the caller's."""
    document = json.loads(openapi({"/teapot": {"get": ""}, "/broken": {"get": ""}, "/strict": {"post": "{}"}, "/echo/{who}": {"get": ""}}, policy(statement())))
    document["paths"]["/teapot"]["get"]["x-amazon-apigateway-integration"] = {
        "type": "mock", "requestTemplates": {"application/json": '{"statusCode": 418}'},
        "responses": {"default": {"statusCode": "200"}, "418": {"statusCode": "418", "responseParameters": {"method.response.header.X-Pot": "'tea'"}, "responseTemplates": {"application/json": "short and stout"}}}}
    document["paths"]["/broken"]["get"]["x-amazon-apigateway-integration"] = {"type": "mock", "requestTemplates": {"application/json": "no json"}, "responses": {"default": {"statusCode": "200"}}}
    document["paths"]["/strict"]["post"]["x-amazon-apigateway-integration"]["passthroughBehavior"] = "never"
    document["paths"]["/echo/{who}"]["get"]["x-amazon-apigateway-integration"] = topology.mock("$input.params('who') $input.params('q') $context.httpMethod $context.identity.vpceId")
    document["paths"]["/teapot"]["get"]["responses"] = {"200": {"description": ""}, "418": {"description": "", "headers": {"X-Pot": {"schema": {"type": "string"}}}}}
    api = seoul.api(json.dumps(document).encode())
    reply = call(seoul, api, "/dev/teapot")
    assert (reply.status, reply.body, reply.headers["x-pot"]) == (418, "short and stout", "tea")
    reply = call(seoul, api, "/dev/broken")
    assert (reply.status, reply.body, reply.headers["x-amzn-errortype"]) == (500, '{"message": "Internal server error"}', "InternalServerErrorException")
    reply = call(seoul, api, "/dev/strict", "-d", "<a/>", "-H", "Content-Type: text/xml")
    assert (reply.status, reply.body, reply.headers["x-amzn-errortype"]) == (415, '{"message":"Unsupported Media Type"}', "BadRequestException")
    assert call(seoul, api, "/dev/strict", "-d", "{}", "-H", "Content-Type: application/json").status == 200
    assert call(seoul, api, "/dev/echo/you?q=1").body == f"you 1 GET {seoul.door}"
    apigateway.delete_rest_api(restApiId=api)


def test_integrations_that_are_not_built_say_so(apigateway, seoul):
    document = json.loads(openapi({"/pets": {"get": PETS}}, policy(statement())))
    document["paths"]["/pets"]["get"]["x-amazon-apigateway-integration"] = {"type": "http_proxy", "httpMethod": "GET", "uri": "http://10.0.1.9/"}
    body = json.dumps(document).encode()
    # Either the import or the call names it; neither may pretend.
    import botocore.exceptions

    try:
        api = seoul.api(body)
    except botocore.exceptions.ClientError as error:
        assert "HTTP_PROXY" in str(error) or "http_proxy" in str(error)
        return
    reply = call(seoul, api)
    assert (reply.status, reply.body) == (500, '{"message": "vpclab: integration type `HTTP_PROXY` is not built"}')


SWAGGER = {
    "swagger": "2.0", "info": {"title": "old", "version": "1"}, "basePath": "/v1",
    "x-amazon-apigateway-endpoint-configuration": {"vpcEndpointIds": [VPCE]},
    "x-amazon-apigateway-policy": policy(statement()),
    "paths": {"/pets": {"get": {"produces": ["application/json"], "responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": topology.mock()}}},
}


def test_import_swagger_and_put(apigateway, seoul):
    api = seoul.api(json.dumps(SWAGGER).encode())
    kept = apigateway.get_rest_api(restApiId=api)
    assert (kept["name"], kept["endpointConfiguration"]["vpcEndpointIds"]) == ("old", [VPCE])
    assert call(seoul, api).body == PETS, "basePath is ignored unless asked for"
    # Merged, the path of before stays; overwritten, it goes. What is served changes with a deployment only.
    paths = lambda: sorted(item["path"] for item in apigateway.get_resources(restApiId=api)["items"])  # noqa: E731
    apigateway.put_rest_api(restApiId=api, mode="merge", body=openapi({"/cats": {"get": "[]"}}, title="old"))
    assert paths() == ["/", "/cats", "/pets"]
    apigateway.put_rest_api(restApiId=api, mode="overwrite", body=openapi({"/dogs": {"get": "[]"}}, policy(statement()), title="new"))
    assert paths() == ["/", "/dogs"]
    assert apigateway.get_rest_api(restApiId=api)["name"] == "new"
    assert call(seoul, api).body == PETS
    apigateway.create_deployment(restApiId=api, stageName="dev")
    assert call(seoul, api, "/dev/dogs").body == "[]"
    assert call(seoul, api).body == '{"message":"Missing Authentication Token"}'
    apigateway.delete_rest_api(restApiId=api)


def test_import_of_yaml(apigateway):
    text = b"openapi: 3.0.1\ninfo: {title: yaml, version: '1'}\npaths:\n  /a:\n    get:\n      x-amazon-apigateway-integration: {type: mock}\n"
    api = apigateway.import_rest_api(body=text)
    assert (api["name"], api["endpointConfiguration"]["types"]) == ("yaml", ["EDGE"])
    apigateway.delete_rest_api(restApiId=api["id"])


def test_tags(apigateway):
    api = apigateway.create_rest_api(name="tagged")["id"]
    arn = f"arn:aws:apigateway:{SEOUL}::/restapis/{api}"
    apigateway.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
    apigateway.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert apigateway.get_tags(resourceArn=arn)["tags"] == {"b": "2"}
    apigateway.delete_rest_api(restApiId=api)
