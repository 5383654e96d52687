use super::*;
use proptest::prelude::*;
use serde_json::json;
use vpclab_cloud::gateway_response::GatewayResponseType;
use vpclab_cloud::integration::{IntegrationType, Passthrough};

const PETS: &str = r#"
openapi: "3.0.1"
info: {title: pets, version: 1.0, description: All of them}
servers:
  - url: https://example.com/{basePath}
    variables: {basePath: {default: /v1/shop}}
    x-amazon-apigateway-endpoint-configuration:
      vpcEndpointIds: [vpce-0123456789abcdef0]
      disableExecuteApiEndpoint: true
tags:
  - {name: team, x-amazon-apigateway-tag-value: blue}
  - name: prose
x-amazon-apigateway-policy:
  Version: 2012-10-17
  Statement:
    - Effect: Allow
      Principal: {AWS: 111122223333}
      Action: execute-api:Invoke
      Resource: execute-api:/*
x-amazon-apigateway-binary-media-types: [image/png]
x-amazon-apigateway-api-key-source: HEADER
x-other-vendor: {anything: true}
paths:
  /pets/{id}:
    parameters:
      - $ref: '#/components/parameters/Id'
      - {name: X-Trace, in: header, schema: {type: string}}
    get:
      operationId: getPet
      parameters:
        - {name: X-Trace, in: header, required: true}
        - {name: full, in: query}
      responses:
        200:
          $ref: '#/components/responses/Pet'
        "404": {description: no such pet}
      x-amazon-apigateway-integration:
        type: mock
        passthroughBehavior: when_no_templates
        timeoutInMillis: 1000
        requestTemplates:
          application/json: '{"statusCode": 200}'
        responses:
          default:
            statusCode: 200
            responseParameters: {method.response.header.X-Pet: "'cat'"}
            responseTemplates: {application/json: '{"name": "Mimi"}'}
          "4\\d\\d": {statusCode: "404"}
    x-amazon-apigateway-any-method:
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
      x-amazon-apigateway-integration: {$ref: '#/components/x-amazon-apigateway-integrations/proxy'}
components:
  parameters:
    Id: {name: id, in: path, required: true}
  responses:
    Pet:
      description: a pet
      headers: {X-Pet: {schema: {type: string}}}
      content: {application/json: {schema: {type: object}}}
  schemas:
    Pet: {type: object}
  x-amazon-apigateway-integrations:
    proxy: {type: http_proxy, httpMethod: any, uri: "http://example.com"}
"#;

fn read(text: &str) -> Result<Imported, ImportError> {
    import(text.as_bytes(), ImportOptions::default())
}

/// A Swagger 2 document with this at its root and in its one operation.
fn swagger(root: &str, operation: &str) -> String {
    format!(
        r#"{{"swagger": "2.0", "info": {{"title": "t", "version": "1"}}, "basePath": "/a/b/c", {root}
        "paths": {{"/x": {{"get": {{{operation} "responses": {{}}}}}}}}}}"#
    )
}

#[test]
fn a_whole_document() {
    let got = read(PETS).unwrap();
    assert_eq!((got.name.as_str(), got.version.as_deref(), got.description.as_deref()), ("pets", Some("1.0"), Some("All of them")));
    assert_eq!(got.vpc_endpoint_ids, Some(vec!["vpce-0123456789abcdef0".parse().unwrap()]));
    assert_eq!(got.disable_execute_api_endpoint, Some(true));
    assert_eq!(got.binary_media_types, Some(vec!["image/png".to_owned()]));
    assert_eq!(got.tags, Tags::from([("team".into(), "blue".into())]));
    assert_eq!(
        got.policy.unwrap().to_string(),
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}"#,
        "order and account number kept"
    );
    assert_eq!(got.warnings, Vec::<String>::new());
    let methods = &got.definition["/pets/{id}"];
    assert_eq!(methods.keys().collect::<Vec<_>>(), ["ANY", "GET"]);
    let get = &methods["GET"];
    assert_eq!((get.authorization_type.as_str(), get.operation_name.as_deref()), ("NONE", Some("getPet")));
    let parameters: Vec<_> = get.request_parameters.iter().map(|(k, v)| (k.as_str(), *v)).collect();
    assert_eq!(
        parameters,
        [("method.request.header.X-Trace", true), ("method.request.path.id", true), ("method.request.querystring.full", false)]
    );
    assert_eq!(get.responses["200"].response_parameters, BTreeMap::from([("method.response.header.X-Pet".into(), false)]));
    assert!(get.responses["200"].response_models["application/json"].starts_with("MODEL"));
    let mock = get.integration.as_ref().unwrap();
    assert_eq!((mock.kind, mock.passthrough, mock.timeout_millis), (IntegrationType::Mock, Passthrough::WhenNoTemplates, 1000));
    assert_eq!(mock.request_templates["application/json"], r#"{"statusCode": 200}"#);
    assert_eq!(mock.responses["200"].selection_pattern, None);
    assert_eq!(mock.responses["200"].response_parameters["method.response.header.X-Pet"], "'cat'");
    assert_eq!(mock.responses["404"].selection_pattern.as_deref(), Some("4\\d\\d"));
    let any = &methods["ANY"];
    assert_eq!(any.request_models["application/json"], "Pet");
    let proxy = any.integration.as_ref().unwrap();
    assert_eq!((proxy.kind, proxy.http_method.as_deref()), (IntegrationType::HttpProxy, Some("ANY")));
}

#[test]
fn base_paths() {
    let paths = |text: &str, base_path| {
        let options = ImportOptions { base_path, ..ImportOptions::default() };
        import(text.as_bytes(), options).unwrap().definition.into_keys().collect::<Vec<_>>()
    };
    let two = swagger("", "");
    assert_eq!(paths(&two, BasePathMode::Ignore), ["/x"]);
    assert_eq!(paths(&two, BasePathMode::Prepend), ["/a/b/c/x"]);
    assert_eq!(paths(&two, BasePathMode::Split), ["/b/c/x"]);
    assert_eq!(paths(PETS, BasePathMode::Prepend), ["/v1/shop/pets/{id}"]);
    assert_eq!(paths(PETS, BasePathMode::Split), ["/shop/pets/{id}"]);
}

#[test]
fn swagger_bodies_and_endpoint_configuration() {
    let text = swagger(
        r##""consumes": ["text/xml"], "definitions": {"Pet": {"type": "object"}},
            "x-amazon-apigateway-endpoint-configuration": {"vpcEndpointIds": ["vpce-0123456789abcdef0"]},"##,
        r##""produces": ["text/plain"], "parameters": [{"name": "b", "in": "body", "schema": {"$ref": "#/definitions/Pet"}}],"##,
    );
    let got = read(&text).unwrap();
    assert_eq!(got.definition["/x"]["GET"].request_models, BTreeMap::from([("text/xml".into(), "Pet".into())]));
    assert_eq!(got.vpc_endpoint_ids.unwrap().len(), 1);
    let wrong = PETS.replace("x-other-vendor: {anything: true}", "x-amazon-apigateway-endpoint-configuration: {}");
    assert!(matches!(read(&wrong), Err(ImportError::Illegal { .. })));
}

#[test]
fn what_would_be_acted_on_is_refused_by_name() {
    let key = r#""securityDefinitions": {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
        "other": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom"}},"#;
    let authorizer =
        r#""securityDefinitions": {"a": {"type": "apiKey", "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools"}}},"#;
    for (root, operation, named) in [
        (r#""x-amazon-apigateway-request-validators": {"a": {"validateRequestNonsense": true}},"#, "", "validateRequestNonsense"),
        (r#""x-amazon-apigateway-gateway-responses": {"THROTTLED": {"body": 1}},"#, "", "body"),
        (r#""x-amazon-apigateway-cors": {},"#, "", "x-amazon-apigateway-cors"),
        (r#""x-amazon-apigateway-minimum-compression-size": 10,"#, "", "x-amazon-apigateway-minimum-compression-size"),
        (r#""x-amazon-apigateway-api-key-source": "AUTHORIZER","#, "", "x-amazon-apigateway-api-key-source: AUTHORIZER"),
        (r#""x-amazon-apigateway-documentation": {},"#, "", "x-amazon-apigateway-documentation"),
        (r#""X-Amazon-Apigateway-Policy": {},"#, "", "X-Amazon-Apigateway-Policy"),
        (r#""definitions": {"P": {"items": [{"x-amazon-apigateway-odd": 1}]}},"#, "", "x-amazon-apigateway-odd"),
        (authorizer, "", "x-amazon-apigateway-authorizer: COGNITO_USER_POOLS"),
        (key, r#""security": [{"key": []}],"#, "security: key (an API key)"),
        (key, r#""security": [{"other": []}],"#, "security: other (an authorizer)"),
        ("", r#""x-amazon-apigateway-auth": {"type": "CUSTOM"},"#, "x-amazon-apigateway-auth: CUSTOM"),
        ("", r#""x-amazon-apigateway-integration": {"type": "mock", "contentHandling": "CONVERT_TO_TEXT"},"#, "contentHandling"),
        ("", r#""x-amazon-apigateway-integration": {"type": "mock", "connectionType": "VPC_LINK"},"#, "connectionType: VPC_LINK"),
        ("", r#""x-amazon-apigateway-integration": {"type": "mock", "surprise": 1},"#, "surprise"),
    ] {
        match read(&swagger(root, operation)) {
            Err(ImportError::NotServed { what, .. }) => assert_eq!(what, named),
            other => panic!("{named}: {other:?}"),
        }
    }
    let options = ImportOptions { ignore_documentation: true, ..ImportOptions::default() };
    import(swagger(r#""x-amazon-apigateway-documentation": {},"#, "").as_bytes(), options).unwrap();
}

/// As SAM writes it, and as the extension does.
#[test]
fn methods_that_ask_for_signatures() {
    let scheme = r#""securityDefinitions": {"sig": {"type": "apiKey", "name": "Authorization", "in": "header",
        "x-amazon-apigateway-authtype": "awsSigv4"}},"#;
    for (root, operation, wanted) in [
        (scheme, r#""security": [{"sig": []}],"#, "AWS_IAM"),
        ("", r#""x-amazon-apigateway-auth": {"type": "AWS_IAM"},"#, "AWS_IAM"),
        (scheme, r#""x-amazon-apigateway-auth": {"type": "NONE"},"#, "NONE"),
    ] {
        let got = read(&swagger(root, operation)).unwrap();
        assert_eq!((got.warnings.len(), got.definition["/x"]["GET"].authorization_type.as_str()), (0, wanted));
    }
}

#[test]
fn authorizers_and_who_requires_them() {
    let uri = "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:us-west-2:111122223333:function:f/invocations";
    let schemes = format!(
        r#""securityDefinitions": {{
            "token": {{"type": "apiKey", "name": "Auth", "in": "header", "x-amazon-apigateway-authtype": "custom",
                "x-amazon-apigateway-authorizer": {{"type": "token", "authorizerUri": "{uri}", "authorizerResultTtlInSeconds": 0}}}},
            "request": {{"type": "apiKey", "name": "Unused", "in": "header", "x-amazon-apigateway-authtype": "custom",
                "x-amazon-apigateway-authorizer": {{"type": "request", "authorizerUri": "{uri}",
                    "identitySource": "method.request.header.A, method.request.querystring.b"}}}}}},"#
    );
    let got = read(&swagger(&schemes, r#""security": [{"token": []}],"#)).unwrap();
    assert_eq!(got.authorizer_of, BTreeMap::from([(("/x".into(), "GET".into()), "token".into())]));
    let open = read(&swagger(&schemes, r#""security": [{"NONE": []}],"#)).unwrap();
    assert_eq!((open.authorizer_of.len(), open.definition["/x"]["GET"].authorization_type.as_str()), (0, "NONE"));
    let token = &got.authorizers["token"];
    assert_eq!((token.identity_source.as_deref(), token.ttl_seconds), (Some("method.request.header.Auth"), 0));
    assert_eq!(got.authorizers["request"].sources().unwrap().len(), 2);
    let role = schemes.replacen(r#""authorizerUri""#, r#""authorizerCredentials": "arn:aws:iam::111122223333:role/r", "authorizerUri""#, 1);
    assert!(matches!(read(&swagger(&role, "")), Err(ImportError::NotServed { what, .. }) if what == "authorizerCredentials"));
    let expression = |text: &str| {
        let given = format!(r#""identityValidationExpression": "{text}", "authorizerUri""#);
        read(&swagger(&schemes.replacen(r#""authorizerUri""#, &given, 1), ""))
    };
    assert_eq!(expression("[a-z]+").unwrap().authorizers["token"].validation_expression.as_deref(), Some("[a-z]+"));
    assert!(matches!(expression("(?x) a # b"), Err(ImportError::Illegal { why, .. }) if why.ends_with("specified: (?x) a # b")));
}

#[test]
fn gateway_responses() {
    let text = swagger(
        r#""x-amazon-apigateway-gateway-responses": {"DEFAULT_4XX": {"statusCode": 418,
            "responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}}},"#,
        "",
    );
    let got = read(&text).unwrap().gateway_responses.unwrap();
    let response = &got[&GatewayResponseType::Default4xx];
    assert_eq!((response.status, response.parameters.len(), response.templates.len()), (Some(418), 1, 0));
    for wrong in
        [r#"{"MOSTLY_4XX": {}}"#, r#"{"THROTTLED": {"statusCode": "many"}}"#, r#"{"THROTTLED": {"responseParameters": {"x": "'y'"}}}"#]
    {
        let text = swagger(&format!(r#""x-amazon-apigateway-gateway-responses": {wrong},"#), "");
        assert!(matches!(read(&text), Err(ImportError::Illegal { .. })), "{wrong}");
    }
}

#[test]
fn what_api_gateway_leaves_out_is_said() {
    let text = swagger(
        r#""surprise": 1, "security": [{"b": []}], "securityDefinitions": {"b": {"type": "basic"}},"#,
        r#""security": [{"b": []}], "parameters": [{"name": "c", "in": "cookie"}],"#,
    );
    let text = text.replace(r#""responses": {}"#, r#""responses": {"default": {}}"#);
    assert_eq!(
        read(&text).unwrap().warnings,
        [
            "The member 'surprise' of the document is unknown and was ignored",
            "'security' at the root of the document was ignored: API Gateway takes it from operations only",
            "The security scheme 'b' of paths./x.get was ignored: API Gateway cannot enforce it",
            "The parameter 'c' in paths./x.get.parameters.0 was ignored: API Gateway does not know parameters in 'cookie'",
            "The response 'default' of paths./x.get.responses was ignored: API Gateway takes status codes only",
        ]
    );
}

#[test]
fn what_is_wrong_is_refused() {
    let fails = |text: &str| read(text).unwrap_err().to_string();
    assert_eq!(fails("{}"), ImportError::NotOpenApi.to_string());
    assert_eq!(fails("[]"), ImportError::NotOpenApi.to_string());
    assert_eq!(fails("openapi: 4.0.0"), ImportError::NotOpenApi.to_string());
    assert_eq!(fails("openapi: 3.0.0\npaths: {}"), "info is missing");
    assert_eq!(fails("openapi: 3.0.0\ninfo: {title: a}"), "paths is missing");
    assert_eq!(fails("openapi: 3.0.0\ninfo: {title: a}\npaths: [x]"), "paths must be an object");
    assert_eq!(fails("openapi: 3.0.0\ninfo: {title: a}\npaths: {x: {}}"), "paths.x: a path begins with `/`");
    let twice = "openapi: 3.0.0\ninfo: {title: a}\npaths: {/x: {}, /x/: {}}";
    assert_eq!(fails(twice), "paths./x/: the path /x is declared twice");
    let lost = PETS.replace("    Id: {", "    Ip: {");
    assert_eq!(fails(&lost), "the reference `#/components/parameters/Id` in paths./pets/{id}.parameters.0 cannot be resolved");
    let circle = PETS.replace("Id: {name: id, in: path, required: true}", "Id: {$ref: '#/components/parameters/Id'}");
    assert!(fails(&circle).contains("cannot be resolved"));
    assert!(fails("openapi: 3.0.0\nopenapi: 3.0.0").contains("line 2, column 1: the key `openapi` occurs twice"));
    assert!(fails(r#"{"swagger": "2.0", "swagger": "2.0"}"#).contains("occurs twice"));
    assert!(matches!(import(&vec![b' '; DOCUMENT_MAX + 1], ImportOptions::default()), Err(ImportError::TooLong(_))));
    let two = PETS.replace("{statusCode: \"404\"}", "{statusCode: \"200\"}");
    assert!(fails(&two).contains("two responses have the status code 200"));
}

#[test]
fn yaml_values() {
    let value = |text: &str| text::read(text.as_bytes());
    assert_eq!(
        value("a: 012345678901\nb: 123456789012\nc: 12\nd: 1.0\ne: 0o7\nf: ~\ng: True\nh: \"12\"\ni: !!str 12\nj: 1e3\nk: yes\n200: -5")
            .unwrap(),
        json!({"a": "012345678901", "b": "123456789012", "c": 12, "d": 1.0, "e": "0o7", "f": null, "g": true, "h": "12", "i": "12",
               "j": "1e3", "k": "yes", "200": -5})
    );
    assert_eq!(
        value("base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}\ntwo: *b").unwrap(),
        json!({"base": {"x": 1, "y": 2}, "one": {"y": 3, "x": 1}, "two": {"x": 1, "y": 2}})
    );
    assert_eq!(value("{a: 1, b: [x]}").unwrap(), json!({"a": 1, "b": ["x"]}));
    assert_eq!(value("{\t\"a\": \"\\ud83d\\ude00\\/\"}").unwrap(), json!({"a": "😀/"}));
    for wrong in ["", "a: !Sub x", "a: *b", "a: &x [*x]", "[a, b", "--- a\n--- b", "? [a]\n: b", "a: {<<: 1}", "a:\n  b: 1\n c: 2"] {
        assert!(matches!(value(wrong), Err(ImportError::Syntax(_))), "{wrong}: {:?}", value(wrong));
    }
}

#[test]
fn bombs_are_defused() {
    let mut laughs = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for n in 1..12 {
        let alias = format!("*a{}", n - 1);
        laughs.push_str(&format!("a{n}: &a{n} [{}]\n", [alias.as_str(); 10].join(", ")));
    }
    assert!(read(&laughs).unwrap_err().to_string().contains("aliases"));
    let long = format!("a: &a {}\nb: [{}]", "x".repeat(1_000_000), vec!["*a"; 1000].join(", "));
    assert!(read(&long).unwrap_err().to_string().contains("aliases"));
    for deep in ["[".repeat(100_000), "{a: ".repeat(100_000), r#"{"a":"#.repeat(100_000), "- ".repeat(100_000)] {
        assert!(matches!(read(&deep), Err(ImportError::Syntax(_))));
    }
}

proptest! {
    #[test]
    fn never_panics(text in "[\\-a-c:{}\\[\\]&*<!|>'\"#, \n0-9%\\\\]{0,60}") {
        let _ = read(&text);
        let _ = text::read(text.as_bytes());
    }

    /// A document with one line less or one word changed is read or refused, never a panic.
    #[test]
    fn never_panics_on_damage(line in 0_usize..70, at in 0_usize..2000, byte in "[ \\-{}\\[\\]:a0'\"]") {
        let without: Vec<&str> = PETS.lines().enumerate().filter(|(n, _)| *n != line).map(|(_, l)| l).collect();
        let _ = read(&without.join("\n"));
        let mut bytes = PETS.as_bytes().to_vec();
        let at = at % bytes.len();
        bytes[at] = byte.as_bytes()[0];
        let _ = import(&bytes, ImportOptions::default());
    }

    /// What JSON says, YAML says.
    #[test]
    fn json_is_yaml(texts in proptest::collection::btree_map("[a-z ]{1,5}", "[a-zA-Z0-9 :#{}'-]{0,12}", 0..6)) {
        let json = serde_json::to_string(&texts).unwrap();
        let yaml: String = texts.iter().map(|(k, v)| format!("{}: {}\n", json!(k), json!(v))).collect();
        let expected: Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(text::read(json.as_bytes()).unwrap(), expected.clone());
        if !texts.is_empty() {
            prop_assert_eq!(text::read(yaml.as_bytes()).unwrap(), expected);
        }
    }
}
