//! Changes of an API's settings, as patch operations ask for them.
use super::{EndpointType, RestApi, bad_request};
use crate::gateway_response::{GatewayResponse, GatewayResponseType};
use crate::{Cloud, Context, Refusal, RestApiId, VpcEndpointId};
use std::{collections::BTreeMap, sync::Arc};

/// One change of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestApiEdit {
    /// `replace /name`
    Name(String),
    /// `replace` or `remove /description`
    Description(Option<String>),
    /// `replace` or `remove /version`
    Version(Option<String>),
    /// `replace` or `remove /policy`; short forms are expanded already.
    Policy(Option<String>),
    /// `replace /endpointConfiguration/types/{from}`
    EndpointType {
        /// The type that the path names.
        from: EndpointType,
        /// The type that is to be.
        to: EndpointType,
    },
    /// `add /endpointConfiguration/vpcEndpointIds`
    AddVpcEndpoint(VpcEndpointId),
    /// `remove /endpointConfiguration/vpcEndpointIds`
    RemoveVpcEndpoint(VpcEndpointId),
    /// All of `vpcEndpointIds`, as an OpenAPI document names them.
    VpcEndpoints(Vec<VpcEndpointId>),
    /// `replace /disableExecuteApiEndpoint`
    DisableExecuteApiEndpoint(bool),
    /// `add /binaryMediaTypes/{type}`
    AddBinaryMediaType(String),
    /// `replace /binaryMediaTypes/{old}`
    ReplaceBinaryMediaType {
        /// The type that the path names.
        old: String,
        /// The type in its place.
        new: String,
    },
    /// `remove /binaryMediaTypes/{type}`
    RemoveBinaryMediaType(String),
    /// All of `binaryMediaTypes`, as an OpenAPI document names them.
    BinaryMediaTypes(Vec<String>),
    /// A gateway response; none takes away what was set.
    GatewayResponse(GatewayResponseType, Option<GatewayResponse>),
    /// All gateway responses, as an OpenAPI document names them.
    GatewayResponses(BTreeMap<GatewayResponseType, GatewayResponse>),
}

impl Cloud {
    /// Changes an API; all of the edits or none.
    ///
    /// # Errors
    /// When there is no such API or the outcome is not legal.
    pub fn update_rest_api(
        &mut self,
        cx: &mut Context,
        id: &RestApiId,
        edits: impl IntoIterator<Item = RestApiEdit>,
    ) -> Result<(), Refusal> {
        let mut api = RestApi::clone(self.rest_api(&cx.scope, id)?);
        let before = api.settings.endpoint_type;
        for edit in edits {
            api.apply(cx, edit)?;
        }
        api.check()?;
        if api.settings.endpoint_type != before {
            self.check_api_count(&api)?;
        }
        self.rest_apis.insert(id.clone(), Arc::new(api));
        Ok(())
    }
}

impl RestApi {
    fn apply(&mut self, cx: &Context, edit: RestApiEdit) -> Result<(), Refusal> {
        let settings = &mut self.settings;
        match edit {
            RestApiEdit::Name(name) => self.name = name,
            RestApiEdit::Description(text) => self.description = text.filter(|t| !t.is_empty()),
            RestApiEdit::Version(text) => self.version = text.filter(|t| !t.is_empty()),
            RestApiEdit::Policy(policy) => {
                settings.policy = policy;
                self.policy_edited = Some(cx.now);
            }
            RestApiEdit::EndpointType { from, to } => {
                if settings.endpoint_type != from {
                    return Err(bad_request(format!(
                        "The endpoint type of the API is {}, not {}",
                        settings.endpoint_type.as_str(),
                        from.as_str()
                    )));
                }
                if from == EndpointType::Private && to == EndpointType::Edge {
                    return Err(bad_request("Changing the endpoint type from PRIVATE to EDGE is not supported"));
                }
                settings.endpoint_type = to;
            }
            RestApiEdit::AddVpcEndpoint(id) => {
                if !settings.vpc_endpoint_ids.contains(&id) {
                    settings.vpc_endpoint_ids.push(id);
                }
            }
            RestApiEdit::RemoveVpcEndpoint(id) => {
                let count = settings.vpc_endpoint_ids.len();
                settings.vpc_endpoint_ids.retain(|known| *known != id);
                if settings.vpc_endpoint_ids.len() == count {
                    return Err(bad_request(format!("VPC endpoint {id} is not associated with the API")));
                }
            }
            RestApiEdit::VpcEndpoints(ids) => settings.vpc_endpoint_ids = ids,
            RestApiEdit::DisableExecuteApiEndpoint(yes) => settings.disable_execute_api_endpoint = yes,
            RestApiEdit::AddBinaryMediaType(kind) => {
                if !settings.binary_media_types.contains(&kind) {
                    settings.binary_media_types.push(kind);
                }
            }
            RestApiEdit::ReplaceBinaryMediaType { old, new } => {
                // API Gateway takes the old one out and puts the new one last.
                settings.binary_media_types.retain(|known| *known != old && *known != new);
                settings.binary_media_types.push(new);
            }
            RestApiEdit::RemoveBinaryMediaType(kind) => {
                settings.binary_media_types.retain(|known| *known != kind);
            }
            RestApiEdit::BinaryMediaTypes(kinds) => settings.binary_media_types = kinds,
            RestApiEdit::GatewayResponse(kind, Some(response)) => {
                response.check()?;
                settings.gateway_responses.insert(kind, response);
            }
            RestApiEdit::GatewayResponse(kind, None) => drop(settings.gateway_responses.remove(&kind)),
            RestApiEdit::GatewayResponses(responses) => {
                responses.values().try_for_each(GatewayResponse::check)?;
                settings.gateway_responses = responses;
            }
        }
        Ok(())
    }
}
