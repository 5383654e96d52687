//! The lab's certificate authority: made once, kept as PEM, and the certificates it signs.
//!
//! Clients of every kind must accept it, so the certificates carry what RFC 5280 asks for and strict verifiers check:
//! critical basic constraints, key usage, subject and authority key identifiers.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

const CA_CERT: &str = "ca.pem";
const CA_KEY: &str = "ca.key.pem";
const CA_DAYS: i64 = 3_650;
/// Below the 825 days that some clients allow a leaf at most.
const LEAF_DAYS: i64 = 397;
/// A kept leaf is used while at least this much of its life remains.
const LEAF_RENEW_AFTER_DAYS: u64 = 330;

/// Why a certificate could not be made, kept or used.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// A file of the authority could not be read or written.
    #[error("cannot access `{path}`: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The certificate is there and its key is not.
    #[error("`{0}` is missing beside its certificate; restore it, or remove the certificate to make a new authority")]
    Half(PathBuf),
    /// A certificate could not be made or read.
    #[error("certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A PEM file could not be read.
    #[error("PEM: {0}")]
    Pem(#[from] rustls::pki_types::pem::Error),
    /// TLS refuses the certificate.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// The lab's certificate authority.
pub struct LabCa {
    dir: Option<PathBuf>,
    cert_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate chain and its key, as PEM.
pub struct Leaf {
    /// The leaf's certificate; the authority's is not in it, clients have it.
    pub cert_pem: String,
    /// Its private key.
    pub key_pem: String,
}

impl LabCa {
    /// Reads the authority kept in `dir`, or makes it there. The key is readable by its owner only.
    pub fn load_or_create(dir: &Path) -> Result<Self, CaError> {
        let (cert_path, key_path) = (dir.join(CA_CERT), dir.join(CA_KEY));
        let (cert_pem, key_pem) = match (read(&cert_path)?, read(&key_path)?) {
            (Some(cert), Some(key)) => (cert, key),
            // The certificate is written last: a key alone is what a crash left, and nobody trusts it yet.
            (None, _) => {
                let made = make_ca()?;
                fs::create_dir_all(dir).map_err(|source| CaError::File { path: dir.to_owned(), source })?;
                write(&key_path, &made.key_pem, 0o600)?;
                write(&cert_path, &made.cert_pem, 0o644)?;
                (made.cert_pem, made.key_pem)
            }
            (Some(_), None) => return Err(CaError::Half(key_path)),
        };
        Self::from_pem(Some(dir.to_owned()), cert_pem, &key_pem)
    }

    /// An authority that nothing keeps.
    pub fn ephemeral() -> Result<Self, CaError> {
        let made = make_ca()?;
        Self::from_pem(None, made.cert_pem, &made.key_pem)
    }

    fn from_pem(dir: Option<PathBuf>, cert_pem: String, key_pem: &str) -> Result<Self, CaError> {
        let issuer = Issuer::from_ca_cert_pem(&cert_pem, KeyPair::from_pem(key_pem)?)?;
        Ok(Self { dir, cert_pem, issuer })
    }

    /// The authority's certificate, for trust stores.
    pub fn cert_pem(&self) -> &str {
        &self.cert_pem
    }

    /// Signs a new server certificate for the names.
    pub fn issue(&self, names: &[String]) -> Result<Leaf, CaError> {
        let mut params = CertificateParams::new(names.to_vec())?;
        let now = OffsetDateTime::now_utc();
        params.not_before = now - Duration::days(1);
        params.not_after = now + Duration::days(LEAF_DAYS);
        params.distinguished_name = rcgen::DistinguishedName::new();
        if let Some(name) = names.first() {
            params.distinguished_name.push(DnType::CommonName, name.as_str());
        }
        params.is_ca = IsCa::ExplicitNoCa;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let cert = params.signed_by(&key, &self.issuer)?;
        Ok(Leaf { cert_pem: cert.pem(), key_pem: key.serialize_pem() })
    }

    /// The TLS configuration of execute-api in a region: TLS 1.2 and 1.3, HTTP/1.1 only, both wildcard names.
    pub fn execute_api_config(&self, region: &str) -> Result<Arc<ServerConfig>, CaError> {
        let names = [format!("*.execute-api.{region}.amazonaws.com"), format!("*.execute-api.{region}.vpce.amazonaws.com")];
        self.server_config(&format!("execute-api.{region}"), &names)
    }

    /// A TLS configuration for names, the leaf of which is kept under `kept`.
    pub fn server_config(&self, kept: &str, names: &[String]) -> Result<Arc<ServerConfig>, CaError> {
        let leaf = self.kept_leaf(kept, names)?;
        let chain = CertificateDer::pem_slice_iter(leaf.cert_pem.as_bytes()).collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_slice(leaf.key_pem.as_bytes())?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.ticketer = rustls::crypto::aws_lc_rs::Ticketer::new()?;
        Ok(Arc::new(config))
    }

    /// The leaf kept under this name, or a new one when there is none or it is old.
    fn kept_leaf(&self, name: &str, names: &[String]) -> Result<Leaf, CaError> {
        let Some(dir) = &self.dir else {
            return self.issue(names);
        };
        let (cert_path, key_path) = (dir.join(format!("{name}.pem")), dir.join(format!("{name}.key.pem")));
        if is_recent(&cert_path)
            && let (Some(cert_pem), Some(key_pem)) = (read(&cert_path)?, read(&key_path)?)
        {
            return Ok(Leaf { cert_pem, key_pem });
        }
        let leaf = self.issue(names)?;
        write(&key_path, &leaf.key_pem, 0o600)?;
        write(&cert_path, &leaf.cert_pem, 0o644)?;
        Ok(leaf)
    }
}

fn make_ca() -> Result<Leaf, CaError> {
    let mut params = CertificateParams::default();
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::days(1);
    params.not_after = now + Duration::days(CA_DAYS);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "vpclab lab CA");
    params.distinguished_name.push(DnType::OrganizationName, "vpclab");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let cert = params.self_signed(&key)?;
    Ok(Leaf { cert_pem: cert.pem(), key_pem: key.serialize_pem() })
}

fn is_recent(path: &Path) -> bool {
    let age = fs::metadata(path).and_then(|m| m.modified()).ok().and_then(|t| t.elapsed().ok());
    age.is_some_and(|age| age < std::time::Duration::from_secs(LEAF_RENEW_AFTER_DAYS * 86_400))
}

fn read(path: &Path) -> Result<Option<String>, CaError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(CaError::File { path: path.to_owned(), source }),
    }
}

