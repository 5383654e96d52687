//! Concurrency that is reserved, and how events are tried again.
use super::check;
use crate::{Cloud, Context, Refusal, Scope, Timestamp};
use serde::{Deserialize, Serialize};

/// The concurrency of an account in a region.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const ACCOUNT_CONCURRENCY: u32 = 1000;
/// So much stays for the functions that have none reserved.
const UNRESERVED_LEAST: u32 = 100;

/// `PutFunctionEventInvokeConfig`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventInvokeConfig {
    /// How often an event is tried again: 0 to 2 times.
    pub retries: Option<u32>,
    /// How old an event may get, in seconds: 60 to 21,600.
    pub age: Option<u32>,
    /// When it was last changed.
    pub modified: Timestamp,
}

impl Cloud {
    /// The concurrency that functions of an account and region have reserved.
    #[must_use]
    pub fn reserved_concurrency(&self, scope: &Scope) -> u32 {
        self.functions_of(scope).filter_map(|function| function.reserved_concurrency).sum()
    }

    /// `PutFunctionConcurrency` and, with `None`, `DeleteFunctionConcurrency`.
    ///
    /// # Errors
    /// No such function, or too little left for the others.
    pub fn reserve_concurrency(&mut self, cx: &mut Context, name: &str, reserved: Option<u32>) -> Result<(), Refusal> {
        let mut function = self.function_at(&cx.scope, name, None)?;
        let others = self.reserved_concurrency(&cx.scope).saturating_sub(function.reserved_concurrency.unwrap_or(0));
        if others.saturating_add(reserved.unwrap_or(0)) > ACCOUNT_CONCURRENCY - UNRESERVED_LEAST && reserved.is_some() {
            return Err(check::invalid(format!(
                "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum \
                 value of [{UNRESERVED_LEAST}]."
            )));
        }
        function.reserved_concurrency = reserved;
        self.save_function(function);
        Ok(())
    }

    /// `PutFunctionEventInvokeConfig`, and `UpdateFunctionEventInvokeConfig` with `merge`.
    ///
    /// # Errors
    /// No such function, version or alias, or numbers that are not legal.
    pub fn configure_events(
        &mut self,
        cx: &mut Context,
        name: &str,
        qualifier: Option<&str>,
        config: EventInvokeConfig,
        merge: bool,
    ) -> Result<EventInvokeConfig, Refusal> {
        self.resolve_function(&cx.scope, name, qualifier, 0)?;
        let mut function = self.function_at(&cx.scope, name, None)?;
        let key = qualifier.unwrap_or(super::LATEST).to_owned();
        if config.retries.is_some_and(|retries| retries > 2) {
            return Err(check::constraint(config.retries.unwrap_or(0), "maximumRetryAttempts", "have value less than or equal to 2"));
        }
        if let Some(age) = config.age.filter(|age| !(60..=21_600).contains(age)) {
            let must = if age < 60 { "have value greater than or equal to 60" } else { "have value less than or equal to 21600" };
            return Err(check::constraint(age, "maximumEventAgeInSeconds", must));
        }
        let old = function.event_invoke.get(&key).filter(|_| merge);
        let next = EventInvokeConfig {
            retries: config.retries.or(old.and_then(|old| old.retries)),
            age: config.age.or(old.and_then(|old| old.age)),
            modified: cx.now,
        };
        function.event_invoke.insert(key, next);
        self.save_function(function);
        Ok(next)
    }

    /// `DeleteFunctionEventInvokeConfig`.
    ///
    /// # Errors
    /// No such function, or nothing configured.
    pub fn delete_event_config(&mut self, cx: &mut Context, name: &str, qualifier: Option<&str>) -> Result<(), Refusal> {
        let mut function = self.function_at(&cx.scope, name, None)?;
        let arn = format!("{}:{}", function.arn(), qualifier.unwrap_or(super::LATEST));
        function
            .event_invoke
            .remove(qualifier.unwrap_or(super::LATEST))
            .ok_or_else(|| Refusal::FunctionNotFound(format!("The function {arn} doesn't have an EventInvokeConfig")))?;
        self.save_function(function);
        Ok(())
    }
}
