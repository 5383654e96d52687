//! Hosted zones: names of the user's own, and zones that hide AWS's.
use super::Made;
use crate::{case::Step, dice::Dice};

pub(super) fn zones(dice: &mut Dice, made: &mut Made) {
    if !dice.percent(40) {
        return;
    }
    for n in 0..dice.between(1, 2) {
        let Some(net) = dice.pick(&made.nets).cloned() else { return };
        let api = dice.pick(&made.apis).cloned();
        let is = format!("z{n}");
        let own = match (dice.below(6), &api) {
            (0, Some((label, region, _))) => Some(format!("<api:{label}>.execute-api.{region}.amazonaws.com")),
            (1, Some((_, region, _))) => Some(format!("execute-api.{region}.amazonaws.com")),
            (2, Some((_, region, _))) => Some(format!("{region}.amazonaws.com")),
            (3, _) => Some("vpce.amazonaws.com".to_owned()),
            _ => None,
        };
        let name = own.clone().unwrap_or_else(|| format!("corp{n}.internal"));
        made.steps.push(Step::Zone { is: is.clone(), vpc: net.is.clone(), name: name.clone() });
        for other in made.nets.clone() {
            if other.is != net.is && dice.percent(45) {
                made.steps.push(Step::ZoneVpc { zone: is.clone(), vpc: other.is });
            }
        }
        let labels = if own.is_some() { ["", "<api:x0>.", "*."] } else { ["api.", "*.", "a.b."] };
        for (k, prefix) in labels.iter().enumerate() {
            if !dice.percent(60) {
                continue;
            }
            let record = format!("{prefix}{name}");
            let endpoint = dice.pick(&made.endpoints).map_or_else(String::new, |(label, _)| label.clone());
            let (kind, value) = match (dice.below(7), &api) {
                (0 | 1, _) => ("alias", format!("<name:{endpoint}>")),
                (2, _) => ("cname", format!("<name:{endpoint}>")),
                (3, Some((label, region, _))) => ("cname", format!("<api:{label}>.execute-api.{region}.amazonaws.com")),
                (4, _) => ("cname", format!("nowhere{k}.corp0.internal")),
                (5, _) => ("a", "10.99.0.1".to_owned()),
                _ => ("a", format!("<address:{endpoint}>")),
            };
            made.steps.push(Step::Record { zone: is.clone(), name: record.clone(), kind: kind.into(), value });
            made.names.push(record.replace("*.", "star."));
        }
    }
}
