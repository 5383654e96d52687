//! `DescribeInstanceStatus`.
use super::{chosen, shown};
use crate::ec2::filters::{Filters, page};
use crate::ec2::network_interface::zone_id;
use crate::engine::clock;
use crate::request::RequestContext;
use vpclab_cloud::{Instance, InstanceState, Tags};
use vpclab_wire::{WireError, ec2};

/// What the call can be filtered by.
const FILTERS: &[&str] = &[
    "availability-zone",
    "availability-zone-id",
    "instance-state-code",
    "instance-state-name",
    "instance-status.reachability",
    "instance-status.status",
    "system-status.reachability",
    "system-status.status",
];

/// `DescribeInstanceStatus`: running instances, or all with `IncludeAllInstances`.
pub async fn describe_instance_status(
    cx: &RequestContext,
    req: ec2::DescribeInstanceStatusRequest,
) -> Result<ec2::DescribeInstanceStatusResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let cloud = cx.snapshot();
    let all = req.include_all_instances == Some(true);
    let asked = chosen(cx, clock(), &req.instance_ids)?.into_iter().filter(|found| all || found.state == InstanceState::Running);
    let values = |instance: &Instance, filter: &str| {
        let zone = shown::zone_of(&cloud, instance);
        match filter {
            "availability-zone" => zone.into_iter().collect(),
            "availability-zone-id" => zone.and_then(|zone| zone_id(&instance.scope.region, &zone)).into_iter().collect(),
            "instance-status.reachability" | "system-status.reachability" => checks(instance).1.map(Into::into).into_iter().collect(),
            "instance-status.status" | "system-status.status" => vec![checks(instance).0.into()],
            _ => shown::values(&cloud, instance, filter),
        }
    };
    let found: Vec<_> = asked.filter(|instance| filters.pass(&Tags::new(), |name| values(instance, name))).collect();
    let page = page(found, |instance| instance.id.to_string(), req.max_results, req.next_token.as_deref(), 5..=1000)?;
    let status = |instance: &Instance| {
        let zone = shown::zone_of(&cloud, instance);
        ec2::InstanceStatus {
            availability_zone_id: zone.as_deref().and_then(|zone| zone_id(&instance.scope.region, zone)),
            availability_zone: zone,
            instance_id: Some(instance.id.to_string()),
            instance_state: Some(shown::state(instance.state)),
            instance_status: Some(summary(instance)),
            system_status: Some(summary(instance)),
        }
    };
    Ok(ec2::DescribeInstanceStatusResult {
        instance_statuses: page.items.iter().map(|instance| status(instance)).collect(),
        next_token: page.next_token,
    })
}

/// The checks of an instance that runs have passed, as its processes run when the call that started it returns.
fn checks(instance: &Instance) -> (&'static str, Option<&'static str>) {
    match instance.state {
        InstanceState::Running => ("ok", Some("passed")),
        InstanceState::Stopped | InstanceState::Terminated => ("not-applicable", None),
    }
}

fn summary(instance: &Instance) -> ec2::InstanceStatusSummary {
    let (status, reachability) = checks(instance);
    let detail =
        |passed: &str| ec2::InstanceStatusDetails { name: Some("reachability".into()), status: Some(passed.into()), ..Default::default() };
    ec2::InstanceStatusSummary { details: reachability.map(detail).into_iter().collect(), status: Some(status.into()) }
}
