//! A request of S3 on its way: named, allowed, its body taken in, answered.
use super::access::{self, Wanted};
use super::address::{self, Caller};
use super::body::{self, Claims, Received};
use super::errors::{Fault, denied};
use crate::caller::Identity;
use crate::dispatch::s3::{Access, TABLE};
use crate::engine::{ChangeError, Engine, clock};
use crate::http::AnswerBody;
use crate::request::RequestContext;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Response};
use hyper::body::Body;
use std::sync::Arc;
use vpclab_cloud::bucket::{Bucket, BucketName, BucketRefusal};
use vpclab_cloud::{AccountId, Cloud, Context, Refusal, Region, Scope};
use vpclab_policy::MapKeys;
use vpclab_store::ChecksumKind;
use vpclab_wire::s3::{Operation, PROTOCOL, ROUTES};
use vpclab_wire::{form, rest};

/// The longest key of an object, in bytes.
const MAX_KEY: usize = 1024;

/// One request of S3, for its handler.
pub struct S3Call {
    /// The lab, and who asks in which region.
    pub cx: RequestContext,
    /// Who asks.
    pub caller: Caller,
    /// The body, when the operation streams it to disk.
    pub received: Option<Received>,
    /// Whether only the head of the answer is asked for.
    pub head: bool,
    /// What policies may ask of the request.
    keys: MapKeys,
}

impl S3Call {
    /// A call from inside the lab, as the account and in the region of `cx`: `s3::bucket::create_bucket(&S3Call::inside(cx), …)`.
    #[must_use]
    pub fn inside(cx: RequestContext) -> Self {
        let caller = Caller::Account(cx.scope.account.clone(), None);
        Self { cx, caller, received: None, head: false, keys: MapKeys::new() }
    }

    /// The state as of now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Cloud> {
        self.cx.snapshot()
    }

    /// Runs an operation.
    pub(super) async fn change<T>(&self, operation: impl FnOnce(&mut Cloud, &mut Context) -> Result<T, Refusal>) -> Result<T, Fault> {
        self.cx.engine.change(&self.cx.scope, false, operation).await.map_err(|why| match why {
            ChangeError::Refused(refusal) => refusal.into(),
            why => super::errors::internal(&why),
        })
    }

    /// A bucket of which the caller may do this, with an object of it if a key is given.
    pub(super) fn allowed<'c>(&self, cloud: &'c Cloud, bucket: &str, action: &str, key: Option<&str>) -> Result<&'c Arc<Bucket>, Fault> {
        let name = bucket_name(bucket)?;
        let bucket = cloud.bucket(&name)?;
        access::check(bucket, self.identity(cloud).as_ref(), &Wanted { action, key, keys: &self.keys })?;
        Ok(bucket)
    }

    /// Whether the caller may do this with the bucket.
    pub(super) fn may(&self, bucket: &Bucket, action: &str, key: Option<&str>) -> bool {
        access::may(bucket, self.identity(&self.snapshot()).as_ref(), &Wanted { action, key, keys: &self.keys })
    }

    fn identity(&self, cloud: &Cloud) -> Option<Identity> {
        identity(&self.caller, &self.cx.caller, cloud)
    }
}

/// Who asks, unless nobody does.
fn identity(caller: &Caller, who: &crate::caller::Caller, cloud: &Cloud) -> Option<Identity> {
    match caller {
        Caller::Anonymous => None,
        Caller::Account(account, _) => Some(who.identity(account, cloud)),
    }
}

/// The name of a bucket, or what S3 says of a name that none can have.
pub(super) fn bucket_name(text: &str) -> Result<BucketName, Fault> {
    text.parse().map_err(|_| Fault::new(400, "InvalidBucketName", "The specified bucket is not valid.").with("BucketName", text))
}

/// Whether a request is S3's.
#[must_use]
pub fn is_s3(parts: &Parts, engine: &Engine) -> bool {
    address::is_s3(parts, |name| engine.snapshot().buckets.contains_key(name))
}

/// Answers a request of S3.
pub async fn serve<B>(engine: Arc<Engine>, parts: Parts, body: B, request_id: &str) -> Response<AnswerBody>
where
    B: Body<Data = Bytes> + Unpin,
{
    let head = parts.method == Method::HEAD;
    answer(engine, parts, body, request_id).await.unwrap_or_else(|fault| {
        tracing::debug!(request_id, error = %fault.error, "refused");
        fault.into_response(head, request_id)
    })
}

