//! The body of a request: streamed to disk or collected, and what the request claims of it verified.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>
use super::chunked::Decoder;
use super::errors::{Fault, internal, invalid_request, not_served};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::BodyExt as _;
use hyper::body::Body;
use std::collections::VecDeque;
use std::time::Duration;
use vpclab_cloud::Sha256;
use vpclab_store::{Blob, Blobs, ChecksumKind, PutError, md5};

/// The most that one request puts.
pub const MAX_PUT: u64 = 5 * 1024 * 1024 * 1024;
/// The largest body that is a document: 10,000 parts with their checksums stay below.
const MAX_DOCUMENT: u64 = 4 * 1024 * 1024;
/// How long a client may be silent.
const IDLE: Duration = Duration::from_secs(60);
/// So much is gathered before it is hashed and written.
const GATHER: usize = 256 * 1024;

/// The checksums by the end of their headers' names.
pub const KINDS: [(&str, ChecksumKind); 5] = [
    ("crc32", ChecksumKind::Crc32),
    ("crc32c", ChecksumKind::Crc32c),
    ("crc64nvme", ChecksumKind::Crc64nvme),
    ("sha1", ChecksumKind::Sha1),
    ("sha256", ChecksumKind::Sha256),
];

/// What a request says of its body.
#[derive(Debug, Default)]
pub struct Claims {
    md5: Option<Vec<u8>>,
    sha256: Option<Sha256>,
    checksum: Option<Claimed>,
    framed: bool,
    length: Option<u64>,
}

/// A checksum that comes with the body, and its value unless it comes behind it.
type Claimed = (ChecksumKind, Option<Vec<u8>>);

/// A body that was put.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its bytes, with their checksums.
    pub blob: Blob,
    /// The checksum that came with it.
    pub claimed: Option<ChecksumKind>,
}

/// The name of a checksum as S3 writes it.
#[must_use]
pub fn name(kind: ChecksumKind) -> &'static str {
    match kind {
        ChecksumKind::Crc32 => "CRC32",
        ChecksumKind::Crc32c => "CRC32C",
        ChecksumKind::Crc64nvme => "CRC64NVME",
        ChecksumKind::Sha1 => "SHA1",
        ChecksumKind::Sha256 => "SHA256",
    }
}

/// The checksum of a name as S3 writes it.
pub(super) fn kind(name: &str) -> Result<ChecksumKind, Fault> {
    let served = KINDS.iter().find(|(_, kind)| self::name(*kind).eq_ignore_ascii_case(name)).map(|(_, kind)| *kind);
    served.ok_or_else(|| match name {
        "SHA512" | "MD5" | "XXHASH64" | "XXHASH3" | "XXHASH128" => not_served(&format!("the checksum algorithm `{name}`")),
        _ => invalid_request("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"),
    })
}

