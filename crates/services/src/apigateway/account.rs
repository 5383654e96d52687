//! The account's settings.
use super::errors::word;
use super::patch::{self, Op};
use crate::request::RequestContext;
use vpclab_cloud::stage::ApiAccount;
use vpclab_wire::{WireError, apigateway as wire};

/// Requests a second of an account in a region, and how many at once.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
pub(super) const ACCOUNT_RATE: f64 = 10_000.0;
pub(super) const ACCOUNT_BURST: i32 = 5_000;

/// `GetAccount`
pub async fn get_account(cx: &RequestContext, _req: wire::GetAccountRequest) -> Result<wire::Account, WireError> {
    Ok(view(cx.snapshot().api_account(&cx.scope)))
}

/// `UpdateAccount`
pub async fn update_account(cx: &RequestContext, req: wire::UpdateAccountRequest) -> Result<wire::Account, WireError> {
    let mut roles = Vec::new();
    for patch in patch::read(req.patch_operations)? {
        match patch.target() {
            (Op::Add | Op::Replace | Op::Remove, parts) if parts == ["cloudwatchRoleArn"] => roles.push(patch.optional()),
            (_, parts) if parts == ["features"] => return Err(patch.unserved()),
            _ => return Err(patch.wrong_path(&["/features", "/cloudwatchRoleArn"])),
        }
    }
    let changed = cx.change(word, |cloud, cx| {
        for role in roles {
            cloud.set_api_cloudwatch_role(cx, role)?;
        }
        Ok(cloud.api_account(&cx.scope))
    });
    Ok(view(changed.await?))
}

fn view(account: ApiAccount) -> wire::Account {
    wire::Account {
        cloudwatch_role_arn: account.cloudwatch_role,
        throttle_settings: Some(wire::ThrottleSettings { burst_limit: Some(ACCOUNT_BURST), rate_limit: Some(ACCOUNT_RATE) }),
        features: vec!["UsagePlans".to_owned()],
        api_key_version: Some("4".to_owned()),
    }
}
