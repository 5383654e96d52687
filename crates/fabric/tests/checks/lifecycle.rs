//! Plans coming, changing, failing and going.
use super::{
    Check,
    lab::{Lab, eni, from, pcx, tcp, vpc},
    sockets::{Fate, inside},
};
use std::{
    os::fd::OwnedFd,
    time::{Duration, Instant},
};
use vpclab_fabric::{FabricError, Place, plan::Plan};
use vpclab_packet::Traffic;

pub const CHECKS: &[Check] = &[
    ("same_plan_again_changes_nothing", same_plan_again_changes_nothing),
    ("interface_gone_and_back", interface_gone_and_back),
    ("refused_plan_leaves_the_previous_one", refused_plan_leaves_the_previous_one),
    ("connections_outlive_unrelated_changes", connections_outlive_unrelated_changes),
    ("vpc_gone_and_back", vpc_gone_and_back),
    ("nothing_stays_after_the_fabric", nothing_stays_after_the_fabric),
    ("place_that_is_not", place_that_is_not),
];

fn open() -> Lab {
    let mut lab = Lab::story();
    for group in ["client", "server", "far", "guest"] {
        lab.allow(group, tcp(443, 443), from("10.0.0.0/8"));
    }
    lab
}

fn has_link(netns: OwnedFd) -> bool {
    inside(netns, || std::fs::read_to_string("/proc/thread-self/net/dev").unwrap().contains("eth0"))
}

fn same_plan_again_changes_nothing() {
    let lab = open();
    lab.apply();
    lab.serve("server", 443);
    let (_, mut connection) = lab.connect("client", "10.0.1.50", 443).ok().unwrap();
    lab.apply();
    assert!(connection.ping());
    assert_eq!(vpclab_fabric::plan::difference(&lab.plan, &lab.plan), Vec::new());
}

fn interface_gone_and_back() {
    let mut lab = open();
    lab.apply();
    lab.serve("far", 443);
    lab.passes("client", "10.0.2.50", 443);
    // Held as a process of the instance would hold it.
    let held = lab.netns("far");
    assert!(has_link(held.try_clone().unwrap()));
    let kept = lab.plan.interfaces.remove(&eni("far")).unwrap();
    lab.apply();
    assert!(!has_link(held));
    lab.vanishes("client", "10.0.2.50", 443);
    lab.vanishes("guest", "10.0.2.50", 443);
    lab.plan.interfaces.insert(eni("far"), kept);
    lab.apply();
    // A new namespace: the old server is not in it, so that the call is refused by the machine itself.
    assert_eq!(lab.call("client", "10.0.2.50", 443), Fate::Error(std::io::ErrorKind::ConnectionRefused));
    lab.serve("far", 443);
    lab.passes("client", "10.0.2.50", 443);
}

fn refused_plan_leaves_the_previous_one() {
    let mut lab = open();
    lab.apply();
    lab.serve("server", 443);
    let (_, mut connection) = lab.connect("client", "10.0.1.50", 443).ok().unwrap();
    let good = lab.plan.clone();
    // No Ethernet device has an MTU of 1; and everything else of this plan must not stay either.
    lab.plan.peerings.get_mut(&pcx("ab")).unwrap().mtu = 1;
    lab.plan.interfaces.remove(&eni("far")).unwrap();
    lab.group("server").ingress.clear();
    let error = lab.try_apply().unwrap_err();
    assert!(matches!(&error, FabricError::Step { step, .. } if step.contains("pcx-")), "{error}");
    assert!(connection.ping());
    lab.passes("client", "10.0.1.50", 443);
    lab.passes("guest", "10.0.1.50", 443);
    lab.serve("far", 443);
    lab.passes("client", "10.0.2.50", 443);
    lab.plan = good;
    lab.apply();
    lab.passes("client", "10.0.1.50", 443);
}

fn connections_outlive_unrelated_changes() {
    let mut lab = open();
    lab.apply();
    lab.serve("server", 443);
    let (_, mut connection) = lab.connect("guest", "10.0.1.50", 443).ok().unwrap();
    lab.add_vpc("z", "10.9.0.0/16", &[("z1", "10.9.1.0/24")]);
    lab.add_eni("zed", "z", "z1", "10.9.1.9", vpclab_fabric::plan::Kind::Instance);
    lab.add_eni("new", "a", "a2", "10.0.2.99", vpclab_fabric::plan::Kind::Instance);
    lab.peer("az", "a", "z", 9001);
    lab.allow("far", Traffic::All, from("10.9.0.0/16"));
    lab.apply();
    assert!(connection.ping());
    lab.plan.interfaces.remove(&eni("new")).unwrap();
    lab.plan.peerings.remove(&pcx("az")).unwrap();
    lab.apply();
    assert!(connection.ping());
}

fn vpc_gone_and_back() {
    let mut lab = open();
    lab.apply();
    let whole = lab.plan.clone();
    lab.plan.routers.remove(&vpc("b")).unwrap();
    lab.plan.interfaces.remove(&eni("guest")).unwrap();
    lab.plan.peerings.clear();
    lab.route("a", "10.1.0.0/16", vpclab_fabric::plan::Target::Blackhole);
    lab.apply();
    lab.vanishes("client", "10.1.1.60", 443);
    lab.plan = whole;
    lab.apply();
    lab.serve("guest", 443);
    lab.passes("client", "10.1.1.60", 443);
    lab.plan = Plan::default();
    lab.apply();
}

#[expect(clippy::disallowed_methods, reason = "the kernel says nothing when a namespace is gone")]
fn nothing_stays_after_the_fabric() {
    let lab = open();
    lab.apply();
    let held = lab.netns("client");
    let has_link = |fd: std::os::fd::OwnedFd| inside(fd, || std::fs::read_to_string("/proc/thread-self/net/dev").unwrap().contains("eth0"));
    assert!(has_link(held.try_clone().unwrap()));
    drop(lab);
    // The router's namespace goes when its last descriptor does; the kernel takes a moment to end the link with it.
    let deadline = Instant::now() + Duration::from_secs(5);
    while has_link(held.try_clone().unwrap()) {
        assert!(Instant::now() < deadline, "the link is still there");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn place_that_is_not() {
    let lab = open();
    lab.apply();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let missing = runtime.block_on(lab.fabric.netns_fd(Place::Interface(eni("nobody"))));
    assert!(matches!(missing, Err(FabricError::NoSuchPlace(_))));
    let taken = runtime.block_on(lab.fabric.bind_udp(Place::Router(vpc("a")), "10.99.0.2:53".parse().unwrap()));
    assert!(matches!(taken, Err(FabricError::Socket { .. })));
}
