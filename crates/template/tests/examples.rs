//! The templates of `examples/` are read, and say nothing that AWS's schemas do not know.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use std::path::{Path, PathBuf};
use vpclab_template::{Template, parse, schema};

fn templates(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            templates(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            out.push(path);
        }
    }
}

#[test]
fn examples_are_read_and_fit_the_schemas() {
    let mut paths = Vec::new();
    templates(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples"), &mut paths);
    let mut resources = 0;
    for path in &paths {
        let text = std::fs::read_to_string(path).unwrap();
        if !text.contains("\nResources:") {
            continue;
        }
        let template = parse(&text).and_then(|node| Template::read(&node));
        let template = template.unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        for resource in template.resources.iter().filter(|resource| !resource.kind.starts_with("AWS::Serverless::")) {
            let schema = schema::of(&resource.kind).unwrap_or_else(|| panic!("{}: no schema of {}", path.display(), resource.kind));
            let problems = schema.check(&resource.properties);
            assert!(problems.is_empty(), "{}: {}: {problems:?}", path.display(), resource.logical);
            resources += 1;
        }
    }
    assert!(paths.len() >= 8 && resources >= 40, "{} templates, {resources} resources", paths.len());
}
