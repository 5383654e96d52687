use super::*;
use vpclab_cloud::{Context, IdSource, vpc::CreateVpc};

fn lab() -> (Cloud, Context) {
    let scope = Scope { account: "111122223333".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() };
    (Cloud::default(), Context { scope, now: Timestamp(1_000), ids: IdSource::new(7) })
}

#[test]
fn every_kind_is_listed_of_an_empty_lab() {
    let query = names().join("&");
    let (lists, truncated) = lists(&Cloud::default(), Timestamp(0), &query).unwrap();
    assert_eq!(lists.len(), KINDS.len());
    assert!(lists.values().all(|list| list.as_array().unwrap().is_empty()) && truncated.is_empty());
}

#[test]
fn only_what_changed_is_told() {
    let (mut cloud, mut cx) = lab();
    let before = cloud.clone();
    cloud.create_vpc(&mut cx, CreateVpc { cidr: "10.0.0.0/16".parse().unwrap(), tags: Tags::new() }).unwrap();
    let told = changed(&before, &cloud);
    assert!(told.contains(&"vpcs") && told.contains(&"security_groups"), "{told:?}");
    assert!(!told.contains(&"peerings") && !told.contains(&"instances"), "{told:?}");
    assert_eq!(changed(&cloud, &cloud.clone()), Vec::<&str>::new());
}

#[test]
fn an_unknown_kind_is_named() {
    assert_eq!(lists(&Cloud::default(), Timestamp(0), "vpcs&nothing").unwrap_err(), "there is no kind `nothing`");
}

#[test]
fn what_is_left_out_is_said() {
    let (mut cloud, mut cx) = lab();
    let vpc = cloud.create_vpc(&mut cx, CreateVpc { cidr: "10.0.0.0/16".parse().unwrap(), tags: Tags::new() }).unwrap();
    let one = std::sync::Arc::clone(&cloud.vpcs[&vpc]);
    for number in 0..=MAX_ITEMS {
        cloud.vpcs.insert(format!("vpc-{number:017x}").parse().unwrap(), std::sync::Arc::clone(&one));
    }
    let (lists, truncated) = lists(&cloud, Timestamp(0), "vpcs").unwrap();
    assert_eq!((lists["vpcs"].as_array().unwrap().len(), truncated), (MAX_ITEMS, vec!["vpcs"]));
}
