//! The lab's networks as a picture: regions, VPCs, availability zones, subnets, and what lives in them, with peerings between.
//!
//! [`scene()`] says what there is to see, [`layout()`] where it stands, [`svg()`] how it is drawn. The same cloud gives the same picture, byte
//! for byte. Every shape carries the id of its resource as `data-id`, so that whoever shows the picture can select and mark.
//!
//! What this crate does not know: whether a call gets through.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod layout;
mod scene;
mod svg;

pub use layout::{Picture, Placed, PlacedLine, Point, Rect, layout};
pub use scene::{Badge, Kind, Line, LineKind, Node, Scene, Tone, scene};
pub use svg::{Look, svg};

use vpclab_cloud::{Cloud, Timestamp};

/// The picture of a cloud, as SVG.
#[must_use]
pub fn draw(cloud: &Cloud, now: Timestamp, look: Look) -> String {
    svg(&layout(&scene(cloud, now)), look)
}
