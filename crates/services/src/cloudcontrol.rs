//! Cloud Control API, as far as clients ask it for what no other API tells them: `sam list endpoints` wants the URLs of functions.
//! Source: <https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_GetResource.html>
use crate::request::RequestContext;
use vpclab_template::schema;
use vpclab_wire::{WireError, cloudcontrol as wire};

/// `GetResource`. URLs of functions cannot be made in a lab, so none is there; other types are not read this way.
pub async fn get_resource(_: &RequestContext, req: wire::GetResourceInput) -> Result<wire::GetResourceOutput, WireError> {
    Err(refusal(&req.type_name, &req.identifier))
}

fn refusal(kind: &str, identifier: &str) -> WireError {
    let (code, text) = if kind == "AWS::Lambda::Url" {
        ("ResourceNotFoundException", format!("Resource of type '{kind}' with identifier '{identifier}' was not found."))
    } else if schema::exists(kind) {
        let why = "vpclab reads resources by the APIs of their services";
        ("UnsupportedActionException", format!("Resource type {kind} does not support READ action: {why}"))
    } else {
        ("TypeNotFoundException", format!("The type '{kind}' cannot be found."))
    };
    WireError::new(400, code, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_no_url_and_other_types_are_named() {
        for (kind, code) in [
            ("AWS::Lambda::Url", "ResourceNotFoundException"),
            ("AWS::EC2::VPC", "UnsupportedActionException"),
            ("AWS::Nothing::There", "TypeNotFoundException"),
        ] {
            let refused = refusal(kind, "pets");
            assert_eq!(refused.code, code);
            assert!(refused.message.contains(kind));
        }
    }
}
