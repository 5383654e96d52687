//! Why a resource could not be made, changed or removed, in CloudFormation's words.
use vpclab_wire::WireError;

/// Why a resource could not be made, changed or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// CloudFormation's `HandlerErrorCode`; empty when the message stands alone.
    /// Source: <https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html>
    pub code: &'static str,
    /// Why.
    pub message: String,
    /// The service that refused, and with what status.
    pub service: Option<(&'static str, u16)>,
}

impl Failure {
    /// A failure of CloudFormation's own.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), service: None }
    }

    /// Properties that are not legal, or not served.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidRequest", message)
    }

    /// What has to be there is not.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new("NotFound", message)
    }

    /// A text that CloudFormation shows as it is.
    pub fn plain(message: impl Into<String>) -> Self {
        Self::new("", message)
    }

    /// The refusal of a service, as CloudFormation words it.
    #[must_use]
    pub fn of(service: &'static str, error: WireError) -> Self {
        let has = |part: &str| error.code.contains(part);
        let code = if has("NotFound") || has("NoSuch") {
            "NotFound"
        } else if has("Duplicate") || has("AlreadyExists") || has("Conflict") {
            "AlreadyExists"
        } else if has("Limit") {
            "ServiceLimitExceeded"
        } else if has("AccessDenied") || has("Unauthorized") {
            "AccessDenied"
        } else if has("Dependency") || has("InUse") {
            "GeneralServiceException"
        } else if error.status >= 500 {
            "ServiceInternalError"
        } else {
            "InvalidRequest"
        };
        Self { code, message: error.message, service: Some((service, error.status)) }
    }

    /// As an event's reason has it.
    #[must_use]
    pub fn text(&self, token: &str, request_id: &str) -> String {
        if self.code.is_empty() {
            return self.message.clone();
        }
        let service = self.service.map_or_else(String::new, |(service, status)| {
            format!(" (Service: {service}, Status Code: {status}, Request ID: {request_id}) (SDK Attempt Count: 1)")
        });
        format!("Resource handler returned message: \"{}{service}\" (RequestToken: {token}, HandlerErrorCode: {})", self.message, self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_reads_as_cloudformation_writes_it() {
        let failure = Failure::of("Ec2", WireError::new(400, "InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist"));
        assert_eq!(
            failure.text("t", "r"),
            "Resource handler returned message: \"The vpc ID 'vpc-1' does not exist (Service: Ec2, Status Code: 400, Request ID: r) \
             (SDK Attempt Count: 1)\" (RequestToken: t, HandlerErrorCode: NotFound)"
        );
        assert_eq!(Failure::plain("x").text("t", "r"), "x");
    }
}
