//! What every handler gets beside its decoded input.
use crate::caller::Caller;
use crate::engine::{ChangeError, Engine};
use std::sync::Arc;
use vpclab_cloud::{Cloud, Context, Refusal, Scope};
use vpclab_wire::WireError;

/// One request: who asks, where, and the engine to ask.
#[derive(Clone)]
pub struct RequestContext {
    /// The lab's state.
    pub engine: Arc<Engine>,
    /// The caller's account and the region of the credential scope.
    pub scope: Scope,
    /// Who that is.
    pub caller: Caller,
    /// The id that the answer carries.
    pub request_id: String,
    /// Whether the caller only asks if it would work (EC2's `DryRun`).
    pub dry_run: bool,
}

impl RequestContext {
    /// The state as of now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Cloud> {
        self.engine.snapshot()
    }

    /// Runs an operation and words its refusal by `word`, the service's table of errors.
    ///
    /// # Errors
    /// The worded refusal, or the service's internal error when the data plane or the store failed.
    pub async fn change<T>(
        &self,
        word: fn(&Refusal) -> WireError,
        operation: impl FnOnce(&mut Cloud, &mut Context) -> Result<T, Refusal>,
    ) -> Result<T, WireError> {
        self.engine.change(&self.scope, self.dry_run, operation).await.map_err(|why| match why {
            ChangeError::Refused(refusal) => word(&refusal),
            ChangeError::DataPlane(why) => {
                tracing::error!(%why, request = self.request_id, "a change was undone");
                WireError::new(500, "InternalError", why.to_string())
            }
            ChangeError::Store(why) => {
                tracing::error!(why, request = self.request_id, "a change was undone");
                WireError::new(500, "InternalError", format!("the store could not keep the change: {why}"))
            }
        })
    }
}
