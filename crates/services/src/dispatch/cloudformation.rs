//! CloudFormation: operation -> handler.

use http::request::Parts;
use vpclab_wire::WireError;
use vpclab_wire::cloudformation::{Operation, PROTOCOL, UNSERVED, VERSION};
use vpclab_wire::query::Params;

use super::{Handler, by_action, table};
use crate::cloudformation;

table!(cloudformation, Params, {
    CancelUpdateStack => cloudformation::stack::rollback::cancel_update_stack,
    ContinueUpdateRollback => cloudformation::stack::rollback::continue_update_rollback,
    CreateChangeSet => cloudformation::change_set::create_change_set,
    CreateStack => cloudformation::stack::create_stack,
    DeleteChangeSet => cloudformation::change_set::delete_change_set,
    DeleteStack => cloudformation::stack::delete_stack,
    DescribeChangeSet => cloudformation::change_set::describe_change_set,
    DescribeStackEvents => cloudformation::event::describe_stack_events,
    DescribeStackResource => cloudformation::stack_resource::describe_stack_resource,
    DescribeStackResources => cloudformation::stack_resource::describe_stack_resources,
    DescribeStacks => cloudformation::stack::describe_stacks,
    ExecuteChangeSet => cloudformation::change_set::execute_change_set,
    GetStackPolicy => cloudformation::policy::get_stack_policy,
    GetTemplate => cloudformation::template::get_template,
    GetTemplateSummary => cloudformation::template::get_template_summary,
    ListChangeSets => cloudformation::change_set::list_change_sets,
    ListExports => cloudformation::export::list_exports,
    ListImports => cloudformation::export::list_imports,
    ListStackResources => cloudformation::stack_resource::list_stack_resources,
    ListStacks => cloudformation::stack::list_stacks,
    RollbackStack => cloudformation::stack::rollback::rollback_stack,
    SetStackPolicy => cloudformation::policy::set_stack_policy,
    SignalResource => cloudformation::creation_policy::signal_resource,
    UpdateStack => cloudformation::stack::update_stack,
    UpdateTerminationProtection => cloudformation::stack::update_termination_protection,
    ValidateTemplate => cloudformation::template::validate_template,
});

/// The handler of the request's action.
pub(super) fn choose(parts: &Parts, body: &[u8]) -> Result<(Handler<Params>, Params), WireError> {
    by_action("cloudformation", TABLE, Operation::from_name, UNSERVED, (PROTOCOL, VERSION), (parts, body))
}
