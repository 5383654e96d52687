use super::*;
use http::header;
use std::sync::Arc;
use vpclab_cloud::iam::CreateUser;
use vpclab_cloud::{Cloud, Context, IdSource, Scope, Tags, Timestamp};
use vpclab_wire::sigv4::{SigningContext, SigningKeys};

const REGION: &str = "us-west-2";
const TIME: &str = "20150830T123600Z";
/// The same in milliseconds.
const NOW: u64 = 1_440_938_160_000;
const HOST: &str = "abcde12345.execute-api.us-west-2.amazonaws.com";

struct Lab {
    secrets: AccessKeySecrets,
    identities: Arc<Identities>,
    key: String,
}

fn lab() -> Lab {
    let scope = Scope { account: "111122223333".parse().unwrap(), region: REGION.parse().unwrap() };
    let (mut cloud, mut cx) = (Cloud::default(), Context { scope, now: Timestamp(0), ids: IdSource::new(3) });
    cloud.create_user(&mut cx, CreateUser { name: "u".into(), path: None, boundary: None, tags: Tags::new() }).unwrap();
    let key = cloud.create_access_key(&mut cx, "u").unwrap().id;
    Lab { secrets: AccessKeySecrets::of_lab(&[9; 32]), identities: Identities::compile(&cloud, None), key }
}

/// A request as it is sent.
#[derive(Clone)]
struct Made {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Lab {
    fn keys(&self) -> SigningKeys {
        SigningKeys { access_key: self.key.clone(), secret_key: self.secrets.secret(&self.key, None), session_token: None }
    }

    /// A `POST` of a body, signed.
    fn made(&self, keys: &SigningKeys, region: &str, service: &str, time: &str) -> Made {
        let uri: Uri = "/prod/pets/a%20b//c?b=2&a=x%2Fy&a=".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HOST.parse().unwrap());
        headers.append("x-tag", "one".parse().unwrap());
        let mut made = Made { method: Method::POST, uri, headers, body: b"{\"a\": 1}".to_vec() };
        let at = SigningContext { region, service, time };
        keys.sign(&made.method, &made.uri, &mut made.headers, &made.body, &at).unwrap();
        made
    }

    fn verify(&self, made: &Made, now: u64) -> Result<Option<String>, SignatureRefusal> {
        let sent = Sent { method: &made.method, uri: &made.uri, headers: &made.headers };
        verify(sent, &made.body, REGION, now, &self.identities, &self.secrets).map(|signer| signer.map(|signer| signer.arn))
    }
}

fn right(lab: &Lab) -> Made {
    lab.made(&lab.keys(), REGION, "execute-api", TIME)
}

#[test]
fn a_right_signature_names_its_user() {
    let lab = lab();
    assert_eq!(lab.verify(&right(&lab), NOW), Ok(Some("arn:aws:iam::111122223333:user/u".to_owned())));
    let mut plain = right(&lab);
    plain.headers.insert(header::AUTHORIZATION, "Bearer x".parse().unwrap());
    assert_eq!(lab.verify(&plain, NOW), Ok(None));
}

#[test]
fn whatever_is_changed_after_signing_is_found() {
    let lab = lab();
    let changes: [fn(&mut Made); 7] = [
        |made| made.method = Method::PUT,
        |made| made.uri = "/prod/pets/a%20b//d?b=2&a=x%2Fy&a=".parse().unwrap(),
        |made| made.uri = "/prod/pets/a%20b//c?b=2&a=x%2Fz&a=".parse().unwrap(),
        |made| made.body.push(b' '),
        |made| drop(made.headers.insert(header::HOST, "other.example".parse().unwrap())),
        |made| assert!(made.headers.append("x-tag", "two".parse().unwrap())),
        |made| drop(made.headers.insert("x-amz-content-sha256", "UNSIGNED-PAYLOAD".parse().unwrap())),
    ];
    for change in changes {
        let mut made = right(&lab);
        change(&mut made);
        assert!(matches!(lab.verify(&made, NOW), Err(SignatureRefusal::Mismatch { .. })));
    }
    let wrong = SigningKeys { secret_key: "wrong".into(), ..lab.keys() };
    let refused = lab.verify(&lab.made(&wrong, REGION, "execute-api", TIME), NOW).unwrap_err();
    assert!(
        refused
            .message()
            .contains("The Canonical String for this request should have been\n'POST\n/prod/pets/a%2520b/c\na=&a=x%2Fy&b=2\nhost:")
    );
    assert!(refused.message().ends_with("'\n") && !refused.message().contains(&lab.keys().secret_key));
}

