//! The chains of a network ACL: its entries in their order, and the one that closes it.
use super::{Flows, accept, ends, refuse, remote, traffic_parts, word};
use crate::nft::{Chain, Part, Rule, Table};
use crate::plan::NetworkAcl;
use vpclab_cloud::Direction;

pub(super) fn network_acl(table: &mut Table, id: &str, acl: &NetworkAcl, flows: Flows) {
    for (way, entries) in [(Direction::Egress, &acl.egress), (Direction::Ingress, &acl.ingress)] {
        let (direction, look) = (word(way), remote(way));
        let mut rules: Vec<Rule> = entries
            .iter()
            .map(|entry| {
                let mut parts = vec![Part::Ipv4];
                if entry.cidr.prefix_len() > 0 {
                    let (low, high) = ends(entry.cidr);
                    parts.push(Part::Between(look, low, high));
                }
                parts.extend(traffic_parts(entry.traffic));
                if entry.allow {
                    parts.push(accept());
                } else {
                    parts.extend([Part::Count, Part::Decide(flows.drop(way))]);
                }
                Rule::new(parts).because(format!("{id} {direction} {}", entry.number))
            })
            .collect();
        rules.push(refuse(&format!("{id} {direction} *"), flows.drop(way)));
        table.chains.insert(format!("{id}_{direction}"), Chain { hook: None, rules });
    }
}
