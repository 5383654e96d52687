use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use vpclab_cloud::rest_api::{ApiSettings, EndpointType};

/// `GET /pets/{id}` lines -> the snapshot with those methods.
fn snapshot<'a>(lines: impl IntoIterator<Item = &'a str>) -> ApiSnapshot {
    let mut resources: BTreeMap<String, Resource> = BTreeMap::new();
    for line in lines {
        let (method, path) = line.split_once(' ').unwrap();
        let number = resources.len();
        let resource = resources.entry(path.to_owned()).or_insert_with(|| Resource {
            api: "abcdefghij".parse().unwrap(),
            id: format!("r{number}").parse().unwrap(),
            parent: None,
            path_part: path.rsplit('/').next().unwrap().to_owned(),
            path: path.to_owned(),
            methods: BTreeMap::new(),
        });
        if method != "-" {
            resource.methods.insert(method.to_owned(), Method::default());
        }
    }
    ApiSnapshot {
        settings: ApiSettings {
            endpoint_type: EndpointType::Private,
            vpc_endpoint_ids: vec![],
            policy: None,
            disable_execute_api_endpoint: false,
            binary_media_types: vec![],
            gateway_responses: Default::default(),
            validation: Default::default(),
        },
        resources: resources.into_values().collect(),
    }
}

fn tree<'a>(lines: impl IntoIterator<Item = &'a str>) -> RouteTree<()> {
    RouteTree::compile(&snapshot(lines), |_, _, _| ())
}

/// `GET /pets/7` -> `GET /pets/{id} id=7`, or why not.
fn check(tree: &RouteTree<()>, request: &str, expected: &str) {
    let (method, path) = request.split_once(' ').unwrap();
    let got = match tree.route(method, path) {
        Ok(found) => {
            let mut text = format!("{} {}", found.method_name, found.resource_path);
            for (name, value) in &found.parameters {
                text.push_str(&format!(" {name}={value}"));
            }
            text
        }
        Err(NoRoute::UnknownResource) => "no resource".to_owned(),
        Err(NoRoute::UnknownMethod { resource_path }) => format!("no method on {resource_path}"),
    };
    assert_eq!(got, expected, "{request}");
}

#[test]
fn literal_before_parameter_before_proxy() {
    let tree = tree(["GET /", "GET /pets", "GET /pets/dog", "GET /pets/{id}", "POST /pets/{id}/toys", "ANY /{proxy+}"]);
    check(&tree, "GET /", "GET /");
    check(&tree, "GET ", "GET /");
    check(&tree, "GET /pets/dog", "GET /pets/dog");
    check(&tree, "GET /pets/cat/", "GET /pets/{id} id=cat");
    check(&tree, "GET //pets//cat", "GET /pets/{id} id=cat");
    check(&tree, "POST /pets/dog/toys", "POST /pets/{id}/toys id=dog");
    check(&tree, "GET /pets/dog/bones", "ANY /{proxy+} proxy=pets/dog/bones");
    check(&tree, "DELETE /pets/dog", "no method on /pets/dog");
    check(&tree, "POST /", "no method on /");
    check(&tree, "TRACE /x", "no method on /{proxy+}");
    check(&tree, "get /pets", "no method on /pets");
}

#[test]
fn the_documented_example() {
    let tree = tree(["GET /pets/dog", "GET /pets/{proxy+}", "ANY /{proxy+}"]);
    check(&tree, "GET /pets/dog", "GET /pets/dog");
    check(&tree, "GET /pets/cat", "GET /pets/{proxy+} proxy=cat");
    check(&tree, "GET /pets", "ANY /{proxy+} proxy=pets");
    check(&tree, "POST /pets/cat", "no method on /pets/{proxy+}");
    check(&tree, "POST /x/y/", "ANY /{proxy+} proxy=x/y");
}

#[test]
fn exact_method_before_any() {
    let tree = tree(["GET /a", "ANY /a", "- /b", "GET /b/c"]);
    check(&tree, "GET /a", "GET /a");
    check(&tree, "PUT /a", "ANY /a");
    check(&tree, "CONNECT /a", "no method on /a");
    check(&tree, "GET /b", "no resource");
    check(&tree, "GET /b/c", "GET /b/c");
    check(&tree, "GET /b/c/d", "no resource");
}