async fn answer<B>(engine: Arc<Engine>, mut parts: Parts, body: B, request_id: &str) -> Result<Response<AnswerBody>, Fault>
where
    B: Body<Data = Bytes> + Unpin,
{
    let caller = address::caller(&parts, clock().0)?;
    let cloud = engine.snapshot();
    let who = match address::credentials(&parts) {
        Some(signature) => crate::caller::Caller::of(&signature, &cloud, clock(), PROTOCOL)?,
        None => crate::caller::Caller::default(),
    };
    let identity = identity(&caller, &who, &cloud);
    address::normalise(&mut parts);
    if parts.uri.path() == "/" && parts.method == Method::POST || parts.method == Method::OPTIONS {
        return Err(super::errors::not_served("uploads by HTML forms and requests of web pages to S3"));
    }
    let Some(matched) = rest::route(ROUTES, parts.method.as_str(), &parts.uri, &parts.headers) else {
        return Err(Fault::new(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
            .with("Method", parts.method.as_str())
            .with("ResourceType", "SERVICE"));
    };
    let operation = Operation::from_name(matched.operation);
    let entry = operation.and_then(|operation| TABLE.iter().find(|(known, _)| *known == operation));
    let Some((operation, (needed, handler))) = entry.map(|(operation, entry)| (*operation, *entry)) else {
        return Err(PROTOCOL.unserved_operation("s3", matched.operation).into());
    };
    let mut names = parts.uri.path().splitn(3, '/').skip(1).map(decoded);
    let (bucket, key) = (names.next().transpose()?.unwrap_or_default(), names.next().transpose()?.unwrap_or_default());
    if key.len() > MAX_KEY {
        let fault = Fault::new(400, "KeyTooLongError", "Your key is too long");
        return Err(fault.with("Size", key.len().to_string()).with("MaxSizeAllowed", MAX_KEY.to_string()));
    }
    let keys = condition_keys(&parts, &caller);
    allow(&cloud, (&caller, identity.as_ref()), &parts, operation, needed, (&bucket, &key), &keys)?;

    let scope = scope(&cloud, &caller, &bucket)?;
    let cx = RequestContext { engine, scope, caller: who, request_id: request_id.to_owned(), dry_run: false };
    let claims = Claims::of(&parts.headers)?;
    let mut call = S3Call { cx, caller, received: None, head: parts.method == Method::HEAD, keys };
    let document = match operation {
        Operation::PutObject | Operation::UploadPart => {
            let more = wanted_checksums(&cloud, &parts, &claims, (&bucket, &key));
            call.received = Some(body::receive(call.cx.engine.blobs(), body, &claims, &more).await?);
            Bytes::new()
        }
        _ => body::collect(body, &claims).await?,
    };
    let request = rest::Request::new(matched, &parts.uri, unframed(parts.headers), document);
    handler(call, request).await
}

fn decoded(segment: &str) -> Result<String, Fault> {
    let text = percent_encoding::percent_decode_str(segment).decode_utf8();
    text.map(std::borrow::Cow::into_owned).map_err(|_| Fault::new(400, "InvalidURI", "Couldn't parse the specified URI."))
}

/// Whether there is such a bucket, it is in the region asked and owned by whom the request says, and the caller may do this.
fn allow(
    cloud: &Cloud,
    (caller, identity): (&Caller, Option<&Identity>),
    parts: &Parts,
    operation: Operation,
    needed: Access,
    (bucket, key): (&str, &str),
    keys: &MapKeys,
) -> Result<(), Fault> {
    let (action, key) = match needed {
        Access::Anybody if *caller == Caller::Anonymous => return Err(denied()),
        Access::Anybody => return Ok(()),
        Access::Bucket(action) => (Some(action.to_owned()), None),
        Access::Object(action) => {
            let versioned = form::pairs(parts.uri.query().unwrap_or_default().as_bytes()).any(|(name, _)| name == "versionId");
            (Some(if versioned { of_version(action) } else { action.to_owned() }), Some(key))
        }
        Access::Each => (None, None),
    };
    let bucket = cloud.bucket(&bucket_name(bucket)?)?;
    let region = bucket.scope.region.as_str();
    if let Caller::Account(_, Some(signed)) = caller
        && signed != region
        && operation != Operation::GetBucketLocation
    {
        let message = format!("The authorization header is malformed; the region '{signed}' is wrong; expecting '{region}'");
        let fault = Fault::new(400, "AuthorizationHeaderMalformed", message);
        return Err(fault.with("Region", region).header("x-amz-bucket-region", region));
    }
    let expected = parts.headers.get("x-amz-expected-bucket-owner").map(|owner| owner.to_str().unwrap_or_default());
    if expected.is_some_and(|expected| expected != bucket.scope.account.as_str()) {
        return Err(denied());
    }
    match action {
        Some(action) => access::check(bucket, identity, &Wanted { action: &action, key, keys }),
        None => Ok(()),
    }
}

/// The action on a version: `s3:GetObjectTagging` -> `s3:GetObjectVersionTagging`.
pub(super) fn of_version(action: &str) -> String {
    action.replacen("Object", "ObjectVersion", 1)
}

/// The account and region of a request; nobody's is about the bucket's region.
fn scope(cloud: &Cloud, caller: &Caller, bucket: &str) -> Result<Scope, Fault> {
    let of_bucket = || cloud.buckets.get(bucket).map(|bucket| bucket.scope.region.clone());
    let region = match caller {
        Caller::Account(_, Some(region)) => Some(region.parse::<Region>().map_err(|_| {
            let message = format!("The authorization header is malformed; the region '{region}' is wrong; expecting 'us-east-1'");
            Fault::new(400, "AuthorizationHeaderMalformed", message)
        })?),
        _ => of_bucket(),
    };
    let account = match caller {
        Caller::Account(account, _) => account.clone(),
        Caller::Anonymous => AccountId::unnamed(),
    };
    let region = region.or_else(|| "us-east-1".parse().ok()).ok_or_else(|| super::errors::internal(&"there is no region us-east-1"))?;
    Ok(Scope { account, region })
}

/// What conditions of policies may ask of the request.
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys>
fn condition_keys(parts: &Parts, caller: &Caller) -> MapKeys {
    let mut keys = MapKeys::new();
    for (name, value) in form::pairs(parts.uri.query().unwrap_or_default().as_bytes()) {
        if let "prefix" | "delimiter" | "max-keys" | "versionId" = name.as_str() {
            keys = keys.with(&format!("s3:{name}"), value);
        }
    }
    for (name, value) in &parts.headers {
        if let (
            name @ ("x-amz-acl"
            | "x-amz-copy-source"
            | "x-amz-metadata-directive"
            | "x-amz-storage-class"
            | "x-amz-server-side-encryption"
            | "x-amz-server-side-encryption-aws-kms-key-id"
            | "x-amz-content-sha256"
            | "x-amz-object-ownership"
            | "if-match"
            | "if-none-match"),
            Ok(value),
        ) = (name.as_str(), value.to_str())
        {
            keys = keys.with(&format!("s3:{name}"), value);
        }
    }
    let signed = *caller != Caller::Anonymous;
    let header = parts.headers.contains_key(http::header::AUTHORIZATION);
    if signed {
        keys = keys
            .with("s3:authType", if header { "REST-HEADER" } else { "REST-QUERY-STRING" })
            .with("s3:signatureversion", "AWS4-HMAC-SHA256");
    }
    keys
}

/// The checksums to compute of a body beside the one that it claims: the upload's, or the one that S3 keeps by default.
fn wanted_checksums(cloud: &Cloud, parts: &Parts, claims: &Claims, (bucket, key): (&str, &str)) -> Vec<ChecksumKind> {
    let id = form::pairs(parts.uri.query().unwrap_or_default().as_bytes()).find(|(name, _)| name == "uploadId").map(|(_, id)| id);
    let upload = id.and_then(|id| cloud.upload(&bucket.parse::<BucketName>().ok()?, key, &id).ok().cloned());
    match upload {
        Some(upload) => vec![super::object::kind_of(upload.algorithm)],
        None => {
            let asked = parts.headers.get("x-amz-sdk-checksum-algorithm").and_then(|value| body::kind(value.to_str().ok()?).ok());
            claims.kind().is_none().then(|| asked.unwrap_or(ChecksumKind::Crc64nvme)).into_iter().collect()
        }
    }
}

/// The headers as if the body had come without `aws-chunked`.
fn unframed(mut headers: HeaderMap) -> HeaderMap {
    let rest =
        headers.get(http::header::CONTENT_ENCODING).and_then(|value| value.to_str().ok()).filter(|value| body::is_framed(value)).map(
            |value| {
                let others: Vec<_> = value.split(',').map(str::trim).filter(|one| !one.eq_ignore_ascii_case("aws-chunked")).collect();
                others.join(",")
            },
        );
    if let Some(rest) = rest {
        match http::HeaderValue::from_str(&rest) {
            Ok(value) if !rest.is_empty() => headers.insert(http::header::CONTENT_ENCODING, value),
            _ => headers.remove(http::header::CONTENT_ENCODING),
        };
    }
    headers
}

/// What an account that may not list a bucket is told of objects that are not there: nothing.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax>
pub(super) fn hide_absence(call: &S3Call, cloud: &Cloud, bucket: &BucketName, refusal: &Refusal) -> Fault {
    let absent = matches!(refusal, Refusal::Bucket(BucketRefusal::NoSuchKey { .. }));
    match cloud.bucket(bucket) {
        Ok(bucket) if absent && !call.may(bucket, "s3:ListBucket", None) => denied(),
        _ => refusal.into(),
    }
}
