//! The request, once it has arrived at an endpoint: API, endpoint policy, stage, method, resource policy, authorisation, integration.
use crate::{EvidenceKind, Step, StepKind, client::Client, tls::Talking, walk::Walk};
use vpclab_cloud::Cloud;

const CITES: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html";

/// Endpoints and APIs of a snapshot, compiled: nothing is parsed for a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {}

impl View {
    /// The view of the next snapshot; only what differs is compiled again.
    pub(crate) fn next(&self, _was: &Cloud, _cloud: &Cloud) -> Self {
        self.clone()
    }
}

/// Judges the request. Without [`Talking`] no endpoint is known that would answer.
pub(crate) fn judge(walk: &mut Walk<'_>, _client: &Client, talking: Option<&Talking>) {
    let Some(talking) = talking else {
        walk.skip(StepKind::Api, "no endpoint is known at which the request would arrive", CITES);
        return;
    };
    let step = Step::new(StepKind::Api, "the request is not judged", CITES).with(EvidenceKind::VpcEndpoint, &talking.endpoint.id, "");
    walk.unknown(step, "what becomes of the request at the endpoint");
}
