//! ARNs of AWS's own managed policies.

static POLICIES: &str = include_str!("../data/managed-policies.txt");

/// The ARN of a managed policy by its name.
pub(crate) fn arn(name: &str, partition: &str) -> Option<String> {
    let letter = match partition {
        "aws" => 'a',
        "aws-cn" => 'c',
        "aws-us-gov" => 'g',
        "aws-eusc" => 'e',
        _ => return None,
    };
    let paths = POLICIES.lines().filter_map(|line| line.split_once(' ')).filter(|(partitions, _)| partitions.contains(letter));
    let path = paths.map(|(_, path)| path).find(|path| path.rsplit('/').next() == Some(name))?;
    Some(by_path(path, partition))
}

pub(crate) fn by_path(path: &str, partition: &str) -> String {
    format!("arn:{partition}:iam::aws:policy/{path}")
}
