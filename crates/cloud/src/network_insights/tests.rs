use super::*;
use crate::fixture::Lab;

fn asked() -> PathAsked {
    PathAsked {
        source: "i-0123456789abcdef0".into(),
        destination: None,
        source_ip: None,
        destination_ip: Some([10, 0, 0, 9].into()),
        protocol: 6,
        destination_port: Some(443),
    }
}

#[test]
fn a_path_stays_while_it_has_analyses() {
    let mut lab = Lab::new();
    let path = lab.run(|cloud, cx| cloud.create_network_insights_path(cx, asked(), None, Tags::new())).unwrap();
    let found = |_: &Cloud, _: &NetworkInsightsPath, _| Ok(Findings { found: true, ..Findings::default() });
    let analysis = lab.run(|cloud, cx| cloud.start_network_insights_analysis(cx, &path, None, Tags::new(), found)).unwrap();
    assert!(lab.cloud.network_insights_analyses[&analysis].result.as_ref().unwrap().found);
    let refused = lab.run(|cloud, cx| cloud.delete_network_insights_path(cx, &path));
    assert_eq!(refused, Err(Refusal::AnalysisExistsForPath(path.clone())));
    lab.run(|cloud, cx| cloud.delete_network_insights_analysis(cx, &analysis)).unwrap();
    lab.run(|cloud, cx| cloud.delete_network_insights_path(cx, &path)).unwrap();
    let refused = lab.run(|cloud, cx| cloud.start_network_insights_analysis(cx, &path, None, Tags::new(), found));
    assert_eq!(refused, Err(Refusal::NetworkInsightsPathNotFound(path)));
}

#[test]
fn tokens_give_what_was_made() {
    let mut lab = Lab::new();
    let token = || Some(ClientToken::new("t", &1).unwrap());
    let first = lab.run(|cloud, cx| cloud.create_network_insights_path(cx, asked(), token(), Tags::new())).unwrap();
    let again = lab.run(|cloud, cx| cloud.create_network_insights_path(cx, asked(), token(), Tags::new())).unwrap();
    assert_eq!((first, lab.cloud.network_insights_paths.len()), (again, 1));
}
