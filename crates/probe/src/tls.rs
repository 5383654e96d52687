//! The TLS handshake, with a verifier that remembers what it was shown.
use crate::stage::TlsFailure;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

/// What TLS is verified by.
#[derive(Clone)]
pub(crate) struct Trust {
    provider: Arc<CryptoProvider>,
    verifier: Arc<WebPkiServerVerifier>,
}

/// Why the authority's certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidAuthority {
    /// It cannot be read.
    #[error("the authority's certificate cannot be read: {0}")]
    Pem(#[from] rustls::pki_types::pem::Error),
    /// TLS refuses it.
    #[error("the authority's certificate cannot be used: {0}")]
    Tls(String),
}

/// What was seen of a handshake.
pub(crate) struct Handshake {
    pub(crate) names: Vec<String>,
    pub(crate) verified: bool,
    pub(crate) version: Option<String>,
    pub(crate) result: Result<Box<TlsStream<TcpStream>>, (TlsFailure, String)>,
}

impl Trust {
    pub(crate) fn of(authority_pem: &str) -> Result<Self, InvalidAuthority> {
        let unusable = |why: &dyn std::fmt::Display| InvalidAuthority::Tls(why.to_string());
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(authority_pem.as_bytes()) {
            roots.add(certificate?).map_err(|why| unusable(&why))?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
        Ok(Self { provider, verifier: verifier.map_err(|why| unusable(&why))? })
    }

    /// Makes a session; the caller bounds the time.
    pub(crate) async fn handshake(&self, stream: TcpStream, name: ServerName<'static>) -> Handshake {
        let watching = Arc::new(Watching { inner: Arc::clone(&self.verifier), seen: Mutex::default() });
        let connected = match self.config(&watching) {
            Ok(config) => TlsConnector::from(Arc::new(config)).connect(name, stream).await,
            Err(why) => Err(std::io::Error::other(why)),
        };
        let seen = watching.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let version = connected.as_ref().ok().and_then(|stream| stream.get_ref().1.protocol_version()).map(|version| match version {
            rustls::ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
            rustls::ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
            other => format!("{other:?}"),
        });
        let result = connected.map(Box::new).map_err(|why| (seen.failure.unwrap_or(TlsFailure::Broken), why.to_string()));
        Handshake { names: seen.names, verified: seen.verified, version, result }
    }

    fn config(&self, watching: &Arc<Watching>) -> Result<ClientConfig, Error> {
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(watching) as _)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.resumption = rustls::client::Resumption::disabled();
        Ok(config)
    }
}

/// Verifies as usual, and notes what it was shown.
#[derive(Debug)]
struct Watching {
    inner: Arc<WebPkiServerVerifier>,
    seen: Mutex<Seen>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    names: Vec<String>,
    verified: bool,
    failure: Option<TlsFailure>,
}

impl ServerCertVerifier for Watching {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let names = webpki::EndEntityCert::try_from(end_entity);
        let names = names.map_or_else(|_| Vec::new(), |cert| cert.valid_dns_names().map(str::to_owned).collect());
        let failure = verdict.as_ref().err().map(|why| match why {
            Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) => {
                TlsFailure::WrongName
            }
            _ => TlsFailure::Untrusted,
        });
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Seen { names, verified: verdict.is_ok(), failure };
        verdict
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
