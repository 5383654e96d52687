//! Amazon S3: buckets and objects, streamed to and from disk.
//!
//! S3 has an entry of its own ([`serve`]): its bodies are too large to be collected, requests come in virtual-host style, presigned or
//! not signed at all, and its errors have an envelope of their own. An object's bytes are durable before the record that names them.
//! Other services read objects by [`read`] and [`read_bytes`].
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html>

pub mod access;
mod address;
pub mod attributes;
mod body;
pub mod bucket;
mod chunked;
mod conditions;
pub mod copy;
pub mod delete;
mod errors;
pub mod get;
pub mod lifecycle;
pub mod list;
pub mod multipart;
pub mod object;
mod pieces;
pub mod policy;
mod read;
mod serve;
pub mod setting;
pub mod tagging;
#[cfg(test)]
mod tests;
mod url;

pub use address::Caller;
pub use errors::{Fault, word};
pub use read::{ReadObject, read, read_bytes};
pub use serve::{S3Call, is_s3, serve};
pub use url::{S3Location, parse_s3_url};