impl Claims {
    /// Reads the headers.
    pub fn of(headers: &HeaderMap) -> Result<Self, Fault> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let md5 = match text("content-md5") {
            None => None,
            Some(value) => {
                Some(decode(value, 16).ok_or_else(|| Fault::new(400, "InvalidDigest", "The Content-MD5 you specified was invalid."))?)
            }
        };
        let payload = text("x-amz-content-sha256");
        let framed = payload.is_some_and(|payload| payload.starts_with("STREAMING-")) || text("content-encoding").is_some_and(is_framed);
        let sha256 = match payload {
            Some(text) if !text.starts_with("STREAMING-") && text != "UNSIGNED-PAYLOAD" => Some(text.to_ascii_lowercase().parse().map_err(|_| {
                Fault::new(400, "InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.")
                    .with("ArgumentName", "x-amz-content-sha256").with("ArgumentValue", text)
            })?),
            _ => None,
        };
        let length = match text("x-amz-decoded-content-length") {
            None => None,
            Some(value) => Some(value.parse().map_err(|_| invalid_request("x-amz-decoded-content-length is not a number"))?),
        };
        Ok(Self { md5, sha256, checksum: checksum(headers)?, framed, length })
    }

    /// The checksum that comes with the body.
    #[must_use]
    pub fn kind(&self) -> Option<ChecksumKind> {
        self.checksum.as_ref().map(|(kind, _)| *kind)
    }

    /// Compares the claims with what arrived.
    fn verify(&self, blob: &Arrived<'_>, trailers: &[(String, String)]) -> Result<(), Fault> {
        if self.length.is_some_and(|length| length != blob.size) {
            return Err(incomplete());
        }
        if let Some(claimed) = &self.md5
            && claimed[..] != blob.md5
        {
            let fault = Fault::new(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
            return Err(fault.with("ExpectedDigest", hex(claimed)).with("CalculatedDigest", STANDARD.encode(blob.md5)));
        }
        if let Some(claimed) = self.sha256
            && claimed != blob.sha256
        {
            let fault = Fault::new(
                400,
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            );
            return Err(fault
                .with("ClientComputedContentSHA256", claimed.to_string())
                .with("S3ComputedContentSHA256", blob.sha256.to_string()));
        }
        let Some((kind, value)) = &self.checksum else { return Ok(()) };
        let claimed = match value {
            Some(value) => value.clone(),
            None => {
                let header = format!("x-amz-checksum-{}", name(*kind).to_ascii_lowercase());
                let trailer = trailers.iter().find(|(name, _)| *name == header);
                let malformed = || {
                    Fault::new(
                        400,
                        "MalformedTrailerError",
                        "The request contained trailing data that was not well-formed or did not conform to our published schema.",
                    )
                };
                trailer.and_then(|(_, value)| decode(value, kind.width())).ok_or_else(malformed)?
            }
        };
        match blob.checksums.iter().find(|(computed, _)| computed == kind) {
            Some((_, computed)) if *computed == claimed => Ok(()),
            _ => Err(Fault::new(400, "BadDigest", format!("The {} you specified did not match the calculated checksum.", name(*kind)))),
        }
    }
}

/// What the claims are compared with.
struct Arrived<'a> {
    size: u64,
    md5: [u8; 16],
    sha256: Sha256,
    checksums: &'a [(ChecksumKind, Vec<u8>)],
}

/// The one checksum that comes with the body, in a header or behind it.
fn checksum(headers: &HeaderMap) -> Result<Option<Claimed>, Fault> {
    let mut found = Vec::new();
    for (end, kind) in KINDS {
        let header = format!("x-amz-checksum-{end}");
        if let Some(value) = headers.get(&header) {
            let value = value.to_str().ok().and_then(|value| decode(value, kind.width()));
            found.push((kind, Some(value.ok_or_else(|| invalid_request(format!("Value for {header} header is invalid.")))?)));
        }
    }
    for trailers in headers.get_all("x-amz-trailer").iter().filter_map(|value| value.to_str().ok()) {
        for trailer in trailers.split(',').map(|name| name.trim().to_ascii_lowercase()) {
            let end = trailer
                .strip_prefix("x-amz-checksum-")
                .ok_or_else(|| invalid_request("The value specified in the x-amz-trailer header is not supported"))?;
            found.push((kind(&end.to_ascii_uppercase())?, None));
        }
    }
    if found.len() > 1 {
        return Err(invalid_request("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."));
    }
    Ok(found.pop())
}

/// Whether `aws-chunked` is among the encodings.
pub(super) fn is_framed(encoding: &str) -> bool {
    encoding.split(',').any(|one| one.trim().eq_ignore_ascii_case("aws-chunked"))
}

