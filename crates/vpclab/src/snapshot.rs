//! Snapshot files, as the commands read them.
use crate::{files, report::Failure};
use std::path::Path;
use vpclab_cloud::{Cloud, function::function_arn};
use vpclab_explain::Unknowns;
use vpclab_import::{Affected, Snapshot};

/// The largest file that is read.
const MAX_FILE: u64 = 1024 * 1024 * 1024;

/// Reads a snapshot file.
///
/// # Errors
/// When it cannot be read, or is no snapshot.
pub fn read(path: &Path) -> Result<Snapshot, Failure> {
    let failed = |why: &dyn std::fmt::Display| Failure::new(format!("cannot read the snapshot `{}`: {why}", path.display()));
    let text = files::bytes(path, MAX_FILE).map_err(|why| failed(&why))?;
    Snapshot::read(&text).map_err(|why| failed(&why).hint("`vpclab import` and `vpclab export` write snapshots"))
}

/// The state of a snapshot file, and what is not known of it.
///
/// # Errors
/// As [`read`].
pub fn load_snapshot(path: &Path) -> Result<(Cloud, Unknowns), Failure> {
    let snapshot = read(path)?;
    let cloud = snapshot.cloud();
    let unknowns = unknowns(&snapshot, &cloud);
    Ok((cloud, unknowns))
}

/// The judge of a snapshot file.
///
/// # Errors
/// As [`read`].
pub fn judge(path: &Path) -> Result<vpclab_explain::Judge, Failure> {
    let (cloud, unknowns) = load_snapshot(path)?;
    Ok(vpclab_explain::Judge::new(&cloud, None).with_unknowns(unknowns))
}

/// What is not known of a snapshot, by the resources that verdicts lean on.
fn unknowns(snapshot: &Snapshot, cloud: &Cloud) -> Unknowns {
    let mut unknowns = Unknowns::new();
    for noted in &snapshot.not_understood {
        for affected in &noted.affects {
            note(&mut unknowns, cloud, affected, &noted.to_string());
        }
    }
    unknowns
}

fn note(unknowns: &mut Unknowns, cloud: &Cloud, affected: &Affected, what: &str) {
    match affected {
        Affected::Route { table, destination } => unknowns.note_route(table.clone(), *destination, what),
        Affected::Rules { group, direction } => unknowns.note_rules(group.clone(), *direction, what),
        Affected::Interface(id) => unknowns.note(id.as_str(), what),
        Affected::Peering(id) => unknowns.note(id.as_str(), what),
        Affected::Endpoint(id) => unknowns.note(id.as_str(), what),
        Affected::Api(id) => unknowns.note(id.as_str(), what),
        Affected::Method { api, path, method } => unknowns.note_method(api.as_str(), method, path, what),
        Affected::Function { scope, name } => unknowns.note(function_arn(scope, name), what),
        Affected::Name { zone, name } => match name {
            Some(name) => unknowns.note(name.as_str(), what),
            None => unknowns.note(zone.as_str(), what),
        },
        Affected::Forwarded { vpc, domain, except } => unknowns.note_forward(vpc.clone(), domain.clone(), except.clone(), what),
        Affected::Host(host) => unknowns.note_host(host, what),
        // What goes through a VPC names its subnets and interfaces.
        Affected::Vpc(id) => {
            unknowns.note(id.as_str(), what);
            cloud.subnets.values().filter(|subnet| &subnet.vpc == id).for_each(|subnet| unknowns.note(subnet.id.as_str(), what));
            let interfaces = cloud.network_interfaces.values().filter(|interface| &interface.vpc == id);
            interfaces.for_each(|interface| unknowns.note(interface.id.as_str(), what));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vpclab_cloud::{Scope, Timestamp};
    use vpclab_import::NotUnderstood;

    #[test]
    fn what_is_not_known_of_a_function_is_found_by_its_arn() {
        let scope = Scope { account: "111122223333".parse().unwrap(), region: "us-west-2".parse().unwrap() };
        let affects = vec![Affected::Function { scope, name: "pets".to_owned() }];
        let noted = NotUnderstood { resource: "pets".to_owned(), what: "a statement".to_owned(), affects };
        let snapshot = Snapshot::of(&Cloud::default(), Timestamp(0), vec![noted]);
        let unknowns = unknowns(&snapshot, &snapshot.cloud());
        assert_eq!(unknowns.about("arn:aws:lambda:us-west-2:111122223333:function:pets"), ["pets: a statement"]);
    }
}
