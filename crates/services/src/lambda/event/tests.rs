use super::*;
use crate::ec2::lab::Lab;
use vpclab_cloud::Scope;

#[tokio::test]
async fn a_failed_try_is_written_down_only_where_the_event_still_is() {
    let engine = Lab::new().await.engine();
    let scope = Scope { account: "111111111111".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() };
    let mut event = AcceptedEvent {
        scope: scope.clone(),
        request_id: "one".into(),
        function: "pets".into(),
        qualifier: None,
        payload: "{}".into(),
        trace_id: None,
        client_context: None,
        accepted: clock(),
        failures: 0,
        due: clock(),
    };
    note(&engine, &event).await.unwrap();
    event.failures = 1;
    renew(&engine, &event).await.unwrap();
    assert_eq!(engine.snapshot().accepted_events.get(&event.key()).unwrap().failures, 1);
    engine.reset(&scope).await.unwrap();
    event.failures = 2;
    renew(&engine, &event).await.unwrap();
    assert!(engine.snapshot().accepted_events.is_empty());
}