/// Writes a file whole or not at all.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), CaError> {
    let fresh = path.with_extension("new");
    let attempt = || -> io::Result<()> {
        // What a crash left could have another mode.
        match fs::remove_file(&fresh) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            Ok(()) | Err(_) => {}
        }
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&fresh)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    };
    attempt().map_err(|source| CaError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    struct Dir(PathBuf);
    impl Dir {
        fn new(name: &str) -> Self {
            let dir = std::env::temp_dir().join(format!("vpclab-ca-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&dir);
            Self(dir)
        }
    }
    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn made_once_and_kept() {
        let dir = Dir::new("kept");
        let first = LabCa::load_or_create(&dir.0).unwrap();
        first.execute_api_config("us-west-2").unwrap();
        let leaf = fs::read_to_string(dir.0.join("execute-api.us-west-2.pem")).unwrap();
        let second = LabCa::load_or_create(&dir.0).unwrap();
        second.execute_api_config("us-west-2").unwrap();
        assert_eq!(first.cert_pem(), second.cert_pem());
        assert_eq!(leaf, fs::read_to_string(dir.0.join("execute-api.us-west-2.pem")).unwrap());
        for key in [CA_KEY, "execute-api.us-west-2.key.pem"] {
            assert_eq!(fs::metadata(dir.0.join(key)).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_ne!(first.cert_pem(), LabCa::ephemeral().unwrap().cert_pem());
    }

    #[test]
    fn a_lost_key_is_not_replaced_behind_the_back_of_its_clients() {
        let dir = Dir::new("half");
        LabCa::load_or_create(&dir.0).unwrap();
        fs::remove_file(dir.0.join(CA_KEY)).unwrap();
        assert!(matches!(LabCa::load_or_create(&dir.0), Err(CaError::Half(_))));
    }
}
