//! Methods that a function answers, and the lines that let them.
use super::*;

/// What of a line a shell reads as its own: all that stands outside of single quotes.
fn unquoted(line: &str) -> String {
    line.replace(r"'\''", "").split('\'').step_by(2).collect()
}

#[test]
fn what_a_client_writes_is_no_part_of_a_shells_line() {
    let mut world = World::new();
    let integration = world.function();
    // No method of the lab has such a name; one of a snapshot file may.
    let key = (world.api.clone(), world.pets.clone());
    let mut resource = vpclab_cloud::Resource::clone(&world.cloud.resources[&key]);
    let mut method = resource.methods["GET"].clone();
    method.integration = Some(integration);
    resource.methods.insert("A&B'$(x)".into(), method);
    world.cloud.resources.insert(key, Arc::new(resource));
    world.deploy();
    let mut call = world.call("/prod/pets");
    call.method = "A&B'$(x)".into();
    let explanation = world.judged(&call);
    assert_eq!(explanation.blockers[0].cause, crate::Cause::FunctionPermissionMissing, "{explanation:?}");
    let [line] = commands(&explanation.blockers[0]).try_into().unwrap();
    assert!(line.contains(&format!(" --statement-id {}-prod-ABx-pets --action ", world.api)), "{line}");
    assert!(line.contains(r"/prod/A&B'\''$(x)/pets' --region us-west-2"), "{line}");
    assert!(!unquoted(&line).contains(['&', '|', ';', '$', '`', '(', '<', '>', '"', '\\']), "{line}");
    // A path in another call that works instead.
    let blockers = world.check("/pets?a=b&c=$(x)", &["STAGE_NOT_FOUND"]);
    let instead = blockers[0].fixes[0].instead.as_deref().unwrap();
    assert!(instead.ends_with("/prod/pets?a=b&c=$(x)'") && unquoted(instead).is_empty(), "{instead}");
}

#[test]
fn a_function_of_which_not_all_is_known_is_undetermined() {
    let mut world = World::new();
    let integration = world.function();
    world.method("POST", integration);
    world.deploy();
    let mut call = world.call("/prod/pets");
    call.method = "POST".into();
    assert_eq!(world.judged(&call).verdict, Verdict::Blocked);
    let mut unknowns = crate::Unknowns::new();
    unknowns.note("arn:aws:lambda:us-west-2:123456781234:function:pets", "a statement of its policy");
    let explanation = world.judged_by(&Judge::new(&world.cloud, None).with_unknowns(unknowns), &call);
    assert_eq!((explanation.verdict, explanation.outcome), (Verdict::Undetermined, None));
    assert!(explanation.missing[0].ends_with("function:pets: a statement of its policy"), "{:?}", explanation.missing);
}
