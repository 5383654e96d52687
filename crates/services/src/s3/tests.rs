//! S3 asked as its clients ask: by requests with signatures, bodies and headers.
use super::serve;
use crate::engine::{DataPlane, DataPlaneError, Engine, Kept};
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use std::pin::Pin;
use std::sync::Arc;
use vpclab_cloud::{Cloud, InstanceId};
use vpclab_store::ChecksumKind;

struct Nothing;

type Obeyed<'a> = Pin<Box<dyn Future<Output = Result<(), DataPlaneError>> + Send + 'a>>;

impl DataPlane for Nothing {
    fn apply<'a>(&'a self, _: Arc<Cloud>) -> Obeyed<'a> {
        Box::pin(async { Ok(()) })
    }
    fn console_output(&self, _: &InstanceId) -> Vec<u8> {
        Vec::new()
    }
    fn reboot<'a>(&'a self, _: &'a InstanceId, _: Arc<Cloud>) -> Obeyed<'a> {
        Box::pin(async { Ok(()) })
    }
}

struct Lab(Arc<Engine>, &'static str);

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    fn element(&self, name: &str) -> &str {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        self.body.split(&open).nth(1).and_then(|rest| rest.split(&close).next()).unwrap_or("")
    }
    fn code(&self) -> (u16, &str) {
        (self.status, self.element("Code"))
    }
}

impl Lab {
    async fn new() -> Self {
        let engine = Engine::start(Kept::in_memory().unwrap(), Arc::new(Nothing), true).await.unwrap();
        let lab = Self(engine, "111122223333");
        let location = "<CreateBucketConfiguration><LocationConstraint>ap-northeast-2</LocationConstraint></CreateBucketConfiguration>";
        assert_eq!(lab.ask("PUT", "/b-1", &[], location).await.status, 200);
        lab
    }

    async fn send(&self, method: &str, uri: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, body) = request.body(Full::new(body.into())).unwrap().into_parts();
        let answer = serve(Arc::clone(&self.0), parts, body, "request").await;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn ask(&self, method: &str, uri: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        self.ask_in("ap-northeast-2", method, uri, headers, body).await
    }

    async fn ask_in(&self, region: &str, method: &str, uri: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let signature =
            format!("AWS4-HMAC-SHA256 Credential={}/20261123/{region}/s3/aws4_request, SignedHeaders=host, Signature=0", self.1);
        let mut all = headers.to_vec();
        all.push(("authorization", &signature));
        self.send(method, uri, &all, body).await
    }
}

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let lab = Lab::new().await;
    let put = lab.ask("PUT", "/b-1/dir/a%20b+c/", &[("content-type", "text/plain"), ("x-amz-meta-colour", "red")], "hello").await;
    assert_eq!((put.status, put.header("etag")), (200, "\"5d41402abc4b2a76b9719d911017c592\""), "{}", put.body);
    let got = lab.ask("GET", "/b-1/dir/a%20b%2Bc/", &[("x-amz-checksum-mode", "ENABLED")], "").await;
    assert_eq!((got.status, got.body.as_str()), (200, "hello"));
    let shown =
        ["content-type", "x-amz-meta-colour", "content-length", "accept-ranges", "x-amz-checksum-crc64nvme"].map(|name| got.header(name));
    assert_eq!(shown, ["text/plain", "red", "5", "bytes", "M3eFcAZSQlc="]);
    let part = lab.ask("GET", "/b-1/dir/a%20b%2Bc/", &[("range", "bytes=1-2"), ("x-amz-checksum-mode", "ENABLED")], "").await;
    assert_eq!((part.status, part.body.as_str(), part.header("content-range")), (206, "el", "bytes 1-2/5"));
    assert_eq!(part.header("x-amz-checksum-crc64nvme"), "");
    let head = lab.ask("HEAD", "/b-1/nothing", &[], "").await;
    assert_eq!((head.status, head.body.as_str()), (404, ""));
    assert_eq!(lab.ask("GET", "/b-1/dir/a%20b%2Bc", &[], "").await.code(), (404, "NoSuchKey"));
}

