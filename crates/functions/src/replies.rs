//! What functions say by HTTPS `PUT` for those who wait for it: the answers of custom resources, for which AWS has presigned URLs of
//! a bucket of its own. Every environment knows that bucket's name, and has it beside it: so functions without a way to AWS can answer.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html>
use crate::runtime_api::refuse;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::oneshot;

/// The most bytes of one: what CloudFormation takes.
const REPLY_MAX: usize = 4096;

/// `cloudformation-custom-resource-response-apnortheast2.s3.ap-northeast-2.amazonaws.com`
#[must_use]
pub fn reply_host(region: &str) -> String {
    format!("cloudformation-custom-resource-response-{}.s3.{region}.amazonaws.com", region.replace('-', ""))
}

/// Answers a request as S3 answers a `PUT`.
pub(crate) async fn answer(replies: &Replies, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    if parts.method != Method::PUT {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "replies are put");
    }
    let Ok(body) = Limited::new(body, REPLY_MAX).collect().await else {
        return refuse(StatusCode::BAD_REQUEST, "EntityTooLarge", "Response object is too long.");
    };
    if replies.put(parts.uri.path().trim_start_matches('/'), body.to_bytes()) {
        Response::new(Full::default())
    } else {
        refuse(StatusCode::FORBIDDEN, "AccessDenied", "Request has expired")
    }
}

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
    /// The URL as a function of a region sees it.
    #[must_use]
    pub fn url(&self, region: &str) -> String {
        format!("https://{}/{}", reply_host(region), self.name)
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
        let url = "https://cloudformation-custom-resource-response-apnortheast2.s3.ap-northeast-2.amazonaws.com/a";
        assert_eq!(one.url("ap-northeast-2"), url);
        assert!(!replies.put("b", Bytes::from_static(b"x")));
        assert!(replies.put("a", Bytes::from_static(b"x")) && !replies.put("a", Bytes::from_static(b"y")));
        assert_eq!(one.wait().await.as_deref(), Some(&b"x"[..]));
        drop((one, replies.expect("c")));
        assert!(!replies.put("c", Bytes::new()));
    }
}
