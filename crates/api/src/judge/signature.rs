//! Why a signature is refused, as data: what the gateway finds out, and whoever explains is told.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html>; texts as captured.
use std::fmt;
use vpclab_cloud::gateway_response::GatewayResponseType;

/// A signature that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureRefusal {
    /// Something of it is missing or cannot be read; AWS's text of what.
    Incomplete(String),
    /// The lab did not give the access key out, or it is not in use any more, or its session token is none.
    UnknownKey,
    /// The session has ended.
    ExpiredToken,
    /// It is for another region, service or day, or leaves something out; AWS's text of what.
    Scope(String),
    /// It was made too long ago, or is of the future; AWS's text of it.
    Time(String),
    /// It is another one than the secret and the request give.
    Mismatch {
        /// The canonical request.
        canonical: String,
        /// What is signed.
        to_sign: String,
    },
}

impl SignatureRefusal {
    /// `x-amzn-ErrorType`
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Incomplete(_) => "IncompleteSignatureException",
            Self::UnknownKey => "UnrecognizedClientException",
            Self::ExpiredToken => "ExpiredTokenException",
            Self::Scope(_) | Self::Time(_) | Self::Mismatch { .. } => "InvalidSignatureException",
        }
    }

    /// What the caller is told.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Incomplete(text) | Self::Scope(text) | Self::Time(text) => text.clone(),
            Self::UnknownKey => "The security token included in the request is invalid.".to_owned(),
            Self::ExpiredToken => "The security token included in the request is expired".to_owned(),
            Self::Mismatch { canonical, to_sign } => format!(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and \
                 signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have \
                 been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{to_sign}'\n"
            ),
        }
    }

    /// The type of gateway response that words it.
    #[must_use]
    pub fn gateway_response(&self) -> GatewayResponseType {
        match self {
            Self::ExpiredToken => GatewayResponseType::ExpiredToken,
            Self::Incomplete(_) | Self::UnknownKey | Self::Scope(_) | Self::Time(_) | Self::Mismatch { .. } => {
                GatewayResponseType::InvalidSignature
            }
        }
    }
}

/// For the log: what was signed stays out of it, for a session token may stand there.
impl fmt::Display for SignatureRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete(_) => f.write_str("the signature is not complete"),
            Self::UnknownKey => f.write_str("the access key is none that this lab gave out and that is in use"),
            Self::ExpiredToken => f.write_str("the session of the credentials has ended"),
            Self::Scope(text) | Self::Time(text) => f.write_str(text),
            Self::Mismatch { .. } => f.write_str("the signature is not the one that the key's secret and the request give"),
        }
    }
}
