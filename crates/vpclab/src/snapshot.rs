//! Snapshot files, as the commands read them.
use crate::report::Failure;
use std::{fs, path::Path};
use vpclab_cloud::Cloud;
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
    let meta = fs::metadata(path).map_err(|why| failed(&why))?;
    if meta.len() > MAX_FILE {
        return Err(failed(&format!("it has more than {MAX_FILE} bytes")));
    }
    let text = fs::read(path).map_err(|why| failed(&why))?;
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
        Affected::Function { name, .. } => unknowns.note(name.as_str(), what),
        Affected::Name { zone, name } => match name {
            Some(name) => unknowns.note(name.as_str(), what),
            None => unknowns.note(zone.as_str(), what),
        },
        // What goes through a VPC names its subnets and interfaces.
        Affected::Vpc(id) => {
            unknowns.note(id.as_str(), what);
            cloud.subnets.values().filter(|subnet| &subnet.vpc == id).for_each(|subnet| unknowns.note(subnet.id.as_str(), what));
            let interfaces = cloud.network_interfaces.values().filter(|interface| &interface.vpc == id);
            interfaces.for_each(|interface| unknowns.note(interface.id.as_str(), what));
        }
    }
}
