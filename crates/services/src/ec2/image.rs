//! The one image there is, and instance types.
//!
//! An instance of a lab runs the programs of this machine in a copy-on-write layer: that is what the image says. Instance types are
//! names; they set no limit.
use super::errors::{self, invalid_value, parse_ids};
use super::filters::{Filters, page};
use super::tag;
use crate::request::RequestContext;
use vpclab_cloud::{IdSource, ImageId, Refusal, Region, Tags};
use vpclab_wire::{WireError, ec2};

pub mod instance_type;

/// Its name.
const NAME: &str = "vpclab/machine";
/// Its owner: no customer, so every account may launch it and none finds it among its own.
const OWNER: &str = "vpclab";
/// The alias by which it is found beside its id: the images that come with the cloud.
const OWNER_ALIAS: &str = "amazon";
const DESCRIPTION: &str = "the programs of this machine in a copy-on-write layer";
/// As images have to have a date: that of the layer's format, not of the machine's programs.
const CREATED: &str = "2025-01-01T00:00:00.000Z";

const FILTERS: &[&str] = &[
    "architecture",
    "creation-date",
    "description",
    "ena-support",
    "hypervisor",
    "image-id",
    "image-type",
    "is-public",
    "name",
    "owner-alias",
    "owner-id",
    "platform",
    "platform-details",
    "root-device-name",
    "root-device-type",
    "state",
    "tag-key",
    "tag:",
    "virtualization-type",
];

/// The id of a region's image: the same in every lab.
#[must_use]
pub fn id_of(region: &Region) -> ImageId {
    let bytes = NAME.bytes().chain(region.as_str().bytes());
    // FNV-1a, which stays the same from release to release: instances keep the id of their image.
    let seed = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    ImageId::fresh(&mut IdSource::new(seed))
}

/// `x86_64` or `arm64`: what this machine is.
#[must_use]
pub fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    }
}

/// `DescribeImages`. The image is neither deprecated nor disabled, so asking for such ones too adds none.
pub async fn describe_images(cx: &RequestContext, req: ec2::DescribeImagesRequest) -> Result<ec2::DescribeImagesResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let ids: Vec<ImageId> = parse_ids(&req.image_ids)?;
    let own = id_of(&cx.scope.region);
    if let Some(unknown) = ids.iter().find(|id| **id != own) {
        return Err(errors::word(&Refusal::ImageNotFound(unknown.to_string())));
    }
    for owner in &req.owners {
        let is_account = owner.len() == 12 && owner.bytes().all(|b| b.is_ascii_digit());
        if !is_account && !["self", "amazon", "aws-marketplace", "aws-backup-vault", OWNER].contains(&owner.as_str()) {
            return Err(invalid_value(format!("Invalid owner: {owner}")));
        }
    }
    let owned = req.owners.is_empty() || req.owners.iter().any(|owner| owner == OWNER_ALIAS || owner == OWNER);
    let image = show(&own);
    let found = if owned && filters.pass(&Tags::new(), |name| property(&image, name)) { vec![image] } else { Vec::new() };
    let key = |image: &ec2::Image| image.image_id.clone().unwrap_or_default();
    let page = page(found, key, req.max_results, req.next_token.as_deref(), 1..=1000)?;
    Ok(ec2::DescribeImagesResult { next_token: page.next_token, images: page.items })
}

fn show(id: &ImageId) -> ec2::Image {
    ec2::Image {
        platform_details: Some("Linux/UNIX".into()),
        usage_operation: Some("RunInstances".into()),
        description: Some(DESCRIPTION.into()),
        ena_support: Some(true),
        hypervisor: None,
        image_owner_alias: Some(OWNER_ALIAS.into()),
        name: Some(NAME.into()),
        root_device_name: Some("/dev/xvda".into()),
        root_device_type: Some("ebs".into()),
        tags: tag::set(&Tags::new()),
        virtualization_type: Some("hvm".into()),
        boot_mode: None,
        deprecation_time: None,
        image_id: Some(id.to_string()),
        image_location: Some(format!("{OWNER_ALIAS}/{NAME}")),
        state: Some("available".into()),
        owner_id: Some(OWNER.into()),
        creation_date: Some(CREATED.into()),
        public: Some(true),
        architecture: Some(architecture().into()),
        image_type: Some("machine".into()),
    }
}

fn property(image: &ec2::Image, name: &str) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().into_iter().collect();
    match name {
        "architecture" => text(&image.architecture),
        "creation-date" => text(&image.creation_date),
        "description" => text(&image.description),
        "ena-support" => vec!["true".into()],
        "image-id" => text(&image.image_id),
        "image-type" => text(&image.image_type),
        "is-public" => vec!["true".into()],
        "name" => text(&image.name),
        "owner-alias" => text(&image.image_owner_alias),
        "owner-id" => text(&image.owner_id),
        "platform-details" => text(&image.platform_details),
        "root-device-name" => text(&image.root_device_name),
        "root-device-type" => text(&image.root_device_type),
        "state" => text(&image.state),
        "virtualization-type" => text(&image.virtualization_type),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
