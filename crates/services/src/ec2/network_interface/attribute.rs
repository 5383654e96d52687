//! The attributes of network interfaces.
use super::{description, shown};
use crate::ec2::errors::{self, invalid_combination, invalid_value, missing, parse_id, parse_ids};
use crate::request::RequestContext;
use vpclab_cloud::network_interface::ModifyNetworkInterface;
use vpclab_cloud::{NetworkInterfaceId, Refusal};
use vpclab_wire::{WireError, ec2};

/// `ModifyNetworkInterfaceAttribute`: one attribute a call.
pub async fn modify_network_interface_attribute(
    cx: &RequestContext,
    req: ec2::ModifyNetworkInterfaceAttributeRequest,
) -> Result<(), WireError> {
    let id = parse_id(&req.network_interface_id)?;
    let mut changes = Vec::new();
    if let Some(text) = req.description.and_then(|attribute| attribute.value) {
        changes.push(ModifyNetworkInterface::Description(description(text)?));
    }
    if let Some(check) = req.source_dest_check.and_then(|attribute| attribute.value) {
        changes.push(ModifyNetworkInterface::SourceDestCheck(check));
    }
    if !req.groups.is_empty() {
        changes.push(ModifyNetworkInterface::SecurityGroups(parse_ids(&req.groups)?));
    }
    if let Some(change) = req.attachment {
        changes.push(ModifyNetworkInterface::DeleteOnTermination {
            attachment: parse_id(change.attachment_id.as_deref().ok_or_else(|| missing("attachmentId"))?)?,
            on: change.delete_on_termination.ok_or_else(|| missing("deleteOnTermination"))?,
        });
    }
    let change = changes.pop().ok_or_else(|| missing("attribute"))?;
    if !changes.is_empty() {
        return Err(invalid_combination("Fields for multiple attribute types specified; only one attribute can be modified at a time"));
    }
    cx.change(errors::word, |cloud, c| cloud.modify_network_interface(c, &id, change)).await
}

/// `ResetNetworkInterfaceAttribute`: the source/destination check is on again, whatever value is named.
pub async fn reset_network_interface_attribute(
    cx: &RequestContext,
    req: ec2::ResetNetworkInterfaceAttributeRequest,
) -> Result<(), WireError> {
    let id = parse_id(&req.network_interface_id)?;
    if req.source_dest_check.is_none() {
        return Err(missing("sourceDestCheck"));
    }
    cx.change(errors::word, |cloud, c| cloud.modify_network_interface(c, &id, ModifyNetworkInterface::SourceDestCheck(true))).await
}

/// `DescribeNetworkInterfaceAttribute`: one attribute a call.
pub async fn describe_network_interface_attribute(
    cx: &RequestContext,
    req: ec2::DescribeNetworkInterfaceAttributeRequest,
) -> Result<ec2::DescribeNetworkInterfaceAttributeResult, WireError> {
    let id: NetworkInterfaceId = parse_id(&req.network_interface_id)?;
    let cloud = cx.snapshot();
    let found = cloud.network_interfaces.get(&id).filter(|found| found.scope == cx.scope);
    let found = found.ok_or_else(|| errors::word(&Refusal::NetworkInterfaceNotFound(id.clone())))?;
    let whole = shown(&cloud, found);
    let mut answer = ec2::DescribeNetworkInterfaceAttributeResult { network_interface_id: Some(id.to_string()), ..Default::default() };
    match req.attribute.as_deref().ok_or_else(|| missing("attribute"))? {
        "attachment" => answer.attachment = whole.attachment,
        "description" => answer.description = Some(ec2::AttributeValue { value: whole.description }),
        "groupSet" => answer.groups = whole.groups,
        "sourceDestCheck" => answer.source_dest_check = Some(ec2::AttributeBooleanValue { value: whole.source_dest_check }),
        other @ "associatePublicIpAddress" => {
            let message = format!("vpclab does not serve the network interface attribute {other} yet");
            return Err(WireError::new(400, "UnsupportedOperation", message));
        }
        other => return Err(invalid_value(format!("Value ({other}) for parameter attribute is invalid. Unknown attribute."))),
    }
    Ok(answer)
}
