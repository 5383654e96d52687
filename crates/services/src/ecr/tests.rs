//! Which policies are taken.
use super::{check_lifecycle_policy, check_repository_policy};

#[test]
fn a_repositorys_policy_has_principals_and_no_resources() {
    let with = |rest: &str| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"ecr:BatchGetImage"{rest}}}]}}"#);
        check_repository_policy(&text).is_ok()
    };
    assert!(with(r#","Principal":{"Service":"lambda.amazonaws.com"}"#));
    assert!(!with(""));
    assert!(!with(r#","Principal":"*","Resource":"*""#));
    assert!(check_repository_policy("{").is_err());
}

#[test]
fn a_lifecycle_policy_says_which_images_expire() {
    let rule = |priority: u8, status: &str| {
        format!(
            r#"{{"rulePriority":{priority},"selection":{{"tagStatus":"{status}","countType":"sinceImagePushed","countUnit":"days",
            "countNumber":365}},"action":{{"type":"expire"}}}}"#
        )
    };
    let policy = |rules: &[String]| check_lifecycle_policy(&format!(r#"{{"rules":[{}]}}"#, rules.join(","))).is_ok();
    assert!(policy(&[rule(1, "untagged"), rule(2, "any")]));
    assert!(!policy(&[rule(1, "untagged"), rule(1, "any")]));
    assert!(!policy(&[rule(1, "some")]) && !policy(&[rule(0, "any")]));
    assert!(check_lifecycle_policy("{}").is_err());
}
