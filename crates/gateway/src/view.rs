//! What the gateway reads while it serves: the gates of [`vpclab_api::judge`], and beside them what answers. Everything is compiled,
//! nothing parsed per request, swapped in whole.

use crate::authorizer::AuthorizerView;
use crate::lambda::LambdaProxyView;
use crate::mock::MockView;
use crate::substitute::Text;
use vpclab_api::judge;

mod body;
mod compile;

pub use body::BodyView;

pub use judge::{EndpointView, ParameterPlace, PolicyGate, RequiredParameter};

/// What the gateway keeps beside the gates.
#[derive(Debug, Clone, Copy)]
pub struct Served;

/// One immutable state of all endpoints and APIs.
pub type View = judge::View<Served>;
/// A REST API.
pub type ApiView = judge::ApiView<Served>;
/// A stage with the deployment it serves.
pub type StageView = judge::StageView<Served>;
/// An immutable deployment.
pub type DeploymentView = judge::DeploymentView<Served>;

/// The log group of access logs and the format of a line.
pub type AccessLogView = Option<(String, Text)>;

/// What answers a method.
#[derive(Debug)]
pub struct MethodView {
    /// Parameters that must be there.
    pub required: Vec<RequiredParameter>,
    /// What bodies must be like.
    pub body: BodyView,
    /// Who says whether a caller may call, or why nobody can.
    pub authorizer: Option<Result<AuthorizerView, String>>,
    /// What answers.
    pub integration: IntegrationView,
}

/// An integration.
#[derive(Debug)]
pub enum IntegrationView {
    /// `MOCK`
    Mock(MockView),
    /// `AWS_PROXY` with a Lambda function.
    LambdaProxy(LambdaProxyView),
    /// A type that is not built, or none at all.
    NotBuilt(String),
}
