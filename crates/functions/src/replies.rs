//! What functions say by HTTP `PUT` to the address of their Runtime API, for those who wait for it: the answers of custom resources,
//! for which AWS has presigned URLs of S3. So functions without a network can give them, too.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html>
use crate::environment::PORT;
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::oneshot;

/// Where replies are put.
pub(crate) const PREFIX: &str = "/replies/";
/// The most bytes of one: what CloudFormation takes.
pub(crate) const REPLY_MAX: usize = 4096;

/// Those who wait, by a name that nobody guesses.
#[derive(Debug, Default)]
pub struct Replies(Mutex<BTreeMap<String, oneshot::Sender<Bytes>>>);

/// A reply that is waited for, as long as this is there.
#[derive(Debug)]
pub struct Reply {
    place: Arc<Replies>,
    name: String,
    comes: oneshot::Receiver<Bytes>,
}

impl Replies {
    /// Waits for a reply of that name.
    #[must_use]
    pub fn expect(self: &Arc<Self>, name: &str) -> Reply {
        let (gives, comes) = oneshot::channel();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), gives);
        Reply { place: Arc::clone(self), name: name.to_owned(), comes }
    }

    /// Gives the reply to who waits for it; says whether somebody did.
    pub(crate) fn put(&self, name: &str, reply: Bytes) -> bool {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        found.is_some_and(|gives| gives.send(reply).is_ok())
    }
}

impl Reply {
    /// The URL as a function of this lab sees it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{PORT}{PREFIX}{}", self.name)
    }

    /// Waits; nothing comes when another one waits under the same name.
    pub async fn wait(&mut self) -> Option<Bytes> {
        (&mut self.comes).await.ok()
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.place.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reply_reaches_who_waits_for_it_once() {
        let replies = Arc::new(Replies::default());
        let mut one = replies.expect("a");
        assert_eq!(one.url(), "http://127.0.0.1:9001/replies/a");
        assert!(!replies.put("b", Bytes::from_static(b"x")));
        assert!(replies.put("a", Bytes::from_static(b"x")) && !replies.put("a", Bytes::from_static(b"y")));
        assert_eq!(one.wait().await.as_deref(), Some(&b"x"[..]));
        drop((one, replies.expect("c")));
        assert!(!replies.put("c", Bytes::new()));
    }
}