fn decode(text: &str, width: usize) -> Option<Vec<u8>> {
    STANDARD.decode(text.trim()).ok().filter(|bytes| bytes.len() == width)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn incomplete() -> Fault {
    Fault::new(400, "IncompleteBody", "The request body terminated unexpectedly")
}

fn too_large(limit: u64) -> Fault {
    Fault::new(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size").with("MaxSizeAllowed", limit.to_string())
}

/// The payload as it arrives.
struct Source<B> {
    body: B,
    decoder: Option<Decoder>,
    ready: VecDeque<Bytes>,
}

impl<B> Source<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    fn new(body: B, claims: &Claims) -> Self {
        Self { body, decoder: claims.framed.then(Decoder::default), ready: VecDeque::new() }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Ok(Some(ready));
            }
            let frame = tokio::time::timeout(IDLE, self.body.frame()).await.map_err(|_| {
                Fault::new(400, "RequestTimeout", "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.")
            })?;
            let Some(frame) = frame else { return Ok(None) };
            let Ok(data) = frame.map_err(|_| incomplete())?.into_data() else { continue };
            match &mut self.decoder {
                None => self.ready.push_back(data),
                Some(decoder) => self.ready.extend(decoder.feed(&data).map_err(|_| incomplete())?),
            }
        }
    }

    /// The trailers.
    fn finish(self) -> Result<Vec<(String, String)>, Fault> {
        self.decoder.map_or(Ok(Vec::new()), |decoder| decoder.finish().map_err(|_| incomplete()))
    }
}

/// Streams a body to disk, computing what it claims and these checksums.
pub async fn receive<B>(blobs: &Blobs, body: B, claims: &Claims, more: &[ChecksumKind]) -> Result<Received, Fault>
where
    B: Body<Data = Bytes> + Unpin,
{
    let announced = if claims.framed { claims.length } else { body.size_hint().exact() };
    let Some(announced) = announced else {
        return Err(Fault::new(411, "MissingContentLength", "You must provide the Content-Length HTTP header."));
    };
    if announced > MAX_PUT {
        return Err(too_large(MAX_PUT));
    }
    let mut kinds: Vec<ChecksumKind> = claims.kind().into_iter().chain(more.iter().copied()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut put = blobs.begin(announced, &kinds).map_err(|why| internal(&why))?;
    let mut source = Source::new(body, claims);
    let mut gathered = BytesMut::new();
    let mut more = true;
    while more {
        match source.next().await? {
            Some(data) => gathered.extend_from_slice(&data),
            None => more = false,
        }
        if gathered.len() >= GATHER || (!more && !gathered.is_empty()) {
            // Hashing and writing block; a slow client holds no thread.
            let bytes = gathered.split().freeze();
            let written = tokio::task::spawn_blocking(move || put.write(&bytes).map(|()| put)).await.map_err(|why| internal(&why))?;
            put = written.map_err(|why| match why {
                PutError::TooLarge(_) => incomplete(),
                PutError::Io(why) => internal(&why),
            })?;
        }
    }
    let trailers = source.finish()?;
    if put.size() != announced {
        return Err(incomplete());
    }
    let blob = tokio::task::spawn_blocking(move || put.finish()).await.map_err(|why| internal(&why))?.map_err(|why| internal(&why))?;
    let arrived = Arrived { size: blob.size, md5: blob.md5, sha256: blob.sha256, checksums: &blob.checksums };
    claims.verify(&arrived, &trailers)?;
    Ok(Received { claimed: claims.kind(), blob })
}

/// Collects a body that is a document.
pub async fn collect<B>(body: B, claims: &Claims) -> Result<Bytes, Fault>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut source = Source::new(body, claims);
    let mut all = BytesMut::new();
    while let Some(data) = source.next().await? {
        all.extend_from_slice(&data);
        if u64::try_from(all.len()).unwrap_or(u64::MAX) > MAX_DOCUMENT {
            return Err(Fault::new(400, "MaxMessageLengthExceeded", "Your request was too big.")
                .with("MaxMessageLengthBytes", MAX_DOCUMENT.to_string()));
        }
    }
    let trailers = source.finish()?;
    let sha256 = ChecksumKind::Sha256.of(&all).try_into().map_or_else(|_| Sha256::from_bytes([0; 32]), Sha256::from_bytes);
    let checksums: Vec<_> = claims.kind().map(|kind| (kind, kind.of(&all))).into_iter().collect();
    let size = u64::try_from(all.len()).unwrap_or(u64::MAX);
    claims.verify(&Arrived { size, md5: md5(&all), sha256, checksums: &checksums }, &trailers)?;
    Ok(all.freeze())
}