#[tokio::test]
async fn what_is_claimed_of_a_body_is_verified() {
    let lab = Lab::new().await;
    let sha = ChecksumKind::Sha256.of(b"hello").iter().map(|b| format!("{b:02x}")).collect::<String>();
    for (header, good, bad, code) in [
        ("content-md5", "XUFAKrxLKna5cZ2REBfFkg==", "XUFAKrxLKna5cZ2REBfFkA==", "BadDigest"),
        ("content-md5", "XUFAKrxLKna5cZ2REBfFkg==", "hello", "InvalidDigest"),
        ("x-amz-checksum-crc32", "NhCmhg==", "NhCmhA==", "BadDigest"),
        ("x-amz-checksum-crc32", "NhCmhg==", "hello", "InvalidRequest"),
        ("x-amz-content-sha256", &sha, &"0".repeat(64), "XAmzContentSHA256Mismatch"),
        ("x-amz-content-sha256", "UNSIGNED-PAYLOAD", "hello", "InvalidArgument"),
        ("x-amz-decoded-content-length", "5", "6", "IncompleteBody"),
    ] {
        assert_eq!(lab.ask("PUT", "/b-1/k", &[(header, bad)], "hello").await.code(), (400, code), "{header}");
        assert_eq!(lab.ask("GET", "/b-1/k", &[], "").await.code(), (404, "NoSuchKey"));
        assert_eq!(lab.ask("PUT", "/b-1/k", &[(header, good)], "hello").await.status, 200, "{header}");
        lab.ask("DELETE", "/b-1/k", &[], "").await;
    }
    let two = [("x-amz-checksum-crc32", "NhCmhg=="), ("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00=")];
    assert_eq!(lab.ask("PUT", "/b-1/k", &two, "hello").await.code(), (400, "InvalidRequest"));
}

#[tokio::test]
async fn framed_bodies_are_unframed_and_their_trailers_verified() {
    let lab = Lab::new().await;
    let framed = |crc: &str| format!("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:{crc}\r\n\r\n");
    let headers = [
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
        ("x-amz-decoded-content-length", "5"),
        ("content-encoding", "gzip,aws-chunked"),
    ];
    assert_eq!(lab.ask("PUT", "/b-1/k", &headers, framed("NhCmhA==")).await.code(), (400, "BadDigest"));
    assert_eq!(lab.ask("PUT", "/b-1/k", &headers, "5\r\nhel").await.code(), (400, "IncompleteBody"));
    assert_eq!(lab.ask("PUT", "/b-1/k", &headers, framed("")).await.code(), (400, "MalformedTrailerError"));
    let put = lab.ask("PUT", "/b-1/k", &headers, framed("NhCmhg==")).await;
    assert_eq!((put.status, put.header("x-amz-checksum-crc32")), (200, "NhCmhg=="));
    let got = lab.ask("GET", "/b-1/k", &[], "").await;
    assert_eq!((got.body.as_str(), got.header("content-encoding")), ("hello", "gzip"));
}

#[tokio::test]
async fn another_account_region_or_nobody_has_no_access() {
    let lab = Lab::new().await;
    lab.ask("PUT", "/b-1/k", &[], "hello").await;
    let other = Lab(Arc::clone(&lab.0), "444455556666");
    for (method, uri) in
        [("GET", "/b-1/k"), ("PUT", "/b-1/k"), ("DELETE", "/b-1/k"), ("GET", "/b-1"), ("GET", "/b-1?policy"), ("DELETE", "/b-1")]
    {
        assert_eq!(other.ask(method, uri, &[], "").await.code(), (403, "AccessDenied"), "{method} {uri}");
        assert_eq!(lab.send(method, uri, &[], "").await.code(), (403, "AccessDenied"), "{method} {uri}");
    }
    let copy = [("x-amz-copy-source", "b-1/k")];
    other.ask_in("us-east-1", "PUT", "/b-2", &[], "").await;
    assert_eq!(other.ask_in("us-east-1", "PUT", "/b-2/k", &copy, "").await.code(), (403, "AccessDenied"));
    let elsewhere = lab.ask_in("us-west-2", "GET", "/b-1/k", &[], "").await;
    assert_eq!(elsewhere.code(), (400, "AuthorizationHeaderMalformed"));
    assert_eq!((elsewhere.element("Region"), elsewhere.header("x-amz-bucket-region")), ("ap-northeast-2", "ap-northeast-2"));
    assert_eq!(lab.ask("GET", "/b-1/k", &[("x-amz-expected-bucket-owner", "444455556666")], "").await.code(), (403, "AccessDenied"));

    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b-1/k"}}"#;
    assert_eq!(lab.ask("PUT", "/b-1?policy", &[], policy).await.status, 200);
    assert_eq!(other.ask("GET", "/b-1/k", &[], "").await.body, "hello");
    assert_eq!(other.ask_in("us-east-1", "PUT", "/b-2/k", &copy, "").await.status, 200);
    // Who may not list learns nothing of what is not there.
    assert_eq!(other.ask("GET", "/b-1/none", &[], "").await.code(), (403, "AccessDenied"));
}

