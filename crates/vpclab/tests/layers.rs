//! The law of the layers: a crate uses only what stands below it, and the pure ones touch nothing outside of their arguments.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

/// From the words up; a crate may use crates of lower layers only.
const LAYERS: &[&[&str]] = &[
    &["vpclab-cloud", "vpclab-policy", "vpclab-wire"],
    &["vpclab-flows", "vpclab-packet", "vpclab-names", "vpclab-api", "vpclab-template", "vpclab-topology"],
    &["vpclab-sam", "vpclab-explain", "vpclab-import"],
    &["vpclab-store", "vpclab-fabric", "vpclab-resolver", "vpclab-aws-client", "vpclab-listen"],
    &["vpclab-functions", "vpclab-probe"],
    &["vpclab-gateway"],
    &["vpclab-law"],
    &["vpclab-services"],
    &["vpclab-console"],
    &["vpclab"],
];
const PURE: &[&str] = &[
    "vpclab-cloud",
    "vpclab-policy",
    "vpclab-flows",
    "vpclab-packet",
    "vpclab-names",
    "vpclab-api",
    "vpclab-template",
    "vpclab-topology",
    "vpclab-sam",
    "vpclab-explain",
    "vpclab-import",
];
/// Crates that no pure crate may reach, directly or not.
const IMPURE: &[&str] =
    &["tokio", "mio", "hyper", "redb", "rustix", "nix", "getrandom", "rand", "socket2", "rustls", "rtnetlink", "chrono"];
/// Paths that no source file of a pure crate may name.
const OUTSIDE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "std::io::stdin",
];
/// Crates that nothing may depend on.
const FORBIDDEN: &[&str] = &["ring", "openssl", "openssl-sys", "native-tls", "serde_yaml", "serde_yml"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn cargo(arguments: &[&str]) -> String {
    let out = Command::new(env!("CARGO")).args(arguments).args(["--locked", "--offline"]).current_dir(root()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// Package of the workspace -> its normal dependencies, as `cargo metadata` tells them.
fn graph() -> BTreeMap<String, BTreeSet<String>> {
    let meta: Value = serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--no-deps"])).unwrap();
    let normal = |package: &Value| {
        let of = package["dependencies"].as_array().unwrap().iter().filter(|dep| dep["kind"].is_null());
        of.map(|dep| dep["name"].as_str().unwrap().to_owned()).collect()
    };
    meta["packages"].as_array().unwrap().iter().map(|p| (p["name"].as_str().unwrap().to_owned(), normal(p))).collect()
}

/// All that a package links on this platform, however deep.
fn reach(package: &str) -> BTreeSet<String> {
    let tree = cargo(&["tree", "--package", package, "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    tree.lines().skip(1).filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// The packages below a package that depend on another directly.
fn users(package: &str, of: &str) -> BTreeSet<String> {
    let tree = cargo(&["tree", "--package", package, "--edges", "normal", "--prefix", "depth", "--format", " {p}"]);
    let (mut way, mut found) = (Vec::new(), BTreeSet::new());
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(depth), Some(name)) = (words.next().and_then(|depth| depth.parse::<usize>().ok()), words.next()) else { continue };
        way.truncate(depth);
        if name == of {
            found.extend(way.last().cloned());
        }
        way.push(name.to_owned());
    }
    found
}

#[test]
fn dependencies_point_down() {
    let graph = graph();
    let layer = |name: &str| LAYERS.iter().position(|crates| crates.contains(&name));
    let mut seen = 0;
    for (name, deps) in graph.iter().filter(|(name, _)| name.starts_with("vpclab")) {
        let own = layer(name).unwrap_or_else(|| panic!("`{name}` stands in no layer: add it to LAYERS"));
        seen += 1;
        for dep in deps.iter().filter(|dep| dep.starts_with("vpclab")) {
            let below = layer(dep).unwrap();
            // The store and the fabric are edges beside each other; services stand on the store.
            assert!(below < own, "`{name}` depends on `{dep}`, which does not stand below it");
        }
    }
    assert_eq!(seen, LAYERS.iter().map(|l| l.len()).sum::<usize>(), "a crate of LAYERS does not exist");
}

#[test]
fn pure_crates_reach_nothing_outside() {
    for name in PURE {
        for dep in reach(name).iter().map(String::as_str).filter(|dep| IMPURE.contains(dep)) {
            // The JSON Schema validator's hash tables are seeded; what it answers does not depend on the seed.
            assert!(dep == "getrandom" && users(name, dep).into_iter().eq(["ahash"]), "the pure crate `{name}` reaches `{dep}`");
        }
    }
}

#[test]
fn nothing_forbidden_is_linked() {
    let linked = reach("vpclab");
    assert!(linked.contains("tokio"), "the tree was not read");
    for name in FORBIDDEN {
        assert!(!linked.contains(*name), "`{name}` is linked");
    }
}

#[test]
fn pure_sources_name_nothing_outside() {
    fn files(dir: &Path, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push(path);
            }
        }
    }
    let mut read = 0;
    for name in PURE {
        let mut sources = Vec::new();
        files(&root().join("crates").join(name.trim_start_matches("vpclab-")).join("src"), &mut sources);
        for path in sources {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("\n#[cfg(test)]").next().unwrap();
            read += 1;
            for word in OUTSIDE {
                assert!(
                    !code.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word)),
                    "{} names `{word}`",
                    path.display()
                );
            }
        }
    }
    assert!(read >= PURE.len(), "no sources were read");
}
