//! Instances.
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use std::sync::Arc;
use vpclab_cloud::instance::LaunchedProfile;
use vpclab_cloud::{Instance, InstanceId, InstanceState};

/// A `Reservations` member with its instances. Terminated instances have left their network and are not read.
pub(crate) fn read_reservation(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let scope = source.scope_of(item)?;
    for one in item.list("Instances") {
        let state = match one.item("State").and_then(|state| state.text("Name")) {
            Some("pending" | "running") => InstanceState::Running,
            Some("stopping" | "stopped") => InstanceState::Stopped,
            _ => continue,
        };
        let id: InstanceId = one.read("InstanceId")?;
        if !one.has("SubnetId") {
            import.note(id.as_str(), "the instance is in no subnet and is left out", []);
            continue;
        }
        let profile = one.item("IamInstanceProfile");
        let instance = Instance {
            scope: scope.clone(),
            reservation: item.read("ReservationId")?,
            launch_index: one.number("AmiLaunchIndex").unwrap_or_default(),
            image: one.read("ImageId")?,
            instance_type: one.owned("InstanceType").unwrap_or_default(),
            vpc: one.read("VpcId")?,
            subnet: one.read("SubnetId")?,
            // Told by the interface.
            interface: None,
            has_public_address: one.has("PublicIpAddress") && one.text("PublicIpAddress").is_some(),
            state,
            state_reason: None,
            key_name: one.owned("KeyName"),
            user_data: None,
            profile: profile
                .and_then(|profile| Some(LaunchedProfile { arn: profile.owned("Arn")?, id: profile.owned("Id").unwrap_or_default() })),
            launched: one.time("LaunchTime"),
            terminated: None,
            client_token: None,
            tags: one.tags(),
            id: id.clone(),
        };
        import.cloud.instances.insert(id, Arc::new(instance));
    }
    Ok(())
}
