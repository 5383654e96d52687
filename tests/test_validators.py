"""Request validators and models: by API Gateway's calls, by a template's resources, and by SAM."""

import json

import pytest
from errors import refused

import stacks
import topology
from harness import SEOUL
from topology import Network

PET = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["name"],
       "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}}}
OPEN = topology.policy(topology.statement())
MOCK = {"Type": "MOCK", "RequestTemplates": {"application/json": '{"statusCode": 200}'},
        "IntegrationResponses": [{"StatusCode": "200", "ResponseTemplates": {"application/json": "fine"}}]}


@pytest.fixture(scope="module")
def seoul(lab):
    network = Network(lab, SEOUL, "10.0.0.0/16")
    network.client = network.instance()
    network.door = network.endpoint(network.group("endpoint", topology.tcp(443, cidr=network.cidr)))
    return network


def post(seoul, api, body, path="/pets", *options):
    answer = seoul.lab.curl(seoul.client, f"https://{seoul.host(api)}/dev{path}", "-X", "POST", "-H", "content-type: application/json",
                            "--data-raw", body if isinstance(body, str) else json.dumps(body), *options)
    return answer.status, answer.body


INVALID = (400, '{"message":"Invalid request body"}')


def test_calls_of_the_api(lab, seoul):
    gateway = lab.apigateway()
    api = gateway.create_rest_api(name="v", endpointConfiguration={"types": ["PRIVATE"]}, policy=json.dumps(OPEN))["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    pets = gateway.create_resource(restApiId=api, parentId=root, pathPart="pets")["id"]
    assert {model["name"] for model in gateway.get_models(restApiId=api)["items"]} == {"Empty", "Error"}
    with refused("BadRequestException", "Model name must be alphanumeric: a-b"):
        gateway.create_model(restApiId=api, name="a-b", contentType="application/json", schema="{}")
    with refused("BadRequestException", "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model reference specified: "
                 "https://apigateway.amazonaws.com/restapis/other/models/Name]"):
        gateway.create_model(restApiId=api, name="Bad", contentType="application/json",
                             schema='{"$ref": "https://apigateway.amazonaws.com/restapis/other/models/Name"}')
    gateway.create_model(restApiId=api, name="Pet", contentType="application/json", schema=json.dumps(PET))
    herd = {"type": "array", "items": {"$ref": f"https://apigateway.amazonaws.com/restapis/{api}/models/Pet"}}
    made = gateway.create_model(restApiId=api, name="Herd", description="pets", contentType="application/json", schema=json.dumps(herd))
    assert gateway.get_model(restApiId=api, modelName="Herd")["id"] == made["id"]
    validator = gateway.create_request_validator(restApiId=api, name="all", validateRequestBody=True, validateRequestParameters=True)
    assert gateway.get_request_validators(restApiId=api)["items"][0]["id"] == validator["id"]
    with refused("BadRequestException", "Invalid Request Validator identifier specified"):
        gateway.put_method(restApiId=api, resourceId=pets, httpMethod="POST", authorizationType="NONE", requestValidatorId="aaaaaa")
    put = gateway.put_method(restApiId=api, resourceId=pets, httpMethod="POST", authorizationType="NONE", requestValidatorId=validator["id"],
                             requestModels={"application/json": "Herd"}, requestParameters={"method.request.querystring.size": True,
                                                                                          "method.request.header.x-seen": True})
    assert put["requestValidatorId"] == validator["id"]
    gateway.put_integration(restApiId=api, resourceId=pets, httpMethod="POST", type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    gateway.put_method_response(restApiId=api, resourceId=pets, httpMethod="POST", statusCode="200")
    gateway.put_integration_response(restApiId=api, resourceId=pets, httpMethod="POST", statusCode="200", responseTemplates={"application/json": "fine"})
    gateway.put_gateway_response(restApiId=api, responseType="BAD_REQUEST_PARAMETERS", statusCode="422")
    gateway.create_deployment(restApiId=api, stageName="dev")
    assert post(seoul, api, [{"name": "rex"}]) == (422, '{"message":"Missing required request parameters: [x-seen, size]"}')
    said = ("/pets?size=1", "-H", "x-seen: 1")
    assert post(seoul, api, [{"name": "rex"}], *said) == (200, "fine")
    assert post(seoul, api, [{"age": 1}], *said) == INVALID
    assert post(seoul, api, "[{", *said) == INVALID
    with refused("ConflictException", "Cannot delete model 'Herd', is referenced in method request: /pets/POST", status=409):
        gateway.delete_model(restApiId=api, modelName="Herd")
    # What was deployed stays as it was until the next deployment.
    gateway.update_request_validator(restApiId=api, requestValidatorId=validator["id"], patchOperations=[
        {"op": "replace", "path": "/validateRequestBody", "value": "false"}])
    gateway.update_model(restApiId=api, modelName="Pet", patchOperations=[{"op": "replace", "path": "/schema", "value": "{}"}])
    assert post(seoul, api, [{"age": 1}], *said) == INVALID
    gateway.put_gateway_response(restApiId=api, responseType="BAD_REQUEST_BODY",
                                 responseTemplates={"application/json": "$context.error.validationErrorString"})
    gateway.create_deployment(restApiId=api, stageName="dev")
    assert post(seoul, api, [{"age": 1}], *said) == (200, "fine")
    gateway.update_request_validator(restApiId=api, requestValidatorId=validator["id"], patchOperations=[
        {"op": "replace", "path": "/validateRequestBody", "value": "true"}])
    gateway.update_model(restApiId=api, modelName="Pet", patchOperations=[{"op": "replace", "path": "/schema", "value": json.dumps(PET)}])
    gateway.create_deployment(restApiId=api, stageName="dev")
    assert post(seoul, api, [{}], *said) == (400, '[object has missing required properties (["name"])]')


def test_resources_of_a_template(lab, seoul):
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "t", "EndpointConfiguration": {"Types": ["PRIVATE"]}, "Policy": OPEN}},
        "Pets": {"Type": "AWS::ApiGateway::Resource", "Properties": {
            "RestApiId": {"Ref": "Api"}, "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]}, "PathPart": "pets"}},
        "Pet": {"Type": "AWS::ApiGateway::Model", "Properties": {"RestApiId": {"Ref": "Api"}, "ContentType": "application/json", "Schema": PET}},
        "Herd": {"Type": "AWS::ApiGateway::Model", "Properties": {"RestApiId": {"Ref": "Api"}, "Name": "Herd", "Schema": {
            "items": {"$ref": {"Fn::Sub": "https://apigateway.amazonaws.com/restapis/${Api}/models/${Pet}"}}}}},
        "Validator": {"Type": "AWS::ApiGateway::RequestValidator", "Properties": {"RestApiId": {"Ref": "Api"}, "ValidateRequestBody": True}},
        "Post": {"Type": "AWS::ApiGateway::Method", "Properties": {
            "RestApiId": {"Ref": "Api"}, "ResourceId": {"Ref": "Pets"}, "HttpMethod": "POST", "AuthorizationType": "NONE",
            "RequestValidatorId": {"Ref": "Validator"}, "RequestModels": {"application/json": {"Ref": "Herd"}},
            "MethodResponses": [{"StatusCode": "200"}], "Integration": MOCK}},
        "Deployment": {"Type": "AWS::ApiGateway::Deployment", "DependsOn": "Post", "Properties": {"RestApiId": {"Ref": "Api"}, "StageName": "dev"}}}
    template = lab.place / "validators.json"
    template.write_text(json.dumps({"Resources": resources, "Outputs": {"Api": {"Value": {"Ref": "Api"}}}}))
    api = stacks.deploy(lab, template, "validators")["Api"]
    assert post(seoul, api, [{"name": "rex"}]) == (200, "fine")
    assert post(seoul, api, [{"name": 1}]) == INVALID
    stacks.delete(lab, "validators")


SAM = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      EndpointConfiguration: {Type: PRIVATE}
      Auth: {ResourcePolicy: {CustomStatements: [{Effect: Allow, Principal: "*", Action: execute-api:Invoke, Resource: execute-api:/*}]}}
      Models:
        Name: {type: string, minLength: 2}
        Pet: {type: object, required: [name], properties: {name: {$ref: "#/definitions/name"}}}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: %s
      Handler: index.handler
      InlineCode: "def handler(event, context):\\n    return {'statusCode': 200, 'body': 'fine'}\\n"
      Events:
        Post:
          Type: Api
          Properties:
            RestApiId: !Ref Api
            Path: /pets
            Method: post
            RequestModel: {Model: Pet, Required: true, ValidateBody: true, ValidateParameters: true}
            RequestParameters:
              - method.request.querystring.size: {Required: true}
              - method.request.header.X-Trace
Outputs:
  Api: {Value: !Ref Api}
"""


def test_models_of_sam(lab, seoul):
    template = lab.place / "validators.yaml"
    template.write_text(SAM % stacks.RUNTIME)
    api = stacks.deploy(lab, template, "sam-validators")["Api"]
    assert post(seoul, api, {"name": "rex"}) == (400, '{"message":"Missing required request parameters: [size]"}')
    assert post(seoul, api, {"name": "r"}, "/pets?size=1") == INVALID
    assert post(seoul, api, {"name": "rex"}, "/pets?size=1") == (200, "fine")
    stacks.delete(lab, "sam-validators")
