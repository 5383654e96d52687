//! AWS Security Token Service.

use vpclab_wire::{WireError, sts};

use crate::request::RequestContext;

/// `GetCallerIdentity`: the account's root, as any credentials work and name no user.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
pub async fn get_caller_identity(
    cx: &RequestContext,
    _: sts::GetCallerIdentityRequest,
) -> Result<sts::GetCallerIdentityResponse, WireError> {
    let account = cx.scope.account.to_string();
    Ok(sts::GetCallerIdentityResponse {
        arn: Some(format!("arn:aws:iam::{account}:root")),
        user_id: Some(account.clone()),
        account: Some(account),
    })
}
