//! Transforms templates: a JSON object on each line of the input, one on each line of the output.
//!
//! In: `{"template": "text", "parameters": {"A": "b"}, "region": "eu-west-1"}`. Out: `{"output": {}}`, or `{"error": "text"}`.
//! `tests/test_sam_transform.py` compares what it prints to what AWS's own transform makes.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{self, BufRead},
};
use vpclab_sam::Input;

fn main() {
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.unwrap()).expect("each line is JSON");
        println!("{}", answer(&request));
    }
}

fn answer(request: &Value) -> Value {
    let template = match vpclab_template::parse(request["template"].as_str().unwrap()) {
        Ok(template) => template,
        Err(error) => return json!({ "error": error.to_string() }),
    };
    let parameters: BTreeMap<String, String> = serde_json::from_value(request["parameters"].clone()).unwrap_or_default();
    let region = request["region"].as_str().unwrap_or("ap-northeast-2");
    let input = Input { parameters: &parameters, region, managed_policies: &BTreeMap::new(), now: 0 };
    match vpclab_sam::transform(&template, &input) {
        Ok(output) => json!({ "output": output.to_json() }),
        Err(failure) => json!({ "error": failure.to_string() }),
    }
}
