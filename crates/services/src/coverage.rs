//! `docs/coverage.md`: what is served, written from the tables that dispatch.

use std::fmt::Write as _;

use vpclab_wire::OperationInfo;

use crate::dispatch;

/// One service's part of the list.
struct Service {
    name: &'static str,
    title: &'static str,
    served: Vec<OperationInfo>,
    /// How many operations AWS has that are not served.
    others: usize,
}

/// The list of operations and parameters served, in Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(
        "# What vpclab serves\n\n\
         Generated from the tables that dispatch requests (`UPDATE_COVERAGE=1 cargo test -p vpclab-services coverage`); do not edit.\n\n\
         A parameter that is not listed is refused by an error that names it, and so is an operation. \
         \"Accepted\" parameters take the values shown, with which vpclab does what it does anyway, and no other. \
         EC2's `DryRun` is served wherever AWS has it.\n",
    );
    for service in services() {
        let known = service.served.len() + service.others;
        let _ = write!(out, "\n## {}\n\n{} of the {known} operations of `{}`.\n", service.title, service.served.len(), service.name);
        for operation in &service.served {
            write_operation(&mut out, operation);
        }
    }
    out
}

fn services() -> Vec<Service> {
    use vpclab_wire::{apigateway, ec2, sts};
    let mut services = vec![
        Service {
            name: "ec2",
            title: "Amazon EC2",
            served: dispatch::ec2::TABLE.iter().map(|(operation, _)| operation.info()).collect(),
            others: ec2::UNSERVED.len() + ec2::Operation::ALL.len() - dispatch::ec2::TABLE.len(),
        },
        Service {
            name: "apigateway",
            title: "Amazon API Gateway (REST APIs)",
            served: dispatch::apigateway::TABLE.iter().map(|(op, _)| op.info()).collect(),
            others: apigateway::UNSERVED.len() + apigateway::Operation::ALL.len() - dispatch::apigateway::TABLE.len(),
        },
        Service {
            name: "sts",
            title: "AWS STS",
            served: dispatch::sts::TABLE.iter().map(|(operation, _)| operation.info()).collect(),
            others: sts::UNSERVED.len() + sts::Operation::ALL.len() - dispatch::sts::TABLE.len(),
        },
    ];
    for service in &mut services {
        service.served.sort_by_key(|operation| operation.name);
    }
    services
}

fn write_operation(out: &mut String, operation: &OperationInfo) {
    let _ = write!(out, "\n### {}\n\n", operation.name);
    let list = |names: &[&str]| -> String { names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ") };
    let served = if operation.served.is_empty() { "none".to_owned() } else { list(operation.served) };
    let _ = writeln!(out, "- Served: {served}");
    if !operation.only.is_empty() {
        let accepted: Vec<String> = operation.only.iter().map(|(name, values)| format!("`{name}` = {}", list(values))).collect();
        let _ = writeln!(out, "- Accepted: {}", accepted.join("; "));
    }
    if !operation.refused.is_empty() {
        let _ = writeln!(out, "- Refused: {}", list(operation.refused));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_md_is_what_is_dispatched() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/coverage.md");
        let wanted = markdown();
        if std::env::var_os("UPDATE_COVERAGE").is_some() {
            std::fs::write(path, &wanted).unwrap();
        }
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(found == wanted, "docs/coverage.md is stale: run with UPDATE_COVERAGE=1");
    }

    #[test]
    fn no_operation_is_dispatched_twice() {
        for service in services() {
            let mut names: Vec<_> = service.served.iter().map(|operation| operation.name).collect();
            let all = names.len();
            names.dedup();
            assert_eq!(names.len(), all, "{}", service.name);
        }
    }
}
