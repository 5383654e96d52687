//! Route 53: operation -> handler.

use bytes::Bytes;
use http::request::Parts;
use vpclab_wire::route53::{Operation, PROTOCOL, ROUTES};
use vpclab_wire::{WireError, rest};

use super::{Handler, by_route, table};
use crate::route53;

table!(route53, rest::Request, {
    CreateHostedZone => route53::create_hosted_zone,
    GetHostedZone => route53::get_hosted_zone,
    DeleteHostedZone => route53::delete_hosted_zone,
    UpdateHostedZoneComment => route53::update_hosted_zone_comment,
    ListHostedZones => route53::list_hosted_zones,
    ListHostedZonesByName => route53::list_hosted_zones_by_name,
    ListHostedZonesByVPC => route53::list_hosted_zones_by_vpc,
    GetHostedZoneCount => route53::get_hosted_zone_count,
    GetHostedZoneLimit => route53::get_hosted_zone_limit,
    ChangeResourceRecordSets => route53::change_resource_record_sets,
    ListResourceRecordSets => route53::list_resource_record_sets,
    GetChange => route53::get_change,
    AssociateVPCWithHostedZone => route53::associate_vpc_with_hosted_zone,
    DisassociateVPCFromHostedZone => route53::disassociate_vpc_from_hosted_zone,
    CreateVPCAssociationAuthorization => route53::create_vpc_association_authorization,
    DeleteVPCAssociationAuthorization => route53::delete_vpc_association_authorization,
    ListVPCAssociationAuthorizations => route53::list_vpc_association_authorizations,
    ChangeTagsForResource => route53::change_tags_for_resource,
    ListTagsForResource => route53::list_tags_for_resource,
    ListTagsForResources => route53::list_tags_for_resources,
});

/// The handler of the request's method and path.
pub(super) fn choose(parts: &Parts, body: Bytes) -> Result<(Handler<rest::Request>, rest::Request), WireError> {
    by_route("route53", TABLE, Operation::from_name, (PROTOCOL, ROUTES), (parts, body))
}
