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

/// `Service` from a service's module of `wire` and its table.
macro_rules! service {
    ($service:ident, $title:literal) => {
        Service {
            name: stringify!($service),
            title: $title,
            served: dispatch::$service::TABLE.iter().map(|(operation, _)| operation.info()).collect(),
            others: vpclab_wire::$service::UNSERVED.len() + vpclab_wire::$service::Operation::ALL.len() - dispatch::$service::TABLE.len(),
        }
    };
}

fn services() -> Vec<Service> {
    let mut services = vec![
        service!(ec2, "Amazon EC2"),
        service!(apigateway, "Amazon API Gateway (REST APIs)"),
        service!(cloudcontrol, "AWS Cloud Control API"),
        service!(cloudformation, "AWS CloudFormation"),
        service!(ecr, "Amazon ECR"),
        service!(iam, "AWS IAM"),
        service!(lambda, "AWS Lambda"),
        service!(logs, "Amazon CloudWatch Logs"),
        service!(route53, "Amazon Route 53"),
        service!(s3, "Amazon S3"),
        service!(ssm, "AWS Systems Manager"),
        service!(sts, "AWS STS"),
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
