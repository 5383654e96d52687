//! Topologies and calls by chance: mostly sound, with some faults in each.
mod apis;
mod calls;
mod identities;
mod names;
mod network;

use crate::{
    case::{CallSpec, Step},
    dice::Dice,
};

pub(crate) const REGIONS: [&str; 3] = ["ap-northeast-2", "us-west-2", "eu-west-1"];
pub(crate) const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];

/// A VPC as the generator remembers it.
#[derive(Clone, Debug)]
pub(crate) struct Net {
    pub(crate) is: String,
    pub(crate) region: &'static str,
    pub(crate) account: &'static str,
    pub(crate) cidr: String,
    /// Labels and blocks.
    pub(crate) subnets: Vec<(String, String)>,
    /// The groups of clients, then those of endpoints.
    pub(crate) client_group: String,
    pub(crate) endpoint_group: String,
}

/// What was made, for those who refer to it.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub(crate) steps: Vec<Step>,
    pub(crate) nets: Vec<Net>,
    /// Endpoints: label and index of the VPC.
    pub(crate) endpoints: Vec<(String, usize)>,
    /// APIs: label, region, account.
    pub(crate) apis: Vec<(String, &'static str, &'static str)>,
    /// Instances and functions: label and index of the VPC.
    pub(crate) sources: Vec<(String, usize)>,
    /// Names of hosted zones' records.
    pub(crate) names: Vec<String>,
    /// Pairs of peered VPCs.
    pub(crate) peerings: Vec<(String, usize, usize)>,
    /// Users and roles.
    pub(crate) identities: Vec<String>,
}

/// A topology and calls in it.
pub fn topology(dice: &mut Dice, calls: usize) -> (Vec<Step>, Vec<CallSpec>) {
    let mut made = Made::default();
    identities::identities(dice, &mut made);
    network::networks(dice, &mut made);
    network::peerings(dice, &mut made);
    network::rules(dice, &mut made);
    network::members(dice, &mut made);
    apis::apis(dice, &mut made);
    names::zones(dice, &mut made);
    network::ends(dice, &mut made);
    apis::late_edits(dice, &mut made);
    let specs = (0..calls).map(|_| calls::call(dice, &made)).collect();
    (made.steps, specs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{case::Case, world::World};
    use vpclab_cloud::Timestamp;

    #[test]
    fn the_same_seed_makes_the_same() {
        let made = |seed| topology(&mut Dice::new(seed), 20);
        assert_eq!(made(7), made(7));
        assert_ne!(made(7), made(8));
    }

    #[test]
    fn a_case_is_read_back() {
        let (steps, calls) = topology(&mut Dice::new(3), 1);
        let case = Case { note: "x".into(), seed: 1, steps, call: calls.into_iter().next().unwrap() };
        assert_eq!(serde_json::from_str::<Case>(&serde_json::to_string(&case).unwrap()).unwrap(), case);
    }

    /// Topologies are worth their time: most have somebody to call, an API that is deployed, and an endpoint.
    #[test]
    fn topologies_are_built() {
        let mut whole = 0;
        for seed in 0..50 {
            let (steps, calls) = topology(&mut Dice::new(seed), 5);
            let world = World::build(seed, &steps, Timestamp(0));
            let cloud = &world.cloud;
            whole += usize::from(
                !cloud.vpc_endpoints.is_empty() && !cloud.stages.is_empty() && calls.iter().all(|call| world.source(&call.from).is_some()),
            );
        }
        assert!(whole > 40, "{whole}");
    }
}
