//! Secondary CIDR blocks.
use super::parse_cidr;
use crate::ec2::errors::{self, missing, parse_id};
use crate::request::RequestContext;
use vpclab_cloud::VpcCidr;
use vpclab_wire::{WireError, ec2};

/// `AssociateVpcCidrBlock`: answers `associating`; the block is associated already.
pub async fn associate_vpc_cidr_block(
    cx: &RequestContext,
    req: ec2::AssociateVpcCidrBlockRequest,
) -> Result<ec2::AssociateVpcCidrBlockResult, WireError> {
    let id = parse_id(&req.vpc_id)?;
    let cidr = parse_cidr(req.cidr_block.as_deref().ok_or_else(|| missing("cidrBlock"))?)?;
    let block = cx.change(errors::word, |cloud, c| cloud.associate_vpc_cidr_block(c, &id, cidr)).await?;
    Ok(ec2::AssociateVpcCidrBlockResult { cidr_block_association: Some(show(&block, "associating")), vpc_id: Some(id.to_string()) })
}

/// `DisassociateVpcCidrBlock`: answers `disassociating`; the block is gone already.
pub async fn disassociate_vpc_cidr_block(
    cx: &RequestContext,
    req: ec2::DisassociateVpcCidrBlockRequest,
) -> Result<ec2::DisassociateVpcCidrBlockResult, WireError> {
    let id = parse_id(&req.association_id)?;
    let (vpc, block) = cx.change(errors::word, |cloud, c| cloud.disassociate_vpc_cidr_block(c, &id)).await?;
    Ok(ec2::DisassociateVpcCidrBlockResult { cidr_block_association: Some(show(&block, "disassociating")), vpc_id: Some(vpc.to_string()) })
}

/// A block as answers show it.
pub(super) fn show(block: &VpcCidr, state: &str) -> ec2::VpcCidrBlockAssociation {
    ec2::VpcCidrBlockAssociation {
        association_id: Some(block.association.to_string()),
        cidr_block: Some(block.cidr.to_string()),
        cidr_block_state: Some(ec2::VpcCidrBlockState { state: Some(state.into()), status_message: None }),
    }
}
