//! A change is made whole, whatever becomes of the request that asked for it.
use super::*;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use vpclab_cloud::bucket::{BucketSettings, Object, Precondition};
use vpclab_cloud::{BucketName, Record, Refusal};
use vpclab_store::StoreError;

/// Counts how often it is led.
#[derive(Default)]
struct Counting(Mutex<usize>);

impl DataPlane for Counting {
    fn apply<'a>(&'a self, _: Arc<Cloud>) -> Pin<Box<dyn Future<Output = Result<(), DataPlaneError>> + Send + 'a>> {
        *self.0.lock().unwrap() += 1;
        Box::pin(async { Ok(()) })
    }
    fn console_output(&self, _: &vpclab_cloud::InstanceId) -> Vec<u8> {
        Vec::new()
    }
    fn reboot<'a>(
        &'a self,
        _: &'a vpclab_cloud::InstanceId,
        _: Arc<Cloud>,
    ) -> Pin<Box<dyn Future<Output = Result<(), DataPlaneError>> + Send + 'a>> {
        Box::pin(async { Ok(()) })
    }
}

/// Says when it begins to commit, and goes on when it is told.
struct Slow(MemoryStore, Mutex<(Sender<()>, Receiver<()>)>);

impl Store for Slow {
    fn load(&self) -> Result<Vec<Record>, StoreError> {
        self.0.load()
    }
    fn commit(&self, change: &Change) -> Result<(), StoreError> {
        let signals = self.1.lock().unwrap();
        signals.0.send(()).unwrap();
        signals.1.recv().unwrap();
        self.0.commit(change)
    }
    fn revision(&self) -> Result<u64, StoreError> {
        self.0.revision()
    }
}

fn scope() -> Scope {
    Scope { account: "111122223333".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() }
}

fn create(cloud: &mut Cloud, cx: &Context) -> Result<(), Refusal> {
    cloud.create_bucket(cx, "b-1".parse::<BucketName>().unwrap(), BucketSettings::default(), false).map(|_| ())
}

#[tokio::test]
async fn a_request_that_goes_away_does_not_halve_its_change() {
    let (began, begins) = channel();
    let (go, goes) = channel();
    let kept = Kept { store: Arc::new(Slow(MemoryStore::new(), Mutex::new((began, goes)))), ..Kept::in_memory().unwrap() };
    let engine = Engine::start(kept, Arc::new(Counting::default()), true).await.unwrap();
    let asking = tokio::spawn({
        let engine = Arc::clone(&engine);
        async move { engine.change(&scope(), false, |cloud, cx| create(cloud, cx)).await.map_err(|why| why.to_string()) }
    });
    tokio::task::spawn_blocking(move || begins.recv().unwrap()).await.unwrap();
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    go.send(()).unwrap();
    // The next change waits for this one, and finds it made.
    let again = engine.change(&scope(), false, |cloud, cx| create(cloud, cx)).await;
    assert!(matches!(again, Err(ChangeError::Refused(_))), "{again:?}");
}

#[tokio::test]
async fn objects_do_not_lead_the_data_plane() {
    let plane = Arc::new(Counting::default());
    let engine = Engine::start(Kept::in_memory().unwrap(), Arc::clone(&plane) as _, true).await.unwrap();
    engine.change(&scope(), false, |cloud, cx| create(cloud, cx)).await.unwrap();
    let led = *plane.0.lock().unwrap();
    let bucket: BucketName = "b-1".parse().unwrap();
    engine
        .change(&scope(), false, |cloud, cx| cloud.put_object(cx, &bucket, "k", Object::default(), &Precondition::default()))
        .await
        .unwrap();
    assert_eq!(*plane.0.lock().unwrap(), led);
    assert_eq!(engine.snapshot().objects.len(), 1);
}
