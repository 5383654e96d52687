use super::*;
use crate::rest_api::EndpointType;
use crate::rest_api::tests::{api, here};
use proptest::prelude::*;

struct Lab {
    cloud: Cloud,
    cx: Context,
    api: RestApiId,
    root: ResourceId,
}

impl Lab {
    fn new() -> Self {
        let (mut cloud, mut cx) = (Cloud::default(), here());
        let (api, key) = api(&mut cloud, &mut cx, EndpointType::Regional);
        Self { cloud, cx, api, root: key.resource }
    }
    fn add(&mut self, parent: &ResourceId, part: &str) -> Result<ResourceId, Refusal> {
        self.cloud.create_resource(&mut self.cx, &self.api, parent, part.to_owned())
    }
    fn edit(&mut self, id: &ResourceId, edit: ResourceEdit) -> Result<(), Refusal> {
        self.cloud.update_resource(&mut self.cx, &self.api, id, [edit])
    }
    fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.cloud.resources_of(&self.api).map(|r| r.path.clone()).collect();
        paths.sort();
        paths
    }
}

#[test]
fn path_parts() {
    for (part, legal) in [
        ("pets", true),
        ("a-b_c.d:e,f", true),
        ("{id}", true),
        ("{proxy+}", true),
        ("{a.b}", true),
        ("", false),
        ("/", false),
        ("a/b", false),
        ("{}", false),
        ("{+}", false),
        ("a{b}", false),
        ("{id", false),
        ("pets+", false),
        ("a b", false),
        ("é", false),
    ] {
        assert_eq!(Lab::new().add(&Lab::new().root, part).is_ok(), legal, "{part}");
    }
}

#[test]
fn siblings_and_proxies() {
    let mut lab = Lab::new();
    let root = lab.root.clone();
    let refused = |result: Result<ResourceId, Refusal>| result.unwrap_err().to_string();
    let pets = lab.add(&root, "pets").unwrap();
    assert_eq!(refused(lab.add(&root, "pets")), "Another resource with the same parent already has this name: pets");
    let proxy = lab.add(&root, "{proxy+}").unwrap();
    let one = "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed";
    assert_eq!(refused(lab.add(&root, "{id}")), one);
    assert_eq!(refused(lab.add(&proxy, "x")), "Cannot create a child of a resource with a greedy path variable: {proxy+}");
    lab.add(&pets, "{id}").unwrap();
    assert_eq!(refused(lab.add(&"zzz".parse().unwrap(), "x")), "Invalid Resource identifier specified");
}

#[test]
fn moving_takes_the_subtree_along() {
    let mut lab = Lab::new();
    let root = lab.root.clone();
    let a = lab.add(&root, "a").unwrap();
    let b = lab.add(&a, "b").unwrap();
    let c = lab.add(&b, "c").unwrap();
    lab.edit(&a, ResourceEdit::PathPart("x".into())).unwrap();
    assert_eq!(lab.paths(), ["/", "/x", "/x/b", "/x/b/c"]);
    assert_eq!(lab.edit(&a, ResourceEdit::Parent(c.clone())).unwrap_err().to_string(), "Resources cannot be cyclical.");
    lab.edit(&b, ResourceEdit::Parent(root.clone())).unwrap();
    assert_eq!(lab.paths(), ["/", "/b", "/b/c", "/x"]);
    assert!(lab.edit(&b, ResourceEdit::PathPart("{p+}".into())).is_err(), "it has a child");
    assert!(lab.edit(&b, ResourceEdit::PathPart("x".into())).is_err());
    lab.edit(&b, ResourceEdit::PathPart("b".into())).unwrap();
    assert!(lab.edit(&root, ResourceEdit::PathPart("x".into())).is_err());
    let api = lab.api.clone();
    assert!(lab.cloud.delete_resource(&mut lab.cx, &api, &root).is_err());
    lab.cloud.delete_resource(&mut lab.cx, &api, &b).unwrap();
    assert_eq!(lab.paths(), ["/", "/x"]);
    assert!(lab.cloud.delete_resource(&mut lab.cx, &api, &c).is_err());
}

#[test]
fn three_hundred_resources() {
    let mut lab = Lab::new();
    let root = lab.root.clone();
    for n in 1..RESOURCES_MAX {
        lab.add(&root, &format!("r{n}")).unwrap();
    }
    assert!(matches!(lab.add(&root, "more"), Err(Refusal::ApiLimitExceeded(_))));
}

proptest! {
    /// Whatever is asked, the tree stays a tree: every path is its parent's and the part, and no two are alike.
    #[test]
    fn stays_a_tree(steps in proptest::collection::vec((0_usize..8, 0_usize..8, 0_u8..4, 0_usize..5), 0..40)) {
        let mut lab = Lab::new();
        for (at, to, what, part) in steps {
            let all: Vec<ResourceId> = lab.cloud.resources_of(&lab.api).map(|r| r.id.clone()).collect();
            let (id, other) = (all[at % all.len()].clone(), all[to % all.len()].clone());
            let part = ["a", "b", "{x}", "{y}", "{p+}"][part];
            let api = lab.api.clone();
            let _ = match what {
                0 | 1 => lab.add(&id, part).map(drop),
                2 => lab.edit(&id, ResourceEdit::Parent(other)),
                _ if at == 0 => lab.cloud.delete_resource(&mut lab.cx, &api, &id),
                _ => lab.edit(&id, ResourceEdit::PathPart(part.into())),
            };
        }
        for resource in lab.cloud.resources_of(&lab.api) {
            match &resource.parent {
                None => prop_assert_eq!(&resource.path, "/"),
                Some(parent) => {
                    let above = lab.cloud.resource(&lab.cx.scope, &lab.api, parent).unwrap();
                    prop_assert_eq!(&resource.path, &joined(&above.path, &resource.path_part));
                    prop_assert!(!greedy(&above.path_part));
                }
            }
        }
        let paths = lab.paths();
        prop_assert!(paths.windows(2).all(|two| two[0] != two[1]));
    }
}
