use super::*;
use crate::fixture::Lab;
use crate::method::{Method, MethodKey};
use crate::request_validator::RequestValidator;
use crate::rest_api::{CreateRestApi, EndpointType, PutMode};
use crate::{RequestValidatorId, ResourceId, Tags};

fn lab() -> (Lab, RestApiId, ResourceId) {
    let mut lab = Lab::new();
    let input = CreateRestApi {
        name: "pets".into(),
        description: None,
        version: None,
        endpoint_type: EndpointType::Private,
        vpc_endpoint_ids: vec![],
        disable_execute_api_endpoint: false,
        binary_media_types: vec![],
        tags: Tags::new(),
    };
    let api = lab.run(|cloud, cx| cloud.create_rest_api(cx, input)).unwrap();
    let root = lab.cloud.rest_apis[&api].root.clone();
    (lab, api, root)
}

fn new(name: &str) -> NewModel {
    NewModel { name: name.into(), description: None, content_type: "application/json".into(), schema: "{}".into() }
}

#[test]
fn a_model_in_use_stays() {
    let (mut lab, api, resource) = lab();
    let key = MethodKey { api: api.clone(), resource, name: "POST".into() };
    let method = Method { request_models: [("application/json".to_owned(), "Pet".to_owned())].into(), ..Method::open() };
    let refused = lab.run(|cloud, cx| cloud.put_method(cx, &key, method.clone()));
    assert_eq!(refused, Err(bad_request("Invalid model identifier specified: Pet")));
    lab.run(|cloud, cx| cloud.create_model(cx, &api, new("Pet"))).unwrap();
    let twice = lab.run(|cloud, cx| cloud.create_model(cx, &api, new("Pet")));
    assert!(matches!(twice, Err(Refusal::ApiConflict(_))));
    lab.run(|cloud, cx| cloud.put_method(cx, &key, method)).unwrap();
    let used = lab.run(|cloud, cx| cloud.delete_model(cx, &api, "Pet"));
    assert_eq!(used, Err(Refusal::ApiConflict("Cannot delete model 'Pet', is referenced in method request: //POST".into())));
    lab.run(|cloud, cx| cloud.delete_method(cx, &key)).unwrap();
    lab.run(|cloud, cx| cloud.delete_model(cx, &api, "Pet")).unwrap();
    assert_eq!(lab.run(|cloud, cx| cloud.delete_model(cx, &api, "Pet")), Err(unknown_model("Pet")));
    assert_eq!(lab.cloud.rest_apis[&api].settings.validation.models.keys().collect::<Vec<_>>(), ["Empty", "Error"]);
}

#[test]
fn a_model_that_another_refers_to_stays() {
    let (mut lab, api, _) = lab();
    let herd = |name: &str| {
        let pet = format!("https://apigateway.amazonaws.com/restapis/{api}/models/{name}");
        NewModel { schema: format!(r#"{{"type": "array", "items": {{"$ref": "{pet}"}}}}"#), ..new("Herd") }
    };
    lab.run(|cloud, cx| cloud.create_model(cx, &api, new("Pet"))).unwrap();
    lab.run(|cloud, cx| cloud.create_model(cx, &api, herd("Pet#/definitions/Dog"))).unwrap();
    let used = lab.run(|cloud, cx| cloud.delete_model(cx, &api, "Pet"));
    assert_eq!(used, Err(Refusal::ApiConflict("Cannot delete model 'Pet', is referenced in model: Herd".into())));
    // Neither a longer name nor the model itself holds it.
    for schema in [herd("Pets").schema, herd("Herd").schema] {
        lab.run(|cloud, cx| cloud.update_model(cx, &api, "Herd", |model| model.schema = schema)).unwrap();
        let left = lab.cloud.clone();
        lab.run(|cloud, cx| cloud.delete_model(cx, &api, "Pet")).unwrap();
        lab.cloud = left;
    }
    lab.run(|cloud, cx| cloud.delete_model(cx, &api, "Herd")).unwrap();
    lab.run(|cloud, cx| cloud.delete_model(cx, &api, "Pet")).unwrap();
}

#[test]
fn a_name_is_alphanumeric() {
    let (mut lab, api, _) = lab();
    let refused = lab.run(|cloud, cx| cloud.create_model(cx, &api, new("pet.v1")));
    assert_eq!(refused, Err(bad_request("Model name must be alphanumeric: pet.v1")));
}

#[test]
fn a_validator_in_use_stays_and_what_keeps_its_name_keeps_its_id() {
    let (mut lab, api, resource) = lab();
    let both = RequestValidator { name: None, body: true, parameters: true };
    let document = |name: &str| (vec![new("Pet")], [(name.to_owned(), both.clone())].into());
    let first = lab.run(|cloud, cx| cloud.put_validation(cx, &api, document("all"), PutMode::Merge)).unwrap();
    let id: RequestValidatorId = first["all"].clone();
    let pet = lab.cloud.rest_apis[&api].model("Pet").unwrap().id.clone();
    let key = MethodKey { api: api.clone(), resource, name: "GET".into() };
    let method = Method { request_validator: Some(id.clone()), ..Method::open() };
    lab.run(|cloud, cx| cloud.put_method(cx, &key, method)).unwrap();
    assert!(matches!(lab.run(|cloud, cx| cloud.delete_request_validator(cx, &api, &id)), Err(Refusal::ApiConflict(_))));
    let second = lab.run(|cloud, cx| cloud.put_validation(cx, &api, document("all"), PutMode::Overwrite)).unwrap();
    assert_eq!((second["all"].clone(), lab.cloud.rest_apis[&api].model("Pet").unwrap().id.clone()), (id, pet));
    lab.run(|cloud, cx| cloud.put_validation(cx, &api, (vec![], [].into()), PutMode::Overwrite)).unwrap();
    assert!(lab.cloud.rest_apis[&api].settings.validation.validators.is_empty() && lab.cloud.rest_apis[&api].model("Pet").is_err());
    let unknown = Method { request_validator: Some("aaaaaa".parse().unwrap()), ..Method::open() };
    let put = MethodKey { name: "PUT".into(), ..key };
    let refused = lab.run(|cloud, cx| cloud.put_method(cx, &put, unknown));
    assert_eq!(refused, Err(bad_request("Invalid Request Validator identifier specified")));
}