#[test]
fn a_body_may_be_left_unsigned() {
    let lab = lab();
    let mut made = Made { body: b"anything".to_vec(), ..right(&lab) };
    made.headers = HeaderMap::new();
    made.headers.insert(header::HOST, HOST.parse().unwrap());
    made.headers.insert("x-amz-content-sha256", "UNSIGNED-PAYLOAD".parse().unwrap());
    made.headers.insert("x-amz-date", TIME.parse().unwrap());
    let scope = vpclab_wire::sigv4::canonical::CredentialScope { date: "20150830", region: REGION, service: "execute-api" };
    let canonical = format!(
        "POST\n/prod/pets/a%2520b/c\na=&a=x%2Fy&b=2\nhost:{HOST}\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:{TIME}\n\n\
         host;x-amz-content-sha256;x-amz-date\nUNSIGNED-PAYLOAD"
    );
    let signature = scope.signature(&lab.keys().secret_key, TIME, &canonical);
    let text = format!(
        "AWS4-HMAC-SHA256 Credential={}/{},SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature={signature}",
        lab.key,
        scope.text()
    );
    made.headers.insert(header::AUTHORIZATION, text.parse().unwrap());
    assert!(lab.verify(&made, NOW).unwrap().is_some());
}

#[test]
fn region_service_and_day_have_to_fit() {
    let lab = lab();
    let message = |region: &str, service: &str| lab.verify(&lab.made(&lab.keys(), region, service, TIME), NOW).unwrap_err().message();
    assert_eq!(message("us-east-1", "execute-api"), "Credential should be scoped to a valid region.");
    assert_eq!(
        message("us-east-1", "s3"),
        "Credential should be scoped to a valid region. Credential should be scoped to correct service: 'execute-api'."
    );
    let mut made = right(&lab);
    made.headers.insert("x-amz-date", "20150831T000000Z".parse().unwrap());
    assert!(lab.verify(&made, NOW).unwrap_err().message().starts_with("Date in Credential scope does not match YYYYMMDD"));
}

#[test]
fn a_signature_is_good_for_five_minutes_either_way() {
    let (lab, five) = (lab(), 5 * 60 * 1000);
    let made = right(&lab);
    for now in [NOW - five, NOW + five] {
        assert!(lab.verify(&made, now).unwrap().is_some());
    }
    let late = lab.verify(&made, NOW + five + 1000).unwrap_err();
    assert_eq!(
        (late.error_type(), late.message().as_str()),
        (
            "InvalidSignatureException",
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"
        )
    );
    let early = lab.verify(&made, NOW - five - 1000).unwrap_err();
    assert_eq!(
        early.message(),
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)"
    );
}

#[test]
fn what_is_not_complete_is_said() {
    let lab = lab();
    let message = |text: &str| {
        let mut made = right(&lab);
        made.headers.insert(header::AUTHORIZATION, text.parse().unwrap());
        let refused = lab.verify(&made, NOW).unwrap_err();
        (refused.error_type(), refused.message())
    };
    let (kind, text) = message("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host");
    assert_eq!(kind, "IncompleteSignatureException");
    assert!(
        text.starts_with(
            "Authorization header requires 'Signature' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization="
        )
    );
    assert!(message("AWS4-HMAC-SHA256 nothing").1.starts_with("Invalid key=value pair (missing equal-sign) in Authorization header"));
    assert!(message("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0").1.ends_with("got 'a/b'"));
    assert_eq!(message("AWS4-ECDSA-P256-SHA256 Credential=a").1, "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'");
    let unsigned_host =
        format!("AWS4-HMAC-SHA256 Credential={}/20150830/us-west-2/execute-api/aws4_request, SignedHeaders=x-tag, Signature=0", lab.key);
    assert_eq!(
        message(&unsigned_host),
        ("InvalidSignatureException", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned())
    );
    for names in ["host;host", "host;x-tag;x-tag", "x-tag;host"] {
        let (kind, text) = message(&unsigned_host.replace("SignedHeaders=x-tag", &format!("SignedHeaders={names}")));
        assert_eq!((kind, text.starts_with("SignedHeaders must")), ("IncompleteSignatureException", true), "{names}: {text}");
    }
    let mut made = right(&lab);
    made.headers.remove("x-amz-date");
    assert!(lab.verify(&made, NOW).unwrap_err().message().contains("requires existence of either a 'X-Amz-Date' or a 'Date' header."));
}

/// The form with everything in the query, as botocore's `SigV4QueryAuth` makes it.
#[test]
fn presigned_requests() {
    let lab = lab();
    let scope = vpclab_wire::sigv4::canonical::CredentialScope { date: "20150830", region: REGION, service: "execute-api" };
    let presigned = |expires: &str| {
        let query = format!(
            "a=1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}%2F20150830%2Fus-west-2%2Fexecute-api%2Faws4_request&X-Amz-Date={TIME}&\
             X-Amz-Expires={expires}&X-Amz-SignedHeaders=host",
            lab.key
        );
        let headers = [("host".to_owned(), HOST.to_owned())];
        let canonical = vpclab_wire::sigv4::canonical::CanonicalRequest {
            method: "GET",
            path: "/prod",
            query: &query,
            headers: &headers,
            payload: &vpclab_wire::sigv4::canonical::sha256_hex(b""),
            encode_path: true,
        };
        let signature = scope.signature(&lab.keys().secret_key, TIME, &canonical.text());
        let uri = format!("/prod?{query}&X-Amz-Signature={signature}").parse().unwrap();
        let headers = HeaderMap::from_iter([(header::HOST, HOST.parse().unwrap())]);
        Made { method: Method::GET, uri, headers, body: Vec::new() }
    };
    assert!(lab.verify(&presigned("600"), NOW + 599_000).unwrap().is_some());
    let late = lab.verify(&presigned("600"), NOW + 601_000).unwrap_err().message();
    assert_eq!(late, "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124601Z - 10 min.)");
    assert!(matches!(lab.verify(&presigned("0"), NOW), Err(SignatureRefusal::Incomplete(_))));
    let mut changed = presigned("600");
    changed.uri = changed.uri.to_string().replace("a=1", "a=2").parse().unwrap();
    assert!(matches!(lab.verify(&changed, NOW), Err(SignatureRefusal::Mismatch { .. })));
    changed.uri = "/prod?X-Amz-Algorithm=AWS4-HMAC-SHA256".parse().unwrap();
    let text = lab.verify(&changed, NOW).unwrap_err().message();
    assert_eq!(text, "AWS query-string parameters must include 'X-Amz-Credential'. Re-examine the query-string parameters.");
}