#[tokio::test]
async fn public_policies_are_blocked_until_they_are_not() {
    let lab = Lab::new().await;
    lab.ask("PUT", "/b-1/k", &[], "hello").await;
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b-1/*"}}"#;
    assert_eq!(lab.ask("PUT", "/b-1?policy", &[], policy).await.code(), (403, "AccessDenied"));
    assert_eq!(lab.ask("DELETE", "/b-1?publicAccessBlock", &[], "").await.status, 204);
    assert_eq!(lab.ask("PUT", "/b-1?policy", &[], policy).await.status, 200);
    assert_eq!(lab.ask("GET", "/b-1?policyStatus", &[], "").await.element("IsPublic"), "true");
    assert_eq!(lab.send("GET", "/b-1/k", &[], "").await.body, "hello");
    assert_eq!(lab.send("GET", "/k", &[("host", "b-1.s3.localhost:4566")], "").await.body, "hello");
    assert_eq!(lab.ask("PUT", "/b-1?policy", &[], "{}x").await.code(), (400, "MalformedPolicy"));
}

#[tokio::test]
async fn what_is_not_served_is_named() {
    let lab = Lab::new().await;
    for (method, uri, headers, what) in [
        ("GET", "/b-1?website", &[][..], "GetBucketWebsite"),
        ("PUT", "/b-1/key?legal-hold", &[], "PutObjectLegalHold"),
        (
            "PUT",
            "/b-1/key",
            &[("x-amz-server-side-encryption-customer-algorithm", "AES256")],
            "x-amz-server-side-encryption-customer-algorithm",
        ),
        ("PUT", "/b-1/key", &[("x-amz-acl", "public-read")], "public-read"),
        ("PUT", "/b-1/key", &[("x-amz-storage-class", "GLACIER")], "GLACIER"),
    ] {
        let answer = lab.ask(method, uri, headers, "").await;
        assert_eq!(answer.code(), (501, "NotImplemented"), "{uri}: {}", answer.body);
        assert!(answer.element("Message").contains(what), "{}", answer.body);
    }
    assert_eq!(lab.ask("PATCH", "/b-1", &[], "").await.code(), (405, "MethodNotAllowed"));
    let notify = "<NotificationConfiguration><QueueConfiguration/></NotificationConfiguration>";
    assert_eq!(lab.ask("PUT", "/b-1?notification", &[], notify).await.code(), (501, "NotImplemented"));
    assert_eq!(lab.ask("PUT", "/b-1?notification", &[], "<NotificationConfiguration/>").await.status, 200);
}

#[tokio::test]
async fn the_parts_of_an_upload_become_one_object() {
    let lab = Lab::new().await;
    let begun = lab.ask("POST", "/b-1/k?uploads", &[("x-amz-checksum-algorithm", "CRC32")], "").await;
    let id = begun.element("UploadId").to_owned();
    let (first, second) = (vec![b'a'; 5 * 1024 * 1024], b"the end".to_vec());
    let mut list = String::new();
    for (number, bytes) in [(1, &first), (2, &second)] {
        let uri = format!("/b-1/k?partNumber={number}&uploadId={id}");
        let put = lab.ask("PUT", &uri, &[], bytes.clone()).await;
        assert_eq!(put.status, 200, "{}", put.body);
        let (etag, crc) = (put.header("etag"), put.header("x-amz-checksum-crc32"));
        list.push_str(&format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag><ChecksumCRC32>{crc}</ChecksumCRC32></Part>"));
    }
    let third = format!("/b-1/k?partNumber=3&uploadId={id}");
    let wrong = lab.ask("PUT", &third, &[("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00=")], "hello");
    assert_eq!(wrong.await.code(), (400, "InvalidRequest"));
    let complete = format!("<CompleteMultipartUpload>{list}</CompleteMultipartUpload>");
    let done = lab.ask("POST", &format!("/b-1/k?uploadId={id}"), &[], complete.clone()).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(done.element("ETag").ends_with("-2&quot;") && done.element("ChecksumCRC32").ends_with("-2"), "{}", done.body);
    let whole = lab.ask("GET", "/b-1/k", &[], "").await;
    assert!(whole.body.as_bytes() == [first.clone(), second].concat());
    let across = lab.ask("GET", "/b-1/k", &[("range", &format!("bytes={}-", first.len() - 2))], "").await;
    assert_eq!((across.status, across.body.as_str()), (206, "aathe end"));
    let part = lab.ask("GET", "/b-1/k?partNumber=2", &[], "").await;
    assert_eq!((part.status, part.body.as_str(), part.header("x-amz-mp-parts-count")), (206, "the end", "2"));
    assert_eq!(lab.ask("POST", &format!("/b-1/k?uploadId={id}"), &[], complete).await.code(), (404, "NoSuchUpload"));
    // A copy is one object: its ETag is the MD5 of the whole.
    let copied = lab.ask("PUT", "/b-1/l", &[("x-amz-copy-source", "/b-1/k")], "").await;
    assert!(!copied.element("ETag").contains('-'), "{}", copied.body);
    lab.0.sweep().await;
    assert_eq!(lab.ask("GET", "/b-1/l", &[("range", "bytes=-7")], "").await.body, "the end");
}

#[tokio::test]
async fn lists_are_paged_and_encoded() {
    let lab = Lab::new().await;
    for key in ["a", "b/1", "b/2", "c%20d"] {
        lab.ask("PUT", &format!("/b-1/{key}"), &[], "x").await;
    }
    let first = lab.ask("GET", "/b-1?list-type=2&delimiter=%2F&max-keys=2&encoding-type=url", &[], "").await;
    assert_eq!((first.element("KeyCount"), first.element("IsTruncated")), ("2", "true"));
    assert!(first.body.contains("<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>"), "{}", first.body);
    let uri = format!("/b-1?list-type=2&delimiter=%2F&encoding-type=url&continuation-token={}", first.element("NextContinuationToken"));
    let second = lab.ask("GET", &uri, &[], "").await;
    assert_eq!((second.element("Key"), second.element("IsTruncated")), ("c%20d", "false"));
    assert_eq!(lab.ask("GET", "/b-1?list-type=2&continuation-token=*", &[], "").await.code(), (400, "InvalidArgument"));
    assert_eq!(lab.ask("GET", "/b-1?max-keys=-1", &[], "").await.code(), (400, "InvalidArgument"));
}

#[tokio::test]
async fn several_objects_are_deleted_each_for_itself() {
    let lab = Lab::new().await;
    lab.ask("PUT", "/b-1/a", &[], "x").await;
    lab.ask("PUT", "/b-1/b", &[], "x").await;
    let body =
        "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key><ETag>\"other\"</ETag></Object><Object><Key>none</Key></Object></Delete>";
    let answer = lab.ask("POST", "/b-1?delete", &[], body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body.matches("<Deleted>").count(), 2, "{}", answer.body);
    assert_eq!(answer.element("Code"), "PreconditionFailed");
    assert_eq!(lab.ask("HEAD", "/b-1/a", &[], "").await.status, 404);
    assert_eq!(lab.ask("HEAD", "/b-1/b", &[], "").await.status, 200);
}

#[tokio::test]
async fn buckets_are_made_where_they_are_asked_for() {
    let lab = Lab::new().await;
    let at =
        |region: &str| format!("<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>");
    assert_eq!(lab.ask("PUT", "/b-2", &[], "").await.code(), (400, "IllegalLocationConstraintException"));
    assert_eq!(lab.ask("PUT", "/b-2", &[], at("us-west-2")).await.code(), (400, "IllegalLocationConstraintException"));
    assert_eq!(lab.ask("PUT", "/b-1", &[], at("ap-northeast-2")).await.code(), (409, "BucketAlreadyOwnedByYou"));
    assert_eq!(lab.ask("PUT", "/B_1", &[], "").await.code(), (400, "InvalidBucketName"));
    assert_eq!(lab.ask_in("us-east-1", "PUT", "/b-3", &[], "").await.status, 200);
    assert_eq!(lab.ask_in("us-east-1", "PUT", "/b-3", &[], "").await.status, 200);
    assert_eq!(lab.ask_in("us-east-1", "PUT", "/b-4", &[], at("us-west-2")).await.status, 200);
    let location = lab.ask_in("us-east-1", "GET", "/b-4?location", &[], "").await;
    assert!(location.body.contains(">us-west-2<"), "{}", location.body);
    assert_eq!(lab.ask_in("us-west-2", "HEAD", "/b-4", &[], "").await.header("x-amz-bucket-region"), "us-west-2");
    lab.ask("PUT", "/b-1/k", &[], "x").await;
    assert_eq!(lab.ask("DELETE", "/b-1", &[], "").await.code(), (409, "BucketNotEmpty"));
}
