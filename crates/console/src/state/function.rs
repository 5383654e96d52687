//! Lambda functions.
use super::{Asked, Items, item};
use serde_json::{Value, json};
use vpclab_cloud::Function;

pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    Box::new(asked.cloud.functions.values().map(|function| {
        let latest = &function.latest;
        let vpc = latest.vpc.as_ref().map(|vpc| {
            json!({
                "VpcId": vpc.vpc.as_str(),
                "SubnetIds": vpc.subnets.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
                "SecurityGroupIds": vpc.security_groups.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
                "NetworkInterfaceIds": vpc.interfaces.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
            })
        });
        item(
            &function.scope,
            &function.tags,
            json!({
                "FunctionName": function.name,
                "FunctionArn": function.arn(),
                "Description": latest.description,
                "Runtime": latest.runtime,
                "Handler": latest.handler,
                "Role": latest.role,
                "Timeout": latest.timeout,
                "MemorySize": latest.memory,
                "CodeSize": latest.code.size,
                "CodeSha256": latest.code.sha256.to_string(),
                "Environment": latest.variables,
                "VpcConfig": vpc,
                "Layers": latest.layers.iter().map(|layer| layer.arn.as_str()).collect::<Vec<_>>(),
                "LogGroup": log_group(function),
                "LastModified": latest.modified.0,
                "Policy": function.policies.values().flat_map(|policy| &policy.statements).map(|one| json!(one)).collect::<Vec<Value>>(),
            }),
        )
    }))
}

fn log_group(function: &Function) -> String {
    function.latest.log_group.clone().unwrap_or_else(|| format!("/aws/lambda/{}", function.name))
}
