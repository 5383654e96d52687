//! What names, selectors and paths find.
use super::filter::is_below;
use super::get::split;
use super::{page, public, resolve};
use vpclab_cloud::{Cloud, Scope};

fn scope() -> Scope {
    Scope { account: "111111111111".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() }
}

#[test]
fn names_arns_and_selectors() {
    let check = |asked: &str| split(&scope(), asked);
    assert_eq!(check("p"), ("p".into(), None));
    assert_eq!(check("/a/p:3"), ("/a/p".into(), Some("3".into())));
    assert_eq!(check("arn:aws:ssm:ap-northeast-2:111111111111:parameter/p"), ("p".into(), None));
    assert_eq!(check("arn:aws:ssm:ap-northeast-2:111111111111:parameter/a/p:2"), ("/a/p".into(), Some("2".into())));
    let other = "arn:aws:ssm:us-west-2:111111111111:parameter/p";
    assert_eq!(check(other), (other.into(), None));
}

#[test]
fn public_parameters_name_the_regions_image() {
    assert!(public::NAMES.is_sorted());
    let image = crate::ec2::image::id_of(&scope().region).to_string();
    for name in public::NAMES {
        assert_eq!(resolve(&Cloud::default(), &scope(), name).unwrap().value, image);
    }
    let arn = "arn:aws:ssm:ap-northeast-2::parameter/aws/service/debian/release/12/latest/amd64";
    assert_eq!(resolve(&Cloud::default(), &scope(), arn).unwrap().arn, arn);
    assert!(resolve(&Cloud::default(), &scope(), "/aws/service/debian/release/12/latest/amd64:2").is_err());
    assert!(resolve(&Cloud::default(), &scope(), "/aws/service/other").is_err());
}

#[test]
fn what_stands_below_a_path() {
    assert!(is_below("/a/b", "/a", false) && is_below("/a/b", "/a/", false));
    assert!(!is_below("/a/b/c", "/a", false) && is_below("/a/b/c", "/a", true));
    assert!(!is_below("/ab", "/a", true) && !is_below("/a", "/a", true));
    assert!(is_below("p", "/", false) && is_below("/p", "/", false) && !is_below("/a/p", "/", false));
}

#[test]
fn pages_end() {
    let all = || ["a", "b", "c"].into_iter();
    let key = |text: &&str| (*text).to_owned();
    let (first, token) = page(all(), key, None, Some(2), 1..=10).unwrap();
    assert_eq!(first, ["a", "b"]);
    let (second, end) = page(all(), key, token.as_deref(), Some(2), 1..=10).unwrap();
    assert_eq!((second, end), (vec!["c"], None));
    assert!(page(all(), key, None, Some(11), 1..=10).is_err() && page(all(), key, Some("!"), None, 1..=10).is_err());
}
