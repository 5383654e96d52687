//! Signed calls: whose signature it is, and what the caller's policies and the API's say together.
use super::*;
use crate::{Cause, Credentials, Verifier};
use vpclab_api::identity::{Identities, Signer};
use vpclab_api::judge::SignatureRefusal;
use vpclab_cloud::iam::{CreateUser, Holder, PolicyDocument};

const OTHER: &str = "999999999999";
const ALLOW: &str = r#"{"Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]}"#;
const DENY: &str = r#"{"Statement":[{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"*"}]}"#;
const ELSEWHERE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke",
    "Resource":"arn:aws:execute-api:*:*:*/prod/GET/cats"}]}"#;

/// Says of every signature the same.
#[derive(Debug)]
struct Says(Result<&'static str, SignatureRefusal>);

impl Verifier for Says {
    fn verify(&self, _: &Call, _: &[(String, String)], _: &str, identities: &Identities) -> Result<Option<Signer>, SignatureRefusal> {
        let arn = self.0.clone()?;
        let account = arn.split(':').nth(4).unwrap();
        Ok(Some(identities.named(account, arn, None)))
    }
}

impl World {
    /// A method that asks for signatures, and the API's policy.
    fn asking(policy: &str) -> Self {
        let mut world = World::new();
        world.authorization("AWS_IAM");
        world.edit(RestApiEdit::Policy(Some(policy.into())));
        world.deploy();
        world
    }

    /// A user of an account, with a policy or none.
    fn user(&mut self, account: &str, policy: Option<&str>) {
        let here = std::mem::replace(&mut self.cx.scope.account, account.parse().unwrap());
        let user = CreateUser { name: "u".into(), path: None, boundary: None, tags: BTreeMap::new() };
        self.cloud.create_user(&mut self.cx, user).unwrap();
        if let Some(text) = policy {
            let document = PolicyDocument::checked(text.to_owned(), Vec::new());
            self.cloud.put_inline_policy(&mut self.cx, &Holder::User("u".into()), "p", document).unwrap();
        }
        self.cx.scope.account = here;
    }

    fn signed_by(&self, account: &str) -> Vec<Cause> {
        let credentials: Credentials = format!("arn:aws:iam::{account}:user/u").parse().unwrap();
        let explanation = self.judged(&Call { credentials: Some(credentials), ..self.call("/prod/pets") });
        explanation.blockers.iter().map(|blocker| blocker.cause).collect()
    }
}

#[test]
fn one_of_both_has_to_allow_and_from_another_account_both() {
    use Cause::{IdentityPolicyRefuses as Own, ResourcePolicyDeny as ApiDeny, ResourcePolicySilent as ApiSilent};
    let same = "123456781234";
    for (api, own, in_same, in_other) in [
        (OPEN, None, vec![], vec![Own]),
        (OPEN, Some(ALLOW), vec![], vec![]),
        (OPEN, Some(DENY), vec![Own], vec![Own]),
        (ELSEWHERE, Some(ALLOW), vec![], vec![ApiSilent]),
        (ELSEWHERE, None, vec![Own, ApiSilent], vec![Own, ApiSilent]),
        // What decides comes first: a denial before a silence.
        (FENCED, None, vec![ApiDeny], vec![ApiDeny, Own]),
        (ELSEWHERE, Some(DENY), vec![Own], vec![Own, ApiSilent]),
    ] {
        let mut world = World::asking(api);
        world.user(same, own);
        world.user(OTHER, own);
        assert_eq!((world.signed_by(same), world.signed_by(OTHER)), (in_same, in_other), "{own:?} {api}");
    }
}

#[test]
fn a_signature_in_the_headers_is_verified_where_somebody_can() {
    let mut world = World::asking(OPEN);
    world.user(OTHER, Some(ALLOW));
    let mut call = world.call("/prod/pets");
    call.headers.push(("Authorization".into(), "AWS4-HMAC-SHA256 Credential=x".into()));
    let unsaid = world.judged(&call);
    assert_eq!((unsaid.verdict, unsaid.missing), (Verdict::Undetermined, vec!["whose signature it is".to_owned()]));
    let by = |says: Says| world.judged_by(&Judge::new(&world.cloud, None).verifying(Arc::new(says)), &call);
    assert_eq!(by(Says(Ok("arn:aws:iam::999999999999:user/u"))).verdict, Verdict::Reachable);
    let refused = by(Says(Err(SignatureRefusal::ExpiredToken)));
    assert_eq!(refused.blockers.iter().map(|blocker| blocker.cause).collect::<Vec<_>>(), [Cause::SignatureRefused]);
    let body = r#"{"message":"The security token included in the request is expired"}"#.to_owned();
    assert_eq!(refused.outcome, Some(Outcome::Http { status: 403, error_type: "ExpiredTokenException".into(), body }));
}
