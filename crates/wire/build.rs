//! Generates the typed requests, results and codecs of each service from `interface/*.json`.

#[path = "build/codec.rs"]
mod codec;
#[path = "build/limits.rs"]
mod limits;
#[path = "build/model.rs"]
mod model;
#[path = "build/names.rs"]
mod names;
#[path = "build/operations.rs"]
mod operations;
#[path = "build/samples.rs"]
mod samples;
#[path = "build/structures.rs"]
mod structures;

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

const SERVICES: [&str; 12] =
    ["apigateway", "cloudcontrol", "cloudformation", "ec2", "ecr", "iam", "lambda", "logs", "route53", "s3", "ssm", "sts"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for service in SERVICES {
        let path = format!("interface/{service}.json");
        println!("cargo::rerun-if-changed={path}");
        let model = model::Model::load(&path)?;
        let mut code = String::new();
        operations::write(&model, &mut code)?;
        structures::write(&model, &mut code)?;
        codec::write(&model, &mut code)?;
        limits::write(&model, &mut code)?;
        samples::write(&model, &mut code)?;
        fs::write(out.join(format!("{service}.rs")), code)?;
    }
    Ok(())
}
