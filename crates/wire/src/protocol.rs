//! Which protocol a service speaks, and where in a request a decoder stands.

use std::fmt;

use crate::WireError;

/// The protocols of AWS that vpclab answers in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Form parameters in, XML out, in the dialect of EC2.
    Ec2,
    /// Form parameters in, XML out (STS, CloudFormation, IAM).
    Query {
        /// The XML namespace of the service.
        namespace: &'static str,
    },
    /// Paths, query strings and JSON bodies (API Gateway, Lambda).
    RestJson {
        /// The service's code for a request that is not valid.
        invalid: &'static str,
        /// Its code for a value outside the interface's limits.
        violated: &'static str,
    },
    /// JSON 1.0 and 1.1 with `X-Amz-Target` (CloudWatch Logs, Systems Manager).
    Json {
        /// `1.0` or `1.1`.
        version: &'static str,
        /// The service's code for a request that is not valid.
        invalid: &'static str,
    },
    /// Paths, query strings and XML bodies (Route 53).
    RestXml {
        /// The XML namespace of the service.
        namespace: &'static str,
        /// The service's code for a request that is not valid.
        invalid: &'static str,
    },
    /// XML in the dialect of S3.
    S3,
}

impl Protocol {
    /// AWS knows the operation; vpclab does not serve it.
    #[must_use]
    pub fn unserved_operation(self, service: &str, operation: &str) -> WireError {
        let message = format!("vpclab does not serve {service}:{operation} yet");
        let (status, code) = match self {
            Self::Ec2 | Self::Query { .. } => (400, "UnsupportedOperation"),
            Self::Json { .. } => (400, "UnknownOperationException"),
            Self::RestJson { invalid, .. } | Self::RestXml { invalid, .. } => (400, invalid),
            Self::S3 => (501, "NotImplemented"),
        };
        WireError::new(status, code, message)
    }
}

/// The place in a request that is being decoded; it words the refusals.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    protocol: Protocol,
    operation: &'static str,
    parent: Option<&'a At<'a>>,
    name: &'a str,
}

impl<'a> At<'a> {
    /// The top of a request for `operation`.
    #[must_use]
    pub const fn top(protocol: Protocol, operation: &'static str) -> Self {
        Self { protocol, operation, parent: None, name: "" }
    }

    /// The member `name` below this place.
    #[must_use]
    pub const fn member(&'a self, name: &'a str) -> At<'a> {
        At { protocol: self.protocol, operation: self.operation, parent: Some(self), name }
    }

    /// The protocol of the request.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// AWS knows no such parameter.
    #[must_use]
    pub fn unknown(&self) -> WireError {
        match self.protocol {
            Protocol::Ec2 => WireError::new(400, "UnknownParameter", format!("The parameter {self} is not recognized")),
            Protocol::Query { .. } => {
                WireError::new(400, "ValidationError", format!("The parameter {self} of {} is not recognized", self.operation))
            }
            _ => self.bad_request(format!("The parameter {self} of {} is not recognized", self.operation)),
        }
    }

    /// AWS knows the parameter; vpclab does not serve it.
    #[must_use]
    pub fn unserved(&self) -> WireError {
        let message = format!("vpclab does not serve the parameter `{self}` of `{}` yet", self.operation);
        self.unsupported(message)
    }

    /// The parameter is served, but not with this value.
    #[must_use]
    pub fn unserved_value(&self, value: &str, accepted: &[&str]) -> WireError {
        let message = format!(
            "vpclab does not serve the value `{}` of the parameter `{self}` of `{}` yet; it accepts `{}`",
            Excerpt(value),
            self.operation,
            accepted.join("`, `")
        );
        self.unsupported(message)
    }

    /// A parameter that has to be there is not.
    #[must_use]
    pub fn missing(&self) -> WireError {
        match self.protocol {
            Protocol::Ec2 => WireError::new(400, "MissingParameter", format!("The request must contain the parameter {self}")),
            Protocol::Query { .. } | Protocol::Json { .. } => self.null(),
            Protocol::RestJson { violated, invalid } if violated != invalid => self.null(),
            _ => self.bad_request(format!("The request must contain the parameter {self}")),
        }
    }

    /// The value is not of the kind that the parameter takes.
    #[must_use]
    pub fn invalid(&self, value: &str, expected: &str) -> WireError {
        let message = format!("Value ({}) for parameter {self} is invalid. Expected {expected}.", Excerpt(value));
        match self.protocol {
            Protocol::Ec2 | Protocol::Query { .. } => WireError::new(400, "InvalidParameterValue", message),
            _ => self.bad_request(message),
        }
    }

    fn unsupported(&self, message: String) -> WireError {
        match self.protocol {
            Protocol::Ec2 | Protocol::Query { .. } => WireError::new(400, "UnsupportedOperation", message),
            Protocol::S3 => WireError::new(501, "NotImplemented", message),
            _ => self.bad_request(message),
        }
    }

    fn bad_request(&self, message: String) -> WireError {
        let code = match self.protocol {
            Protocol::RestJson { invalid, .. } | Protocol::Json { invalid, .. } | Protocol::RestXml { invalid, .. } => invalid,
            Protocol::S3 => "InvalidArgument",
            Protocol::Ec2 | Protocol::Query { .. } => "ValidationError",
        };
        WireError::new(400, code, message)
    }

    /// The body is no document of the form that the operation takes.
    #[must_use]
    pub fn malformed(&self, why: &str) -> WireError {
        match self.protocol {
            Protocol::S3 => WireError::new(
                400,
                "MalformedXML",
                format!("The XML you provided was not well-formed or did not validate against our published schema: {why}"),
            ),
            Protocol::RestXml { .. } => self.bad_request(format!("The body is not the XML that {} takes: {why}", self.operation)),
            _ => WireError::new(400, "SerializationException", format!("The body is not JSON: {why}")),
        }
    }

    /// What AWS's validation says of a member that is not there.
    fn null(&self) -> WireError {
        let constraint = "failed to satisfy constraint: Member must not be null";
        self.violated(format!("1 validation error detected: Value null at '{}' {constraint}", self.member_path()))
    }

    /// Values are outside of the interface's limits.
    #[must_use]
    pub fn violated(&self, message: String) -> WireError {
        let code = match self.protocol {
            Protocol::RestJson { violated, .. } => violated,
            _ => return self.bad_request(message),
        };
        WireError::new(400, code, message)
    }

    /// The place as AWS's validation writes it: members in lower camel case.
    #[must_use]
    pub fn member_path(&self) -> String {
        let path: Vec<String> = self
            .to_string()
            .split('.')
            .map(|name| {
                let mut chars = name.chars();
                chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
            })
            .collect();
        path.join(".")
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent
            && !parent.name.is_empty()
        {
            write!(f, "{parent}.")?;
        }
        f.write_str(self.name)
    }
}

/// The beginning of a value, so that an error stays readable.
struct Excerpt<'a>(&'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 200;
        match self.0.char_indices().nth(LONGEST) {
            Some((end, _)) => write!(f, "{}…", self.0.get(..end).unwrap_or_default()),
            None => f.write_str(self.0),
        }
    }
}
