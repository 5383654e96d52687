//! Lambda: operation -> handler.

use bytes::Bytes;
use http::request::Parts;
use vpclab_wire::lambda::{Operation, PROTOCOL, ROUTES};
use vpclab_wire::{WireError, rest};

use super::{Handler, by_route, table};
use crate::lambda::{alias, concurrency, function, invoke, layer, permission, tag, version};

table!(lambda, rest::Request, {
    AddLayerVersionPermission => layer::add_layer_version_permission,
    AddPermission => permission::add_permission,
    CreateAlias => alias::create_alias,
    CreateFunction => function::create_function,
    DeleteAlias => alias::delete_alias,
    DeleteFunction => function::delete_function,
    DeleteFunctionConcurrency => concurrency::delete_function_concurrency,
    DeleteFunctionEventInvokeConfig => concurrency::delete_function_event_invoke_config,
    DeleteLayerVersion => layer::delete_layer_version,
    GetAccountSettings => function::get_account_settings,
    GetAlias => alias::get_alias,
    GetFunction => function::get_function,
    GetFunctionConcurrency => concurrency::get_function_concurrency,
    GetFunctionConfiguration => function::get_function_configuration,
    GetFunctionEventInvokeConfig => concurrency::get_function_event_invoke_config,
    GetLayerVersion => layer::get_layer_version,
    GetLayerVersionByArn => layer::get_layer_version_by_arn,
    GetLayerVersionPolicy => layer::get_layer_version_policy,
    GetPolicy => permission::get_policy,
    Invoke => invoke::invoke,
    ListAliases => alias::list_aliases,
    ListFunctionEventInvokeConfigs => concurrency::list_function_event_invoke_configs,
    ListFunctions => function::list_functions,
    ListLayerVersions => layer::list_layer_versions,
    ListLayers => layer::list_layers,
    ListTags => tag::list_tags,
    ListVersionsByFunction => version::list_versions_by_function,
    PublishLayerVersion => layer::publish_layer_version,
    PublishVersion => version::publish_version,
    PutFunctionConcurrency => concurrency::put_function_concurrency,
    PutFunctionEventInvokeConfig => concurrency::put_function_event_invoke_config,
    RemoveLayerVersionPermission => layer::remove_layer_version_permission,
    RemovePermission => permission::remove_permission,
    TagResource => tag::tag_resource,
    UntagResource => tag::untag_resource,
    UpdateAlias => alias::update_alias,
    UpdateFunctionCode => function::update_function_code,
    UpdateFunctionConfiguration => function::update_function_configuration,
    UpdateFunctionEventInvokeConfig => concurrency::update_function_event_invoke_config,
});

/// The handler of the request's method and path.
pub(super) fn choose(parts: &Parts, body: Bytes) -> Result<(Handler<rest::Request>, rest::Request), WireError> {
    by_route("lambda", TABLE, Operation::from_name, (PROTOCOL, ROUTES), (parts, body))
}
