//! `DescribeInstanceAttribute` and `ModifyInstanceAttribute`.
use super::shown;
use crate::ec2::errors::{self, invalid_combination, invalid_value, missing, parse_id, parse_ids};
use crate::engine::clock;
use crate::request::RequestContext;
use vpclab_cloud::InstanceId;
use vpclab_cloud::instance::ModifyInstance;
use vpclab_wire::{WireError, ec2};

/// `DescribeInstanceAttribute`: one attribute a call.
pub async fn describe_instance_attribute(
    cx: &RequestContext,
    req: ec2::DescribeInstanceAttributeRequest,
) -> Result<ec2::InstanceAttribute, WireError> {
    let id: InstanceId = parse_id(&req.instance_id)?;
    let cloud = cx.snapshot();
    let found = cloud.shown_instances(&cx.scope, clock(), std::slice::from_ref(&id)).map_err(|refusal| errors::word(&refusal))?;
    let instance = found.first().ok_or_else(|| missing("InstanceId"))?;
    let whole = shown::instance(&cloud, instance);
    let text = |value: Option<String>| Some(ec2::AttributeValue { value });
    let flag = |value: bool| Some(ec2::AttributeBooleanValue { value: Some(value) });
    let mut attribute = ec2::InstanceAttribute { instance_id: Some(id.to_string()), ..Default::default() };
    match req.attribute.as_str() {
        "disableApiStop" => attribute.disable_api_stop = flag(false),
        "disableApiTermination" => attribute.disable_api_termination = flag(false),
        "ebsOptimized" => attribute.ebs_optimized = flag(false),
        "enaSupport" => attribute.ena_support = flag(true),
        "groupSet" => attribute.groups = whole.security_groups,
        "instanceInitiatedShutdownBehavior" => attribute.instance_initiated_shutdown_behavior = text(Some("stop".into())),
        "instanceType" => attribute.instance_type = text(whole.instance_type),
        "rootDeviceName" => attribute.root_device_name = text(whole.root_device_name),
        "sourceDestCheck" => attribute.source_dest_check = whole.source_dest_check.and_then(flag),
        "userData" => attribute.user_data = text(instance.user_data.clone()),
        other @ ("blockDeviceMapping" | "enclaveOptions" | "kernel" | "productCodes" | "ramdisk" | "sriovNetSupport") => {
            let message = format!("vpclab does not serve the instance attribute {other} yet");
            return Err(WireError::new(400, "UnsupportedOperation", message));
        }
        other => return Err(invalid_value(format!("Value ({other}) for parameter attribute is invalid. Unknown attribute."))),
    }
    Ok(attribute)
}

/// `ModifyInstanceAttribute`: one attribute a call.
pub async fn modify_instance_attribute(cx: &RequestContext, req: ec2::ModifyInstanceAttributeRequest) -> Result<(), WireError> {
    let id = parse_id(&req.instance_id)?;
    let check = req.source_dest_check.and_then(|attribute| attribute.value);
    let change = match (check, req.groups.as_slice()) {
        (None, []) => return Err(missing("attribute")),
        (Some(check), []) => ModifyInstance::SourceDestCheck(check),
        (None, groups) => ModifyInstance::SecurityGroups(parse_ids(groups)?),
        (Some(_), _) => {
            return Err(invalid_combination("Fields for multiple attribute types specified; only one attribute can be modified at a time"));
        }
    };
    cx.change(errors::word, |cloud, c| cloud.modify_instance(c, &id, change)).await
}