#[test]
fn a_proxy_does_not_match_the_empty_rest() {
    let tree = tree(["GET /parent/{proxy+}"]);
    check(&tree, "GET /parent", "no resource");
    check(&tree, "GET /parent/", "no resource");
    check(&tree, "GET /", "no resource");
    check(&tree, "GET /parent/x", "GET /parent/{proxy+} proxy=x");
}

#[test]
fn escapes_are_decoded_segment_by_segment() {
    let tree = tree(["GET /pets/dog", "GET /pets/{id}", "GET /all/{rest+}"]);
    check(&tree, "GET /pets/%64og", "GET /pets/dog");
    check(&tree, "GET /p%65ts/a%2Fb", "GET /pets/{id} id=a/b");
    check(&tree, "GET /pets/%7Bid%7D", "GET /pets/{id} id={id}");
    check(&tree, "GET /pets/100%", "GET /pets/{id} id=100%");
    check(&tree, "GET /pets/%zz%4", "GET /pets/{id} id=%zz%4");
    check(&tree, "GET /pets/%ff", "GET /pets/{id} id=\u{fffd}");
    check(&tree, "GET /pets/a+b", "GET /pets/{id} id=a+b");
    check(&tree, "GET /all/a%20b//c/", "GET /all/{rest+} rest=a b/c");
}

#[test]
fn the_most_specific_dead_end_gives_way() {
    let tree = tree(["GET /a/b/c", "GET /a/{x}/d", "GET /{y}/b/e"]);
    check(&tree, "GET /a/b/c", "GET /a/b/c");
    check(&tree, "GET /a/b/d", "GET /a/{x}/d x=b");
    check(&tree, "GET /a/b/e", "GET /{y}/b/e y=a");
    check(&tree, "GET /a/b/f", "no resource");
}

proptest! {
    #[test]
    fn never_panics(method in "\\PC{0,8}", path in "[a-c/%{}+0-9é]{0,40}") {
        let tree = tree(["GET /a/{b}/c", "ANY /{p+}", "GET /a/b"]);
        let _ = tree.route(&method, &path);
    }

    /// The tree answers as a list would that tries the resources from the most to the least specific.
    #[test]
    fn agrees_with_the_list(
        declared in proptest::collection::btree_set(proptest::collection::vec(0_u8..4, 0..4), 1..12),
        asked in proptest::collection::vec(0_u8..3, 0..5),
    ) {
        let part = |code: &u8| ["a", "b", "{x}", "{p+}"][usize::from(*code)];
        let paths: BTreeSet<Vec<u8>> = declared
            .into_iter()
            .map(|path| {
                // A proxy is a leaf.
                let end = path.iter().position(|p| *p == 3).map_or(path.len(), |at| at + 1);
                path[..end].to_vec()
            })
            .collect();
        let fits = |path: &[u8]| {
            let proxied = path.last() == Some(&3);
            let fixed = if proxied { &path[..path.len() - 1] } else { path };
            let length = if proxied { asked.len() > fixed.len() } else { asked.len() == fixed.len() };
            length && fixed.iter().zip(&asked).all(|(p, a)| *p == 2 || p == a)
        };
        let text = |path: &[u8]| path.iter().fold(String::from("/"), |s, p| {
            if s == "/" { s + part(p) } else { s + "/" + part(p) }
        });
        // Codes are in order of specificity, so the least list is the most specific.
        let expected = paths.iter().filter(|p| fits(p)).min().map(|p| text(p));
        let lines: Vec<String> = paths.iter().map(|p| format!("GET {}", text(p))).collect();
        let tree = tree(lines.iter().map(String::as_str));
        let request: String = asked.iter().map(|a| format!("/{}", ["a", "b", "c"][usize::from(*a)])).collect();
        // `c` is in no literal; code 2 as asked stands for it and fits parameters only.
        prop_assert_eq!(tree.route("GET", &request).ok().map(|m| m.resource_path.to_owned()), expected);
    }
}