/// Otherwise a signature of one call is good for another one.
#[test]
fn what_chooses_the_call_is_signed() {
    let lab = lab();
    for name in ["x-apigw-api-id", "x-http-method-override"] {
        let mut made = right(&lab);
        made.headers.insert(name, "other".parse().unwrap());
        assert_eq!(lab.verify(&made, NOW).unwrap_err().message(), format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."));
    }
    for path in ["/prod/x/../pets/a%20b//c", "/prod/./pets/a%20b//c"] {
        let made = Made { uri: format!("{path}?b=2&a=x%2Fy&a=").parse().unwrap(), ..right(&lab) };
        assert!(matches!(lab.verify(&made, NOW), Err(SignatureRefusal::Scope(_))), "{path}");
    }
    let query = |query: &str| lab.verify(&Made { uri: format!("/prod/pets/a%20b//c?{query}").parse().unwrap(), ..right(&lab) }, NOW);
    // A semicolon parts parameters where it is routed: this is the same call.
    assert!(query("b=2;a=x%2Fy&a=").unwrap().is_some());
    assert!(matches!(query("b=2%3Ba=x%2Fy&a="), Err(SignatureRefusal::Mismatch { .. })));
    let headers = [("Host".to_owned(), HOST.to_owned()), ("X-Apigw-Api-Id".to_owned(), "abcde12345".to_owned())];
    let url = format!("https://{HOST}/prod");
    let now = Timestamp(i64::try_from(NOW).unwrap());
    let more = Listed { method: "GET", url: &url, headers: &headers }.sign(&lab.keys(), REGION, now).unwrap();
    let all: Vec<_> = headers.into_iter().chain(more).collect();
    let verified = Listed { method: "GET", url: &url, headers: &all }.verify(REGION, now, &lab.identities, &lab.secrets);
    assert!(verified.unwrap().is_some());
}

#[test]
fn a_date_in_https_own_form_is_read() {
    assert_eq!(super::time::basic("Sun, 30 Aug 2015 12:36:00 GMT"), Some((TIME.to_owned(), 1_440_938_160)));
    for wrong in ["", "yesterday", "20150830T123600", "20151330T123600Z"] {
        assert_eq!(super::time::basic(wrong), None, "{wrong}");
    }
}

/// At the endpoints of other services.
#[test]
fn only_keys_of_the_lab_sign_for_a_service_and_only_rightly() {
    let lab = lab();
    let asked = |made: &Made, service: &str, region: &str| {
        let sent = Sent { method: &made.method, uri: &made.uri, headers: &made.headers };
        verify_for(sent, &made.body, (service, region), NOW, &lab.secrets)
    };
    let right = lab.made(&lab.keys(), REGION, "sts", TIME);
    assert_eq!(asked(&right, "sts", REGION), Ok(true));
    for (service, region, text) in [
        ("ssm", REGION, "Credential should be scoped to correct service: 'ssm'."),
        ("sts", "us-east-1", "Credential should be scoped to a valid region."),
    ] {
        assert_eq!(asked(&right, service, region), Err(SignatureRefusal::Scope(text.to_owned())));
    }
    let wrong = lab.made(&SigningKeys { secret_key: "secret".into(), ..lab.keys() }, REGION, "sts", TIME);
    assert!(matches!(asked(&wrong, "sts", REGION), Err(SignatureRefusal::Mismatch { .. })));
    let account = SigningKeys { access_key: "444455556666".into(), secret_key: "any".into(), session_token: None };
    assert_eq!(asked(&lab.made(&account, REGION, "sts", TIME), "sts", REGION), Err(SignatureRefusal::UnknownKey));
    let mut tokened = right.clone();
    tokened.headers.insert("x-amz-security-token", "made up".parse().unwrap());
    assert!(matches!(asked(&tokened, "sts", REGION), Err(SignatureRefusal::Mismatch { .. })));
    let mut other_body = right;
    other_body.body.push(b' ');
    assert!(matches!(asked(&other_body, "sts", REGION), Err(SignatureRefusal::Mismatch { .. })));
    other_body.headers.remove(header::AUTHORIZATION);
    assert_eq!(asked(&other_body, "sts", REGION), Ok(false));
}
