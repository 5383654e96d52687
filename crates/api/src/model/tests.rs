use super::*;

fn neighbours(schemas: &[(&str, &str)]) -> Neighbours {
    let schemas = schemas.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Neighbours { api: "abcdefghij".into(), schemas: Arc::new(schemas) }
}

fn check(schema: &str, body: &str) -> Vec<String> {
    Schema::compile(schema, &neighbours(&[])).unwrap().check(body.as_bytes()).err().unwrap_or_default()
}

const PET: &str = r#"{"$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["name", "price"],
    "properties": {"name": {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]+$"},
                   "price": {"type": "number", "minimum": 1, "exclusiveMinimum": true, "maximum": 9},
                   "kind": {"enum": ["cat", "dog"]}}, "additionalProperties": false}"#;

#[test]
fn violations_are_told_in_api_gateways_words() {
    assert_eq!(check(PET, r#"{"name": "rex", "price": 3}"#), [""; 0]);
    assert_eq!(check(PET, "{}"), [r#"object has missing required properties (["name","price"])"#]);
    let types = r#"instance type (integer) does not match any allowed primitive type (allowed: ["object"])"#;
    assert_eq!(check(PET, "1"), [types]);
    assert_eq!(check(PET, r#"{"name": "r", "price": 3}"#), [r#"string "r" is too short (length: 1, required minimum: 2)"#]);
    assert_eq!(check(PET, r#"{"name": "rexie", "price": 3}"#), [r#"string "rexie" is too long (length: 5, maximum allowed: 4)"#]);
    assert_eq!(check(PET, r#"{"name": "REX", "price": 3}"#), [r#"ECMA 262 regex "^[a-z]+$" does not match input string "REX""#]);
    let most = "numeric instance is greater than the required maximum (maximum: 9, found: 10)";
    assert_eq!(check(PET, r#"{"name": "rex", "price": 10}"#), [most]);
    let kinds = r#"instance value ("cow") not found in enum (possible values: ["cat","dog"])"#;
    assert_eq!(check(PET, r#"{"name": "rex", "price": 3, "kind": "cow"}"#), [kinds]);
    let others = r#"object instance has properties which are not allowed by the schema: ["x"]"#;
    assert_eq!(check(PET, r#"{"name": "rex", "price": 3, "x": 1}"#), [others]);
    assert_eq!(check(PET, "{"), ["Unable to parse JSON"]);
    assert_eq!(check(PET, ""), ["Unable to parse JSON"]);
}

/// Draft 4: `exclusiveMinimum` is a truth value.
#[test]
fn schemas_are_of_draft_4() {
    assert_eq!(check(PET, r#"{"name": "rex", "price": 1}"#).len(), 1);
    assert_eq!(check(r#"{"exclusiveMinimum": true, "minimum": 3}"#, "4"), [""; 0]);
}

#[test]
fn a_model_refers_to_models_of_its_api() {
    let near = neighbours(&[("Name", r#"{"type": "string"}"#)]);
    let of = |reference: &str| format!(r#"{{"properties": {{"name": {{"$ref": "{reference}"}}}}}}"#);
    let schema = Schema::compile(&of(&format!("{REFERENCE}abcdefghij/models/Name")), &near).unwrap();
    assert!(schema.check(br#"{"name": "rex"}"#).is_ok() && schema.check(br#"{"name": 1}"#).is_err());
    for wrong in [format!("{REFERENCE}abcdefghij/models/Other"), format!("{REFERENCE}klmnopqrst/models/Name"), "http://example.com/".into()]
    {
        let refused = Schema::compile(&of(&wrong), &near).unwrap_err();
        assert_eq!(refused, SchemaError::Reference(wrong));
    }
}

#[test]
fn a_schema_that_is_none_is_refused() {
    let refused = |text: &str| Schema::compile(text, &neighbours(&[])).unwrap_err();
    assert!(matches!(refused("{"), SchemaError::NoJson(_)));
    assert!(matches!(refused(r#"{"type": "strange"}"#), SchemaError::NoSchema(_)));
    assert!(matches!(refused(r##"{"$ref": "#"}"##), SchemaError::Circle(_)));
    let near = neighbours(&[("A", &format!(r#"{{"$ref": "{REFERENCE}abcdefghij/models/A"}}"#))]);
    let refused = Schema::compile(&format!(r#"{{"$ref": "{REFERENCE}abcdefghij/models/A"}}"#), &near);
    assert!(matches!(refused, Err(SchemaError::Circle(_))));
}

/// A tree of unbounded depth is legal; a body's is bounded.
#[test]
fn a_schema_may_refer_to_itself() {
    let tree = r##"{"type": "object", "properties": {"next": {"$ref": "#"}}, "additionalProperties": false}"##;
    assert_eq!(check(tree, r#"{"next": {"next": {}}}"#), [""; 0]);
    assert_eq!(check(tree, r#"{"next": {"next": 1}}"#).len(), 1);
    // Parts that hold each other would be walked for ever: `allOf` says nothing of its own.
    let circle = r##"{"definitions": {"a": {"allOf": [{"$ref": "#/definitions/a"}]}}, "allOf": [{"$ref": "#/definitions/a"}]}"##;
    let refused = Schema::compile(circle, &neighbours(&[]));
    assert!(matches!(refused, Err(SchemaError::Circle(_))), "{refused:?}");
}

#[test]
fn the_content_type_chooses_the_model() {
    let models: BTreeMap<String, u8> = [("application/json".to_owned(), 1), ("$default".to_owned(), 2)].into();
    assert_eq!(of_content_type(&models, None), Some(&1));
    assert_eq!(of_content_type(&models, Some("Application/JSON; charset=utf-8")), Some(&1));
    assert_eq!(of_content_type(&models, Some("text/plain")), Some(&2));
    assert_eq!(of_content_type(&BTreeMap::from([("application/json".to_owned(), 1)]), Some("text/plain")), None);
}
