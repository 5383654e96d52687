//! Digests computed while bytes stream by.
use aws_lc_rs::digest;
use crc_fast::CrcAlgorithm;
use md5::Digest as _;

/// The checksums of S3 that are computed on demand.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChecksumKind {
    /// CRC-32 (ISO-HDLC).
    Crc32,
    /// CRC-32C (Castagnoli).
    Crc32c,
    /// CRC-64/NVME.
    Crc64nvme,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl ChecksumKind {
    const fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    /// How many bytes the checksum has.
    #[must_use]
    pub const fn width(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The checksum of bytes at hand, big-endian.
    #[must_use]
    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        let mut running = Running::new(self);
        running.update(bytes);
        running.finish()
    }

    /// The checksum of two runs of bytes one behind the other, from the checksum of each and the second's length; `None` for those
    /// that cannot be combined, the SHAs.
    #[must_use]
    pub fn combine(self, first: &[u8], second: &[u8], second_len: u64) -> Option<Vec<u8>> {
        let crc = self.crc()?;
        let combined = crc_fast::checksum_combine(crc, number(first)?, number(second)?, second_len);
        Some(big_endian(combined, self.width()))
    }
}

/// A checksum on its way.
pub(crate) enum Running {
    Crc(ChecksumKind, Box<crc_fast::Digest>),
    Sha(digest::Context),
}

impl Running {
    pub(crate) fn new(kind: ChecksumKind) -> Self {
        match kind.crc() {
            Some(crc) => Self::Crc(kind, Box::new(crc_fast::Digest::new(crc))),
            None if kind == ChecksumKind::Sha1 => Self::Sha(digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY)),
            None => Self::Sha(digest::Context::new(&digest::SHA256)),
        }
    }
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(_, crc) => crc.update(bytes),
            Self::Sha(sha) => sha.update(bytes),
        }
    }
    pub(crate) fn finish(self) -> Vec<u8> {
        match self {
            Self::Crc(kind, crc) => big_endian(crc.finalize(), kind.width()),
            Self::Sha(sha) => sha.finish().as_ref().to_vec(),
        }
    }
}

/// The MD5 of bytes at hand; S3's ETags and `Content-MD5` are made of it.
#[must_use]
pub fn md5(bytes: &[u8]) -> [u8; 16] {
    md5::Md5::digest(bytes).into()
}

fn big_endian(value: u64, len: usize) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    bytes.get(bytes.len().saturating_sub(len)..).unwrap_or_default().to_vec()
}

fn number(bytes: &[u8]) -> Option<u64> {
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The check values of the catalogue of parametrised CRC algorithms, and of FIPS 180.
    #[test]
    fn checksums_of_the_catalogue() {
        let text = b"123456789";
        assert_eq!(hex(&ChecksumKind::Crc32.of(text)), "cbf43926");
        assert_eq!(hex(&ChecksumKind::Crc32c.of(text)), "e3069283");
        assert_eq!(hex(&ChecksumKind::Crc64nvme.of(text)), "ae8b14860a799888");
        assert_eq!(hex(&ChecksumKind::Sha1.of(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(hex(&ChecksumKind::Sha256.of(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hex(&md5(b"abc")), "900150983cd24fb0d6963f7d28e17f72");
    }

    #[test]
    fn crcs_combine() {
        let (first, second) = (b"the first part, ".as_slice(), b"and the second".as_slice());
        let whole = [first, second].concat();
        for kind in [ChecksumKind::Crc32, ChecksumKind::Crc32c, ChecksumKind::Crc64nvme] {
            let len = u64::try_from(second.len()).unwrap();
            assert_eq!(kind.combine(&kind.of(first), &kind.of(second), len), Some(kind.of(&whole)), "{kind:?}");
        }
        assert_eq!(ChecksumKind::Sha1.combine(&[0; 20], &[0; 20], 1), None);
    }
}
